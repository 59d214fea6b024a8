"""Where patterns stand in one text: each segment looked for once, and put together as the pattern says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.flow.understand.context import Context
from bot.flow.understand.patterns import TOGETHER, Pattern, Segment, Span, spans
from bot.flow.understand.vocabulary import Reading


class Seen:
    """The spans of segments in one text, each looked for once."""

    def __init__(self, reading: Reading, timeless: frozenset[str], times: frozenset[str]) -> None:
        self.reading = reading
        self._timeless, self._times = timeless, times
        self._spans: dict[Segment, list[Span]] = {}

    def of(self, segment: Segment) -> list[Span]:
        """Where a segment stands."""
        known = self._spans.get(segment)
        if known is None:
            known = spans(segment, self.reading)
            named = {concept for item in segment for concept in item.concepts}
            if named <= self._timeless:
                known = [replace(span, timeless=True) for span in known]
            if named <= self._times:
                known = [replace(span, timing=True) for span in known]
            self._spans[segment] = known
        return known


def matches(pattern: Pattern, context: Context, seen: Seen) -> Iterator[tuple[Span, ...]]:
    """Where a pattern stands: one span for each of its segments. Of several for a segment, the one that counts most."""
    if len(pattern.parts) == 1 and len(pattern.parts[0]) == 1:
        yield from ((span,) for span in seen.of(pattern.parts[0][0]))
        return
    whole: list[Span] = []
    for part in pattern.parts:
        found = _part(part, context, seen)
        if found is None:
            return
        whole += found
    yield tuple(whole)


def _part(part: tuple[Segment, ...], context: Context, seen: Seen) -> list[Span] | None:
    """One span for each segment of a part, near to each other in one statement."""
    first, *rest = part
    fallback: list[Span] | None = None
    for span in seen.of(first):
        together = [span]
        for segment in rest:
            near = (other for other in seen.of(segment) if _are_near(span, other, seen.reading))
            best = min(near, key=lambda other: context.why_not(other) is not None, default=None)
            if best is None:
                break
            together.append(best)
        if len(together) == len(part):
            if all(context.why_not(each) is None for each in together):
                return together
            fallback = fallback or together
    return fallback


def _are_near(one: Span, other: Span, reading: Reading) -> bool:
    if reading.statement[one.start] != reading.statement[other.start]:
        return False
    if one.end <= other.start:
        return reading.between(one.end, other.start) <= TOGETHER
    return other.end > one.start or reading.between(other.end, one.start) <= TOGETHER
