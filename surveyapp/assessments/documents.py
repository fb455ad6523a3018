"""The texts of an instrument that are read rather than answered, part by part."""

from collections.abc import Iterator, Sequence


def paragraphs(body: str) -> Iterator[tuple[str, str | list[str]]]:
    """A document's text as ("heading" | "list" | "paragraph", content) in order."""
    for part in body.strip().split("\n\n"):
        lines = part.strip().splitlines()
        if lines[0].startswith("## "):
            yield "heading", lines[0][3:]
        elif all(line.startswith(("- ", "  ")) for line in lines):
            yield "list", _list_items(lines)
        else:
            yield "paragraph", " ".join(lines)


def _list_items(lines: Sequence[str]) -> list[str]:
    """Points of a list; an indented line carries on the point above it."""
    points = []
    for line in lines:
        if line.startswith("- "):
            points.append(line[2:].strip())
        else:
            points[-1] += f" {line.strip()}"
    return points
