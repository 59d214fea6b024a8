"""The plot of a check: every flow, every property."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

from bot.check.calm import s3
from bot.check.count import count
from bot.check.course import Counter, Patients, s7, s11
from bot.check.heard import s14
from bot.check.history import s10, s12
from bot.check.play import EndlessError
from bot.check.prover import Budget, NotProvedError
from bot.check.reach import s5, s6
from bot.check.safe import s0, s1, s2, s4
from bot.check.structure import structure_of_flow, structure_of_library
from bot.check.subject import Subject
from bot.check.texts import Measure, s8, s9
from bot.check.verdict import PROPERTIES, Findings, Progress, Verdict
from bot.check.words import s13
from bot.flow.model import Flow
from bot.load import Library

Property = Callable[[Findings, Progress], None]


@dataclass(frozen=True)
class Wish:
    """What a check is given besides the library. ``only``: the names of the properties to look at; empty: all.

    ``measures`` know what fits where texts are shown; ``patients`` are walked for the typical length. ``counter``
    counts the conversations; without one they are not counted, which proves nothing less. ``apart``: properties that
    are looked at elsewhere, and who gives the verdict for a property and a flow.
    """

    today: date
    budget: Budget = field(default_factory=Budget)
    measures: tuple[Measure, ...] = ()
    patients: Patients = field(default_factory=dict)
    only: frozenset[str] = frozenset()
    counter: Counter | None = count
    apart: tuple[frozenset[str], Callable[[str, str], Verdict]] | None = None


def prove(library: Library, wish: Wish, progress: Progress = lambda _: None) -> Iterator[Verdict]:
    """Each verdict as soon as it is there: flow by flow, then what concerns all of them.

    Running out of time or memory, or a fault of the check itself, is a verdict too (`Verdict.not_proved`); nothing is
    raised.
    """
    for flow in library.flows.values():
        subject: Subject | None = None

        def read(_: Findings, progress: Progress, flow: Flow = flow) -> None:
            nonlocal subject
            progress("reading the flow")
            subject = Subject.of(library, flow, wish.budget)

        reading = _one(next(iter(PROPERTIES)), flow.id, read, wish, progress)
        if subject is None:
            yield from (
                replace(reading, name=name) for name in PROPERTIES if _wished(name, wish) and name not in _TEXTS
            )
            continue
        try:
            yield from _all(_of_flow(subject, wish), flow.id, wish, progress)
        finally:
            subject.close()
    yield from _all(_of_library(library, wish), "", wish, progress)


def _of_flow(subject: Subject, wish: Wish) -> dict[str, Property]:
    simple = {
        "S0": s0, "S1": s1, "S2": s2, "S3": s3, "S4": s4, "S5": s5, "S6": s6, "S10": s10, "S11": s11, "S12": s12,
        "S13": s13,
        "structure": structure_of_flow,
    }  # fmt: skip
    properties: dict[str, Property] = {
        name: partial(_with_fresh_solver, subject, shown) for name, shown in simple.items()
    }
    long = partial(s7, patients=wish.patients, counter=wish.counter)
    properties["S7"] = partial(_with_fresh_solver, subject, long)
    return properties


def _with_fresh_solver(
    subject: Subject, shown: Callable[[Subject, Findings, Progress], None], found: Findings, progress: Progress
) -> None:
    fresh = subject.fresh()
    try:
        shown(fresh, found, progress)
    finally:
        fresh.close()


def _of_library(library: Library, wish: Wish) -> dict[str, Property]:
    return {
        "S8": lambda found, progress: s8(library, found, progress, wish.measures),
        "S9": lambda found, progress: s9(library, found, progress, wish.today),
        "S14": lambda found, progress: s14(library, found, progress),
        "structure": lambda found, progress: structure_of_library(library, found, progress),
    }


_TEXTS = frozenset({"S8", "S9", "S14"})
"""The properties that are not about one flow."""


def _wished(name: str, wish: Wish) -> bool:
    return not wish.only or name in wish.only


def _all(properties: dict[str, Property], flow: str, wish: Wish, progress: Progress) -> Iterable[Verdict]:
    for name in PROPERTIES:
        if name in properties and _wished(name, wish):
            if wish.apart and name in wish.apart[0]:
                progress(f"{name} (in another process)")
                yield wish.apart[1](name, flow)
            else:
                yield _one(name, flow, properties[name], wish, progress)


def _one(name: str, flow: str, shown: Property, wish: Wish, progress: Progress) -> Verdict:
    found = Findings()
    before = time.perf_counter()
    reason = ""
    try:
        wish.budget.check()
        shown(found, lambda what: progress(f"{name} {what}"))
    except NotProvedError as error:
        reason = str(error)
    except MemoryError:
        reason = "not proved: memory ran out"
    except EndlessError as error:
        reason = f"not proved: {error}"
    except Exception as error:  # noqa: BLE001 - a broken check has proved nothing, and says where it broke
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        reason = f"not proved: the check itself broke ({type(error).__name__} in {where}); please tell its authors"
    seconds = time.perf_counter() - before
    return Verdict(
        name,
        flow,
        seconds,
        tuple(found.failures),
        reason,
        tuple(found.notes),
        tuple(found.warnings),
        found.figures,
    )
