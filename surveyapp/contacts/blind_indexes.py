"""Keyed hashes by which a person is known again, without keeping who they are.

Each is an HMAC under a key of this installation, of a trust, a kind and a value in
its plainest form. Without that key nobody can try values; with the database alone
nothing says whose they are.
"""

import hmac
import re
import unicodedata

from ..assessments.suppression import LISTED
from ..keys import derived_key

# An equal key of these kinds is the same person; of the others perhaps the same.
NAMED_PLACES = ("name_email", "name_phone")
EXACT = ("nhs", "person", *NAMED_PLACES)
LOOKS = {
    "name_birth": "the same name and date of birth",
    "name_post": "the same name and postcode",
    "birth_post": "the same date of birth and postcode",
    "initials": "the same initials and date of birth",
    "telephone": "the same telephone number",
    "email": "the same e-mail address",
}
# Of those perhaps the same, whom a list of corrections may mean.
NAMED = ("name_birth", "name_post")
TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "rev", "sir"}


def plain_name(text):
    """The words of a name without titles, accents or order: `ALVAREZ, Dr Zoë`."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    letters = re.sub(r"['’`]", "", letters)
    words = re.findall(r"[^\W\d_]+", letters)
    return " ".join(sorted([w for w in words if w not in TITLES] or words))


class Keys:
    """Makes the keys of a trust."""

    def __init__(self, trust_id):
        self._secret = derived_key("contact indexes").encode()
        self._trust_id = trust_id

    def digest(self, kind, *values):
        """32 hexadecimal digits for a value of a kind in this trust."""
        said = "\x1f".join([str(self._trust_id), kind, *values]).encode()
        return hmac.digest(self._secret, said, "sha256").hex()[:32]

    def of(
        self,
        *,
        name="",
        born=None,
        nhs=None,
        postcode=None,
        telephone=None,
        email=None,
        who="",
    ):
        """Kind -> digest of all that can be made of what is known of a person.

        `who` is what they are in the survey: a carer who shares a telephone or an
        e-mail address with a service user is another person.
        """
        plain, day = plain_name(name), born.isoformat() if born else ""
        email = email and email.casefold()
        initials = "".join(sorted(word[0] for word in plain.split()))
        values = {
            "nhs": [nhs],
            "person": [plain, day, postcode],
            "name_birth": [plain, day],
            "name_post": [plain, postcode],
            "birth_post": [day, postcode],
            "initials": [initials, day],
            "name_email": [plain, email],
            "name_phone": [plain, telephone],
        }
        known = {
            kind: self.digest(kind, *parts)
            for kind, parts in values.items()
            if all(parts)
        }
        shared = {"telephone": telephone, "email": email}
        return known | {
            kind: self.digest(kind, place, who)
            for kind, place in shared.items()
            if place
        }

    def listed(self, *, name="", born=None, nhs=None):
        """Kind -> digest of those by which a list names a person."""
        known = self.of(name=name, born=born, nhs=nhs)
        return {kind: known[kind] for kind in LISTED if kind in known}
