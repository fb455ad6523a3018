"""What a researcher types for --scales, --categories and the like, parsed."""

import re

from ...table_files.raw_table import InvalidTable

LONGEST_NAME = 100
MOST_IN_A_RANGE = 1000
_RANGE = re.compile(r"^(?P<stem>.*?)(?P<first>\d+)-(?P=stem)?(?P<last>\d+)$")


def is_file(text):
    """Whether what was typed is the name of a YAML or JSON file."""
    return text.lower().endswith((".yaml", ".yml", ".json"))


def parse_scales(texts, read_header):
    """Turn what was typed into {scale: items}.

    Each text is one of: ``A=A1,A2,A3``, also ``A=A1-A5``, several divided by ``;``;
    or names alone, ``A,C``, which take the columns that are the name and a number, of
    those that `read_header` returns.
    """
    scales = {}
    for text in texts:
        if "=" in text or ":" in text:
            for part in filter(None, re.split(r"[;\n]", text)):
                name, _, items = re.sub(":", "=", part, count=1).partition("=")
                scales[name.strip()] = parse_names(items)
        else:
            for name in parse_list(text):
                scales[name] = _numbered(name, read_header())
    return scales


def parse_list(text):
    """Split ``A1, C4 C5`` into its names."""
    return [name for name in re.split(r"[,;\s+]+", text or "") if name]


def parse_categories(text):
    """Turn ``1-6`` into (1, 6)."""
    found = re.fullmatch(r"\s*(-?\d+)\s*(?:-|\.\.|:)\s*(-?\d+)\s*", text or "")
    if not found or int(found[1]) >= int(found[2]):
        raise InvalidTable(f"--categories {text}: give lowest-highest, such as 1-6")
    return int(found[1]), int(found[2])


def parse_names(items):
    """Split ``A1-A3, B2`` into its names, ranges written out.

    InvalidTable where a range is too long, or a name is.
    """
    names = []
    for name in parse_list(items):
        if len(name) > LONGEST_NAME:
            raise InvalidTable(f"{name[:20]}...: longer than {LONGEST_NAME} letters")
        found = _RANGE.match(name)
        if found:
            first, last = int(found["first"]), int(found["last"])
            if last - first >= MOST_IN_A_RANGE:
                raise InvalidTable(f"{name}: a range of more than {MOST_IN_A_RANGE}")
            names += [f"{found['stem']}{k}" for k in range(first, last + 1)]
        else:
            names.append(name)
    return names


def _numbered(name, header):
    items = [c for c in header if re.fullmatch(re.escape(name) + r"_?\d+", c)]
    if not items:
        raise InvalidTable(
            f"--scales {name}: no column is {name} and a number; "
            f"write --scales {name}=first,second,..."
        )
    return items
