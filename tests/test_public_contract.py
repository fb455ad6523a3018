"""What the docstring of each public function of psychometrics must say."""

import inspect
import re

import pytest

import psychometrics

CALLS = {
    name: thing
    for name in psychometrics.__all__
    if inspect.isfunction(thing := getattr(psychometrics, name))
}
SECTION = re.compile(r"^(\w+)\n-{3,}$", re.MULTILINE)
ENTRY = re.compile(r"^\*{0,2}\w+(, \*{0,2}\w+)*( :.*)?$")
TABLE = re.compile(r"DataFrame|ndarray|Series|AnswerTable|PerPerson")
SHAPE = re.compile(r"shape|matrix|persons x|items x|\brows?\b|[Aa]s in `|[Ss]ee `")
YEAR = re.compile(r"\b(1[89]|20)\d\d\b")


def sections(doc):
    """Heading -> text of a docstring's sections; what comes first has none."""
    parts = SECTION.split(doc)
    return {"": parts[0]} | dict(zip(parts[1::2], parts[2::2]))


def entries(text):
    """Name of a parameter -> its line and what is said below it."""
    said, names = {}, []
    for line in text.strip("\n").splitlines():
        if ENTRY.match(line):
            names = re.findall(r"\w+", line.partition(" :")[0])
            said |= dict.fromkeys(names, line)
        else:
            said |= {name: f"{said[name]}\n{line}" for name in names}
    return said


def missing_parts(call):
    """What a docstring does not say, in words."""
    signature = inspect.signature(call)
    held = sections(inspect.getdoc(call) or "")
    said = entries(held.get("Parameters", ""))
    for parameter in signature.parameters.values():
        if parameter.annotation is parameter.empty:
            yield f"type of {parameter.name}"
        if parameter.name not in said:
            yield f"parameter {parameter.name}"
        elif TABLE.search(str(parameter.annotation)):
            if not SHAPE.search(said[parameter.name]):
                yield f"shape of {parameter.name}"
    if signature.return_annotation is signature.empty:
        yield "type of what is returned"
    yield from (name for name in ("Returns", "Raises") if name not in held)
    if not YEAR.search(held[""] + held.get("Notes", "") + held.get("Parameters", "")):
        yield "source"
    if ">>>" not in held.get("Examples", ""):
        yield "example"


@pytest.mark.parametrize("name", CALLS)
def test_a_public_function_says_all_of_its_contract(name):
    missing = list(missing_parts(CALLS[name]))
    assert not missing, f"the docstring of {name} lacks: {', '.join(missing)}"


def test_a_docstring_without_a_part_is_noticed():
    def call(responses: "pd.DataFrame", level=0.95) -> float:  # noqa: F821
        """Do something.

        Parameters
        ----------
        responses : DataFrame
        """

    assert list(missing_parts(call)) == [
        "shape of responses",
        "type of level",
        "parameter level",
        "Returns",
        "Raises",
        "source",
        "example",
    ]
