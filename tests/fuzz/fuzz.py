"""One run: so many updates, or so many posts, and what came of them."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.judge import Judge, counted
from tests.fuzz.path import UpdatePath, hurried, running
from tests.fuzz.posts import Bodies, Posts
from tests.fuzz.traffic import LARGEST_ROUND, Traffic

WARM, GROWTH = 20_000, 40.0
"""Updates after which memory is looked at for the first time, and by how many megabytes it may grow from there to
100,000. Beside what the bot keeps there are the numbers of all updates, which this program keeps to compare."""

_STEP = 10_000
"""Updates between two lines of progress."""

_PAUSES, _OFTEN = (5, 60, 3600, 13 * 3600, 3 * 24 * 3600), (100, 10, 4, 2, 1)
"""Seconds between two rounds, and how often each: in some of them, answers grow stale and checks old."""


@dataclass
class Report:
    """What came of a run: rows of a table, under a title, and the problems."""

    title: str
    rows: list[tuple[str, str]] = field(default_factory=list)
    problems: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, value: object) -> None:
        """Add a row."""
        self.rows.append((name, f"{value:,}" if isinstance(value, int) else str(value)))

    def __str__(self) -> str:
        wide = max(len(name) for name, _ in self.rows)
        lines = [f"{name:<{wide}}  {value:>14}" for name, value in self.rows]
        wrong = [f"WRONG, {times} times: {problem}" for problem, times in self.problems.items()]
        return "\n".join([self.title, *(f"  {line}" for line in [*lines, *(wrong or ["nothing is wrong"])]), ""])


def fuzz_updates(
    file: Path, updates: int, seed: int, people: int, *, tell: Callable[[str], None] | None = None
) -> Report:
    """Send so many updates through the update path on a new database in this file."""
    judge, report = Judge(), Report(f"{updates:,} updates, seed {seed}")
    _watched(judge, seed, lambda: _updates(file, updates, seed, people, judge, report, tell or str))
    _finish(judge, report)
    return report


async def _updates(
    file: Path, updates: int, seed: int, people: int, judge: Judge, report: Report, tell: Callable[[str], object]
) -> None:
    began = time.perf_counter()
    async with running(file, seed, judge) as path:
        traffic = Traffic(seed, people, path.server.screens)
        path.server.known = set(traffic.shapes.people)
        sent, number, at_first = 0, 0, 0.0
        while sent < updates and not path.lost:
            number += 1
            size = min(traffic.chance.randint(1, LARGEST_ROUND), updates - sent)
            path.clock += traffic.chance.choices(_PAUSES, _OFTEN)[0]
            path.server.begin(number)
            await path.take(traffic.round(size))
            if sent // _STEP < (sent + size) // _STEP:
                tell(f"{sent + size:>9,} updates, {time.perf_counter() - began:.0f} s, {memory():.0f} MB")
            sent += size
            if not at_first and sent >= WARM:
                at_first = memory()
    report.add("seconds", f"{time.perf_counter() - began:.1f}")
    _look_at(path, judge, report, sent)
    grown = memory() - at_first if at_first else 0.0
    report.add("memory, MB", f"{memory():.0f}")
    report.add("  grown since 20,000 updates, MB", f"{grown:.1f}")
    if grown > GROWTH * max(1.0, (sent - WARM) / (100_000 - WARM)):
        judge.complain(f"memory has grown by {grown:.0f} MB")
    judge.database(file, path.seen)


def _look_at(path: UpdatePath, judge: Judge, report: Report, sent: int) -> None:
    """Everything that came in is counted, once, as the kind that it was."""
    came = counted(path.metrics, "updates")
    report.add("joined one that was under way", sent - path.came.total())
    for (kind, result), times in sorted(came.items()):
        report.add(f"{kind}, {result}", times)
    kinds = {kind: sum(times for (each, _), times in came.items() if each == kind) for kind in path.came}
    if kinds != dict(path.came):
        judge.complain(f"the metrics count {kinds}, and there were {dict(path.came)}")
    if any(result == "parked" for _, result in came):
        judge.complain("updates broke the dialogue and were parked")
    if counted(path.metrics, "database_failures"):
        judge.complain("the database failed")
    for (level,), times in counted(path.metrics, "outcomes").items():
        report.add(f"outcomes, {level}", times)
    for (reason,), times in counted(path.metrics, "messages_given_up").items():
        report.add(f"messages given up, {reason}", times)
    for (method, result), times in sorted(path.server.calls.items()):
        report.add(f"calls, {method}, {result}", times)


def memory() -> float:
    """Megabytes of this process (RSS); 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, ValueError):
        return 0.0
    return pages * 4096 / 2**20


def fuzz_posts(file: Path, bodies: int, seed: int, people: int) -> Report:
    """Post so many bodies to the web server in front of the update path, on a new database in this file."""
    judge, report = Judge(), Report(f"{bodies:,} posts to the webhook, and forged ones between them, seed {seed}")

    async def main() -> None:
        began = time.perf_counter()
        async with running(file, seed, judge) as path:
            posts = Posts(path, file, Bodies(seed, people))
            await posts.run(bodies)
        report.add("seconds", f"{time.perf_counter() - began:.1f}")
        for name, times in sorted(posts.answers.items()):
            report.add(name, times)
        for (result,), times in sorted(counted(path.metrics, "webhook_posts").items()):
            report.add(f"counted as {result}", times)
        judge.database(file, path.seen)

    _watched(judge, seed, main)
    _finish(judge, report)
    return report


def _watched(judge: Judge, seed: int, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run this with everything heard that anything says."""
    hooked, sys.unraisablehook = sys.unraisablehook, lambda failure: judge.complain(f"unraisable: {failure.exc_type}")
    try:
        with judge.listening(), hurried(seed):
            asyncio.run(main())
            gc.collect()
    finally:
        sys.unraisablehook = hooked


def _finish(judge: Judge, report: Report) -> None:
    for (level, words), times in sorted(judge.lines.items()):
        report.add(f"log {level.lower()}: {words}", times)
    report.problems = dict(judge.problems)
