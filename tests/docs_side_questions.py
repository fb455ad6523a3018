"""Writes docs/side_questions.md from the map of what each question is for."""

from pathlib import Path

from surveyapp.assessments.question_uses import uses
from surveyapp.assessments.side_answers import LEAST, TOLERATED

PAGE = Path(__file__).parent.parent / "docs" / "side_questions.md"
HEAD = f"""# Questions beside the items

Each question of the second edition that is no item has a use, or it is not asked.
The table is made by `python -m tests.docs_side_questions` from
`surveyapp/assessments/question_uses.yaml`, and a test takes each question away and
sees its use change.

## How researchers get the answers

What people would like and what got in the way stands in every export. Answers about
the person stand there only where a researcher chooses the questions, by
`prom export --side age_band,ethnic_group` or on the page of exports. Then

- each combination of the chosen answers, an empty cell among them, is shared by
  {LEAST} people or more (or by as many as `PROM_SUPPRESS_BELOW` says, if that is more);
  a person counts once, with their first answer, however often they came back;
- codes are put together (age bands, say) where more than {TOLERATED:.0%} of the answers
  would be left out otherwise; what still is too rare is left out, with some of the
  largest group where fewer than {LEAST} cells would be empty;
- the question that is named first is let out as finely as it can be, the next as
  finely as that leaves room for, and so on;
- `small_cells.csv` says for each question how many answered, how many answers are
  left out, whether codes were put together, and how many people share the smallest
  combination.

Team, quarter, mode, language and helper stand beside these columns as before and are
no part of the combinations. Exports with different choices must not be laid side by
side: together they could single somebody out. The audit keeps who chose what.
*I would rather not say* is a code of its own that counts as missing for groups.
No text that a person wrote is in an export.

A validation run takes what its groups, its plan and its population table name, by the
same rule. The fingerprint of a run is that of the export without chosen columns.

## Other measures

A campaign's page offers other people's measures (`companions/` of the bank) to be given
beside the form: asked after the items, on the web and in English alone, and counted in
the number of questions that the information names. An export has a column for each item
and each score, which is empty where an item was left out. The plan to fill in says what
is expected: a correlation of 0.50 or more with a convergent measure, of 0.30 at most
with a discriminant one. No page shows a person's score, and nobody acts on it: whether
a screen for low mood is given at all is for a trust's clinical lead to decide.

## What each question is for

| Question | Page | Column of an export | Read by the report for | Filter |
| --- | --- | --- | --- | --- |
"""


def render():
    """The page, a row a question."""
    return HEAD + "".join(
        f"| `{name}` | {use.page} | {f'`{use.column}`' if use.column else ''} | "
        f"{', '.join(use.report)} | {use.filter} |\n"
        for name, use in uses().items()
    )


if __name__ == "__main__":
    PAGE.write_text(render())
    print(PAGE.relative_to(Path.cwd()))
