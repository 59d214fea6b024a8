"""One measurement of the proof, in a process of its own so that its peak memory is its own: prints one line of JSON.

    python -m bench.measure WHAT FOLDER

reads the library in ``FOLDER`` (`flows/` and `content/`) and does one thing with it: ``load`` (nothing more), ``prove``
(every property, without the counting), ``count`` (the conversations), or what one engine decides: ``symbols`` (nothing
but writing it down), a solver of python-sat, ``bcdd`` or ``z3``. They decide, for every row of the safety oracle,
whether anybody of whom it is true, or may be true because nothing was asked (S0 and S2), gets too low a level.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bot.check.circuit import FALSE, TRUE, Circuit, Statement, opposite
from bot.check.count import count
from bot.check.course import rounded
from bot.check.prove import Wish, prove
from bot.check.prover import Budget, NotProvedError, peak_memory
from bot.check.subject import Subject
from bot.flow.conditions import places
from bot.load import Library, load_library

SOLVERS = {"glucose42": "Glucose 4.2", "cadical195": "CaDiCaL 1.9.5", "minisat22": "MiniSat 2.2"}
"""Solvers of python-sat, by their name there."""

_MINUTES = Budget(600.0, 8 * 2**30)
_NODES, _CACHE = 40_000_000, 4_000_000
_SECONDS = 300.0
"""How long the decision diagram may take over all queries together."""

Found = dict[str, Any]


@dataclass(frozen=True)
class Queries:
    """What has to be impossible, and the facts it is about: in the order of the cards, each finding's with its card."""

    circuit: Circuit
    wanted: list[Statement]
    facts: list[int]


def queries(library: Library) -> Queries:
    """S0 and S2 of every row of the first flow."""
    subject = Subject.of(library, next(iter(library.flows.values())), _MINUTES)
    found = []
    for row in library.safety:
        said, completed = (subject.oracle.true(row.when, each) for each in (subject.said, subject.completed))
        silent = subject.circuit.both(completed, opposite(said))
        lower = opposite(subject.reading.at_least(row.level))
        found += [subject.circuit.all((subject.person.fits, when, lower)) for when in (said, silent)]
    subject.close()
    return Queries(subject.circuit, found, [fact >> 1 for fact in _facts(subject) if fact != FALSE])


def _facts(subject: Subject) -> Iterator[Statement]:
    person = subject.person
    for question in subject.flow.questions:
        for option in question.choices:
            yield from (said[question.id, option.id] for said in (person.chosen, person.unsure))
        for place in places(question.sets):
            yield from (person.heard.get(place, FALSE), subject.oracle.whatever[place])


# --- engines ----------------------------------------------------------------------------------------------------------


def _nodes(asked: Queries) -> Iterator[int]:
    """Every node that the queries are made of, each after its parts."""
    seen: set[int] = {TRUE >> 1}
    for statement in asked.wanted:
        for node in asked.circuit.below(statement, seen):
            seen.add(node)
            yield node


def by_solver(name: str, asked: Queries) -> int:
    """How many queries a solver of python-sat finds somebody for."""
    from pysat.solvers import Solver  # noqa: PLC0415

    def literal(statement: Statement) -> int:
        number = (statement >> 1) + 1
        return -number if statement & 1 else number

    with Solver(name=name, bootstrap_with=[[literal(TRUE)]]) as solver:
        for node in _nodes(asked):
            if parts := asked.circuit.parts[node]:
                number, one, other = node + 1, *map(literal, parts)
                for clause in ([-number, one], [-number, other], [number, -one, -other]):
                    solver.add_clause(clause)
        return sum(solver.solve(assumptions=[literal(each)]) for each in asked.wanted)


