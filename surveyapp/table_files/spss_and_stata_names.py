"""How our exports write names and codes where a format has rules of its own.

SPSS has room for one range of missing codes, so there they are negative: -93 for 93.
Stata has letters, and names of at most 32 letters. Who reads such a file turns them
back.
"""

import hashlib
from string import ascii_lowercase

# What stands in our files for what is no category; `assessments.codes` names them.
CODES = (81, 82, 83, 90, 91, 92, 93, 94, 95, 96, 97, 98)
LONGEST = 28  # Stata takes 32, with the number that its sets of labels get
LETTERS = dict(zip(map(str, CODES), ascii_lowercase))
_CODE_OF = {f"-{code}": code for code in LETTERS} | {
    letter: code for code, letter in LETTERS.items()
}


def spss_missing(code):
    """A code that stands for no answer, as an SPSS file of ours has it."""
    return f"-{code}"


def stata_missing(code):
    """The same in a Stata file, without the point before it: g for 93."""
    return LETTERS[code]


def code_of(text):
    """The code behind either of them; any other text is itself."""
    return _CODE_OF.get(text, text)


def stata_name(name):
    """A name that Stata takes; what is cut off a longer one leaves its mark."""
    if len(name) <= LONGEST:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:4]
    return f"{name[: LONGEST - 5]}_{mark}"


def full_names(header, known):
    """The columns with whole names, where they are known, in place of cut ones."""
    whole = {stata_name(name): name for name in known}
    return [whole.get(name, name) for name in header]
