"""Strict YAML, and the line and column on which a part of it stands."""

import yaml


class _Strict(yaml.SafeLoader):
    """Safe YAML in which keys are text and stand once."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                problem = f'the key {key_node.value} needs quotes: "{key_node.value}"'
                raise yaml.MarkedYAMLError(None, None, problem, key_node.start_mark)
            if key in seen:
                problem = f"the key {key} stands twice"
                raise yaml.MarkedYAMLError(None, None, problem, key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def read_strict(text):
    """The content of a YAML text; yaml.YAMLError where it is not strict."""
    return yaml.load(text, Loader=_Strict)


def place(text, path):
    """(line, column, words) of the deepest part of `path` that the text has."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
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
