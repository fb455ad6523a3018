"""A commented plan to start from, with what is known of the answers filled in."""

from importlib.resources import files

import yaml

SCALES = "# scales:\n#   A: A1-A5\n#   C: [C1, C2, C3]"
OCCASIONS = """\
occasions:
  person: person
  column: wave
  baseline: "1"
"""
RETEST = """\
stable:                      # at the retest: who says that nothing changed
  column: stability
  values: ["no", same]       # as its first and its second version say it
"""
FOLLOW_UP = """\
anchor:                      # at the follow-up: whole numbers, higher is better
  column: transition
  improved_from: 3           # in an export 2 is about the same, 3 a little more
"""


def starting_plan(scales=None, *, columns=None, waves=None, companions=None):
    """The text of a commented plan to start from.

    Parameters
    ----------
    scales : dict of str to sequence of str, optional
        The items of each scale, if they are known.
    columns : dict of str to str, optional
        The other columns of the answers, and what each holds.
    waves : dict of str to str, optional
        The label of the `retest` and of the `follow_up` in the column wave of an
        export; without it occasions are shown as an example.
    companions : dict of str to str, optional
        Columns with scores of other measures, and the role of each: `convergent`
        goes with ours, `discriminant` stays apart.
    """
    text = (files(__package__) / "plan_template.yaml").read_text(encoding="utf-8")
    for name, said in (
        ("{scales}", _scales(scales) if scales else SCALES),
        ("{columns}", _columns(columns or {})),
        ("{hypotheses}", _hypotheses(companions or {})),
        ("{occasions}", _occasions(waves) if waves else _as_example()),
    ):
        text = text.replace(name, said)
    return text


def _scales(scales):
    return yaml.safe_dump(
        {"scales": {name: list(items) for name, items in scales.items()}},
        sort_keys=False,
        default_flow_style=None,
        width=80,
        allow_unicode=True,
    ).rstrip()


def _hypotheses(companions):
    """What is expected of the other measures that are given."""
    lines = ["hypotheses:"] if companions else []
    for column, role in companions.items():
        goes_with = role == "convergent"
        name = f"goes with {column}" if goes_with else f"stays apart from {column}"
        lines += [f"  - name: {name}", "    scale: involvement", f"    with: {column}"]
        expected = ["positive", "at_least: 0.50"] if goes_with else ["either"]
        lines += [f"    expect: {expected[0]}", *(f"    {e}" for e in expected[1:])]
        lines += [] if goes_with else ["    at_most: 0.30"]
    return "".join(f"{line}\n" for line in lines)


def _columns(columns):
    """Names and meanings as comments."""
    if not columns:
        return ""
    lines = [f"#   {name:<18} {says}" for name, says in columns.items()]
    return "\n".join(["# Columns beside the questions:", *lines, "", ""])


def _occasions(waves):
    text = OCCASIONS
    for kind in ("retest", "follow_up"):
        text += f'  {kind}: "{waves[kind]}"\n' if kind in waves else ""
    text += RETEST if "retest" in waves else ""
    return (text + (FOLLOW_UP if "follow_up" in waves else "")).rstrip()


def _as_example():
    lines = _occasions({"retest": "2", "follow_up": "3"}).splitlines()
    return "\n".join(f"# {line}" for line in lines)
