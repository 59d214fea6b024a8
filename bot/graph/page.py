"""Pages: rows are gathered in boxes, and boxes are laid on sheets that have the shape of A4.

The picture is one column of sheets. On a screen they follow each other; printed, each fills one page. So no row may
ever be cut by the edge of a sheet: a box that does not fit goes on overleaf, with its heading said again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.flow.model import Level
from bot.graph.words import Runs

WIDTH, HEIGHT = 700, 990
"""A sheet in the picture's units: exactly as wide and high as A4. On a phone of 390 px one unit is 0.56 px."""
LEFT, RIGHT = 28.0, 672.0
TOP, BOTTOM = 28.0, 946.0
FOOT = 970.0
"""The line of the footer."""
INSET = 16.0
"""From the frame of a box to its text, on either side."""
GAP = 10.0
"""Between two boxes."""
PADDING = 7.0
"""Above the first and below the last row of a box."""
TEXT = 16.5
"""The smallest size of letters: 9.2 px on a phone, 4.9 mm (14 pt) on A4."""
LINE = 20.0
_SPLITS_ABOVE = 0.3
"""A box that does not fit, and is no higher than this part of a sheet, is not split: it begins a new one."""
_HARDLY = 0.15
"""Nor is one split of which there would be less than this on the first sheet."""


class Sign(StrEnum):
    """What is drawn beside text."""

    DISC = "disc"
    DASHED = "dashed"
    RAIL = "rail"
    DANGER = "danger"
    ONE = "one"
    ANY = "any"
    CHIP = "chip"
    OPEN_CHIP = "open_chip"


@dataclass(frozen=True, slots=True)
class Mark:
    """A drawn sign; ``x`` and ``y`` are its top left corner, from the sheet's left edge and the row's top."""

    sign: Sign
    x: float
    y: float
    width: float
    height: float
    text: str = ""
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text that starts at ``x`` and may not reach beyond ``limit``; ``y`` is its baseline in the row."""

    runs: Runs
    x: float
    y: float
    limit: float
    size: float = TEXT


@dataclass(frozen=True, slots=True)
class Row:
    """What stays together. ``glued`` to the next row: no sheet ends between the two."""

    height: float
    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    glued: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """Rows under one heading. ``label`` names it to a screen reader, ``again`` is its heading overleaf.

    ``level`` gives it a coloured edge. ``framed`` boxes have a frame; ``leads``: it is the heading of what follows.
    """

    label: str
    rows: tuple[Row, ...]
    again: tuple[Row, ...] = ()
    level: Level | None = None
    framed: bool = True
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A box, or a part of one, on a sheet."""

    box: Box
    rows: tuple[Row, ...]
    top: float

    @property
    def height(self) -> float:
        """From the top of the frame to its bottom."""
        return _height(self.rows) + 2 * PADDING


@dataclass(slots=True)
class Sheet:
    """One page."""

    placed: list[Placed] = field(default_factory=list)
    used: float = TOP

    def put(self, box: Box, rows: Sequence[Row]) -> None:
        """Add rows of a box at the next free place."""
        part = Placed(box, tuple(rows), self.used)
        self.placed.append(part)
        self.used += part.height + (0 if box.leads else GAP)

    @property
    def room(self) -> float:
        """What rows may still take."""
        return BOTTOM - self.used - 2 * PADDING


_EMPTY = BOTTOM - TOP - 2 * PADDING


def paginate(boxes: Iterable[Box]) -> list[Sheet]:
    """Lay the boxes on sheets, in order."""
    sheets = [Sheet()]
    waiting = list(boxes)
    for place, box in enumerate(waiting):
        needs = _height(box.rows)
        if box.leads and place + 1 < len(waiting):
            needs += 2 * PADDING + _least(waiting[place + 1])
        if _turns(sheets[-1], needs):
            sheets.append(Sheet())
        _pour(box, sheets)
    return [sheet for sheet in sheets if sheet.placed]


def _turns(sheet: Sheet, needs: float) -> bool:
    """Whether a box is better begun on a new sheet: it does not fit, is no giant, or has hardly begun here."""
    if needs <= sheet.room or not sheet.placed or sheet.placed[-1].box.leads:
        return False
    return needs <= _EMPTY * _SPLITS_ABOVE or sheet.room < _EMPTY * _HARDLY


def _least(box: Box) -> float:
    """What has to be seen of a box below its heading."""
    height = 0.0
    for row in box.rows:
        height += row.height
        if not row.glued:
            break
    return min(height, _EMPTY / 2)


def _pour(box: Box, sheets: list[Sheet]) -> None:
    """Put a box on the last sheet and as many new ones as it needs."""
    taken: list[Row] = []
    for atom in _atoms(box.rows):
        if taken and _height(taken) + _height(atom) > sheets[-1].room:
            sheets[-1].put(box, taken)
            sheets.append(Sheet())
            taken = list(box.again)
        elif not taken and _height(atom) > sheets[-1].room and sheets[-1].placed:
            sheets.append(Sheet())
        taken += atom
    if taken:
        sheets[-1].put(box, taken)


def _atoms(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows that stay together; more than a third of a sheet never does."""
    atom: list[Row] = []
    for row in rows:
        atom.append(row)
        if not row.glued or _height(atom) > _EMPTY / 3:
            yield atom
            atom = []
    if atom:
        yield atom


def _height(rows: Iterable[Row]) -> float:
    return sum(row.height for row in rows)
