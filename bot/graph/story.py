"""What a picture of a flow tells, as plain data in reading order; how it is drawn is decided elsewhere.

Each rule gets a short number by its level and place, as ``E3``: so an option can name the rules that read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.flow.causes import STRONG
from bot.flow.model import Cause, Choose, Evidence, Flow, Kind, Level, Option, Question, Rule
from bot.graph.words import Runs, clean, listed, name_of, readable, spoken
from bot.load import Library, Text, Texts

PRESSING = (Level.EMERGENCY, Level.URGENT)
LEVELS = tuple(sorted(Level, key=lambda level: -level.rank))
"""Most pressing first."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A pressing rule that reads what an option sets. ``alone``: the option is enough for it by itself."""

    level: Level
    label: str
    alone: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One option. ``sets`` and ``denies`` are findings in words; ``danger``: it sets a danger sign."""

    id: str
    label: str
    text: str
    sets: str
    denies: str
    danger: bool
    feeds: tuple[Feed, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One question; ``condition`` is empty when it is always asked, ``skipped`` why leaving it out means *no*."""

    number: int
    id: str
    title: str
    ask: str
    how: str
    choose: Choose
    condition: Runs
    skipped: str
    options: tuple[Choice, ...]

    def reaches(self, level: Level) -> bool | None:
        """Whether a danger here calls for ``level`` by itself (True), with other answers (False), or never (None)."""
        feeds = [feed.alone for option in self.options if option.danger for feed in option.feeds if feed.level is level]
        return any(feeds) if feeds else None


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule."""

    label: str
    id: str
    level: Level
    title: str
    condition: Runs
    action: str
    unsure: Level | None
    rule_out: str
    sources: str


@dataclass(frozen=True, slots=True)
class Origin:
    """One cause; the evidence in four groups, each a text with names."""

    id: str
    name: str
    needs: Runs
    strong_for: Runs
    some_for: Runs
    strong_against: Runs
    some_against: Runs
    review: str


@dataclass(frozen=True, slots=True)
class Story:
    """The whole picture. ``words`` are the levels in the chosen language, ``index`` where each finding is set."""

    flow: str
    version: str
    language: str
    title: str
    about: str
    review: str
    words: dict[Level, str]
    cards: tuple[Card, ...]
    rules: tuple[Reason, ...]
    default: Level
    default_action: str
    causes: tuple[Origin, ...]
    addressed: tuple[tuple[str, Runs], ...]
    notices: tuple[tuple[str, str, Runs], ...]
    definitions: tuple[tuple[str, Runs], ...]
    index: tuple[tuple[Kind, str], ...]
    sources: tuple[tuple[str, str], ...]

    def rules_of(self, level: Level) -> tuple[Reason, ...]:
        """The rules of one level."""
        return tuple(rule for rule in self.rules if rule.level is level)


def tell(library: Library, flow: str, language: str) -> Story:
    """What the picture of a flow tells in a language; `KeyError` when there is no such flow or language."""
    return _Teller(library, library.flows[flow], library.texts[language]).tell()


@dataclass(frozen=True)
class _Teller:
    """One flow being told in the words of one language, spoken to the person who types."""

    library: Library
    flow: Flow
    texts: Texts

    def tell(self) -> Story:
        flow, texts = self.flow, self.texts.flows[self.flow.id]
        labels = self._labels()
        rules = tuple(self._rule(rule, labels[rule.id]) for level in LEVELS for rule in self._rules(level))
        return Story(
            flow=flow.id,
            version=flow.version,
            language=self.texts.code,
            title=_me(texts.title),
            about=_me(texts.about),
            review=self._review(),
            words={level: _me(self.texts.ui[f"level_{level.value}"]) for level in LEVELS},
            cards=tuple(self._card(number, question, labels) for number, question in enumerate(flow.questions, 1)),
            rules=rules,
            default=flow.default,
            default_action=self._action(flow.actions.get(flow.default, "")),
            causes=tuple(map(self._cause, flow.causes)),
            addressed=tuple((who.value, self._written("audience", who.value)) for who in flow.audiences),
            notices=tuple((n.id, _me(texts.notices[n.id]), self._written("notice", n.id)) for n in flow.notices),
            definitions=tuple((spoken(name), self._written("definition", name)) for name in flow.defined),
            index=tuple(self._index()),
            sources=tuple(self._sources()),
        )

    def _rules(self, level: Level) -> Iterator[Rule]:
        return (rule for rule in self.flow.rules if rule.level is level)

    def _labels(self) -> dict[str, str]:
        return {
            rule.id: f"{level.value[0].upper()}{number}"
            for level in LEVELS
            for number, rule in enumerate(self._rules(level), 1)
        }

    def _written(self, kind: str, name: str) -> Runs:
        condition = self.library.written.get((kind, self.flow.id, name))
        return () if condition is None else readable(condition, self.flow.defined)

    # --- cards ------------------------------------------------------------------------------------------------------

    def _card(self, number: int, question: Question, labels: dict[str, str]) -> Card:
        texts = self.texts.flows[self.flow.id].questions[question.id]
        return Card(
            number=number,
            id=question.id,
            title=_me(texts.short),
            ask=_me(texts.ask),
            how=_how(question),
            choose=question.choose,
            condition=self._written("question", question.id),
            skipped=clean(self.library.skip_reasons.get((self.flow.id, question.id), "")),
            options=tuple(self._choice(question, option, labels) for option in question.options),
        )

    def _choice(self, question: Question, option: Option, labels: dict[str, str]) -> Choice:
        said = self.texts.flows[self.flow.id].questions[question.id].options.get(option.id)
        label, text = (_me(said.label), _me(said.text)) if said else (spoken(option.id), spoken(option.id))
        band = _band(question, option)
        return Choice(
            id=option.id,
            label=label,
            text=f"{text} ({band})" if band else text,
            sets=self._spoken(option.sets),
            denies="" if option.rest else self._spoken(option.denies),
            danger=bool(option.sets & self.flow.danger),
            feeds=tuple(self._feeds(option, labels)),
        )

    def _feeds(self, option: Option, labels: dict[str, str]) -> Iterator[Feed]:
        for level in PRESSING:
            for rule in self._rules(level):
                if rule.when.plain & option.sets:
                    alone = rule.when.value(option.sets, 0) is True
                    yield Feed(level, f"{labels[rule.id]} {rule.id}", alone)

    def _spoken(self, mask: int) -> str:
        return ", ".join(map(spoken, self.flow.names(mask)))

    # --- rules and causes ---------------------------------------------------------------------------------------------

    def _rule(self, rule: Rule, label: str) -> Reason:
        return Reason(
            label=label,
            id=rule.id,
            level=rule.level,
            title=_me(self.texts.flows[self.flow.id].rules[rule.id].title),
            condition=self._written("rule", rule.id),
            action=self._action(rule.action),
            unsure=rule.unsure,
            rule_out=", ".join(self._cause_name(name) for name in rule.names),
            sources=", ".join(self.library.rule_sources[self.flow.id, rule.id]),
        )

    def _action(self, action: str) -> str:
        said = self.texts.actions.get(action)
        return _me(said.headline) if said else spoken(action)

    def _cause_name(self, cause: str) -> str:
        said = self.texts.causes.get(cause)
        return _me(said.name) if said else spoken(cause)

    def _cause(self, cause: Cause) -> Origin:
        said = self.texts.causes.get(cause.id)
        reviewed = clean(said.reviewed_by) if said else ""
        day = f" on {said.last_reviewed.isoformat()}" if said else ""
        return Origin(
            id=cause.id,
            name=self._cause_name(cause.id),
            needs=self._written("cause", cause.id),
            strong_for=self._evidence([piece for piece in cause.evidence if piece.weight >= STRONG]),
            some_for=self._evidence([piece for piece in cause.evidence if 0 < piece.weight < STRONG]),
            strong_against=self._evidence([piece for piece in cause.evidence if piece.weight <= -STRONG]),
            some_against=self._evidence([piece for piece in cause.evidence if -STRONG < piece.weight < 0]),
            review=f"reviewed{day} by {reviewed}" if reviewed else "not reviewed" if self._reviewers else "",
        )

    def _evidence(self, evidence: Sequence[Evidence]) -> Runs:
        return listed((name_of(piece.id, self.flow.defined),) for piece in evidence)

    @cached_property
    def _reviewers(self) -> tuple[str, ...]:
        """Who has reviewed each cause, as far as somebody has. Nothing else in a flow can say that it was reviewed."""
        causes = [self.texts.causes[cause.id] for cause in self.flow.causes if cause.id in self.texts.causes]
        return tuple(name for cause in causes if (name := clean(cause.reviewed_by)))

    def _review(self) -> str:
        if not self._reviewers:
            return "No clinician has reviewed this flow: neither its questions nor its rules nor its texts."
        count = f"{len(self._reviewers)} of {len(self.flow.causes)} causes"
        who = ", ".join(sorted(set(self._reviewers)))
        return (
            f"No clinician has reviewed the questions and the rules. The texts of {count} have been reviewed: by {who}."
        )

    # --- where to look ------------------------------------------------------------------------------------------------

    def _index(self) -> Iterator[tuple[Kind, str]]:
        """Each finding that this flow sets or hears, with the card that sets it, by kind and then by name."""
        where = {
            name: str(number)
            for number, question in enumerate(self.flow.questions, 1)
            for name in self.flow.names(question.sets)
        }
        read = 0
        for rule in self.flow.rules:
            read |= rule.when.reads
        for kind in Kind:
            for name in sorted(self.flow.findings):
                if self.flow.kinds[name] is kind and (
                    name in where or (kind is Kind.HEARD and self.flow.bits[name] & read)
                ):
                    yield kind, f"{spoken(name)} ({where[name]})" if name in where else spoken(name)

    def _sources(self) -> Iterator[tuple[str, str]]:
        cited = {source for rule in self.flow.rules for source in self.library.rule_sources[self.flow.id, rule.id]}
        for name in sorted(cited & self.library.sources.keys()):
            source = self.library.sources[name]
            year = f" ({source.year})" if source.year else ""
            yield name, f"{clean(source.publisher)}: {clean(source.title)}{year}"


def _me(text: Text) -> str:
    return clean(text.me)


def _how(question: Question) -> str:
    if question.choose is Choose.NUMBER:
        return f"a number from {question.smallest} to {question.largest}"
    return "choose one" if question.choose is Choose.ONE else "choose all that fit"


def _band(question: Question, option: Option) -> str:
    if question.choose is not Choose.NUMBER or option.unsure or option.rest:
        return ""
    lowest = question.smallest if option.lowest is None else option.lowest
    highest = question.largest if option.below is None else option.below - 1
    return str(lowest) if lowest == highest else f"{lowest} to {highest}"
