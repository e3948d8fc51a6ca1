"""Her texts, a helper's and the court's, in every language: nothing missing, unused, in English or longer than its place, no value lost.

Run by ``make check``. What her page uses is read from its sources; English is the measure. The limits are data: web/messages/limits.json.
An English text that changed is named until somebody has looked at its translations and says so: ``python tools/check_texts.py --seen``.
"""

from __future__ import annotations

import hashlib
import json
import re
import string
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

WEB: Final = Path("web")
LANGUAGES: Final = ("zh-Hans", "vi", "th", "ja", "ru", "es", "fr", "ar")
COURT_LANGUAGES: Final = ("ar",)
PRINTED: Final = "leaflet_"
PLAIN: Final = "plain_"
"""A text in easy words is named like the one that it stands in for."""
SENTENCE_WORDS: Final = 14
SPACED: Final = frozenset({"en", "ko", "vi", "ru", "es", "fr", "ar"})
"""Languages that part words by spaces, so that they can be counted."""
SAFE: Final = re.compile(
    r"\bsafe|안전|安全|an toàn|ปลอดภัย|безопас|\bsegur[oa]s?\b|a salvo|\bsûre?s?\b|à l.abri|sécurité|آمن|أمان|سلام", re.IGNORECASE
)
PHONES_OWN: Final = "first_iphone_place"
"""The phone's own menu is called privacy and security."""
FORMS: Final = {
    "ar": ("zero", "one", "two", "few", "many", "other"),
    "ru": ("one", "few", "many", "other"),
}
"""Plural forms by language (Unicode CLDR, cardinal); others need none, since they abbreviate units."""
NEEDED: Final = {"ar": ("one", "two", "few", "many", "other"), "ru": FORMS["ru"]}
LATIN: Final = frozenset({"vi", "es", "fr"})
NAMES: Final = re.compile(
    r"SOS|Wi-Fi|OwnTracks|Traccar Client|GPS|Android|iPhone|Samsung|Galaxy|Xiaomi|Google|Safari|Chrome|Jikimi|iOS|"
    r"App|Web|TLS|QR|PDF|SHA-256|SMS|km|m|N"
)
SERVER: Final = Path("src") / "jikimi"
OTHER_NAMES: Final = re.compile(r"(?:보호|감시) ?대상자|(?<!피)부착자|(?<![가-힣])대상자")
"""Korean staff read one word for each side, those of the Act on electronic devices: 피해자 and 피부착자. Next to 보호관찰 대상자, a person
on probation, 보호 대상자 could be either side."""
USED: Final = re.compile(r"\bm\.([a-z0-9_]+)")
IMPORTED: Final = re.compile(r"from '(?:\.\./lib|\.)/([\w.-]+)'")
"""What a page takes from the shared parts, or they from each other."""
Text = str | Mapping[str, str]


def sources(folder: Path) -> list[Path]:
    """Return what a folder's pages are written in."""
    return [path for path in folder.rglob("*") if path.suffix in {".ts", ".svelte"} and not path.name.endswith(".test.ts")]


def used(folder: Path) -> set[str]:
    """Return every key that a folder's pages name."""
    return {key for path in sources(folder) for key in USED.findall(path.read_text(encoding="utf-8"))}


def reached(folder: Path) -> set[str]:
    """Return every key that a folder's pages name, and the shared parts that they import."""
    keys, files = set[str](), set(sources(folder))
    seen = set(files)
    while files:
        text = files.pop().read_text(encoding="utf-8")
        keys.update(USED.findall(text))
        named = {folder.parent / "lib" / name for name in IMPORTED.findall(text)}
        new = {path for one in named for path in (one, one.with_suffix(".ts")) if path.is_file()} - seen
        seen |= new
        files |= new
    return keys


def forms(text: Text) -> list[str]:
    """Return a text's forms: one, or one for each plural."""
    return [text] if isinstance(text, str) else list(text.values())


