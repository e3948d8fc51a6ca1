"""One-time codes that a person can read out, hear and type.

Ten characters of Crockford's base 32 (digits and letters without I, L, O and U) in two groups: ``7KQ2M-9XWPA``. That is
50 random bits: enough for a code that works once, for a short time, at a door that counts attempts. The first group names the
invitation, the second proves it: so a wrong one is counted against the invitation it was tried on, and no stranger can use up another's.
"""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
GROUP = 5

_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code() -> str:
    """Return a fresh code as it is shown, with a dash between its groups."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{letters[:GROUP]}-{letters[GROUP:]}"


def normalise(typed: str) -> str | None:
    """Return ``typed`` as the register knows it (ten capitals, no dash), or None when it cannot be a code.

    Spaces, dashes of any kind and small letters are forgiven; O is read as 0, I and L as 1.
    """
    letters = "".join(character for character in typed if character not in _BETWEEN and not character.isspace())
    letters = letters.upper().translate(_READ_AS)
    if len(letters) != LENGTH or any(letter not in ALPHABET for letter in letters):
        return None
    return letters


def name_of(letters: str) -> str:
    """Return the part of a normalised code that names its invitation."""
    return letters[:GROUP]


# The hyphen of every keyboard, and the dashes that word processors and messengers put in its place.
_BETWEEN = frozenset("-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}\N{ZERO WIDTH SPACE}")
