"""The danger net: every danger that a typed text speaks of, how surely, and because of which words.

For each finding there are patterns that say it clearly and patterns that only may. What surrounds the words can take
that back (`bot.flow.understand.context`); words in passing never say that something is *not* there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.flow.understand.context import Context
from bot.flow.understand.heard import Dismissed, Hearing, Noticed, Sure, Why
from bot.flow.understand.patterns import Pattern, Span
from bot.flow.understand.standing import Seen, matches
from bot.flow.understand.vocabulary import Reading, Vocabulary

FOREIGN_WORDS, FOREIGN_SHARE = 3, 0.45
"""A text of at least so many words, of which fewer than this share are known, is of another language."""

SHORT = 3
"""Words up to which a text is a call rather than a sentence."""


@dataclass(frozen=True)
class Phrases:
    """How one finding is said. ``adds``: what else is true then; ``unless``: what the words also can mean.

    ``unasked``: what the words also can mean where they only raise a question.
    ``alone``: what is enough to ask about it in a text of hardly a word more, or in another language.
    ``long``, ``past``, ``asked``: how sure it is when it has been so for long, was so long ago, or is only asked about
    in general; None: not at all.
    ``earlier``: what else may be true when it was so some weeks ago.
    """

    finding: str
    clear: tuple[Pattern, ...]
    possible: tuple[Pattern, ...] = ()
    alone: tuple[Pattern, ...] = ()
    unless: tuple[Pattern, ...] = ()
    unasked: tuple[Pattern, ...] = ()
    adds: tuple[str, ...] = ()
    long: Sure | None = Sure.POSSIBLE
    past: Sure | None = None
    asked: Sure | None = None
    earlier: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One pattern of one finding. ``needs``: masks of concepts, of each of which one has to be named."""

    phrases: Phrases
    pattern: Pattern
    sure: Sure
    needs: tuple[int, ...]
    alone: bool


class Net:
    """All phrases of one language, ready to be listened with.

    ``timeless``: concepts that count however long ago; ``times``: those that only say when, which no *no* is about.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        phrases: Iterable[Phrases],
        timeless: frozenset[str] = frozenset(),
        times: frozenset[str] = frozenset(),
    ) -> None:
        self.vocabulary = vocabulary
        self.phrases = tuple(phrases)
        self._timeless, self._times = timeless, times
        self._bits: dict[str, int] = {}
        self._unless = {each.finding: self._all_needs(each.unless) for each in self.phrases}
        self._unasked = {each.finding: self._all_needs(each.unasked) for each in self.phrases}
        entries = [
            _Entry(each, pattern, sure, self._needs(pattern), alone=patterns is each.alone)
            for each in self.phrases
            for sure, patterns in (
                (Sure.CLEAR, each.clear),
                (Sure.POSSIBLE, each.possible),
                (Sure.POSSIBLE, each.alone),
            )
            for pattern in patterns
        ]
        self._by_concept = _by_rarest(entries)

    def listen(self, text: str) -> Hearing:
        """What a text speaks of."""
        reading = self.vocabulary.read(text)
        foreign = _is_foreign(reading)
        heard = _Heard(reading, Context(reading), Seen(reading, self._timeless, self._times), self._there(reading))
        brief = foreign or len(reading.words) <= SHORT
        for entry in self._candidates(heard):
            if entry.alone and not brief:
                continue
            for found in matches(entry.pattern, heard.context, heard.seen):
                otherwise = self._otherwise(entry, found, heard)
                heard.judge(entry, found, otherwise)
        return Hearing(_sorted(heard.noticed.values()), tuple(heard.dismissed.values()), foreign)

    def _all_needs(self, patterns: Iterable[Pattern]) -> list[tuple[Pattern, tuple[int, ...]]]:
        return [(pattern, self._needs(pattern)) for pattern in patterns]

    def _needs(self, pattern: Pattern) -> tuple[int, ...]:
        masks = dict.fromkeys(self._mask(concepts) for concepts in pattern.concepts)
        always = 0
        for mask in masks:
            if mask.bit_count() == 1:
                always |= mask
        return (always, *(mask for mask in masks if mask.bit_count() > 1))

    def _mask(self, concepts: Iterable[str]) -> int:
        mask = 0
        for concept in concepts:
            mask |= self._bits.setdefault(concept, 1 << len(self._bits))
        return mask

    def _there(self, reading: Reading) -> int:
        mask = 0
        for concept in reading.places:
            mask |= self._bits.get(concept, 0)
        return mask

    def _candidates(self, heard: _Heard) -> Iterator[_Entry]:
        """The patterns all of whose concepts are named somewhere, each once."""
        done: set[int] = set()
        there = heard.there
        for concept in heard.reading.places:
            for entry in self._by_concept.get(concept, ()):
                always = entry.needs[0]
                if always & there == always and id(entry) not in done and _all_there(entry.needs, there):
                    done.add(id(entry))
                    yield entry

    def _otherwise(self, entry: _Entry, found: Iterable[Span], heard: _Heard) -> str:
        """The pattern by which the words mean something else, or ""."""
        spots = list(found)
        stated = {heard.reading.statement[span.start] for span in spots}
        for pattern, spans_ in self._taken_back(entry, heard):
            for span in spans_:
                if pattern.beside:
                    if heard.reading.statement[span.start] in stated:
                        return pattern.text
                elif any(span.start < each.end and each.start < span.end for each in spots):
                    return pattern.text
        return ""

    def _taken_back(self, entry: _Entry, heard: _Heard) -> list[tuple[Pattern, list[Span]]]:
        """What stands in the text by which a finding's words mean something else; looked for once for each finding."""
        key = entry.phrases.finding, entry.sure is Sure.POSSIBLE
        if key not in heard.otherwise:
            patterns = self._unless[key[0]] + (self._unasked[key[0]] if key[1] else [])
            heard.otherwise[key] = [
                (pattern, standing)
                for pattern, needs in patterns
                if _all_there(needs, heard.there) and (standing := self._standing(pattern, heard))
            ]
        return heard.otherwise[key]

    def _standing(self, pattern: Pattern, heard: _Heard) -> list[Span]:
        """Where it stands and is not denied itself: "not my period" takes nothing back."""
        spans_ = (span for every in matches(pattern, heard.context, heard.seen) for span in every)
        return [span for span in spans_ if heard.context.why_not(span) is not Why.DENIED]


