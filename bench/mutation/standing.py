"""One flow as it was, beside which mutants of it are read: who gets a lower level, whose danger is missed.

Original and mutant stand in one circuit, over the same person (`people`), so that most of a mutant is what is known
already, and what the solver has decided once is not asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bench.mutation.people import anybody_after, same_after
from bot.check.circuit import FALSE, TRUE, Circuit, Statement, opposite
from bot.check.oracle import OracleReading
from bot.check.prover import Answers, Budget, Prover
from bot.check.reading import Person, Reading, anybody
from bot.check.subject import Subject
from bot.flow.model import Flow, Level
from bot.load import Library

_RAISED = (Level.EMERGENCY, Level.URGENT, Level.SOON)
_LARGEST = 150_000
"""Parts of the circuit after which everything starts anew: a solver with too much to remember is slow."""


class Remembering(Prover):
    """A solver that answers from memory what it was asked before."""

    def __init__(self, circuit: Circuit) -> None:
        super().__init__(circuit, Budget(seconds=float("inf"), memory=2**62))
        self._possible: dict[frozenset[Statement], bool] = {}
        self._found: dict[frozenset[Statement], Answers | None] = {}

    def possible(self, *statements: Statement) -> bool:
        """As `Prover.possible`."""
        key = frozenset(statements) - {TRUE}
        if key not in self._possible:
            self._possible[key] = super().possible(*key)
        return self._possible[key]

    def find(self, *statements: Statement) -> Answers | None:
        """As `Prover.find`."""
        key = frozenset(statements) - {TRUE}
        if key not in self._found:
            self._found[key] = self._answers() if super().possible(*key) else None
            self._possible[key] = self._found[key] is not None
        return self._found[key]


class Hasty(Subject):
    """A subject that shows anybody where a person reads the smallest case."""

    def smallest(self, *statements: Statement) -> Answers | None:
        """Somebody of whom all statements are true."""
        return self.prover.find(*statements)


@dataclass
class _Start:
    circuit: Circuit
    person: Person
    reading: Reading
    whatever: tuple[Statement, ...]
    prover: Remembering
    known: dict[object, Statement] = field(default_factory=dict)
    """What was built before of the same parts."""


class Standing:
    """A flow as it was."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self._start: _Start | None = None
        self._known: dict[object, str] = {_shaping(flow): ""}

    def close(self) -> None:
        """Give the solver's memory back."""
        if self._start:
            self._start.prover.close()
        self._start = None

    @property
    def start(self) -> _Start:
        """The flow as it was, in symbols; afresh when what came after it has grown too large."""
        if self._start and len(self._start.circuit.parts) > _LARGEST:
            self.close()
        if self._start is None:
            circuit = Circuit()
            person = anybody(circuit, self.flow)
            reading = Reading(circuit, self.flow, person)
            prover = Remembering(circuit)
            prover.always(person.fits)
            self._start = _Start(circuit, person, reading, tuple(circuit.fact() for _ in self.flow.findings), prover)
        return self._start

    def subject(self, library: Library, flow: Flow) -> Hasty:
        """A mutant as the check sees it: everybody who can answer it. To be closed with `done`."""
        start = self.start
        person = anybody_after(start.circuit, self.flow, flow, start.person)
        reading = Reading(start.circuit, flow, person)
        prover = start.prover
        if person.fits != start.person.fits:
            prover = Remembering(start.circuit)
            prover.always(person.fits)
        oracle = OracleReading(reading, library.oracle, start.whatever)
        return Hasty(library, flow, start.circuit, person, reading, oracle, prover)

    def done(self, subject: Subject) -> None:
        """Close a subject, unless others use its solver."""
        if self._start is None or subject.prover is not self._start.prover:
            subject.close()

    def worse(self, subject: Subject) -> str:
        """In which way a mutant is worse than the flow as it was; empty when it is worse for nobody."""
        what = _shaping(subject.flow)
        if what not in self._known:
            self._known[what] = self._worse(subject)
        return self._known[what]

    def _worse(self, subject: Subject) -> str:
        start, flow = self.start, subject.flow
        circuit = start.circuit
        person = same_after(circuit, self.flow, flow, start.person)
        reading = subject.reading if _answers(person, subject.person) else Reading(circuit, flow, person)
        for level in _RAISED:
            lower = circuit.both(start.reading.at_least(level), opposite(reading.at_least(level)))
            if start.prover.possible(lower, person.fits):
                return f"less than {level.value}"
        for name, unasked in (("S0", False), ("S2", True)):
            if subject.prover.possible(circuit.any(_rows(subject, unasked=unasked))):
                return f"breaks {name}"
        if _at_once(flow) != _at_once(self.flow) and subject.prover.possible(
            circuit.any(_moments(subject, start.known))
        ):
            return "breaks S1"
        told = circuit.any(_told_less(self.flow, subject))
        return "is told to do less" if subject.prover.possible(told) else ""


