"""A name as it sounds, roughly: the same for 김민수, "Kim Min-soo" and "Minsu KIM".

Hangul is taken apart into its letters by the arithmetic of Unicode (The Unicode Standard, section 3.12); consonants are put into
classes that romanisations confuse (g and k, d and t, b and p, r and l, j and ch and z), and vowels and h are dropped. The result finds too
much rather than too little: it only proposes, together with a day of birth, and somebody looks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_FIRST: Final = 0xAC00
_LAST: Final = 0xD7A3
_PER_INITIAL: Final = 588
_FINALS: Final = 28
_MOST_WORDS: Final = 5

_INITIALS: Final = [*"KKNTTLMPPSS", "", *"JJJKTP", ""]
"""ㄱ ㄲ ㄴ ㄷ ㄸ ㄹ ㅁ ㅂ ㅃ ㅅ ㅆ ㅇ ㅈ ㅉ ㅊ ㅋ ㅌ ㅍ ㅎ by class; ㅇ is silent before a vowel, and h is too weak to count."""
_ENDINGS: Final = ["", *"KKKNNNTLKMPLTPLMPPTTNTTKTPT"]
"""The final consonants in Unicode's sequence, as they sound at a word's end; ㅇ is heard as N(g)."""

# Surnames that are romanised unlike they sound, by the class they share with the Hangul form.
_SURNAMES: Final[Mapping[str, str]] = {
    "lee": "", "yi": "", "rhee": "", "ri": "", "이": "", "리": "",
    "lim": "M", "im": "M", "rim": "M", "임": "M", "림": "M",
    "park": "PK", "bak": "PK", "pak": "PK", "박": "PK",
    "noh": "N", "roh": "N", "no": "N", "노": "N", "로": "N",
    "yoo": "", "you": "", "yu": "", "ryu": "", "ryoo": "", "유": "", "류": "",
    "yang": "N", "ryang": "N", "양": "N", "량": "N",
    "jung": "JN", "jeong": "JN", "chung": "JN", "정": "JN",
    "jo": "J", "cho": "J", "조": "J",
    "jang": "JN", "chang": "JN", "장": "JN",
    "shin": "SN", "sin": "SN", "신": "SN",
}  # fmt: skip

_LATIN: Final = (
    ("ng", "N"), ("sch|sh|tch", "S"), ("ch", "J"), ("ck|qu|gh|kh", "K"), ("ph", "P"), ("th", "T"), ("[gkqx]", "K"), ("[dt]", "T"),
    ("[bpfv]", "P"), ("[rl]", "L"), ("[jcz]", "J"), ("s", "S"), ("m", "M"), ("n", "N"), ("[aeiouwyh]", ""),
)  # fmt: skip


def sounds(name: str) -> set[str]:
    """Return the name's sound for each sequence its words may be in; empty where nothing can be said."""
    words = [word for word in re.split(r"[\s,.\-·]+", _bare(name)) if word != ""][:_MOST_WORDS]
    if len(words) == 1 and _is_hangul(words[0]):
        words = [words[0][0], words[0][1:]]
    turns = [words[place:] + words[:place] for place in range(len(words))]
    return {sound for turn in turns if len(sound := _sound(turn)) > 1}


def _sound(words: list[str]) -> str:
    surname, *given = words
    classes = _SURNAMES.get(surname, _classes(surname)) + "|" + _classes("".join(given))
    return re.sub(r"(.)\1+", r"\1", classes)


def _bare(name: str) -> str:
    parted = unicodedata.normalize("NFKD", name)
    return unicodedata.normalize("NFC", "".join(one for one in parted if unicodedata.category(one) != "Mn")).casefold()


def _is_hangul(word: str) -> bool:
    return all(_FIRST <= ord(character) <= _LAST for character in word)


def _classes(word: str) -> str:
    if word != "" and _is_hangul(word):
        return "".join(_INITIALS[(ord(c) - _FIRST) // _PER_INITIAL] + _ENDINGS[(ord(c) - _FIRST) % _FINALS] for c in word)
    for pattern, letter in _LATIN:
        word = re.sub(pattern, letter, word)
    return re.sub(r"[^A-Z]", "", word)
