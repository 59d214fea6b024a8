"""A text that may hold an answer: its words, numbers and times, what reaches where, and which options it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.flow.understand.asked import QuestionWords, Said
from bot.flow.understand.hits import Hit, Scope, hits, most_telling
from bot.flow.understand.lexemes import Lexeme
from bot.flow.understand.notes import note_ages, note_times, unit_of
from bot.flow.understand.patterns import Span
from bot.flow.understand.text import Break
from bot.flow.understand.times import Time
from bot.flow.understand.vocabulary import Place, Reading

_FEW = 2
"""Words of a message that is a command of a single word."""

_NEARLY = 0.8
"""The share of a stretch of days that stands for all of it."""


class Text:
    """A text as it was read, with what reaches where in it. ``begin``, ``end``: the tokens that count."""

    def __init__(
        self, reading: Reading, signs: list[Lexeme], named: list[Time], begin: int = 0, end: int | None = None
    ) -> None:
        self.reading = reading
        self.begin, self.end = begin, len(reading.tokens) if end is None else end
        self.signs = [sign for sign in signs if begin <= sign.start < self.end]
        self.times = [time for time in named if begin <= time.start < self.end]
        self.claimed: set[int] = set()
        self.lapsed: set[int] = set()
        if begin == 0 and end is None:
            note_times(reading, named)
            note_ages(reading, signs)

    @cached_property
    def scope(self) -> Scope:
        """What reaches where."""
        return Scope(self.reading)

    @cached_property
    def asked(self) -> set[int]:
        """The statements that ask something back."""
        return self.scope.asked()

    @property
    def said(self) -> str:
        """The words that count."""
        return self.reading.said(self.begin, self.end)

    @property
    def is_asking_back(self) -> bool:
        """Whether all of it asks something."""
        return bool(self.asked) and all(self.reading.statement[at] in self.asked for at in self._range)

    @property
    def _range(self) -> range:
        return range(self.begin, self.end)

    def has_any(self, concepts: Iterable[str]) -> bool:
        """Whether one of these concepts is named."""
        return any(concept in self.reading.places for concept in concepts)

    def left(self, covered: set[int], *also: str) -> list[int]:
        """The tokens that neither are covered nor say one of these concepts nor nothing at all."""
        idle = covered | self.scope.tokens(Said.POLITE, Said.SMALL, *also)
        weight = self.reading.weight
        tokens = self.reading.tokens
        return [
            at
            for at in self._range
            if at not in idle
            and weight[at + 1] - weight[at] > (tokens[at].before is not Break.NONE)
            and tokens[at].stem.isalnum()
        ]

    def is_only(self, names: set[Said], *also: str) -> bool:
        """Whether it says one of these, and nothing else but politeness and ``also``."""
        return any(self._counts(place) for name in names for place in self.scope.places(name)) and not self.left(
            set(), *names, *also
        )

    def commands(self, name: Said, *also: str) -> bool:
        """Whether it asks for this and nothing else; a single word (*back*) has to stand nearly alone."""
        places = self.scope.places(name)
        if name is Said.BACK and self.scope.places(Said.BODY_BACK):
            return False
        if not self.is_only({name}, *also):
            return False
        words = len(set(self._range) - (self.scope.tokens(Said.POLITE) - self.scope.tokens(name)))
        return any(place.end - place.start > 1 for place in places) or words <= _FEW

    def _counts(self, place: Place) -> bool:
        return self.begin <= place.start < self.end

    def _goes_on(self, at: int) -> bool:
        tokens = self.reading.tokens
        contrast = at in self.scope.tokens(Said.CONTRAST)  # "no, but …"
        return at < len(tokens) and tokens[at].before is Break.NONE and not contrast

    def correction(self, name: Said) -> Correction | None:
        """Whether a correction begins (or ends) the text, and the words that correct."""
        bare = self.scope.tokens(Said.NO) if name is Said.MAYBE_CORRECT else set()
        places = [
            place for place in self.scope.places(name)
            if self._counts(place)
            and not (place.start in bare and place.end - place.start == 1 and self._goes_on(place.end))
        ]  # fmt: skip
        if not places:
            return None
        cues = self.scope.tokens(Said.CORRECT, Said.MAYBE_CORRECT, Said.SELF_CORRECT, Said.SLIP)
        end = places[0].end
        while end in cues:
            end += 1
        content = self.left(cues, Said.YES, Said.NO)
        before = any(at < places[0].start for at in content)
        if before and not any(at >= end for at in content):
            return Correction(at_start=True, rest=Text(self.reading, self.signs, self.times, 0, places[0].start))
        return Correction(at_start=not before, rest=Text(self.reading, self.signs, self.times, end, self.end))

    def hits(self, entry: QuestionWords, offered: frozenset[str]) -> list[Hit]:
        """Where the text names options, by their patterns."""
        by_concept = entry.by_concept
        named = self.reading.places.keys()
        wanted = {
            each.place: each
            for concept in named & by_concept.keys() for each in by_concept[concept]
            if not each.others or not any(map(named.isdisjoint, each.others))
        }  # fmt: skip
        found: list[Hit] = []
        for place in sorted(wanted):
            each = wanted[place]
            some = tuple(option for option in each.options if option in offered)
            if some or not each.options:
                found += hits(self.scope, some, each.pattern, vague=each.vague, topic=each.topic)
        found += self._times(entry, offered)
        telling = most_telling(found)
        lapsed = self.scope.lapsed(entry.lapse, telling)
        compared = {place.end for place in self.scope.places(Said.THAN)}
        self.claimed = {at for hit in telling for at in hit.used}
        over = [hit for hit in telling if hit.options and self.scope.clause(hit.start) in lapsed]
        self.lapsed = {at for hit in over for at in hit.used}
        self.lapsed |= self.scope.tokens(Said.RELATIVE, Said.FAMILY) if self.lapsed else set()
        return [
            hit for hit in telling
            if hit.options and self._range.start <= hit.start and hit.end <= self.end
            and self.reading.statement[hit.start] not in self.asked
            and self.scope.clause(hit.start) not in lapsed and hit.start not in compared
        ]  # fmt: skip

    def _times(self, entry: QuestionWords, offered: frozenset[str]) -> Iterator[Hit]:
        for time in self.times:
            if entry.days:
                options = _within(time, entry, offered)
            else:
                options = tuple(option for option in _lasting(time, entry) if option in offered)
            if options:
                used = frozenset(range(time.start, time.end))
                yield Hit(options, used, self._is_denied(time), vague=len(options) > 1 and not entry.days)

    def _is_denied(self, time: Time) -> bool:

        return self.scope.denied(Span(time.start, time.end, (Place(time.start, time.end),)))


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction: whether it is about an answer before this message, and the words that correct."""

    at_start: bool
    rest: Text


def _lasting(time: Time, entry: QuestionWords) -> tuple[str, ...]:
    """The options that a length means; some languages of a card tell one day or week from several."""
    unit = unit_of(time) or ""
    single = entry.lengths.get(f"one_{unit}") if time.many <= 1 and not time.recent else None
    return single or entry.lengths.get(unit, ())


def _within(time: Time, entry: QuestionWords, offered: frozenset[str]) -> tuple[str, ...]:
    """The options that a time falls into; one alone where nearly all of it does."""
    shares: dict[str, float] = {}
    whole = time.farthest - time.nearest + 1
    for option, (least, most) in entry.days.items():
        common = min(most, time.farthest) - max(least, time.nearest) + 1
        if common > 0:
            shares[option] = common / whole
    found = [option for option, share in shares.items() if share >= _NEARLY] or list(shares)
    return tuple(option for option in found if option in offered)
