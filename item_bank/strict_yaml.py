"""Read one YAML file strictly, and find the line a problem stands on."""

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any

import yaml

from item_bank.errors import Problem

if TYPE_CHECKING:
    _BASE = yaml.SafeLoader
else:
    _BASE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class StrictLoader(_BASE):
    """Safe YAML in which keys are quoted or plain words, and stand once."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(
                    problem='the key {0} needs quotes: "{0}"'.format(key_node.value),
                    problem_mark=key_node.start_mark,
                )
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key} stands twice",
                    problem_mark=key_node.start_mark,
                )
            seen.add(key)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping


# Dates stay text: they are compared and shown, never computed with.
StrictLoader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in _BASE.yaml_implicit_resolvers.items()
}


def parse(text: str, name: str) -> tuple[Any, list[Problem]]:
    """The content of one file and its problems; content is None if there are any."""
    try:
        return yaml.load(text, Loader=StrictLoader), []
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}" if mark else ""
        return None, [Problem(name, place, str(error.problem), "yaml")]
    except yaml.YAMLError as error:
        return None, [Problem(name, "", str(error).splitlines()[0], "yaml")]


def place(text: str, path: Iterable[str | int]) -> str:
    """A path in the file as words, with the line it stands on."""
    words = ".".join(str(part) for part in path)
    node = yaml.compose(text, Loader=_BASE)
    line = 1
    for part in path:
        if isinstance(node, yaml.SequenceNode):
            node = node.value[part]
        else:
            pairs = (
                {key.value: (key, value) for key, value in node.value} if node else {}
            )
            if str(part) not in pairs:
                break
            key, node = pairs[str(part)]
            line = key.start_mark.line + 1
            continue
        line = node.start_mark.line + 1
    return f"{words} (line {line})" if words else f"line {line}"
