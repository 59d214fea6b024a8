"""Rows of text, and the few shapes of rows that every part of the picture is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.flow.model import Level
from bot.graph.measure import lines_of, shortened, width_of
from bot.graph.page import INSET, LEFT, LINE, RIGHT, TEXT, Box, Line, Mark, Row, Sign
from bot.graph.story import Card, Story
from bot.graph.words import Look, Run, Runs, look_of, plain, quiet, strong

START, END = LEFT + INSET, RIGHT - INSET
"""Where text begins and ends in a box."""
AFTER_SIGN = START + 26.0
AFTER_NUMBER = START + 38.0
SECTION, HEAD = 22.0, 18.5
"""Sizes of headings: of a section, of a box."""
_CHIP = 20.0
_WIDEST = 170.0


def paragraph(runs: Iterable[Run], left: float = START, end: float = END, size: float = TEXT) -> list[Row]:
    """Text in rows of one line."""
    height = size * LINE / TEXT
    return [Row(height, (Line(line, left, size, end, size),)) for line in lines_of(tuple(runs), end - left, size)]


def named(name: str, runs: Runs, left: float = START) -> list[Row]:
    """A paragraph that begins with what it is about; nothing when there is nothing to say."""
    return paragraph((Run(f"{name}: ", Look.STRONG), *runs), left) if runs else []


def together(rows: list[Row]) -> list[Row]:
    """The same rows, kept together."""
    return [replace(row, glued=True) for row in rows[:-1]] + rows[-1:]


def ahead(rows: list[Row]) -> list[Row]:
    """The same rows, kept together and with what follows."""
    return [replace(row, glued=True) for row in rows]


def beside(rows: list[Row], *marks: Mark) -> list[Row]:
    """The same rows, with marks beside the first."""
    return [replace(rows[0], marks=(*rows[0].marks, *marks)), *rows[1:]] if rows else []


def space(height: float = 5.0) -> Row:
    """Some room."""
    return Row(height)


def chip(word: str, x: float, level: Level, *, closed: bool = True) -> Mark:
    """A level's word in its colour: on it when ``closed``, else in it on white."""
    short = "".join(run.text for run in shortened(strong(word), _WIDEST, TEXT))
    width = width_of(short, Look.STRONG, TEXT) + 14
    return Mark(Sign.CHIP if closed else Sign.OPEN_CHIP, x, -1.0, width, _CHIP, short, level)


def number(card: Card) -> Mark:
    """A card's number; in a broken line when the card is not always asked."""
    return Mark(Sign.DASHED if card.condition else Sign.DISC, START, -1, 29, 21, str(card.number))


def section(title: str, about: str) -> Box:
    """The heading of a section."""
    rows = paragraph(strong(title), LEFT, RIGHT, SECTION) + paragraph(plain(about), LEFT, RIGHT)
    return Box(title, tuple(together(rows)), framed=False, leads=True)


def listing(title: str, rows: list[Row]) -> Box:
    """A box that is a list under a heading."""
    head = ahead(paragraph(strong(title), size=HEAD))
    again = ahead(paragraph(quiet(f"{title}, continued")))
    return Box(title, (*head, space(), *rows), (*again, replace(space(), glued=True)))


def otherwise(story: Story) -> Runs:
    """What the result is when no rule holds."""
    action = f": {story.default_action}" if story.default_action else ""
    return (Run("When no rule holds: "), Run(story.words[story.default], look_of(story.default)), Run(action))
