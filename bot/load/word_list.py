"""``content/<language>/words.txt``: words that are spelled right, so that nothing else is read into them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.flow.understand.text import words
from bot.load.folder import Folder
from bot.load.issues import LoadRule, Place

NAME = "words.txt"

_COMMENT = re.compile("#[^\n]*")


def read_words(folder: Folder) -> frozenset[str]:
    """The words in the form in which they are compared; none where there is no such file."""
    if not folder.has(NAME):
        return frozenset()
    text = folder.text(NAME)
    if text is None:
        return frozenset()
    text = _COMMENT.sub("", text.lower())
    if text.isascii() and text.replace("\n", "").isalpha():  # the usual case, in a third of the time
        return frozenset(text.split())
    return frozenset(_words(text, folder))


def _words(text: str, folder: Folder) -> Iterator[str]:
    """The words line by line; what is no single word is noted."""
    for number, line in enumerate(text.split("\n"), 1):
        written = line.strip()
        read = words(written)
        if len(read) == 1 and read[0].text.isalpha():
            yield read[0].text
        elif written:
            place = Place(folder.place(NAME).file, number)
            folder.report.add(LoadRule.BAD_WORD, place, f"'{written[:40]}' is not one word: write one word a line")
