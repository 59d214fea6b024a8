"""Where a text names options of a question, and whether a *not* takes that back.

A text is cut into clauses. A *not* reaches over a few words of its clause, past a comma only in a list (*no fever,
chills or rash*), and never past a *but*.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.flow.understand.asked import Said
from bot.flow.understand.patterns import Pattern, Span, spans
from bot.flow.understand.text import Break
from bot.flow.understand.vocabulary import Place, Reading

REACH, LONGEST_LIST = 4, 30
"""Words that say something over which a *not* reaches, and words over which it can in a list."""

_MOST_OWNERS = 40
"""So many of the longest hits at a word are compared with the shorter ones there."""

_NEAREST = 3
"""So many *nots* before some words are looked at."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Words that mean one of these options.

    ``used``: the tokens they stand at. ``vague``: anything clearer stands for them. ``bare``: a single word.
    ``topic``: it names what is asked about, rather than what is wrong with it.
    """

    options: tuple[str, ...]
    used: frozenset[int]
    denied: bool = False
    vague: bool = False
    bare: bool = False
    topic: bool = False

    @property
    def start(self) -> int:
        """Where it begins."""
        return min(self.used)

    @property
    def end(self) -> int:
        """Where it ends."""
        return max(self.used) + 1


class Scope:
    """What reaches where in one text."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._clause = self._clauses()
        self._known: dict[tuple[int, int], tuple[frozenset[int], bool]] = {}
        unharmed = {
            at for name in (Said.NOT_DENYING, Said.UNSURE, Said.HEDGE, Said.CORRECT) for at in self.tokens(name)
        }
        answers = self._answering()
        self._deny = [place for place in self.places(Said.DENY) if place.start not in unharmed | answers]
        self._deny_tokens = {at for place in self._deny for at in range(place.start, place.end)}
        self._deny_ends = [place.end for place in self._deny]
        self._ors = sorted(place.start for place in self.places(Said.OR))
        self._unailing = self._denied_verbs()
        self._after = {place.start for place in self.places(Said.DENY_AFTER) if self._ends(place.end)}

    def _answering(self) -> set[int]:
        """Where a *no* is an answer and not about the words after it: *no it hurts*, *no but …*, *no all fine*."""
        names = (Said.SUBJECT, Said.CONTRAST, Said.NO, Said.NONE, Said.ALL)
        after = {place.start for name in names for place in self.places(name)}
        only = self.tokens(Said.NO_ONLY)  # "nope" never stands for "not any"
        flat = {place.start for place in self.places(Said.FLAT_NO) if place.start == 0}
        return {
            place.start
            for place in self.places(Said.NO)
            if place.end - place.start == 1 and (place.end in after or place.start in only | flat)
        }

    def places(self, name: str) -> list[Place]:
        """Where a concept is named."""
        return self.reading.places.get(name, [])

    def tokens(self, *names: str) -> set[int]:
        """The tokens at which these concepts are named."""
        return {at for name in names for place in self.places(name) for at in range(place.start, place.end)}

    def _clauses(self) -> list[int]:
        contrast = {place.start for name in (Said.CONTRAST, Said.EXCEPT, Said.HEDGE) for place in self.places(name)}
        subjects = {place.start for place in self.places(Said.SUBJECT)}
        joins = {place.end for place in self.places(Said.JOIN)}
        contrast -= {place.end for place in self.places(Said.OR)}  # "weak or just stiff"
        number = 0
        clauses = []
        for at, token in enumerate(self.reading.tokens):
            begins = (
                token.before is Break.STOP
                or at in contrast
                or (at in subjects and (token.before is Break.COMMA or at in joins))
            )
            number += at > 0 and begins
            clauses.append(number)
        return clauses

    def denied(self, span: Span) -> bool:
        """Whether a *not* takes the words back."""
        return (bool(self._deny) or span.end in self._after) and self._denied(span)

    def named(self, place: Place) -> tuple[frozenset[int], bool]:
        """The tokens of one place, and whether a *not* takes them back."""
        at = (place.start, place.end)
        known = self._known.get(at)
        if known is None:
            span = Span(place.start, place.end, (place,))
            known = self._known[at] = (frozenset(range(place.start, place.end)), self.denied(span))
        return known

    def _denied(self, span: Span) -> bool:
        used = tokens_of(span)
        last = bisect_right(self._deny_ends, span.end)
        negative = not used.isdisjoint(self._deny_tokens)  # "cannot", "no better": a *not* of its own
        for deny in self._deny[max(0, last - _NEAREST) : last]:
            if deny.start not in used and (
                (span.start <= deny.start and not negative) or (deny.end <= span.start and self._reaches(deny, span))
            ):
                return True
        if span.end >= len(self.reading.tokens) or self.reading.tokens[span.end].before is not Break.NONE:
            return False
        return span.end in self._after or (not negative and span.end in self._unailing)

    def _denied_verbs(self) -> set[int]:
        """Where *doesn't hurt*, *isn't swollen* follows what it denies."""
        ailing = self.tokens(Said.AILING)
        return {deny.start for deny in self._deny if deny.end in ailing and self._ends_soon(deny.end)}

    def _ends_soon(self, at: int) -> bool:
        return self._ends(at + 1) or self._clause[at + 1] != self._clause[at] or self.reading.between(at, at + 2) <= 1

    def lapsed(self, names: Iterable[str], hits: Iterable[Hit]) -> set[int]:
        """The clauses in which something is said to be over, only feared, or another person's.

        Where there is nothing else in such a clause, it speaks of the one before: *cold feet, but always have*.
        """
        calm = self.tokens(Said.NOT_PAST)
        is_new = bool(self.places(Said.STILL_NEW))
        found: set[int] = set()
        with_hits = {self._clause[hit.start] for hit in hits if hit.options}
        in_order = sorted(with_hits)
        recent = {self._clause[place.start] for place in self.places("@recent")}
        for name in names:
            for place in self.places(name):
                if place.start in calm or (is_new and (name[0] == "@" or name == Said.PAST)):
                    continue
                clause = self._clause[place.start]
                if name == Said.ENDED and clause in recent:
                    continue  # "stopped it last week"
                found.add(clause)
                if clause not in with_hits:
                    before = bisect_right(in_order, clause) - 1
                    found.update(in_order[before : before + 1] if before >= 0 else ())
        return found

    def normal(self, hits: Iterable[Hit]) -> set[int]:
        """Where something is said to be as it should be, in words that no hit needs."""
        used = {at for hit in hits for at in hit.used} | self._deny_tokens
        after_deny = {end + more for end in self._deny_ends for more in (0, 1)}
        return {place.start for place in self.places(Said.NORMAL) if place.start not in used | after_deny}

    def clause(self, at: int) -> int:
        """The number of the clause that a token stands in."""
        return self._clause[at]

    def _ends(self, at: int) -> bool:
        tokens = self.reading.tokens
        return at >= len(tokens) or tokens[at].before is not Break.NONE

    def _reaches(self, deny: Place, span: Span) -> bool:
        if self._clause[deny.start] != self._clause[span.start] or span.start - deny.end > LONGEST_LIST:
            return False
        tokens = self.reading.tokens
        commas = [at for at in range(deny.end, span.start + 1) if tokens[at].before is not Break.NONE]
        if not commas:
            return self.reading.between(deny.end, span.start) <= REACH
        if commas[0] == deny.end:
            return False
        place = bisect_right(self._ors, span.end + REACH) - 1
        return (
            place >= 0 and self._ors[place] >= deny.end and self._clause[self._ors[place]] == self._clause[span.start]
        )

    def unsure_reach(self) -> set[int]:
        """The tokens from a *not sure* to the next comma, stop or *but*."""
        reach: set[int] = set()
        for place in self.places(Said.UNSURE):
            at = place.end
            while at < len(self.reading.tokens) and at not in reach and self._clause[at] == self._clause[place.start]:
                if self.reading.tokens[at].before is not Break.NONE:
                    break
                reach.add(at)
                at += 1
        return reach

    def asked(self) -> set[int]:
        """The statements that ask something back."""
        asking = {place.start for place in self.places(Said.ASKING)} - self.tokens(Said.NOT_ASKING)
        idle = self.tokens(Said.POLITE, Said.YES, Said.NO) - asking
        first = {place.start for place in self.places(Said.AUXILIARY)}
        found: set[int] = set()
        seen: set[int] = set()
        for at, statement in enumerate(self.reading.statement):
            if statement in seen or at in idle:
                continue
            seen.add(statement)
            if at in asking or (at in first and self.reading.words[self.reading.tokens[at].word].asked):
                found.add(statement)
        return found


