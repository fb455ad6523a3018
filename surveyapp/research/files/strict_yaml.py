"""Strict YAML, and the line and column on which a part of it stands."""

import yaml

DEEPEST = 12
MOST_ALIASES = 20
LONGEST_NUMBER = 40


class _Strict(yaml.SafeLoader):
    """Safe YAML in which keys are text and stand once, and numbers are of any use."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise _wrong(
                    key_node,
                    f'the key {key_node.value} needs quotes: "{key_node.value}"',
                )
            if key in seen:
                raise _wrong(key_node, f"the key {key} stands twice")
            seen.add(key)
        return super().construct_mapping(node, deep=deep)

    def construct_scalar(self, node):
        is_number = node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
        if is_number and len(node.value) > LONGEST_NUMBER:
            raise _wrong(node, f"a number of more than {LONGEST_NUMBER} digits")
        return super().construct_scalar(node)

    def construct_object(self, node, deep=False):
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, OverflowError) as problem:
            raise _wrong(node, f"{node.value} cannot be read; quote it") from problem


def read_strict(text):
    """The content of a YAML text; yaml.YAMLError where it is not strict.

    A text may have no tags, may not be deeper than DEEPEST, nor say the same by
    reference more than MOST_ALIASES times, nor by a reference within what is referred
    to: what it holds is never much larger than it is itself.
    """
    _check_shape(text)
    return yaml.load(text, Loader=_Strict)


def tree(text):
    """The nodes of a text that could be read, for `place`."""
    return yaml.compose(text, Loader=yaml.SafeLoader)


def place(node, path):
    """(line, column, words) of the deepest part of `path` below the root `node`."""
    mark = node.start_mark if node is not None else None
    for part in path:
        key, node = _step(node, part)
        if node is None:
            break
        mark = key.start_mark
    words = ".".join(str(part) for part in path)
    return (mark.line + 1, mark.column + 1, words) if mark else (1, 1, words)


def _step(node, part):
    """The node that marks a part, and the part's own; None where there is none."""
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        return node.value[part], node.value[part]
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key, value
    return None, None


def _check_shape(text):
    """Walk through the text without building anything of it."""
    opened, n_aliases = [], 0  # for each open part, whether something may refer to it
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if getattr(event, "tag", None) is not None:
            raise _wrong(event, f"the tag {event.tag}; leave it out")
        if isinstance(event, yaml.CollectionStartEvent):
            opened.append(event.anchor is not None)
            if len(opened) > DEEPEST:
                raise _wrong(event, f"more than {DEEPEST} levels inside each other")
        elif isinstance(event, yaml.CollectionEndEvent):
            opened.pop()
        elif isinstance(event, yaml.AliasEvent):
            n_aliases += 1
            if any(opened):
                raise _wrong(event, f"*{event.anchor} stands in what has a name itself")
            if n_aliases > MOST_ALIASES:
                raise _wrong(event, f"more than {MOST_ALIASES} references such as *a")


def _wrong(found, said):
    """A problem of the node or event on which it stands."""
    return yaml.MarkedYAMLError(None, None, said, found.start_mark)
