"""Sheets as SVG: one file, no script, no outside font or picture; the same input gives the same bytes.

It is as wide as the window it is shown in, and printed, each sheet fills a page of A4. A white ground and dark letters
are part of the drawing, so it looks the same on a dark screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from bot.flow.model import Level
from bot.graph.measure import shortened
from bot.graph.page import FOOT, HEIGHT, LEFT, PADDING, RIGHT, TEXT, WIDTH, Line, Mark, Placed, Sheet, Sign
from bot.graph.story import Story
from bot.graph.words import Look, plain

COLOURS = {Level.EMERGENCY: "#a8001c", Level.URGENT: "#8f4100", Level.SOON: "#1d548f", Level.ROUTINE: "#1a6338"}
"""Each at least 6 : 1 against white, for letters and under white letters alike (WCAG AA asks for 4.5 : 1)."""
INK, QUIET, LINE = "#1a1a1a", "#4a4a4a", "#8a8a8a"
PAPER = "#ffffff"
_WIDEST = 900
"""Pixels on a screen: a wide window makes no giant letters."""
_A4 = (794, 1123)
"""A4 in whole pixels. In millimetres, browsers round each page up to one, and a long picture slides off its pages."""


def svg_of(story: Story, sheets: Sequence[tuple[int, Sheet]], total: int) -> str:
    """The picture. ``sheets`` come with their page numbers, of ``total`` pages."""
    height = HEIGHT * len(sheets)
    return "\n".join((*_head(story, height, len(sheets)), *_body(story, sheets, total), "</svg>", ""))


def _head(story: Story, height: int, pages: int) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' role="graphics-document document" aria-labelledby="title desc" xml:lang={quoteattr(story.language)}'
        ' font-family="sans-serif">'
    )
    yield f'<title id="title">{escape(story.title)}: the flow {escape(story.flow)}</title>'
    counts = f"{len(story.cards)} cards, {len(story.rules)} rules, {len(story.causes)} causes"
    yield f'<desc id="desc">{escape(f"{story.about} {counts}. Version {story.version}. {story.review}")}</desc>'
    yield f"<style>{' '.join(_style(pages))}</style>"


def _style(pages: int) -> Iterator[str]:
    yield f"svg{{display:block;width:100%;max-width:{_WIDEST}px;height:auto;margin:0 auto}}"
    yield f"@page{{size:{_A4[0]}px {_A4[1]}px;margin:0}}"
    yield f"@media print{{svg{{width:{_A4[0]}px;max-width:none;height:{_A4[1] * pages}px}}}}"
    yield "text{white-space:pre}"


def _body(story: Story, sheets: Iterable[tuple[int, Sheet]], total: int) -> Iterator[str]:
    for place, (number, sheet) in enumerate(sheets):
        top = place * HEIGHT
        yield f'<g id="page-{number}" role="group" aria-label="Page {number} of {total}">'
        yield f'<rect y="{top}" width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>'
        if place:
            yield f'<path d="M0 {top}H{WIDTH}" stroke="#d0d0d0" stroke-dasharray="6 6" class="edge"/>'
        for placed in sheet.placed:
            yield from _placed(placed, top)
        yield from _foot(story, number, total, top)
        yield "</g>"


def _foot(story: Story, number: int, total: int, top: int) -> Iterator[str]:
    page = f"page {number} of {total}"
    right = f'<text x="{RIGHT:g}" y="{top + FOOT:g}" font-size="{TEXT}" text-anchor="end" fill="{QUIET}">{page}</text>'
    left = shortened(plain(f"{story.flow} {story.version}, not reviewed"), RIGHT - LEFT - 170, TEXT)
    yield from _line(Line(left, LEFT, FOOT, RIGHT - 160), top, QUIET)
    yield right


def _placed(placed: Placed, sheet_top: float) -> Iterator[str]:
    box, top = placed.box, placed.top + sheet_top
    yield f'<g role="group" aria-label={quoteattr(box.label)}>'
    if box.framed:
        edge = COLOURS[box.level] if box.level else LINE
        size = f'x="{LEFT:g}" y="{top:g}" width="{RIGHT - LEFT:g}" height="{placed.height:g}"'
        yield f'<rect {size} rx="6" fill="none" stroke="{edge}" stroke-width="1.5"/>'
        if box.level:
            yield f'<rect x="{LEFT:g}" y="{top:g}" width="8" height="{placed.height:g}" fill="{edge}"/>'
    at = top + PADDING
    for row in placed.rows:
        for mark in row.marks:
            yield _mark(mark, at)
        for line in row.lines:
            yield from _line(line, at, INK)
        at += row.height
    yield "</g>"


def _line(line: Line, top: float, colour: str) -> Iterator[str]:
    spans = "".join(_span(run.text, run.look) for run in line.runs)
    yield f'<text x="{line.x:g}" y="{top + line.y:g}" font-size="{line.size:g}" fill="{colour}">{spans}</text>'


def _span(text: str, look: Look) -> str:
    if look is Look.PLAIN:
        return escape(text)
    how = ' font-weight="bold"' if look.bold else ""
    if look is Look.DEFINED:
        how += ' font-style="italic"'
    elif look is Look.QUIET:
        how += f' fill="{QUIET}"'
    elif look is not Look.STRONG:
        how += f' fill="{COLOURS[Level(look.value)]}"'
    return f"<tspan{how}>{escape(text)}</tspan>"


# --- signs ------------------------------------------------------------------------------------------------------------


def _mark(mark: Mark, top: float) -> str:
    x, y, width, height = mark.x, mark.y + top, mark.width, mark.height
    across = x + width / 2
    match mark.sign:
        case Sign.RAIL:
            return f'<path d="M{x:g} {y:g}v{height:g}" stroke="{LINE}" stroke-width="2"/>'
        case Sign.DANGER:
            triangle = f"M{across:g} {y:g}L{x + width:g} {y + height:g}H{x:g}Z"
            shout = f'<path d="M{across:g} {y + 6:g}v6m0 2v2" stroke="{PAPER}" stroke-width="2"/>'
            return f'<path d="{triangle}" fill="{COLOURS[Level.EMERGENCY]}"/>{shout}'
        case Sign.ONE:
            return f'<circle cx="{across:g}" cy="{y + height / 2:g}" r="{width / 2 - 1:g}" {_outline(INK)}/>'
        case Sign.ANY:
            return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="2" {_outline(INK)}/>'
        case _:
            return _plate(mark, y)


def _plate(mark: Mark, y: float) -> str:
    """A sign with words in it."""
    colour = COLOURS[mark.level] if mark.level else INK
    filled = mark.sign in {Sign.DISC, Sign.CHIP}
    how = f'fill="{colour}"' if filled else _outline(colour)
    if mark.sign is Sign.DASHED:
        how += ' stroke-dasharray="4 3"'
    size = f'x="{mark.x:g}" y="{y:g}" width="{mark.width:g}" height="{mark.height:g}"'
    where = f'x="{mark.x + mark.width / 2:g}" y="{y + mark.height / 2 + TEXT * 0.36:g}" font-size="{TEXT}"'
    words = f'<text {where} text-anchor="middle" fill="{PAPER if filled else colour}" font-weight="bold">'
    return f'<rect {size} rx="{4 if mark.level else 10}" {how}/>{words}{escape(mark.text)}</text>'


def _outline(colour: str) -> str:
    return f'fill="{PAPER}" stroke="{colour}" stroke-width="1.5"'
