"""How many different conversations a flow holds: counted exactly, in a decision diagram (OxiDD).

A conversation is the list of its settled answers, up to the end: the card at which an emergency ends it, or the last
one. In which order boxes are ticked, what is taken back or changed, and typed words come on top and lead to the same
standings, so they are not counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from oxidd.bcdd import BCDDFunction, BCDDManager
from oxidd.util import DDMemoryError

from bot.check.circuit import TRUE, Circuit, Statement, opposite
from bot.check.prover import Budget, NotProvedError
from bot.check.reading import Person, Reading, add_answers
from bot.flow.model import Flow

_NODES = 12_000_000
_CACHE = 1_500_000


@dataclass(frozen=True)
class Count:
    """``emergencies`` of ``total`` conversations end with an emergency, by which card (id) they do."""

    total: int
    emergencies: dict[str, int]


def count(flow: Flow, budget: Budget) -> Count:
    """Count the conversations. Raises `NotProvedError` when that takes too much memory."""
    try:
        return _Counter(flow, budget).count()
    except DDMemoryError:
        raise NotProvedError("the conversations were not counted: the decision diagram grew too large") from None


class _Counter:
    def __init__(self, flow: Flow, budget: Budget) -> None:
        self.flow = flow
        self.budget = budget
        self.circuit = Circuit()
        self.person = Person()
        self.until: list[int] = []
        """By position: how many facts the questions up to this one have."""
        fits = []
        for question in flow.questions:
            fits.append(add_answers(self.circuit, question, self.person))
            self.until.append(len(self.circuit.parts))
        self.facts, self.until = self._facts()
        self.reading = Reading(self.circuit, flow, self.person)
        self.canonical = [self._canonical(position, fit) for position, fit in enumerate(fits)]
        self.manager = BCDDManager(_NODES, _CACHE, 1)
        variables = self.manager.add_vars(len(self.facts))
        self.drawn: dict[int, BCDDFunction] = {TRUE >> 1: self.manager.true()}
        for variable, node in zip(variables, self.facts, strict=True):
            self.drawn[node] = self.manager.var(variable)

    def _facts(self) -> tuple[list[int], list[int]]:
        nodes = [node for node in range(1, len(self.circuit.parts)) if self.circuit.parts[node] is None]
        return nodes, [sum(1 for node in nodes if node < until) for until in self.until]

    def _canonical(self, position: int, fits: Statement) -> Statement:
        """Answers that fit where the question is asked, and none at all where it is not."""
        question, asked = self.flow.questions[position], self.reading.asked[position]
        said = [
            opposite(saying[question.id, option.id])
            for option in question.choices
            for saying in (self.person.chosen, self.person.unsure)
        ]
        circuit = self.circuit
        return circuit.both(circuit.implies(asked, fits), circuit.any((asked, circuit.all(said))))

    def _over(self) -> Iterator[tuple[int, Statement]]:
        """By position: when an emergency ends the conversation with this card's answer."""
        circuit, reading = self.circuit, self.reading
        end = reading.end()
        after = reading.emergency(end)
        over: list[tuple[int, Statement]] = []
        for position in reversed(range(len(self.flow.questions))):
            asked = reading.asked[position]
            over.append((position, circuit.both(asked, after)))
            opened = reading.emergency(reading.opening(position))
            after = circuit.any((circuit.both(asked, opened), circuit.both(opposite(asked), after)))
        return reversed(over)

    def count(self) -> Count:
        going = self.manager.true()
        ended: dict[str, int] = {}
        for position, over in self._over():
            going = going & self._draw(self.canonical[position])
            stops = going & self._draw(over)
            ended[self.flow.questions[position].id] = self._number(stops, self.until[position])
            going = going & ~stops
        calm = self._number(going, len(self.facts))
        return Count(calm + sum(ended.values()), {name: number for name, number in ended.items() if number})

    def _number(self, drawn: BCDDFunction, until: int) -> int:
        """How many ways the first facts can be; the later ones are left open."""
        return drawn.sat_count(len(self.facts)) >> (len(self.facts) - until)

    def _draw(self, statement: Statement) -> BCDDFunction:
        self.budget.check()
        for node in self.circuit.below(statement, self.drawn):
            parts = self.circuit.parts[node]
            if parts:
                one, other = (self._drawn(part) for part in parts)
                self.drawn[node] = one & other
        return self._drawn(statement)

    def _drawn(self, statement: Statement) -> BCDDFunction:
        drawn = self.drawn[statement >> 1]
        return ~drawn if statement & 1 else drawn
