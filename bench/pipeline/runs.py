"""Trials, each in a process of its own, and what is made of several of them."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.pipeline.contestants import ROOT

Found = dict[str, Any]
"""A trial's findings, as in `bench.pipeline.trial.Found`."""


@dataclass(frozen=True)
class Effort:
    """How much is done: pairs of trials for a ratio, seconds of a trial (and before it), chats of the sweep."""

    pairs: int = 5
    seconds: float = 6.0
    warm: float = 2.0
    chats: tuple[int, ...] = (1, 4, 16, 64, 256)
    conversations: int = 100_000
    minutes: float = 90.0
    """How long those may take."""
    stored: int = 1_000_000


QUICK = Effort(pairs=2, seconds=4.0, warm=2.0, chats=(1, 16, 64), conversations=500, minutes=1.0, stored=50_000)


@dataclass(frozen=True)
class Bench:
    """Starts trials. ``script``: the recorded conversations."""

    script: Path
    effort: Effort = field(default_factory=Effort)

    def trial(self, name: str, *options: object, seconds: float | None = None) -> Found:
        """One trial."""
        took = ["--seconds", seconds or self.effort.seconds, "--warm", self.effort.warm]
        command = [sys.executable, "-m", "bench.pipeline.trial", name, "--script", self.script, *took, *options]
        done = subprocess.run(list(map(str, command)), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"a trial of {name} failed")
        found: Found = json.loads(done.stdout)
        return found

    def pairs(self, one: str, other: str, *options: object) -> list[tuple[Found, Found]]:
        """Trials of two contestants, one after the other, again and again."""
        found = []
        for number in range(self.effort.pairs):
            found.append((self.trial(one, *options), self.trial(other, *options)))
            mine, theirs = (f"{each['turns']:.0f}/s, p99 {each['p99']:.0f} ms" for each in found[-1])
            tell(f"  pair {number + 1} of {self.effort.pairs}: {mine}; {other} {theirs}")
        return found


def ratio(pairs: list[tuple[Found, Found]], key: str) -> float:
    """The median of the pairs' ratios."""
    return statistics.median(one[key] / other[key] if other[key] else float("nan") for one, other in pairs)


def middle(found: list[Found], key: str) -> float:
    """The median."""
    return float(statistics.median(each[key] for each in found))


def tell(what: str) -> None:
    """Progress."""
    print(what, file=sys.stderr, flush=True)
