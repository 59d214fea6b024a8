"""Spelling: what a typed word stands for, with its ending, a mistake in it, or run together with others.

A word that is spelled right stands for itself, and nothing else is read into it. Each word is looked at once; what it
costs does not depend on how many texts have been read before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract
from Stemmer import Stemmer, algorithms

SHORTEST_TYPO, LONG = 4, 8
"""Letters from which on a word may hold one mistake, and two."""

LONGEST_RUN, LONGEST_PIECE = 60, 14
"""Letters of words run together that are taken apart, and of one of these words."""

LONGEST_REMEMBERED = 20
"""Letters of words that are remembered."""

Spelled = tuple[tuple[tuple[str, str], ...], float]
"""The stems that a word stands for, each with its spelling, and how surely it is a word of the language (0 to 1)."""

_MOST_PIECES = 12
_MOST_CANDIDATES = 8
_PERHAPS = 0.5
_CACHE = 8_000


def stemmers() -> list[str]:
    """The languages whose endings can be taken off."""
    return [str(name) for name in algorithms()]


class Spelling:
    """The words of a language. ``stemmer``: who takes endings off; ``known``: words that are spelled right."""

    def __init__(self, stemmer: str, known: frozenset[str]) -> None:
        self._stemmer = Stemmer(stemmer, 0)
        self._known = known
        self._forms: dict[str, str] = {}
        self._stems: set[str] = set()
        self._typable: set[str] = set()
        self._near: dict[tuple[int, int, str], list[str]] = defaultdict(list)
        self._remembered = lru_cache(_CACHE)(self._spell)

    def spelled(self, word: str) -> Spelled:
        """What a word stands for. Common words are remembered; what is longer than any word is looked at anew."""
        return self._remembered(word) if len(word) <= LONGEST_REMEMBERED else self._spell(word)

    def forget(self) -> None:
        """Forget the words that were read so far."""
        self._remembered.cache_clear()

    def stem(self, word: str) -> str:
        """A word without its ending."""
        return str(self._stemmer.stemWord(word)) if word.isascii() or word.isalpha() else word

    def add(self, word: str, *, sign: bool, exact: bool) -> str:
        """Learn a word that is written down somewhere; returns its stem. ``exact``: no mistake is read as this word."""
        stem = word if sign else self.stem(word)
        self._forms[word] = stem
        self._stems.add(stem)
        if not exact and len(word) >= SHORTEST_TYPO:
            self._typable.add(word)
        return stem

    def finish(self) -> None:
        """All words are known now."""
        for form in sorted(self._typable):
            for length in range(len(form) - 2, len(form) + 3):
                self._near[0, length, form[0]].append(form)
                self._near[1, length, form[1]].append(form)

    def _spell(self, word: str) -> Spelled:
        if not word.isalpha():
            return ((word, word),), 0.0
        for form in (word, _once(word)):
            if form in self._forms:
                return ((self._forms[form], form),), 1.0
            stem = self.stem(form)
            if stem in self._stems or form in self._known:
                return ((stem, form),), 1.0
        meant = self._mistyped(_once(word), 1)
        if not meant and (apart := self._apart(word)):
            return tuple((self._forms.get(piece) or self.stem(piece), piece) for piece in apart), 1.0
        if meant := meant or self._mistyped(_once(word), 2):
            return ((self._forms[meant], meant),), _PERHAPS
        return ((self.stem(word), word),), 0.0

    def _mistyped(self, word: str, mistakes: int) -> str | None:
        """The written form that differs by a mistake or two; those with the same first letter first."""
        if len(word) < (SHORTEST_TYPO if mistakes == 1 else LONG):
            return None
        for forms in self._alike(word):
            found = extract(word, forms, scorer=OSA.distance, score_cutoff=mistakes, limit=_MOST_CANDIDATES)
            if found:
                return str(min(found, key=lambda each: (each[1], sorted(each[0]) != sorted(word)))[0])
        return None

    def _alike(self, word: str) -> Iterator[list[str]]:
        """Forms of about that length: with the same first letter; and with that one wrong, added, left out or moved."""
        size, first, second = len(word), word[0], word[1]
        near = self._near.get
        yield near((0, size, first), [])
        yield near((1, size, second), []) + near((0, size, second), []) + near((1, size, first), [])

    def _apart(self, word: str) -> tuple[str, ...]:
        """Words that were run together: the fewest known words that make it up, or nothing."""
        size = len(word)
        if not 4 <= size <= LONGEST_RUN:  # noqa: PLR2004 - two words of two letters
            return ()
        best: list[tuple[str, ...] | None] = [()] + [None] * size
        for end in range(1, size + 1):
            for start in range(max(0, end - LONGEST_PIECE), end):
                head = best[start]
                piece = word[start:end]
                if head is None or not self._is_piece(piece):
                    continue
                if best[end] is None or len(head) + 1 < len(best[end] or ()):
                    best[end] = (*head, piece)
        pieces = best[size]
        if not pieces or len(pieces) > _MOST_PIECES or not any(piece in self._forms for piece in pieces):
            return ()
        return pieces

    def _is_piece(self, piece: str) -> bool:
        if len(piece) == 1:
            return piece == "i"
        if piece in self._forms:
            return True
        return len(piece) > 3 and piece in self._known  # noqa: PLR2004 - too many short words hide in any long one


def _once(word: str) -> str:
    """The word with no letter twice in a row at its end, which is where people hold a key down."""
    while len(word) > 3 and word[-1] == word[-2] == word[-1] and word[-1] not in "es":  # noqa: PLR2004
        word = word[:-1]
    return word