def _at_once(flow: Flow) -> tuple[object, ...]:
    """All that decides when an emergency ends a conversation: a mutant that has the same keeps S1."""
    rules = tuple((rule.level, rule.unsure, rule.when) for rule in flow.emergencies)
    return flow.questions, rules, flow.danger, flow.heard


def _shaping(flow: Flow) -> tuple[object, ...]:
    """All that decides a level and what to do: mutants that have the same are worse in the same way."""
    rules = tuple((rule.level, rule.unsure, rule.when, rule.action) for rule in flow.rules)
    return flow.questions, rules, flow.danger, flow.heard, flow.default, tuple(flow.actions.items())


def _answers(one: Person, other: Person) -> bool:
    """Whether both answer alike."""
    return (one.chosen, one.unsure, one.heard) == (other.chosen, other.unsure, other.heard)


def _rows(subject: Subject, *, unasked: bool) -> Iterator[Statement]:
    """Each way in which a row of the oracle is above the result."""
    facts = subject.completed if unasked else subject.said
    for row in subject.library.safety:
        true = subject.oracle.true(row.when, facts)
        yield subject.circuit.both(true, opposite(subject.reading.at_least(row.level)))


def _moments(subject: Subject, known: dict[object, Statement]) -> Iterator[Statement]:
    """Each way in which a conversation goes on although an emergency row is true, or an emergency does not last."""
    circuit, final = subject.circuit, subject.reading.at_least(Level.EMERGENCY)
    rows = [row for row in subject.library.safety if row.level is Level.EMERGENCY]
    rules = tuple((rule.when, rule.unsure) for rule in subject.flow.emergencies)
    for moment in subject.reading.moments():
        facts, said = moment.facts, subject.oracle.at(moment)
        key = (rules, moment.open_findings, tuple(facts.yes), tuple(facts.no))
        if key not in known:
            known[key] = subject.reading.emergency(moment)
        true = ("rows", tuple(said.yes), tuple(said.no))
        if true not in known:
            known[true] = circuit.any(subject.oracle.true(row.when, said) for row in rows)
        yield circuit.all((moment.here, known[true], opposite(known[key])))
        yield circuit.all((moment.here, known[key], opposite(final)))


def _told_less(before: Flow, subject: Subject) -> Iterator[Statement]:
    """Each way in which a rule decides what to do, and its action was of lower levels only."""
    circuit, reading = subject.circuit, subject.reading
    highest = _highest(before)
    earlier: dict[Level, list[Statement]] = {}
    for rule in subject.flow.rules:
        others = earlier.setdefault(rule.level, [])
        true = reading.true(rule.when, reading.facts)
        if highest.get(rule.action, Level.EMERGENCY).rank < rule.level.rank:
            first = circuit.both(true, opposite(circuit.any(others)))
            yield circuit.both(first, opposite(_above(reading, rule.level)))
        others.append(true)


def _highest(flow: Flow) -> dict[str, Level]:
    """The most pressing level that each action is for."""
    highest: dict[str, Level] = {}
    used: Iterable[tuple[Level, str]] = [
        *((level, action) for level, action in flow.actions.items()),
        *((rule.level, rule.action) for rule in flow.rules),
    ]
    for level, action in used:
        highest[action] = max(level, highest.get(action, level), key=lambda each: each.rank)
    return highest


def _above(reading: Reading, level: Level) -> Statement:
    higher = [other for other in Level if other.rank > level.rank]
    return reading.at_least(min(higher, key=lambda other: other.rank)) if higher else FALSE
