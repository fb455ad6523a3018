"""A table as a file holds it: cells of text under names, with what it says of them."""

from dataclasses import dataclass, field

from ..errors import SurveyError


class InvalidTable(SurveyError):
    """A file that cannot be used: names file, column and row, and what would mend it.

    What mends it is put in two ways: `command` for whoever typed a command, `page` for
    whoever chose on a page. `str` gives the first, `on_page` the second.
    """

    def __init__(self, says, *, command="", page=""):
        self.says, self.command, self.page = says, command, page
        super().__init__(f"{says}; {command}" if command else says)

    @property
    def on_page(self):
        return f"{self.says}; {self.page}" if self.page else self.says


@dataclass(frozen=True)
class Column:
    """What a file says of one column: its text, its labels, what is no answer.

    Attributes
    ----------
    text : str
        The wording of the question, or whatever stands for it.
    labels : dict of str to str
        The label of each code.
    missing : tuple of str
        Codes that the file itself declares as missing, already empty in the rows.
    """

    text: str = ""
    labels: dict = field(default_factory=dict)
    missing: tuple = ()


@dataclass(frozen=True)
class RawTable:
    """Header, rows and what was made of them on the way.

    Attributes
    ----------
    rows : dict of int to list of str
        The row of the file, counted from 1 as a spreadsheet does, and its cells.
    columns : dict of str to Column
        Of those columns of which the file says something.
    notes : tuple of str
        What was read otherwise than it stands, a sentence each.
    """

    name: str
    header: tuple
    rows: dict
    columns: dict = field(default_factory=dict)
    notes: tuple = ()
