"""The verdicts of a check in words for people, and as data for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.check.verdict import PROPERTIES, Failure, Verdict
from bot.load import Issue

_WIDTH = 100
_SHOWN = 5
"""How many failures of one property are told with their conversation; the rest are told in one line each."""


@dataclass(frozen=True)
class Cost:
    """What the whole check took: seconds, and the most memory in bytes."""

    seconds: float
    memory: int

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s, {self.memory / 2**20:.0f} MiB"


def lines_of(verdict: Verdict) -> Iterator[str]:
    """One verdict: the property, whether it holds, what was counted; then each failure, its place and conversation."""
    state = "holds" if verdict.holds else ("NOT PROVED" if verdict.not_proved else "FAILS")
    where = f" [{verdict.flow}]" if verdict.flow else ""
    yield f"{verdict.name:<9} {state:<10} {verdict.seconds:6.2f} s  {PROPERTIES[verdict.name]}{where}"
    for note in (*verdict.notes, verdict.not_proved):
        if note:
            yield f"{'':31}{note}"
    for failure in verdict.failures[:_SHOWN]:
        yield from _told(failure, verdict.name)
    for failure in verdict.failures[_SHOWN:]:
        yield _place(failure, verdict.name)
    for warning in verdict.warnings:
        yield _place(warning, f"{verdict.name} (warning)")


def _told(failure: Failure, name: str) -> Iterator[str]:
    yield ""
    yield _place(failure, name)
    for place in failure.look:
        yield f"    see also {place.file}:{place.line}"
    if failure.chat:
        yield "    The smallest conversation that shows it:"
        yield from (f"    | {line}" for line in failure.chat)
        yield ""


def _place(failure: Failure, name: str) -> str:
    return f"{failure.place.file}:{failure.place.line}: {name}: {failure.message}"


def summary(verdicts: Iterable[Verdict], cost: Cost) -> str:
    """The last line."""
    verdicts = tuple(verdicts)
    broken = sorted({verdict.name for verdict in verdicts if verdict.failures}, key=list(PROPERTIES).index)
    open_still = sorted({verdict.name for verdict in verdicts if verdict.not_proved}, key=list(PROPERTIES).index)
    if not broken and not open_still:
        looked_at = {verdict.name for verdict in verdicts}
        if looked_at < PROPERTIES.keys():
            return f"What was looked at holds: {', '.join(sorted(looked_at, key=list(PROPERTIES).index))} ({cost})."
        return f"Everything holds ({cost})."
    parts = [f"does not hold: {', '.join(broken)}"] * bool(broken) + [f"not proved: {', '.join(open_still)}"] * bool(
        open_still
    )
    return f"Not safe to serve; {'; '.join(parts)} ({cost})."


def as_data(verdicts: Iterable[Verdict], cost: Cost) -> dict[str, Any]:
    """Everything, for ``--json``."""
    verdicts = tuple(verdicts)
    return {
        "holds": all(verdict.holds for verdict in verdicts),
        "seconds": round(cost.seconds, 3),
        "memory": cost.memory,
        "flows": {verdict.flow: dict(verdict.figures) for verdict in verdicts if verdict.flow and verdict.name == "S7"},
        "properties": [_verdict(verdict) for verdict in verdicts],
        "issues": [
            {**_where(failure), "rule": verdict.name, "message": failure.message}
            for verdict in verdicts
            for failure in verdict.failures
        ],
    }


def loader_data(issues: Iterable[Issue]) -> dict[str, Any]:
    """The same shape for files that could not be read: nothing was proved."""
    told = [{"file": each.file, "line": each.line, "rule": each.rule, "message": each.message} for each in issues]
    return {"holds": False, "properties": [], "issues": told}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": verdict.name,
        "flow": verdict.flow,
        "says": PROPERTIES[verdict.name],
        "holds": verdict.holds,
        "seconds": round(verdict.seconds, 3),
        "not_proved": verdict.not_proved,
        "notes": list(verdict.notes),
        "figures": dict(verdict.figures),
        "failures": [_failure(failure) for failure in verdict.failures],
        "warnings": [_failure(warning) for warning in verdict.warnings],
    }


def _failure(failure: Failure) -> dict[str, Any]:
    look = [{"file": place.file, "line": place.line} for place in failure.look]
    return {**_where(failure), "message": failure.message, "look": look, "chat": list(failure.chat)}


def _where(failure: Failure) -> dict[str, Any]:
    return {"file": failure.place.file, "line": failure.place.line}