def _all_there(needs: tuple[int, ...], there: int) -> bool:
    """Whether all is named. ``needs``: first what has to be in any case, then masks of each of which one will do."""
    if needs[0] & there != needs[0]:
        return False
    for need in needs[1:]:  # noqa: SIM110 - this runs a thousand times for each text, and a generator takes longer
        if not need & there:
            return False
    return True


def _by_rarest(entries: list[_Entry]) -> dict[str, list[_Entry]]:
    """Each entry under the concepts of which one has to be named for it, where the fewest entries name them."""
    named: dict[str, int] = defaultdict(int)
    for entry in entries:
        for concepts in entry.pattern.concepts:
            for concept in concepts:
                named[concept] += 1
    found: dict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        for concept in min(entry.pattern.concepts, key=lambda each: sum(named[concept] for concept in each)):
            found[concept].append(entry)
    return dict(found)


@dataclass(slots=True)
class _Heard:
    """What has been heard in one text so far."""

    reading: Reading
    context: Context
    seen: Seen
    there: int
    noticed: dict[tuple[str, Sure], Noticed] = field(default_factory=dict)
    otherwise: dict[tuple[str, bool], list[tuple[Pattern, list[Span]]]] = field(default_factory=dict)
    dismissed: dict[str, Dismissed] = field(default_factory=dict)

    def judge(self, entry: _Entry, found: tuple[Span, ...], otherwise: str) -> None:
        """Note what a pattern found, after what surrounds it. ``otherwise``: by what the words mean something else."""
        phrases, context = entry.phrases, self.context
        words = "; ".join(self.reading.said(span.start, span.end) for span in found)
        used = tuple(place for span in found for place in span.used) if len(found) > 1 else ()
        why = next((why for span in found if (why := context.why_not(span, used))), None)
        if otherwise:
            why, words = Why.MEANT_OTHERWISE, f"{words} ({otherwise})"
        if why is Why.PAST and phrases.past is None and phrases.earlier and any(map(context.is_weeks_ago, found)):
            self._notice(phrases.earlier, Sure.POSSIBLE, words, why)
        sure = self._still(entry, why, found)
        if sure is Sure.POSSIBLE:
            self._notice(phrases.finding, sure, words, why, phrases.adds)
        elif sure is not None:
            for finding in (phrases.finding, *phrases.adds):
                self._notice(finding, sure, words, why)
        elif why is not None:
            self.dismissed.setdefault(phrases.finding, Dismissed(phrases.finding, why, words))

    def _still(self, entry: _Entry, why: Why | None, found: tuple[Span, ...]) -> Sure | None:
        """How sure a pattern still is after what surrounds its words; None where they count for nothing."""
        phrases, context = entry.phrases, self.context
        match why:
            case None:
                return entry.sure
            case Why.LONG:
                return None if any(map(context.is_unchanged, found)) else _least(entry.sure, phrases.long)
            case Why.SUPPOSED:
                return phrases.asked if any(map(context.is_pure_question, found)) else Sure.POSSIBLE
            case Why.PAST:
                return phrases.past
        return None

    def _notice(self, finding: str, sure: Sure, words: str, why: Why | None, brings: tuple[str, ...] = ()) -> None:
        self.noticed.setdefault((finding, sure), Noticed(finding, sure, words, why, brings))


def _least(sure: Sure, long: Sure | None) -> Sure | None:
    return Sure.POSSIBLE if long is Sure.POSSIBLE else long and sure


def _sorted(noticed: Iterable[Noticed]) -> tuple[Noticed, ...]:
    """What is clear first; of what is also only possible, nothing more."""
    ordered = sorted(noticed, key=lambda each: each.sure is Sure.POSSIBLE)
    return tuple({each.finding: each for each in reversed(ordered)}.values())[::-1]


def _is_foreign(reading: Reading) -> bool:
    """Whether a text is of another language: hardly a word is known, or most of it is in another script."""
    said = [word.text for word in reading.words if word.text.isalpha()]
    letters = "".join(said)
    if sum(letter > "\u024f" for letter in letters) * 2 > len(letters):
        return True
    return len(said) >= FOREIGN_WORDS and reading.known < FOREIGN_SHARE * len(said)


def lexicon(concepts: Mapping[str, Iterable[str]], patterns: Iterable[Pattern]) -> dict[str, list[str]]:
    """All concepts that patterns name: those written down, and the plain words among their items."""
    every = {name: list(forms) for name, forms in concepts.items()}
    for pattern in patterns:
        for names in pattern.concepts:
            for name in names:
                if name.startswith("=") and name not in every:
                    every[name] = [name[1:]]
    return every
