"""The flow as the engine sees it: frozen, validated, compiled, free of YAML and of words for people.

A flow is a guarded questionnaire: an ordered list of questions, each with an optional condition; no jumps and no
loops, so every conversation ends. Answers set findings; rules and causes read them. `bot.load` builds these
objects and is the place where mistakes in the files are found; the engine trusts what it is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from bot.flow.conditions import ALWAYS, Condition, places


class Kind(StrEnum):
    """What a finding is for."""

    DANGER = "danger"
    CONTEXT = "context"
    SYMPTOM = "symptom"
    HEARD = "heard"


class Level(StrEnum):
    """How soon somebody should be seen; `rank` orders them."""

    ROUTINE = "routine"
    SOON = "soon"
    URGENT = "urgent"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """0 for routine up to 3 for emergency."""
        return _RANKS[self.value]


_RANKS = {"routine": 0, "soon": 1, "urgent": 2, "emergency": 3}


class Choose(StrEnum):
    """How a question is answered."""

    ONE = "one"
    ANY = "any"
    NUMBER = "number"


class Audience(StrEnum):
    """Who the conversation is about, for the wording of texts."""

    ME = "me"
    THEY = "they"
    CHILD = "child"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing a person can choose. ``sets``, ``denies``: bit masks of findings.

    ``rest`` marks the option *none of these*, ``unsure`` the option *not sure*. ``lowest`` (inclusive) and
    ``below`` (exclusive) bound a band of a number question, in the question's own unit.
    """

    id: str
    sets: int = 0
    denies: int = 0
    rest: bool = False
    unsure: bool = False
    lowest: int | None = None
    below: int | None = None

    def holds(self, number: int) -> bool:
        """Whether a number falls into this band."""
        return (self.lowest is None or number >= self.lowest) and (self.below is None or number < self.below)


@dataclass(frozen=True)
class Question:
    """One card. ``when`` decides whether it is asked; ``skipped_means_no`` whether skipping it denies its findings."""

    id: str
    choose: Choose
    options: tuple[Option, ...]
    when: Condition = ALWAYS
    skipped_means_no: bool = False
    smallest: int = 0
    largest: int = 0

    @cached_property
    def by_id(self) -> dict[str, Option]:
        """Options by their id."""
        return {option.id: option for option in self.options}

    @cached_property
    def sets(self) -> int:
        """Mask of every finding this question can set."""
        mask = 0
        for option in self.options:
            mask |= option.sets | option.denies
        return mask

    @cached_property
    def choices(self) -> tuple[Option, ...]:
        """The options that say something: without *none of these* and *not sure*."""
        return tuple(option for option in self.options if not option.rest and not option.unsure)

    @cached_property
    def none(self) -> Option | None:
        """The option *none of these*, if there is one."""
        return next((option for option in self.options if option.rest), None)

    @cached_property
    def unsure(self) -> Option | None:
        """The option *not sure*, if there is one."""
        return next((option for option in self.options if option.unsure), None)


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason to be seen at ``level``. ``unsure`` is the level while the rule stays undecided (``None``: no effect).

    ``names`` are the causes doctors need to rule out; ``action`` the key of the text that says what to do.
    """

    id: str
    level: Level
    when: Condition
    action: str
    unsure: Level | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for (``weight`` above 0) or against (below 0) a cause; ``id`` names its text."""

    id: str
    when: Condition
    weight: int


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause that may fit. ``needs`` false excludes it; the evidence orders what is left."""

    id: str
    needs: Condition
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A text that is said once, in the turn in which ``when`` becomes true."""

    id: str
    when: Condition


@dataclass(frozen=True)
class Flow:
    """A whole conversation. ``version`` is the hash of everything that shapes its course.

    ``actions`` gives each level the action for results to which no rule of that very level lends its own.
    """

    id: str
    version: str
    findings: tuple[str, ...]
    kinds: dict[str, Kind]
    questions: tuple[Question, ...]
    default: Level
    rules: tuple[Rule, ...]
    causes: tuple[Cause, ...]
    notices: tuple[Notice, ...] = ()
    audiences: dict[Audience, Condition] = field(default_factory=dict)
    defined: dict[str, Condition] = field(default_factory=dict)
    actions: dict[Level, str] = field(default_factory=dict)

    @cached_property
    def bits(self) -> dict[str, int]:
        """Each finding's bit mask."""
        return {name: 1 << place for place, name in enumerate(self.findings)}

    @cached_property
    def emergencies(self) -> tuple[Rule, ...]:
        """The rules of level emergency."""
        return tuple(rule for rule in self.rules if rule.level is Level.EMERGENCY)

    @cached_property
    def emergency_actions(self) -> frozenset[str]:
        """The actions that an emergency can call for."""
        own = {rule.action for rule in self.emergencies if rule.action}
        return frozenset({*own, self.actions[Level.EMERGENCY]} if Level.EMERGENCY in self.actions else own)

    @cached_property
    def pressing(self) -> tuple[tuple[Rule, int], ...]:
        """The rules of level urgent and above, each with the mask of what it reads."""
        return tuple((rule, rule.when.reads) for rule in self.rules if rule.level.rank >= Level.URGENT.rank)

    @cached_property
    def reads(self) -> dict[str, int]:
        """What each rule reads, by its id."""
        return {rule.id: rule.when.reads for rule in self.rules}

    @cached_property
    def rules_by_id(self) -> dict[str, Rule]:
        """Rules by their id."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def danger(self) -> int:
        """Mask of all danger findings."""
        return self._mask(Kind.DANGER)

    @cached_property
    def heard(self) -> int:
        """Mask of all heard-only findings."""
        return self._mask(Kind.HEARD)

    def _mask(self, kind: Kind) -> int:
        mask = 0
        for name, bit in self.bits.items():
            if self.kinds[name] is kind:
                mask |= bit
        return mask

    @cached_property
    def place(self) -> dict[str, int]:
        """Each question's position."""
        return {question.id: place for place, question in enumerate(self.questions)}

    def question(self, question_id: str) -> Question:
        """The question with this id; `KeyError` if the flow has none."""
        return self.questions[self.place[question_id]]

    @cached_property
    def danger_questions(self) -> frozenset[str]:
        """The questions that ask for a danger sign; their answers grow stale after 12 hours."""
        return frozenset(question.id for question in self.questions if question.sets & self.danger)

    @cached_property
    def still_to_set(self) -> tuple[int, ...]:
        """For each position, the findings that this question or a later one can still set."""
        masks: list[int] = []
        mask = 0
        for question in reversed(self.questions):
            mask |= question.sets
            masks.append(mask)
        return tuple(reversed(masks))

    @cached_property
    def alarming(self) -> int:
        """Findings that an emergency or urgent rule reads: a *not sure* about them is asked a second time."""
        mask = 0
        for rule in self.rules:
            if rule.level.rank >= Level.URGENT.rank:
                mask |= rule.when.reads
        return mask

    def names(self, mask: int) -> tuple[str, ...]:
        """The findings in a mask, in the order of `findings`."""
        return tuple(self.findings[place] for place in places(mask))
