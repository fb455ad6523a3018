"""The secrets that let people in: tokens in links, and codes typed from paper.

Whoever holds one may answer, so the database keeps only hashes. A token is
too long to be guessed and is hashed plainly; a code is short enough for someone
with a copy of the database to try them all, so its hash needs the pepper too.
"""

import hashlib
import hmac
import re
import secrets
import string
import unicodedata

# Without 0, O, 1 and I, which a tired reader takes for one another.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
WORDS = re.compile(r"[^\W_]+")
ADDRESS = re.compile(r"/(s|r|no-more)/([\w-]{20,})", re.ASCII)
TOKEN_SIGNS = string.ascii_letters + string.digits + "-_"
CODE_LENGTH = 8  # 40 bits, and a check character
RECEIPT_LENGTH = 11  # 55 bits, and a check character


def new_token() -> str:
    """A secret for a link or a cookie: 192 random bits."""
    return secrets.token_urlsafe(24)


def is_token(text: str) -> bool:
    """Whether a text is long enough for a token, and has no other signs."""
    return len(text) >= 32 and not set(text) - set(TOKEN_SIGNS)


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_code(length: int = CODE_LENGTH) -> str:
    """Random characters and one that checks them, in no groups."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(length))
    return body + check_character(body)


def derived_token(key: str, purpose: str) -> str:
    """A secret for a link that can be worked out again by whoever has the key."""
    return hmac.new(key.encode(), purpose.encode(), "sha256").hexdigest()[:48]


def derived_code(key: str, purpose: str, length: int = CODE_LENGTH) -> str:
    """A code to type that can be worked out again by whoever has the key."""
    drawn = hmac.new(key.encode(), b"code:" + purpose.encode(), "sha256").digest()
    body = "".join(ALPHABET[byte % len(ALPHABET)] for byte in drawn[:length])
    return body + check_character(body)


def new_receipt() -> str:
    """A personal code for paper, which is printed before there are answers."""
    return new_code(RECEIPT_LENGTH)


def code_hash(code: str, key: str) -> str:
    """What is stored of a code; `key` comes from `Config.derived_key`."""
    return hmac.new(key.encode(), read_code(code).encode(), "sha256").hexdigest()


def grouped(code: str) -> str:
    """The code as people copy it: in threes or fours with hyphens."""
    size = 3 if len(code) % 3 == 0 and len(code) < 12 else 4
    return "-".join(code[at : at + size] for at in range(0, len(code), size))


def read_code(typed: str) -> str:
    """A typed code in capitals, without spaces and hyphens.

    Digits of other scripts, and wide letters, stand for the plain ones.
    """
    plain = unicodedata.normalize("NFKC", typed).upper()
    return "".join(_plain_digit(sign) for sign in plain if sign.isalnum())


def _plain_digit(sign: str) -> str:
    value = unicodedata.digit(sign, None)
    return sign if value is None else str(value)


def code_in(text: str, length: int = CODE_LENGTH) -> str | None:
    """The code of this length in a text with words around it, or None.

    It may be written in groups; the first that has the right check character is it.
    """
    parts = [read_code(part) for part in WORDS.findall(text)]
    for start in range(len(parts)):
        for end in range(start + 1, len(parts) + 1):
            code = "".join(parts[start:end])
            if is_code(code, length):
                return code
            if len(code) > length:
                break
    return None


def address_in(text: str) -> tuple[str, str] | None:
    """What a pasted link opens: `s`, `r` or `no-more`, and its token; or None."""
    found = ADDRESS.search(text)
    return (found[1], found[2]) if found else None


def is_code(typed: str, length: int = CODE_LENGTH) -> bool:
    """Whether what was typed has the right length and check character."""
    code = read_code(typed)
    well_formed = len(code) == length + 1 and set(code) <= set(ALPHABET)
    return well_formed and check_character(code[:-1]) == code[-1]


def check_character(body: str) -> str:
    """Luhn's sum for any even base: finds one wrong sign, and nearly all swaps."""
    base = len(ALPHABET)
    total = 0
    for place, sign in enumerate(reversed(body)):
        value = ALPHABET.index(sign) * (2 if place % 2 == 0 else 1)
        total += value // base + value % base
    return ALPHABET[-total % base]
