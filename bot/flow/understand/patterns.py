"""Patterns: in which order and how near to each other concepts have to stand to say something.

How they are written, from near to far::

    <cannot> <pee>          one after the other, with at most two words that say something between them
    <leg> .. <numb>         at most six words between
    <leg> ... <numb>        anywhere later in the same statement
    <fever> & <shaking>     in either order, in the same statement
    <fever> + <back pain>   anywhere in the message, in any order
    ~ <gym>                 (what takes a meaning back) anywhere in the same statement, rather than in the same words

``<name>`` is a concept, anything else a word (``wake_up``: two, side by side); ``a|b`` is either. A pattern is looked
at only where its rarest concept is named, and takes steps in proportion to how often its concepts stand there:
nothing is tried twice.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from bot.flow.understand.vocabulary import Place, Reading

NEAR, FAR, ANYWHERE = 2, 6, 10_000
"""Words that say something which may stand between two items."""

TOGETHER = 12
"""The same for two segments in either order."""

_GAPS = {"..": FAR, "...": ANYWHERE}
_PIECE = re.compile(r"<[^<>]+>(?:\|(?:<[^<>]+>|[^\s<>|]+))*|[^\s]+")


class PatternError(ValueError):
    """A pattern that cannot be read. The message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One of these concepts; ``gap``: how many words may stand between it and the item before."""

    concepts: tuple[str, ...]
    gap: int


Segment = tuple[Item, ...]


@dataclass(frozen=True)
class Pattern:
    """``parts``: anywhere in the message; in each, segments that have to stand in one statement.

    ``beside``: it takes a meaning back from anywhere in the same statement.
    """

    text: str
    parts: tuple[tuple[Segment, ...], ...]
    beside: bool = False

    @cached_property
    def concepts(self) -> tuple[tuple[str, ...], ...]:
        """What has to be named, each as the concepts of which one will do."""
        return tuple(item.concepts for part in self.parts for segment in part for item in segment)

    @cached_property
    def only(self) -> tuple[str, ...]:
        """The concepts of which one is all that it needs; none where it needs more."""
        return self.concepts[0] if len(self.concepts) == 1 else ()


@dataclass(frozen=True, slots=True)
class Span:
    """Where a segment stands; ``used``: the places of its items.

    ``timeless``: it names what still counts when it was long ago, such as a cancer; ``timing``: it only says when.
    """

    start: int
    end: int
    used: tuple[Place, ...]
    timeless: bool = False
    timing: bool = False


def parse(text: str) -> Pattern:
    """Read a pattern. Raises `PatternError`."""
    beside = text.startswith("~ ")
    parts = tuple(
        tuple(_segment(segment, text) for segment in part.split(" & "))
        for part in f" {text.removeprefix('~ ').strip()} ".split(" + ")
    )
    return Pattern(text, parts, beside)


def _segment(text: str, whole: str) -> Segment:
    items: list[Item] = []
    gap = NEAR
    for piece in _PIECE.findall(text):
        if piece in _GAPS:
            gap = _GAPS[piece]
            continue
        names = tuple(_name(name, whole) for name in piece.split("|"))
        items.append(Item(names, gap if items else 0))
        gap = NEAR
    if not items:
        raise PatternError(f"'{whole}' has an empty part")
    return tuple(items)


def _name(text: str, whole: str) -> str:
    if text.startswith("<") and text.endswith(">"):
        return text[1:-1].strip()
    if not text or any(sign in text for sign in "<>&+"):
        raise PatternError(f"'{whole}' cannot be read at '{text}': write <concept>, word, a|b, .., ..., & or +")
    return word_concept(text)


def word_concept(word: str) -> str:
    """The concept that a plain word of a pattern is; ``wake_up`` is two words side by side."""
    return f"={word.casefold().replace('_', ' ')}"


def spans(segment: Segment, reading: Reading) -> list[Span]:
    """Every place where a segment stands, in order."""
    found = [Span(place.start, place.end, (place,)) for place in _places(segment[0], reading)]
    for item in segment[1:]:
        if not found:
            return []
        found = _extended(found, item, reading)
    return found


def _extended(found: list[Span], item: Item, reading: Reading) -> list[Span]:
    """The spans with the next item behind them: each place is joined to the nearest span before it."""
    ends = [span.end for span in found]
    order = sorted(range(len(found)), key=ends.__getitem__)
    sorted_ends = [ends[place] for place in order]
    longer = []
    for place in _places(item, reading):
        before = bisect_right(sorted_ends, place.start) - 1
        if before < 0:
            continue
        span = found[order[before]]
        if _near(span.end, place.start, item.gap, reading):
            longer.append(Span(span.start, place.end, (*span.used, place)))
    return longer


def _near(end: int, start: int, gap: int, reading: Reading) -> bool:
    if reading.statement[end - 1] != reading.statement[start]:
        return False
    return gap == ANYWHERE or reading.between(end, start) <= gap


def _places(item: Item, reading: Reading) -> list[Place]:
    if len(item.concepts) == 1:
        return reading.places.get(item.concepts[0], [])
    together = [place for concept in item.concepts for place in reading.places.get(concept, ())]
    return sorted(together, key=lambda place: (place.start, place.end))
