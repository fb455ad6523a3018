"""The one strict reader of YAML, and the place where a part of a text stands."""

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any, cast

import yaml

from item_bank.errors import Problem

DEEPEST = 12
MOST_ALIASES = 20
LONGEST_NUMBER = 40
if TYPE_CHECKING:
    _BASE = yaml.SafeLoader
else:
    _BASE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class StrictLoader(_BASE):
    """Safe YAML in which keys are text and stand once, and numbers are of any use."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise _refusal(
                    key_node,
                    f'the key {key_node.value} needs quotes: "{key_node.value}"',
                )
            if key in seen:
                raise _refusal(key_node, f"the key {key} stands twice")
            seen.add(key)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> Any:
        is_number = node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
        if is_number and len(node.value) > LONGEST_NUMBER:
            raise _refusal(node, f"a number of more than {LONGEST_NUMBER} digits")
        return super().construct_scalar(node)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, OverflowError) as problem:
            raise _refusal(node, f"{node.value} cannot be read; quote it") from problem


# Dates stay text: they are compared and shown, never computed with.
StrictLoader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in _BASE.yaml_implicit_resolvers.items()
}


def read_strict(text: str) -> Any:
    """The content of a stranger's YAML text; yaml.YAMLError where it is not strict.

    A text may have no tags, may not be deeper than DEEPEST, nor say the same by
    reference more than MOST_ALIASES times, nor by a reference within what is referred
    to: what it holds is never much larger than it is itself.
    """
    _check_shape(text)
    return yaml.load(text, Loader=StrictLoader)


def parse(text: str, name: str) -> tuple[Any, list[Problem]]:
    """The content of one file and its problems; content is None if there are any."""
    try:
        return yaml.load(text, Loader=StrictLoader), []
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}" if mark else ""
        return None, [Problem(name, where, str(error.problem), "yaml")]
    except yaml.YAMLError as error:
        return None, [Problem(name, "", str(error).splitlines()[0], "yaml")]


def tree(text: str) -> yaml.Node | None:
    """The nodes of a text that could be read, for `place`."""
    return yaml.compose(text, Loader=_BASE)


def place(node: yaml.Node | None, path: Iterable[str | int]) -> tuple[int, int, str]:
    """(line, column, words) of the deepest part of `path` below the root `node`."""
    path = list(path)
    mark = node.start_mark if node is not None else None
    for part in path:
        key, node = _step(node, part)
        if key is None:
            break
        mark = key.start_mark
    words = ".".join(str(part) for part in path)
    return (mark.line + 1, mark.column + 1, words) if mark else (1, 1, words)


def line_in_words(text: str, path: Iterable[str | int]) -> str:
    """A path in a text as words, with the line on which it stands."""
    line, _, words = place(tree(text), path)
    return f"{words} (line {line})" if words else f"line {line}"


def _step(
    node: yaml.Node | None, part: str | int
) -> tuple[yaml.Node | None, yaml.Node | None]:
    """The node that marks a part, and the part's own; None where there is none."""
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        return node.value[part], node.value[part]
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key, value
    return None, None


def _check_shape(text: str) -> None:
    """Walk through the text without building anything of it."""
    opened, n_aliases = [], 0  # for each open part, whether something may refer to it
    # The faster parser reads far ahead, and says less of what was too deep.
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise _refusal(event, f"the tag {tag}; leave it out")
        if isinstance(event, yaml.CollectionStartEvent):
            opened.append(event.anchor is not None)
            if len(opened) > DEEPEST:
                raise _refusal(event, f"more than {DEEPEST} levels inside each other")
        elif isinstance(event, yaml.CollectionEndEvent):
            opened.pop()
        elif isinstance(event, yaml.AliasEvent):
            n_aliases += 1
            if any(opened):
                raise _refusal(
                    event, f"*{event.anchor} stands in what has a name itself"
                )
            if n_aliases > MOST_ALIASES:
                raise _refusal(event, f"more than {MOST_ALIASES} references such as *a")


def _refusal(node: yaml.Node | yaml.Event, words: str) -> yaml.MarkedYAMLError:
    """A problem of the node or event on which it stands."""
    mark = cast("yaml.error.Mark", node.start_mark)  # of the fast reader or the other
    return yaml.MarkedYAMLError(None, None, words, mark)
