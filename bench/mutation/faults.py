"""Every seeded fault, in a fixed order."""

from __future__ import annotations

from dataclasses import replace

from bench.mutation.files import Mutant, Shipped
from bench.mutation.flows import COURSE, JUDGING, Source
from bench.mutation.options import OPTIONS
from bench.mutation.texts import TEXTS


def every_mutant(shipped: Shipped) -> list[Mutant]:
    """All of them, kind by kind."""
    source = Source(shipped)
    found = _told_apart([mutant for faults in (*COURSE, *OPTIONS, *JUDGING, *TEXTS) for mutant in faults(source)])
    order = {kind: place for place, kind in enumerate(dict.fromkeys(mutant.kind for mutant in found))}
    return sorted(found, key=lambda mutant: order[mutant.kind])


def _told_apart(mutants: list[Mutant]) -> list[Mutant]:
    """The same slip at two places of one condition is told apart by a number."""
    seen: dict[tuple[str, str], int] = {}
    apart = []
    for mutant in mutants:
        time = seen[mutant.place, mutant.what] = seen.get((mutant.place, mutant.what), 0) + 1
        apart.append(replace(mutant, what=f"{mutant.what} ({time})") if time > 1 else mutant)
    return apart