def places(text: str) -> set[str]:
    """Return the names of a text's places."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def width(text: str) -> int:
    """Return how wide a text is, in halves of a square: wide letters count two, marks that sit on another letter nothing."""
    shown = [one for one in text if unicodedata.category(one) not in {"Mn", "Me", "Cf"}]
    return sum(2 if unicodedata.east_asian_width(one) in {"W", "F"} else 1 for one in shown)


def bare(text: str) -> str:
    """Return a text without its places and without names that no language translates."""
    return NAMES.sub("", re.sub(r"\{\w+\}", "", text))


def left_in_english(language: str, text: str, english: str) -> bool:
    """Whether nobody translated a text: it is the English one, or in another script it holds a word of ours."""
    if not re.search(r"[^\W\d_]{3,}", bare(english)):
        return False
    return text == english if language in LATIN else re.search("[A-Za-z]{3,}", bare(text)) is not None


def wrong(language: str, key: str, text: Text, english: str) -> Iterator[str]:
    """Yield what is wrong with one text."""
    if not isinstance(text, str):
        known = FORMS.get(language, ())
        if not set(NEEDED.get(language, ("other",))) <= set(text) <= set(known):
            yield f"{key}: it needs the forms {', '.join(NEEDED.get(language, ()))}"
    for form in forms(text):
        if not form.strip():
            yield f"{key}: empty"
        lost = places(english) - places(form)
        if places(form) - places(english) or (lost and isinstance(text, str)):
            yield f"{key}: its places are {sorted(places(form))}, the English ones {sorted(places(english))}"
        if left_in_english(language, form, english):
            yield f"{key}: left in English"


def too_long(key: str, text: Text, limits: Mapping[str, int]) -> Iterator[str]:
    """Yield that a text is longer than its place. A limit's name is a key, or the beginning of keys with a star."""
    for name, limit in limits.items():
        if key == name or (name.endswith("*") and key.startswith(name[:-1])):
            for form in forms(text):
                if width(form) > limit:
                    yield f"{key}: {width(form)} wide where {limit} fit"


def promised(key: str, text: Text) -> Iterator[str]:
    """Yield that a text promises safety, which nobody can know."""
    if key != PHONES_OWN and any(SAFE.search(form) for form in forms(text)):
        yield f"{key}: it says that something is safe"


def hard(language: str, key: str, texts: Mapping[str, Text]) -> Iterator[str]:
    """Yield where easy words are no easier: longer than the full text, or a long sentence in them."""
    if not key.startswith(PLAIN):
        return
    full, plain = (forms(texts.get(name, "")) for name in (key.removeprefix(PLAIN), key))
    if max(map(width, plain)) > max(map(width, full)):
        yield f"{key}: longer than the text that it stands in for"
    if places(plain[0]) != places(full[0]):
        yield f"{key}: its places are not those of the text that it stands in for"
    for sentence in re.split(r"[.?!؟:] ", plain[0]):
        if language in SPACED and len(sentence.split()) > SENTENCE_WORDS:
            yield f"{key}: a sentence of more than {SENTENCE_WORDS} words"


def digest(text: str) -> str:
    """Return what tells one English text from another."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def seen(web: Path, english: Mapping[str, str], keys: Iterable[str]) -> Iterator[str]:
    """Yield the English texts whose translations nobody has looked at since they changed."""
    found = json.loads((web / "messages" / "seen.json").read_text(encoding="utf-8"))
    wanted = {key: digest(english[key]) for key in keys}
    for key in sorted(wanted.keys() | found.keys()):
        if wanted.get(key) != found.get(key):
            yield f"{key}: new or changed in English: look at its translations, then run `.venv/bin/python tools/check_texts.py --seen`"


def catalogue(path: Path) -> tuple[str, Mapping[str, Text]]:
    """Return a catalogue's language and texts.

    Raises:
        ValueError: it has other fields, or a reviewer who is no name.
    """
    found = json.loads(path.read_text(encoding="utf-8"))
    if set(found) != {"language", "reviewer", "texts"} or found["language"] != path.stem:
        raise ValueError(f"{path}: a catalogue has language, reviewer and texts, and its language is its name")
    if found["reviewer"] is not None and not str(found["reviewer"]).strip():
        raise ValueError(f"{path}: a reviewer is a name, or null while nobody has read it")
    return found["language"], found["texts"]


def in_catalogue(language: str, texts: Mapping[str, Text], hers: Iterable[str], english: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with one of her catalogues."""
    yield from (f"{key}: missing" for key in sorted(set(hers) - set(texts)))
    yield from (f"{key}: unused" for key in sorted(set(texts) - set(hers)))
    for key in sorted(set(texts) & set(hers)):
        yield from wrong(language, key, texts[key], english[key])


def pages(web: Path) -> list[Path]:
    """Return the folders of pages and of what they share."""
    return [folder for folder in web.iterdir() if folder.is_dir() and folder.name not in {"node_modules", "messages"}]