def by_diagram(asked: Queries) -> int:
    """The same with a decision diagram: a query is impossible when its diagram is *false*. Raises `NotProvedError`."""
    from oxidd.bcdd import BCDDManager  # noqa: PLC0415
    from oxidd.util import DDMemoryError  # noqa: PLC0415

    manager, began = BCDDManager(_NODES, _CACHE, 1), time.perf_counter()
    drawn = {TRUE >> 1: manager.true()}
    nodes = list(_nodes(asked))
    facts = dict.fromkeys([*asked.facts, *(node for node in nodes if asked.circuit.parts[node] is None)])
    drawn |= {fact: manager.var(variable) for fact, variable in zip(facts, manager.add_vars(len(facts)), strict=True)}
    try:
        for node in nodes:
            parts = asked.circuit.parts[node]
            if parts is None:
                continue
            if time.perf_counter() - began > _SECONDS:
                raise NotProvedError(f"{len(drawn) * 100 // len(nodes)} % drawn after {_SECONDS:.0f} s")
            one, other = (~drawn[part >> 1] if part & 1 else drawn[part >> 1] for part in parts)
            drawn[node] = one & other
    except DDMemoryError:
        share = len(drawn) * 100 // len(nodes)
        raise NotProvedError(f"{share} % drawn in {_NODES / 1e6:.0f} million nodes") from None
    found = (~drawn[each >> 1] if each & 1 else drawn[each >> 1] for each in asked.wanted)
    return sum(each.satisfiable() for each in found)


def by_z3(asked: Queries) -> int:
    """The same with Z3."""
    z3: Any = import_module("z3")  # not one of our dependencies, and without types

    said = {TRUE >> 1: z3.BoolVal(val=True)}
    solver = z3.Solver()

    def spelled(statement: Statement) -> Any:  # noqa: ANN401
        return z3.Not(said[statement >> 1]) if statement & 1 else said[statement >> 1]

    for node in _nodes(asked):
        said[node] = z3.Bool(f"n{node}")
        if parts := asked.circuit.parts[node]:
            solver.add(said[node] == z3.And(*map(spelled, parts)))
    return sum(solver.check(spelled(each)) == z3.sat for each in asked.wanted)


def _engine(what: str) -> Callable[[Queries], int]:
    if what in SOLVERS:
        return lambda asked: by_solver(what, asked)
    return {"bcdd": by_diagram, "z3": by_z3}[what]


# --- what is measured -------------------------------------------------------------------------------------------------


def proved(library: Library, budget: Budget, solver: str | None) -> Found:
    """Every property, the counting left out, with a solver of python-sat; which do not hold."""
    from pysat.solvers import Solver  # noqa: PLC0415

    wish = Wish(today=datetime.now(tz=UTC).date(), budget=budget)
    with (
        patch("bot.check.course.count", side_effect=NotProvedError("the conversations were not counted")),
        patch("bot.check.prover.Solver", lambda name: Solver(name=solver or name)),
    ):
        verdicts = list(prove(library, wish))
    return {"not_held": [verdict.name for verdict in verdicts if not verdict.holds]}


def counted(library: Library, budget: Budget) -> Found:
    """The conversations of the first flow, or why they were not counted."""
    try:
        return {"conversations": rounded(count(next(iter(library.flows.values())), budget).total)}
    except NotProvedError as error:
        return {"not_counted": str(error)}


def decided(library: Library, what: str) -> Found:
    """How long an engine takes over all queries, and how many it finds possible."""
    asked = queries(library)
    if what == "symbols":
        return {"queries": len(asked.wanted)}
    before = time.perf_counter()
    try:
        found: Found = {"possible": _engine(what)(asked)}
    except NotProvedError as error:
        found = {"not_proved": str(error)}
    except ImportError:
        return {"missing": True}
    return found | {"seconds": time.perf_counter() - before, "queries": len(asked.wanted)}


def main() -> int:
    """Measure one thing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["load", "prove", "count", "symbols", *SOLVERS, "bcdd", "z3"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--solver", choices=SOLVERS, help="for `prove`: another solver than the one it uses")
    asked = parser.parse_args()
    library = load_library(asked.folder / "flows", asked.folder / "content")
    before = time.perf_counter()
    match asked.what:
        case "load":
            found: Found = {}
        case "prove":
            found = proved(library, _MINUTES, asked.solver)
        case "count":
            found = counted(library, _MINUTES)
        case what:
            found = decided(library, what)
    print(json.dumps({"seconds": time.perf_counter() - before, "memory": peak_memory()} | found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