def tokens_of(span: Span) -> frozenset[int]:
    """The tokens that the items of a span stand at."""
    return frozenset(at for place in span.used for at in range(place.start, place.end))


def hits(
    scope: Scope, options: tuple[str, ...], pattern: Pattern, *, vague: bool = False, topic: bool = False
) -> Iterator[Hit]:
    """Where a pattern stands."""
    there = scope.reading.places
    if pattern.only:
        for concept in pattern.only:
            for place in there.get(concept, ()):
                tokens, denied = scope.named(place)
                yield Hit(options, tokens, denied, vague, bare=len(tokens) == 1, topic=topic)
        return
    if len(pattern.parts) == 1 and len(pattern.parts[0]) == 1:
        for span in spans(pattern.parts[0][0], scope.reading):
            yield Hit(options, tokens_of(span), scope.denied(span), vague)
        return
    used: set[int] = set()
    denied = False
    for part in pattern.parts:
        found = [[*spans(segment, scope.reading)] for segment in part]
        statements = [{scope.reading.statement[span.start] for span in each} for each in found]
        common = set.intersection(*statements)
        if not common:
            return
        first = min(common)
        for each in found:
            there_spans = [span for span in each if scope.reading.statement[span.start] == first]
            best = next((span for span in there_spans if not scope.denied(span)), None)
            denied = denied or best is None
            used |= tokens_of(best or there_spans[0])
    yield Hit(options, frozenset(used), denied, vague)


def most_telling(found: Iterable[Hit]) -> list[Hit]:
    """Without hits whose every word belongs to a longer hit of other options: *thigh* in *back of the thigh*."""
    every = list(dict.fromkeys(found))
    owners: dict[int, list[Hit]] = {}
    for hit in sorted(every, key=lambda each: -len(each.used)):
        for at in hit.used:
            here = owners.setdefault(at, [])
            if len(here) < _MOST_OWNERS:
                here.append(hit)
    return [
        hit
        for hit in every
        if not any(
            hit.used < other.used and other.options != hit.options and (hit.denied or not other.denied)
            for other in owners[hit.start]
        )
    ]