def in_shared(texts: Mapping[str, Text], english: Mapping[str, str], everywhere: set[str]) -> Iterator[str]:
    """Yield what is wrong with Korean or English, which the staff's pages use too."""
    yield from (f"{key}: missing" for key in sorted(set(english) - set(texts)))
    yield from (f"{key}: unused" for key in sorted(set(texts) - everywhere) if not key.startswith(PRINTED))
    for key in sorted(set(texts) & set(english)):
        if not isinstance(texts[key], str) or places(str(texts[key])) != places(english[key]):
            yield f"{key}: its places are not those of the English text"


def other_names(where: str, text: str) -> Iterator[str]:
    """Yield each line of Korean that calls one of the two sides by another word than the Act's."""
    for number, line in enumerate(text.splitlines(), start=1):
        for found in OTHER_NAMES.findall(line):
            yield f"{where}:{number}: {found!r} is called 피해자 or 피부착자 everywhere"


def names_of_server(folder: Path = SERVER) -> Iterator[str]:
    """Yield the other words in what the server says."""
    for path in sorted(folder.rglob("*.toml")):
        yield from other_names(str(path), path.read_text(encoding="utf-8"))


def with_plain(keys: set[str], english: Mapping[str, str]) -> set[str]:
    """Return keys and their twins in easy words."""
    return keys | {key for key in english if key.startswith(PLAIN) and key.removeprefix(PLAIN) in keys}


def translated(web: Path, english: Mapping[str, str]) -> tuple[set[str], set[str]]:
    """Return the keys of her texts, and those of the court's."""
    named = (used(web / "protected") | used(web / "helper")) & set(english)
    return with_plain(named, english) | {key for key in english if key.startswith(PRINTED)}, reached(web / "court") & set(english)


def of_hers(language: str, texts: Mapping[str, Text], hers: set[str], limits: Mapping[str, int]) -> Iterator[str]:
    """Yield what no text of hers may be in any language: too long, a promise, or easy words that are not easy."""
    for key in sorted(set(texts) & hers):
        yield from too_long(key, texts[key], limits)
        yield from promised(key, texts[key])
        yield from hard(language, key, texts)


def all_wrong(web: Path = WEB) -> Iterator[str]:
    """Yield everything that is wrong, a line each."""
    messages = web / "messages"
    shared = {language: json.loads((messages / f"{language}.json").read_text(encoding="utf-8")) for language in ("en", "ko")}
    limits = json.loads((messages / "limits.json").read_text(encoding="utf-8"))
    english = shared["en"]
    hers, courts = translated(web, english)
    yield from seen(web, english, hers | courts)
    for page in sorted((web / "protected").rglob("*")):
        if page.suffix in {".ts", ".svelte"} and re.search(r"import \{.*paraglide", page.read_text(encoding="utf-8")):
            yield f"{page}: her page imports `m` from `./texts`, in ten languages; lib/paraglide speaks two"
    everywhere = {key for folder in pages(web) for key in used(folder)} | hers
    for language, texts in shared.items():
        yield from (f"{language}: {line}" for line in in_shared(texts, english, everywhere))
    yield from other_names("ko.json", (messages / "ko.json").read_text(encoding="utf-8"))
    named = {path.stem for path in (messages / "her").iterdir()}
    yield from (f"{language}: no catalogue" for language in sorted(set(LANGUAGES) - named))
    for path in sorted((messages / "her").iterdir()):
        language, texts = catalogue(path)
        yield from (f"{language}: {line}" for line in in_catalogue(language, texts, hers, english))
        yield from (f"{language}: {line}" for line in of_hers(language, texts, hers, limits))
    for language, texts in shared.items():
        yield from (f"{language}: {line}" for line in of_hers(language, texts, hers, limits))
    for language in COURT_LANGUAGES:
        path = messages / "court" / f"{language}.json"
        yield from (f"{path}: {line}" for line in in_catalogue(language, catalogue(path)[1], courts, english))


def mark_seen(web: Path = WEB) -> None:
    """Note that the translations of each English text were looked at."""
    english = json.loads((web / "messages" / "en.json").read_text(encoding="utf-8"))
    keys = sorted(set.union(*translated(web, english)))
    text = json.dumps({key: digest(english[key]) for key in keys}, indent=1)
    (web / "messages" / "seen.json").write_text(text + "\n", encoding="utf-8")


def main() -> int:
    """Check; print what is wrong. With ``--seen`` note first that the translations were looked at."""
    if "--seen" in sys.argv[1:]:
        mark_seen()
    found = [*all_wrong(), *names_of_server()]
    for line in found[:60]:
        sys.stderr.write(line + "\n")
    if len(found) > 60:
        sys.stderr.write(f"… and {len(found) - 60} more\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
