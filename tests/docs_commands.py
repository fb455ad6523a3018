"""Writes docs/commands.md from the commands themselves."""

from pathlib import Path

import click

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"
HEAD = """# Commands

What `prom` can do, as `prom COMMAND --help` says it. Made by
`python -m tests.docs_commands` from the commands themselves.
"""


def render(group, name="prom"):
    """Return the page for a group of commands, one heading a command."""
    return HEAD + "".join(_sections(group, name))


def _sections(group, prefix):
    for name, command in sorted(group.commands.items()):
        full = f"{prefix} {name}"
        if isinstance(command, click.Group):
            yield from _sections(command, full)
            continue
        context = click.Context(command, info_name=full)
        context.max_content_width = 78
        context.terminal_width = 78
        yield f"\n## {full}\n\n```\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    from surveyapp.cli import main

    PAGE.write_text(render(main))
    print(PAGE.relative_to(Path.cwd()))
