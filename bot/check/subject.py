"""What a property is shown of: one flow, read in symbols, with the oracle, a solver, and ways to tell what it finds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from bot.check.circuit import FALSE, Circuit, Statement, opposite
from bot.check.oracle import OracleReading
from bot.check.play import Choices, Step, play
from bot.check.prover import Answers, Budget, Prover
from bot.check.reading import Facts, Person, Reading, anybody
from bot.flow.model import Choose, Flow, Level
from bot.load import Library, SafetyRow


@dataclass
class Subject:
    """One flow of a library, ready for its proof."""

    library: Library
    flow: Flow
    circuit: Circuit
    person: Person
    reading: Reading
    oracle: OracleReading
    prover: Prover

    @classmethod
    def of(cls, library: Library, flow: Flow, budget: Budget) -> Subject:
        """Read a flow. ``close`` gives the solver's memory back."""
        circuit = Circuit()
        person = anybody(circuit, flow)
        reading = Reading(circuit, flow, person)
        whatever = tuple(circuit.fact() for _ in flow.findings)
        prover = Prover(circuit, budget)
        prover.always(person.fits)
        oracle = OracleReading(reading, library.oracle, whatever)
        return cls(library, flow, circuit, person, reading, oracle, prover)

    def fresh(self) -> Subject:
        """The same flow with a solver of its own: one that has learnt nothing yet is the faster one."""
        prover = Prover(self.circuit, self.prover.budget)
        prover.always(self.person.fits)
        return replace(self, prover=prover)

    def close(self) -> None:
        """Give the solver's memory back."""
        self.prover.close()

    @cached_property
    def rows(self) -> tuple[SafetyRow, ...]:
        """The rows of the oracle that are about this flow."""
        return tuple(row for row in self.library.safety if not row.flows or self.flow.id in row.flows)

    @cached_property
    def said(self) -> Facts:
        """What all answers say at the end, as the oracle reads them."""
        return self.oracle.at(self.reading.end())

    @cached_property
    def completed(self) -> Facts:
        """The same, with what nobody was asked made up in every way."""
        return self.oracle.completed(self.said)

    @cached_property
    def reached(self) -> list[Statement]:
        """By position: when the conversation comes to this card; an emergency has not ended it before."""
        reading = self.reading
        return [
            self.circuit.both(asked, opposite(reading.emergency(reading.opening(position))))
            for position, asked in enumerate(reading.asked)
        ]

    @cached_property
    def calm(self) -> Statement:
        """When the result is below emergency."""
        return opposite(self.reading.at_least(Level.EMERGENCY))

    @cached_property
    def silent(self) -> Statement:
        """When nothing was understood from typed words."""
        return self.circuit.all(opposite(heard) for heard in self.person.heard.values())

    @cached_property
    def effort(self) -> list[Statement]:
        """What makes a conversation long to read: every card, and what is ticked, alarming, left open or heard."""
        parts: list[Statement] = []
        for question, asked in zip(self.flow.questions, self.reading.asked, strict=True):
            keys = [(question.id, option.id) for option in question.choices]
            said = [self.person.unsure[key] for key in keys]
            said += [
                self.person.chosen[question.id, option.id]
                for option in question.choices
                if question.choose is Choose.ANY or option.sets & self.flow.danger
            ]
            parts.append(asked)
            parts += [self.circuit.both(asked, each) for each in dict.fromkeys(said) if each != FALSE]
        return [*parts, *self.person.heard.values()]

    def smallest(self, *statements: Statement) -> Answers | None:
        """Somebody of whom all statements are true, with the least to read; ``None`` when there is nobody.

        Somebody who types nothing, if there is one.
        """
        if self.prover.possible(*statements, self.silent):
            return self.prover.smallest((*statements, self.silent), self.effort)
        return self.prover.smallest(statements, self.effort)

    def anybody(self, *statements: Statement) -> Answers | None:
        """Somebody of whom all statements are true; somebody who types nothing, if there is one."""
        answers = self.prover.find(*statements, self.silent)
        return self.prover.find(*statements) if answers is None else answers

    def choices(self, answers: Answers) -> Choices:
        """What that person answers."""
        return Choices.of(self.flow, self.person, answers)

    def play(self, answers: Answers) -> list[Step]:
        """Their conversation, by the real engine."""
        return play(self.flow, self.choices(answers))

    def found(self, *statements: Statement) -> Choices | None:
        """The answers of anybody of whom all statements are true; of somebody who types nothing, if possible."""
        answers = self.anybody(*statements)
        return None if answers is None else self.choices(answers)
