"""How hard a secret is to guess, by zxcvbn (Wheeler, 2016), without any network."""

import re

READ = 72  # signs that are looked at; what comes after can only make it harder
RANDOM_KEY = 24  # powers of ten of guesses: 32 hexadecimal digits take 29
GOOD_PASSWORD = 4  # zxcvbn's highest score: 10^10 guesses or more
# Long ones only: a random key may hold a short word by chance.
WORDS_OF_EXAMPLES = frozenset(
    """change changeme default development example insecure password replace secret
    testing""".split()
)
FAMOUS = ("correcthorsebatterystaple", "correct horse battery staple")


def is_random_key(key):
    """Whether a key of the installation looks drawn at random, not made up."""
    if WORDS_OF_EXAMPLES & set(re.findall(r"[a-z]+", key.lower())):
        return False
    return _estimate(key)["guesses_log10"] >= RANDOM_KEY


def is_guessable(password, own_words=()):
    """Whether a password is common, a pattern, or made of the person's own words.

    `own_words` are names and addresses; each counts as a whole and in its parts.
    """
    own = {part for word in own_words for part in _parts(word)}
    return _estimate(password, [*FAMOUS, *sorted(own)])["score"] < GOOD_PASSWORD


def _parts(word):
    parts = [part for part in re.split(r"[\W_]+", word.lower()) if len(part) > 2]
    return [*parts, "".join(parts)]


def _estimate(secret, words=()):
    from zxcvbn import zxcvbn

    return zxcvbn(secret[:READ], user_inputs=list(words), max_length=READ)
