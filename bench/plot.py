"""A plot with logarithmic axes as SVG, readable on white and on dark pages."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 720, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 120, 20, 60
_GREY = "#777"
"""In the middle between black and white, as are the colours: legible on both."""


@dataclass(frozen=True)
class Line:
    """Points joined by a line; ``dashed`` for what is no measurement."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


@dataclass(frozen=True)
class _Axis:
    lowest: float
    highest: float
    start: float
    end: float

    @classmethod
    def over(cls, values: Iterable[float], start: float, end: float) -> _Axis:
        values = [value for value in values if value > 0]
        return cls(min(values) * 0.8, max(values) * 1.25, start, end)

    def at(self, value: float) -> float:
        share = math.log(max(value, self.lowest) / self.lowest) / math.log(self.highest / self.lowest)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> Iterator[float]:
        for power in range(math.floor(math.log10(self.lowest)), math.ceil(math.log10(self.highest)) + 1):
            yield from (
                tick for tick in (10**power * step for step in (1, 2, 5)) if self.lowest <= tick <= self.highest
            )


def plot(title: str, across: str, up: str, lines: Sequence[Line]) -> str:
    """The SVG. ``across`` and ``up`` name the axes, with their units."""
    points = [point for line in lines for point in line.points]
    x = _Axis.over((point[0] for point in points), _LEFT, _WIDTH - _RIGHT)
    y = _Axis.over((point[1] for point in points), _HEIGHT - _BOTTOM, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<g font-family="sans-serif" font-size="13" fill="{_GREY}">',
        *(_rule(x.at(tick), x.at(tick), y.start, y.end) for tick in x.ticks()),
        *(_rule(x.start, x.end, y.at(tick), y.at(tick)) for tick in y.ticks()),
        *(_text(x.at(tick), y.start + 18, f"{tick:g}", "middle") for tick in x.ticks()),
        *(_text(x.start - 8, y.at(tick) + 4, f"{tick:g}", "end") for tick in y.ticks()),
        _text((x.start + x.end) / 2, _HEIGHT - 14, across, "middle"),
        f'<g transform="rotate(-90 18 {(y.start + y.end) / 2})">',
        _text(18, (y.start + y.end) / 2, up, "middle"),
        "</g>",
    ]
    last = [(line, *line.points[-1]) for line in lines if line.points]
    lowest_name = float("inf")
    for line, right, top in sorted(last, key=lambda each: each[2]):
        spots = [(x.at(across), y.at(up)) for across, up in line.points]
        path = " ".join(f"{one},{other}" for one, other in spots)
        dash = ' stroke-dasharray="6 5"' if line.dashed else ""
        parts.append(f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="2"{dash}/>')
        if not line.dashed:
            parts += [f'<circle cx="{one}" cy="{other}" r="4" fill="{line.colour}"/>' for one, other in spots]
        lowest_name = min(y.at(top) + 4, lowest_name - 16)
        parts.append(_text(x.at(right) + 9, lowest_name, line.name, "start", line.colour))
    return "\n".join([*parts, "</g>", "</svg>"]) + "\n"


def _rule(x1: float, x2: float, y1: float, y2: float) -> str:
    return f'<line x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}" stroke="{_GREY}" stroke-opacity="0.3"/>'


def _text(x: float, y: float, words: str, anchor: str, colour: str = _GREY) -> str:
    return f'<text x="{x}" y="{y:g}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
