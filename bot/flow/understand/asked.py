"""What a language says about questions: which words mean which option, and the words that every answer can hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from bot.flow.understand.patterns import Pattern


class Said(StrEnum):
    """The concepts that answers in words need, beside those that options name."""

    YES = "say yes"
    NO = "say no"
    NO_ONLY = "say no_only"
    WAVER = "say waver"
    NONE = "say none"
    FINE = "say fine"
    UNSURE = "say unsure"
    MAYBE = "say maybe"
    HEDGE = "say hedge"
    POLITE = "say polite"
    SMALL = "say small"
    DENY = "say deny"
    NOT_DENYING = "say not_denying"
    DENY_AFTER = "say deny_after"
    CONTRAST = "say contrast"
    OR = "say either_or"
    SUBJECT = "say subject"
    JOIN = "say join"
    CORRECT = "say correct"
    SELF_CORRECT = "say self_correct"
    SLIP = "say slip"
    MAYBE_CORRECT = "say maybe_correct"
    FLAT_NO = "say flat_no"
    BACK = "say back"
    CHANGE = "say change"
    WHY = "say why"
    STOP = "say stop"
    ASKING = "say asking"
    ALL = "say all"
    EXCEPT = "say except"
    UNABLE = "say unable"
    OPTION = "say option"
    WHICH = "say which"
    PAST = "say past"
    NOT_PAST = "say not_past"
    ENDED = "say ended"
    FAMILY = "say family"
    RELATIVE = "say relative"
    THOUGHT = "say only_thought"
    THAN = "say than"
    AILING = "say ailing"
    AUXILIARY = "say asks_first"
    ALWAYS = "say always"
    STILL_NEW = "say still_new"
    RETRACT = "say retract"
    NORMAL = "say normal"
    BUT_NOW = "say but_now"
    BODY_BACK = "say body_back"
    NOT_ASKING = "say not_asking"
    GLANCE = "say not_looked"

    @property
    def key(self) -> str:
        """Its name in the files."""
        return self.value.removeprefix("say ")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A pattern, the options that it means (none: something else), and its place among those of the question.

    ``others``: what it needs beside the concept that it is found by. ``topic``: it only names what is asked about.
    """

    place: int
    options: tuple[str, ...]
    pattern: Pattern
    vague: bool = False
    others: tuple[tuple[str, ...], ...] = ()
    topic: bool = False


@dataclass(frozen=True)
class QuestionWords:
    """How one question is answered in words.

    ``options``: patterns by option. ``either``: patterns that leave several options open, and whether anything clearer
    stands for them. ``otherwise``: words that mean something else (*right now*). ``beats``: an option that, said
    together with others, stands for them. ``days``: options by days before the message; ``lengths``: by the unit of a
    length. ``yes``, ``no``: the option that a bare yes or no is. ``calm``: concepts that may stand in a clear *no*
    without taking anything from it. ``lapse``: concepts that take an option out of the same clause: it is not so now,
    or not of the patient. ``topics``: patterns that only name what is asked about. ``fill``: concepts of which one has
    to stand in the same statement when nobody has asked yet; None: never filled in.
    """

    options: Mapping[str, tuple[Pattern, ...]] = field(default_factory=dict)
    either: tuple[tuple[Pattern, tuple[str, ...], bool], ...] = ()
    otherwise: tuple[Pattern, ...] = ()
    beats: Mapping[str, frozenset[str]] = field(default_factory=dict)
    days: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    lengths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    yes: str | None = None
    no: str | None = None
    age: bool = False
    calm: frozenset[str] = frozenset()
    lapse: tuple[str, ...] = ()
    topics: frozenset[str] = frozenset()
    fill: tuple[str, ...] | None = None

    @cached_property
    def by_concept(self) -> Mapping[str, tuple[Wanted, ...]]:
        """The patterns by a concept that each of them needs: only those whose concept is named are looked at."""
        every = [
            Wanted(0, (option,), pattern, topic=pattern.text in self.topics)
            for option, patterns in self.options.items() for pattern in patterns
        ]  # fmt: skip
        every += [Wanted(0, options, pattern, vague) for pattern, options, vague in self.either]
        every += [Wanted(0, (), pattern) for pattern in self.otherwise]
        found: dict[str, list[Wanted]] = {}
        for place, wanted in enumerate(every):
            needed = wanted.pattern.concepts
            rare = min(needed, key=len)
            others = tuple(concepts for concepts in needed if concepts is not rare)
            for concept in dict.fromkeys(rare):
                found.setdefault(concept, []).append(replace(wanted, place=place, others=others))
        return {concept: tuple(wanted) for concept, wanted in found.items()}

    @property
    def patterns(self) -> Iterator[Pattern]:
        """All patterns."""
        for patterns in self.options.values():
            yield from patterns
        for pattern, _, _ in self.either:
            yield pattern
        yield from self.otherwise


@dataclass(frozen=True)
class Labels:
    """The words of an option's label and text, as a person may type them again; ``texts``: those of each."""

    exact: frozenset[tuple[str, ...]]
    words: frozenset[str]
    texts: tuple[frozenset[str], ...] = ()


def only_in_one(labels: Mapping[str, Labels], offered: Iterable[str]) -> dict[str, str]:
    """The words that stand in one offered option only, each with that option."""
    owner: dict[str, str | None] = {}
    for option in offered:
        if option in labels:
            for word in labels[option].words:
                owner[word] = None if word in owner else option
    return {word: option for word, option in owner.items() if option is not None}
