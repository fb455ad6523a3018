"""Parts a table of several occasions: the first, the retest, the follow-up."""

from dataclasses import replace

from psychometrics.report import Occasion

from ...table_files.raw_table import InvalidTable


def part(table, occasions):
    """Return (the first occasion's table, retest, follow-up).

    Rows are labelled by person where the columns are there; without them every row
    is a first occasion of its own. Raises InvalidTable where a person has two rows
    of one occasion, or nobody has the first.
    """
    others = table.others
    if occasions is None or not {occasions.person, occasions.column} <= {*others}:
        return table, None, None
    when = others[occasions.column].astype("string").str.strip()
    if not (when == occasions.baseline).any():
        raise InvalidTable(
            f"{table.path.name}: column {occasions.column}: nobody has "
            f"{occasions.baseline}, the first occasion"
        )
    first = _rows(table, occasions, when == occasions.baseline)
    return (
        first,
        _later(table, occasions, when, occasions.retest),
        _later(table, occasions, when, occasions.follow_up),
    )


def _later(table, occasions, when, label):
    if label is None or not (when == label).any():
        return None
    found = _rows(table, occasions, when == label)
    return Occasion(found.items, found.others, found.applies)


def _rows(table, occasions, chosen):
    """The chosen rows as a table of their own, labelled by person."""
    chosen = chosen.fillna(False).astype(bool)
    people = table.others.loc[chosen, occasions.person]
    if people.isna().any():
        raise InvalidTable(
            f"{table.path.name}: column {occasions.person}, row "
            f"{people.index[people.isna()][0]}: no person is named"
        )
    if people.duplicated().any():
        second = people.index[people.duplicated()][0]
        first = people.index[people == people[second]][0]
        raise InvalidTable(
            f"{table.path.name}: column {occasions.person}, row {second}: "
            f"{people[second]} has a row of this occasion already (row {first})"
        )
    return replace(
        table,
        items=table.items[chosen].set_axis(people, axis=0),
        others=table.others[chosen].set_axis(people, axis=0),
        stated=table.stated[chosen],
    )
