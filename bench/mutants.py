"""Would a mistake be noticed? Make every one, and see that the proof catches it. Run with `make mutants`.

Each mutant is the shipped flows and texts with one fault. The loader may refuse it. Otherwise a solver decides whether
it is *worse*: somebody gets a lower level than before (`bench.mutation.people` tells who counts as the same person),
S0, S1 or S2 break, or a rule that decides says to do what is for a lower level. Every worse one has to be caught by a
property of the check; those that are not are survivors. What is worse for nobody need not be caught. Texts decide no
level: each that is missing, empty or too long has to be refused.

The result goes to docs/mutants.json, from which docs/safety.md is written; reasons that were added there are kept.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.mutation.faults import every_mutant
from bench.mutation.files import Mutant, Shipped
from bench.mutation.judge import LOADER, Judge, Judged
from bench.mutation.texts import TEXT_KINDS

ROOT = Path(__file__).parent.parent
RESULT = ROOT / "docs" / "mutants.json"
LEAST_CAUGHT = 0.98
"""Of the worse mutants."""

_CHUNK = 8


def shipped() -> Shipped:
    """The shipped files."""
    return Shipped.at(ROOT / "flows", ROOT / "content")


def sample(mutants: Sequence[Mutant], size: int, seed: int) -> list[Mutant]:
    """About ``size`` mutants, as many of each kind, in their order."""
    chance = random.Random(seed)
    kinds: dict[str, list[int]] = {}
    for place, mutant in enumerate(mutants):
        kinds.setdefault(mutant.kind, []).append(place)
    each = max(1, round(size / len(kinds)))
    chosen = [place for places in kinds.values() for place in chance.sample(places, min(each, len(places)))]
    return [mutants[place] for place in sorted(chosen)]


def judged(mutants: Sequence[Mutant], jobs: int, *, thorough: bool = False) -> Iterator[tuple[Judged, float]]:
    """Each mutant with what becomes of it and the seconds that took, in their order."""
    with multiprocessing.get_context("fork").Pool(jobs, _begin, (mutants, thorough)) as pool:
        yield from pool.imap(_judge, range(len(mutants)), _CHUNK)


_work: dict[str, Any] = {}
"""What a process has to do, and its judge."""


def _begin(mutants: Sequence[Mutant], thorough: bool) -> None:  # noqa: FBT001  # a pool passes on no names
    _work.update(mutants=mutants, judge=Judge(shipped(), thorough=thorough))


def _judge(place: int) -> tuple[Judged, float]:
    before = time.process_time()
    result: Judged = _work["judge"].judge(_work["mutants"][place])
    return result, time.process_time() - before


def figures(results: Iterable[Judged], former: dict[str, Any]) -> dict[str, Any]:
    """What docs/safety.md tells: counts by kind and in all, and every survivor with its reason."""
    results = list(results)
    kinds = dict.fromkeys(result.mutant.kind for result in results)
    reasons = {
        (each["place"], each["what"]): each["reason"] for each in former.get("survivors", ()) if "reason" in each
    }
    survivors = []
    for result in results:
        if result.survived:
            key = (result.mutant.place, result.mutant.what)
            told = {"kind": result.mutant.kind, "place": key[0], "what": key[1], "worse": result.worse}
            survivors.append({**told, **({"reason": reasons[key]} if key in reasons else {})})
    return {
        "kinds": {kind: _counts(each for each in results if each.mutant.kind == kind) for kind in kinds},
        "total": _counts(results),
        "by": dict(sorted(Counter(each.caught for each in results if each.worse and each.caught).items())),
        "survivors": survivors,
    }


def _counts(results: Iterable[Judged]) -> dict[str, int]:
    results = list(results)
    return {
        "mutants": len(results),
        "loader": sum(each.caught == LOADER for each in results),
        "worse": sum(bool(each.worse) for each in results),
        "caught": sum(bool(each.worse and each.caught) for each in results),
        "survivors": sum(each.survived for each in results),
        "harmless": sum(not each.worse and not each.caught for each in results),
    }


def table(found: dict[str, Any]) -> Iterator[str]:
    """The counts as Markdown."""
    names = ("mutants", "loader", "worse", "caught", "survivors", "harmless")
    yield f"| kind | {' | '.join(names)} |"
    yield "|---" * (len(names) + 1) + "|"
    for kind, counts in [*found["kinds"].items(), ("**all**", found["total"])]:
        yield f"| {kind} | {' | '.join(str(counts[name]) for name in names)} |"


def main() -> int:
    """Make the mutants; the exit code says whether enough of the worse ones were caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, help="only about so many, as many of each kind")
    parser.add_argument("--seed", type=int, default=1, help="which sample")
    parser.add_argument("--kind", help="only kinds with this in their name")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--thorough", action="store_true", help="check also what is worse for nobody; takes hours")
    parser.add_argument("--json", type=Path, help="where the result goes; docs/mutants.json when everything was made")
    asked = parser.parse_args()
    mutants = [mutant for mutant in every_mutant(shipped()) if asked.kind is None or asked.kind in mutant.kind]
    if asked.sample:
        mutants = sample(mutants, asked.sample, asked.seed)
    results = list(_watched(mutants, judged(mutants, asked.jobs, thorough=asked.thorough)))
    file = asked.json or (None if asked.sample or asked.kind else RESULT)
    former = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {}
    found = figures(results, former)
    if file:
        file.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    print("\n".join(table(found)))
    for each in found["survivors"]:
        print(f"survived: {each['place']}: {each['what']} ({each['worse']})")
    silent = [each.mutant for each in results if each.mutant.kind in TEXT_KINDS and not each.caught]
    for mutant in silent:
        print(f"not refused: {mutant.place}: {mutant.what}")
    total = found["total"]
    enough = total["caught"] >= LEAST_CAUGHT * total["worse"]
    print(f"{total['caught']} of {total['worse']} worse ones caught: {'enough' if enough else 'TOO FEW'}")
    return 0 if enough and not silent else 1


def _watched(mutants: Sequence[Mutant], found: Iterable[tuple[Judged, float]]) -> Iterator[Judged]:
    """Each result, with a line on standard error that tells how far it is and how long it takes."""
    before, spent, slowest = time.monotonic(), 0.0, 0.0
    for place, (result, seconds) in enumerate(found, 1):
        spent, slowest = spent + seconds, max(slowest, seconds)
        if sys.stderr.isatty() or place % 200 == 0 or place == len(mutants):
            end = "\r" if sys.stderr.isatty() and place < len(mutants) else "\n"
            took = time.monotonic() - before
            print(
                f"{place}/{len(mutants)}  {took:.0f} s, {spent / place:.2f} s of work each, at most {slowest:.1f} s",
                end=end,
                file=sys.stderr,
                flush=True,
            )
        yield result


if __name__ == "__main__":
    sys.exit(main())
