"""How a letter addresses somebody, whatever a list has in its cell."""

import re

OPENING = re.compile(r"\A(dear|hello|hi)\b[\s,:]*", re.IGNORECASE)
TITLES = re.compile(
    r"\A((?:mr|mrs|ms|miss|mx|dr|prof|rev|sir|dame)\b\.?)\s+\1\s+", re.IGNORECASE
)


def addressed(name: str) -> str:
    """The name as it follows "Dear": without a greeting or a title said twice.

    Lists hold `Dear Mr Moor,` and `Mr Mr Moor` as well as `Mr Moor`; a name in
    capitals alone is written as names are.
    """
    plain = " ".join(name.split()).strip(" ,:;")
    while OPENING.match(plain) and OPENING.sub("", plain):
        plain = OPENING.sub("", plain)
    plain = TITLES.sub(r"\1 ", plain).strip(" ,:;")
    return plain.title() if plain.isupper() and len(plain) > 3 else plain
