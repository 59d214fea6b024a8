"""A flow read in symbols: what follows from each answer, for all answers at once.

This is `bot.flow.replay` and `bot.flow.triage` over statements instead of one person's facts. Both read the same
compiled flow: its questions in their order, its conditions (`Condition.spelled`), its masks. What holds them together
is `tests/test_check_engine.py`: whole conversations, every step, and every conversation of small flows.

A session's history needs no symbols of its own: the engine derives everything by replaying a list of inputs, and
*back*, *change*, time and an edited flow only edit that list. `Person` stands for every list the replay accepts,
whichever way it came about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from bot.check.circuit import FALSE, TRUE, Circuit, Statement, opposite
from bot.flow.conditions import Condition, negate, places
from bot.flow.model import Choose, Flow, Level, Option, Question, Rule

Said = dict[tuple[str, str], Statement]
"""A statement for each question and option."""


@dataclass
class Person:
    """What somebody answers to each question, should it be asked, and what was understood from their typed words.

    ``chosen`` and ``unsure`` say for each option whether it is chosen, or left open as *not sure*, once the question is
    settled (after the second asking, if there is one). ``heard`` is by the finding's place. ``fits`` is true when these
    can be answers: one option of *one*, each option of *any* by itself.
    """

    chosen: Said = field(default_factory=dict)
    unsure: Said = field(default_factory=dict)
    heard: dict[int, Statement] = field(default_factory=dict)
    fits: Statement = TRUE


def anybody(circuit: Circuit, flow: Flow) -> Person:
    """A person of whom nothing is known: stands for everybody."""
    person = Person()
    for place in places(flow.heard | flow.danger):
        person.heard[place] = circuit.fact()
    person.fits = circuit.all([add_answers(circuit, question, person) for question in flow.questions])
    return person


def add_answers(circuit: Circuit, question: Question, person: Person) -> Statement:
    """Give the person every possible answer to one question; returns when these fit together."""
    if question.choose is Choose.ANY:
        fits = []
        for option in question.choices:
            chosen = circuit.fact()
            unsure = circuit.fact() if question.unsure else FALSE
            person.chosen[question.id, option.id], person.unsure[question.id, option.id] = chosen, unsure
            fits.append(opposite(circuit.both(chosen, unsure)))
        return circuit.all(fits)
    each = {option.id: circuit.fact() for option in question.choices}
    unsure = circuit.fact() if question.unsure else FALSE
    for option in question.choices:
        person.chosen[question.id, option.id] = each[option.id]
        person.unsure[question.id, option.id] = unsure
    return circuit.exactly_one([*each.values(), unsure])


@dataclass
class Facts:
    """When each finding is yes, when no, and when its question left it open as *not sure*; by the finding's place."""

    yes: list[Statement]
    no: list[Statement]
    doubted: list[Statement]

    @classmethod
    def nothing(cls, count: int) -> Facts:
        """Nothing is known of any finding."""
        return cls([FALSE] * count, [FALSE] * count, [FALSE] * count)

    def copy(self) -> Facts:
        """The same, to be changed."""
        return Facts(self.yes[:], self.no[:], self.doubted[:])

    def known(self, circuit: Circuit, place: int) -> Statement:
        """When the finding is yes or no."""
        return circuit.any((self.yes[place], self.no[place]))


@dataclass(frozen=True)
class Moment:
    """The conversation while one card is open. ``question`` is ``None`` at the end, when every card is settled.

    ``again``: the card's answer is there, and its doubts are being asked a second time; otherwise its ticks so far
    count, and nothing about it is denied. ``here`` is true when the conversation stands at this card.
    """

    question: Question | None
    again: bool
    here: Statement
    facts: Facts
    open_findings: int

    @property
    def name(self) -> str:
        """For messages."""
        return "the end" if self.question is None else f"card '{self.question.id}'"


