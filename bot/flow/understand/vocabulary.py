"""Words to concepts: what is named in a text, and where.

A *concept* is a thing that can be said in many ways: ``pee`` is *pass water*, *wee*, *urinate*. A text becomes tokens
(stems), and every place where a concept is named becomes a `Place`. Looking up a word costs the same however long the
text is, so a text takes time in proportion to its length.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.flow.understand.spelling import Spelling
from bot.flow.understand.text import Break, Word, words

NUMBER = "#"
"""In a written form: any number."""

_HELD = re.compile(r"(.)\1\1")

MOST_SKIPPED = 3
"""Fillers that may stand inside of one written form."""

EXACT = "!"
"""At the end of a written form: only this very word, no other ending and no mistake."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is compared: its stem, and how it should be spelled. ``word``: its place in the text's words."""

    stem: str
    form: str
    before: Break
    word: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a concept is named: tokens from ``start`` up to, but not, ``end``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers that name a concept, from ``lowest`` up to, but not, ``below``; ``decimal``: only those with a point."""

    concept: str
    lowest: float
    below: float
    decimal: bool = False


@dataclass(slots=True)
class _Node:
    """One step of the written forms that begin alike."""

    next: dict[str, _Node] = field(default_factory=dict)
    concepts: list[str] = field(default_factory=list)
    exact: bool = False


@dataclass(slots=True)
class Reading:
    """A text, read: its words, tokens, the places of concepts, and how many words that say something stand before."""

    words: tuple[Word, ...]
    tokens: list[Token]
    places: dict[str, list[Place]]
    weight: list[int]
    statement: list[int]
    known: float

    def said(self, start: int, end: int) -> str:
        """The words of some tokens, as they were typed."""
        if start >= end:
            return ""
        first, last = self.tokens[start].word, self.tokens[end - 1].word
        return " ".join(word.text for word in self.words[first : last + 1])

    def between(self, end: int, start: int) -> int:
        """How many words that say something stand between two tokens; a comma counts as one."""
        return self.weight[start] - self.weight[end]


class Vocabulary:
    """All written forms of all concepts of one language, compiled.

    ``concepts``: each with its written forms. ``fillers``: words that may stand anywhere without weight. ``known``:
    words that are spelled right, so that nothing else is read into them.
    """

    def __init__(
        self,
        concepts: Mapping[str, Iterable[str]],
        fillers: Iterable[str] = (),
        known: frozenset[str] = frozenset(),
        stemmer: str = "english",
        ranges: Iterable[Range] = (),
    ) -> None:
        self._ranges = tuple(ranges)
        self._made_of = (concepts, tuple(fillers), known, stemmer, self._ranges)
        self._spelling = Spelling(stemmer, known)
        self._root = _Node()
        self._fillers: set[str] = set()
        self._built = False

    def build(self) -> None:
        """Put the forms together; that takes some tenths of a second, so it waits for the first text to read."""
        concepts, fillers, *_ = self._made_of
        self._built = True
        spelling = self._spelling
        self._fillers = {spelling.stem(word) for word in fillers}
        for concept, forms in concepts.items():
            for form in forms:
                self._add(concept, form)
        for filler in fillers:
            spelling.add(filler, sign=False, exact=True)
        spelling.finish()

    def __reduce__(self) -> tuple[type[Vocabulary], tuple[object, ...]]:
        """Another process builds it anew: a stemmer cannot be handed over."""
        return Vocabulary, self._made_of

    # --- building ---------------------------------------------------------------------------------------------------

    def _add(self, concept: str, form: str) -> None:
        node = self._root
        exact = form.endswith(EXACT)
        for word, sign in _written(form.removesuffix(EXACT)):
            stem = self._spelling.add(word, sign=sign, exact=exact)
            step = EXACT + word if exact else stem
            node = node.next.get(step) or node.next.setdefault(step, _Node(exact=exact))
        if node is not self._root and concept not in node.concepts:
            node.concepts.append(concept)

    # --- reading ----------------------------------------------------------------------------------------------------

    def read(self, text: str) -> Reading:
        """The concepts of a text, with their places."""
        if not self._built:
            self.build()
        found = words(text)
        tokens: list[Token] = []
        known = 0.0
        for number, word in enumerate(found):
            pieces, right = (((word.text, word.text),), 0.0) if word.sign else self._spelling.spelled(word.text)
            known += right
            for place, (stem, form) in enumerate(pieces):
                tokens.append(Token(stem, form, word.before if place == 0 else Break.NONE, number))
        return Reading(found, tokens, self._places(tokens), self._weights(tokens), _statements(tokens), known)

    def _weights(self, tokens: list[Token]) -> list[int]:
        weight = [0]
        for token in tokens:
            more = (token.stem not in self._fillers) + (token.before is not Break.NONE)
            weight.append(weight[-1] + more)
        return weight

    def _places(self, tokens: list[Token]) -> dict[str, list[Place]]:
        places: dict[str, list[Place]] = defaultdict(list)
        for start, token in enumerate(tokens):
            if token.form[0].isdecimal():
                self._numbers(token.form, start, places)
            for concept, end in dict.fromkeys(self._follow(tokens, start)):
                places[concept].append(Place(start, end))
        return dict(places)

    def _follow(self, tokens: list[Token], start: int) -> Iterator[tuple[str, int]]:
        """The concepts whose forms begin here, each with where it ends.

        All forms are followed at once, word by word; each may skip a few fillers, so that no text takes long.
        """
        states: dict[int, tuple[_Node, int]] = {id(self._root): (self._root, 0)}
        for at in range(start, len(tokens)):
            if at > start and tokens[at].before is not Break.NONE:
                return
            after: dict[int, tuple[_Node, int]] = {}
            for node, skipped in states.values():
                for following in self._steps(node, tokens[at]):
                    if id(following) not in after or after[id(following)][1] > skipped:
                        after[id(following)] = following, skipped
                        for concept in following.concepts:
                            yield concept, at + 1
                skips = at > start and skipped < MOST_SKIPPED and not node.exact
                if skips and tokens[at].stem in self._fillers and id(node) not in after:
                    after[id(node)] = node, skipped + 1
            if not after:
                return
            states = after

    @staticmethod
    def _steps(node: _Node, token: Token) -> Iterator[_Node]:
        for step in (token.stem, EXACT + token.form, NUMBER if token.form[0].isdecimal() else ""):
            if step and (following := node.next.get(step)) is not None:
                yield following

    def _numbers(self, written: str, at: int, places: dict[str, list[Place]]) -> None:
        try:
            number = float(written.replace(",", "."))
        except ValueError:
            return  # a time or a date
        for each in self._ranges:
            if each.lowest <= number < each.below and (not each.decimal or "." in written or "," in written):
                places[each.concept].append(Place(at, at + 1))

    def forget(self) -> None:
        """Forget how the words that were read so far are spelled."""
        self._spelling.forget()


def _written(form: str) -> list[tuple[str, bool]]:
    """The words of a written form, each with whether it is a sign. Thousands are read at every start."""
    if form.isascii() and form.replace(" ", "").isalpha() and not _HELD.search(form):
        return [(word, False) for word in form.lower().split()]
    return [(word.text, word.sign) for word in words(form)]


def _statements(tokens: list[Token]) -> list[int]:
    """The number of the statement that each token stands in."""
    number = 0
    found = []
    for token in tokens:
        number += token.before is Break.STOP
        found.append(number)
    return found
