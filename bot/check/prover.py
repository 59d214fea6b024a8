"""Is there anybody of whom a statement is true? A SAT solver decides it; nothing is sampled.

The solver is Glucose, through python-sat; docs/proof-cost.md compares it with others. Statements of a `Circuit` become
clauses in Tseitin's way when they are first asked about.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from pysat.card import ITotalizer
from pysat.solvers import Solver

from bot.check.circuit import FALSE, TRUE, Circuit, Statement

Answers = dict[Statement, bool]
"""One person's answers: the facts of the circuit that a statement depends on."""

_STEP = 20_000
"""Conflicts between two looks at the clock; a second or so."""


class NotProvedError(Exception):
    """Time or memory ran out before the question was decided: nothing is proved."""


@dataclass
class Budget:
    """How long (seconds) and in how much memory (bytes) a proof may be looked for."""

    seconds: float = 600.0
    memory: int = 4 * 2**30
    _started: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.seconds - (time.monotonic() - self._started)

    def check(self) -> None:
        """Raise `NotProvedError` when it is used up."""
        if self.left < 0:
            raise NotProvedError(f"not proved: {self.seconds:.0f} seconds were not enough (--seconds allows more)")
        if peak_memory() > self.memory:
            limit = self.memory / 2**20
            raise NotProvedError(f"not proved: {limit:.0f} MiB of memory were not enough (--memory allows more)")


def peak_memory() -> int:
    """The most memory this process has held, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class Prover:
    """Decides statements about one circuit, until it is closed."""

    def __init__(self, circuit: Circuit, budget: Budget | None = None) -> None:
        self.circuit = circuit
        self.budget = budget or Budget()
        self._solver = Solver(name="glucose42")
        self._number: dict[int, int] = {}
        self._facts: list[tuple[Statement, int]] = []
        self._highest = 0

    def close(self) -> None:
        """Give the solver's memory back."""
        self._solver.delete()

    def always(self, statement: Statement) -> None:
        """From now on only those count of whom this is true."""
        self._solver.add_clause([self._literal(statement)])

    def possible(self, *statements: Statement) -> bool:
        """Whether there is anybody of whom all statements are true. Raises `NotProvedError`."""
        return FALSE not in statements and self._solve([self._literal(each) for each in statements])

    def find(self, *statements: Statement) -> Answers | None:
        """Somebody of whom all statements are true, or ``None`` when there is nobody. Raises `NotProvedError`."""
        return self._answers() if self.possible(*statements) else None

    def smallest(self, statements: Iterable[Statement], cost: Iterable[Statement]) -> Answers | None:
        """As `find`, but somebody of whom as few statements of ``cost`` as possible are true."""
        wanted = [self._literal(each) for each in statements]
        if not self._solve(wanted):
            return None
        costs = [self._literal(each) for each in cost]
        self._solve(wanted)  # again, so that it tells of what the costs have just brought in
        answers = self._answers()
        count = self._true(costs)
        if not count:
            return answers
        with ITotalizer(lits=costs, ubound=count, top_id=self._highest) as counter:
            self._highest = max(self._highest, counter.top_id)
            for clause in counter.cnf.clauses:
                self._solver.add_clause(clause)
            while count and self._solve([*wanted, -counter.rhs[count - 1]]):
                answers = self._answers()
                count = self._true(costs)
        return answers

    def _solve(self, wanted: list[int]) -> bool:
        while True:
            self.budget.check()
            self._solver.conf_budget(_STEP)
            found = self._solver.solve_limited(assumptions=wanted)
            if found is not None:
                return bool(found)

    def _true(self, literals: list[int]) -> int:
        model = self._solver.get_model() or []
        true = set(model)
        return sum(1 for literal in literals if literal in true)

    def _answers(self) -> Answers:
        """The facts as the solver has them; those it never heard of do not matter."""
        model = self._solver.get_model() or []
        return {fact: number <= len(model) and model[number - 1] > 0 for fact, number in self._facts}

    def _literal(self, statement: Statement) -> int:
        node = statement >> 1
        if node not in self._number:
            for part in self.circuit.below(statement, self._number):
                self._add(part)
        number = self._number[node]
        return -number if statement & 1 else number

    def _add(self, node: int) -> None:
        self._highest += 1
        number = self._number[node] = self._highest
        parts = self.circuit.parts[node]
        if parts is not None:
            one, other = (self._number[part >> 1] * (-1 if part & 1 else 1) for part in parts)
            self._solver.append_formula([[-number, one], [-number, other], [number, -one, -other]])
        elif node == TRUE >> 1:
            self._solver.add_clause([number])
        else:
            self._facts.append((2 * node, number))
            self._solver.set_phases([-number])  # people who say little make short conversations