class Reading:
    """One flow, read for one `Person`."""

    def __init__(self, circuit: Circuit, flow: Flow, person: Person) -> None:
        self.circuit = circuit
        self.flow = flow
        self.person = person
        self.asked: list[Statement] = []
        """By position: when the question is asked, given everything before it."""
        self._before: list[Facts] = []
        facts = Facts.nothing(len(flow.findings))
        for place in places(flow.danger | flow.heard):
            facts.yes[place] = person.heard.get(place, FALSE)
        for place in places(flow.heard):
            facts.no[place] = opposite(facts.yes[place])
        for question in flow.questions:
            self._before.append(facts)
            facts = facts.copy()
            asked = opposite(self.false(question.when, facts))
            self.asked.append(asked)
            self._settle(person, question, asked, facts)
        self.facts = facts
        """At the end."""
        self.at_least = cache(self._at_least)

    def true(self, condition: Condition, facts: Facts) -> Statement:
        """When the condition is true."""
        return condition.spelled(self.circuit, facts.yes, facts.no)

    def false(self, condition: Condition, facts: Facts) -> Statement:
        """When the condition is false: neither true nor undecided."""
        return negate(condition).spelled(self.circuit, facts.yes, facts.no)

    def undecided(self, condition: Condition, facts: Facts) -> Statement:
        """When the condition is neither."""
        return self.circuit.all((opposite(self.true(condition, facts)), opposite(self.false(condition, facts))))

    def _settle(self, person: Person, question: Question, asked: Statement, facts: Facts) -> None:
        """Add what the settled answer says, or what leaving the question out says."""
        circuit = self.circuit
        left_out = opposite(asked) if question.skipped_means_no else FALSE
        for place in places(question.sets):
            setting = [option for option in question.choices if option.sets >> place & 1]
            denying = [option for option in question.choices if option.denies >> place & 1]
            chosen = self._any_of(question, person.chosen, setting)
            denied = self._any_of(question, person.chosen, denying)
            unsure = self._any_of(question, person.unsure, setting)
            yes = circuit.any((facts.yes[place], circuit.both(asked, chosen)))
            answered_no = circuit.both(asked, circuit.any((denied, opposite(unsure))))
            facts.no[place] = circuit.both(circuit.any((answered_no, left_out)), opposite(yes))
            facts.yes[place] = yes
            facts.doubted[place] = circuit.all((asked, unsure, opposite(yes), opposite(facts.no[place])))

    def _any_of(self, question: Question, said: Said, options: Iterable[Option]) -> Statement:
        return self.circuit.any(said[question.id, option.id] for option in options)

    def opening(self, position: int) -> Moment:
        """The card is open, and nothing is ticked yet."""
        return self._moment(position, self._before[position], again=False)

    def ticking(self, position: int) -> Moment:
        """The card is open for the first time, some of its options are ticked."""
        question = self.flow.questions[position]
        facts = self._before[position].copy()
        if question.choose is Choose.ANY:
            for option in question.choices:
                ticked = self.person.chosen[question.id, option.id]
                for place in places(option.sets):
                    facts.yes[place] = self.circuit.any((facts.yes[place], ticked))
        return self._moment(position, facts, again=False)

    def asking_again(self, position: int) -> Moment:
        """The card's doubts are asked a second time."""
        return self._moment(position, self.settled_with(self.person, position), again=True)

    def settled_with(self, person: Person, position: int) -> Facts:
        """What is known right after a question, when it was answered as ``person`` does."""
        facts = self._before[position].copy()
        self._settle(person, self.flow.questions[position], self.asked[position], facts)
        return facts

    def _moment(self, position: int, facts: Facts, *, again: bool) -> Moment:
        question = self.flow.questions[position]
        return Moment(question, again, self.asked[position], facts, self.flow.still_to_set[position])

    def end(self) -> Moment:
        """Every question is settled or left out."""
        return Moment(None, again=False, here=TRUE, facts=self.facts, open_findings=0)

    def moments(self) -> Iterator[Moment]:
        """Every way in which a conversation can stand: each card open, each card asked again, and the end."""
        for position, question in enumerate(self.flow.questions):
            yield self.ticking(position)
            if question.unsure:
                yield self.asking_again(position)
        yield self.end()

    def emergency(self, moment: Moment) -> Statement:
        """When an emergency holds at a moment (`bot.flow.triage.emergency`)."""
        return self.circuit.any(
            self.counts(rule, moment, Level.EMERGENCY) for rule in self.flow.rules if rule.level is Level.EMERGENCY
        )

    def counts(self, rule: Rule, moment: Moment, level: Level) -> Statement:
        """When a rule counts at ``level`` or above: it is true, or it is open for good and its *unsure* level is."""
        true = self.true(rule.when, moment.facts) if rule.level.rank >= level.rank else FALSE
        if rule.unsure is None or rule.unsure.rank < level.rank:
            return true
        settled = self.circuit.all(
            moment.facts.known(self.circuit, place) for place in places(rule.when.reads & moment.open_findings)
        )
        return self.circuit.any((true, self.circuit.both(self.undecided(rule.when, moment.facts), settled)))

    def _at_least(self, level: Level) -> Statement:
        """When the result at the end is of this level or above (`bot.flow.triage.judge`)."""
        if self.flow.default.rank >= level.rank:
            return TRUE
        end = self.end()
        return self.circuit.any(self.counts(rule, end, level) for rule in self.flow.rules)
