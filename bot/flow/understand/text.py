"""A text as words: the same for every language, before any of them is known.

What does not matter is taken away (case, accents, characters that cannot be seen, letters of another script that look
alike, letters held down), and what separates statements is kept as the break before a word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum

LONGEST = 4096
"""Characters of a text that are read: no message of Telegram is longer."""

_APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´ʼ＇"))  # noqa: RUF001 - these are what people type
_HELD = re.compile(r"([^\W\d_])\1{2,}")
_TOKEN = re.compile(
    r"(?P<number>\d+(?:[.,:/]\d+)*)"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<stop>[.!?;…\n\r]+)"
    r"|(?P<joint>(?<=\w)[-/](?=\w))"
    r"|(?P<comma>[,:()\[\]/|•–—-]+)"
    r"|(?P<sign>[^\w\s])"
)

# Letters of other scripts that look like Latin ones, as they come in copied or disguised words.
_ALIKE = str.maketrans(
    "аеорсухіјѕԁһӏɡοανικτυρχεωɑıł",
    "aeopcyxijsdhlgoaviktupxewail",
)


class Break(IntEnum):
    """What separates a word from the one before it."""

    NONE = 0
    COMMA = 1
    STOP = 2


@dataclass(frozen=True, slots=True)
class Word:
    """One word, number or sign, in its plain form. ``asked``: the statement it stands in ends with a question mark."""

    text: str
    before: Break = Break.NONE
    asked: bool = False
    sign: bool = False


def words(text: str) -> tuple[Word, ...]:
    """The words of a text, in order; at most as many as `LONGEST` characters hold."""
    found: list[Word] = []
    before = Break.NONE
    begun = 0  # of the statement
    for match in _TOKEN.finditer(_HELD.sub(r"\1\1", plain(text))):
        kind, said = match.lastgroup, match[0]
        if kind == "stop":
            if "?" in said:
                found[begun:] = [Word(each.text, each.before, asked=True, sign=each.sign) for each in found[begun:]]
            before, begun = Break.STOP, len(found)
        elif kind == "comma":
            before = max(before, Break.COMMA)
        elif kind != "joint":
            found.append(Word(said, before if found else Break.NONE, sign=kind == "sign"))
            before = Break.NONE
    return tuple(found)


def plain(text: str) -> str:
    """A text without what does not matter, still with its punctuation."""
    text = text[:LONGEST].translate(_APOSTROPHES)
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text)[: 2 * LONGEST]
    kept = (each for each in text if unicodedata.category(each) not in _UNSEEN)
    return _latin("".join(kept).casefold().translate(_APOSTROPHES))


_UNSEEN = frozenset({"Mn", "Me", "Cf", "Cs", "Co", "Cn", "Sk"})
"""Categories of accents, of characters that have no look of their own, of the tone of a skin."""


def _latin(text: str) -> str:
    """The same with letters that only look Latin made so, in words that are partly Latin."""
    return re.sub(r"[^\W\d_]+", lambda word: word[0].translate(_ALIKE) if _mixed(word[0]) else word[0], text)


def _mixed(word: str) -> bool:
    return any("a" <= each <= "z" for each in word) and not word.isascii()
