"""The first pages: what this is, who has reviewed it, all cards at a glance, and how to read the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.flow.model import Level
from bot.graph.measure import shortened
from bot.graph.page import LEFT, LINE, RIGHT, TEXT, Box, Line, Mark, Row, Sign
from bot.graph.rows import (
    AFTER_NUMBER,
    END,
    START,
    beside,
    chip,
    listing,
    named,
    number,
    otherwise,
    paragraph,
    space,
    together,
)
from bot.graph.story import LEVELS, PRESSING, Card, Story
from bot.graph.words import Look, Run, Runs, listed, look_of, plain, quiet, strong

_TITLE = 27.0
_STOP = 23.5
"""The height of a card at a glance: low enough that two dozen fit on the first page."""
_BASE = 15.0


def front(story: Story) -> Iterator[Box]:
    """What comes before the sections."""
    yield _opening(story)
    yield _warning(story)
    yield _overview(story)
    yield _legend(story)


def _opening(story: Story) -> Box:
    counts = f"{len(story.cards)} cards, {len(story.rules)} rules, {len(story.causes)} causes"
    rows = paragraph(strong(story.title), LEFT, RIGHT, _TITLE)
    rows += paragraph(plain(story.about), LEFT, RIGHT)
    rows += paragraph(quiet(f"Flow {story.flow}, version {story.version}: {counts}"), LEFT, RIGHT)
    return Box(story.title, tuple(rows), framed=False, leads=True)


def _warning(story: Story) -> Box:
    text = (Run("Not reviewed: ", Look.EMERGENCY), *plain(story.review))
    return Box("Review", tuple(together(paragraph(text))), level=Level.EMERGENCY)


def _overview(story: Story) -> Box:
    rows = [row for card in story.cards for row in _stop(card, story, last=card is story.cards[-1])]
    return listing("The way through", rows)


def _stop(card: Card, story: Story, *, last: bool) -> list[Row]:
    """One card at a glance: its number on the way, what it is about, and where a danger in it leads."""
    x = END
    marks: list[Mark] = []
    for level in reversed(PRESSING):
        alone = card.reaches(level)
        if alone is not None:
            x -= chip(story.words[level], 0, level).width
            marks.append(chip(story.words[level], x, level, closed=alone))
            x -= 8
    if marks:
        x -= 22
        marks.append(Mark(Sign.DANGER, x, 0, 20, 18))
        x -= 8
    text = shortened(plain(card.title), x - AFTER_NUMBER, TEXT)
    rows = [Row(_STOP, (Line(text, AFTER_NUMBER, _BASE, x),), tuple(marks))]
    if card.condition:
        only = shortened((Run("only if ", Look.QUIET), *card.condition), END - AFTER_NUMBER, TEXT)
        rows = [replace(rows[0], height=LINE, glued=True), Row(_STOP - 2, (Line(only, AFTER_NUMBER, TEXT, END),))]
    if not last:
        rows = beside(rows, Mark(Sign.RAIL, START + 14, 20, 0, sum(row.height for row in rows) - 21))
    return beside(rows, number(card))


def _legend(story: Story) -> Box:
    rows = _sample(Mark(Sign.DISC, START, -1, 29, 21, "1"), "A card that everybody is asked, in this order.")
    rows += _sample(
        Mark(Sign.DASHED, START, -1, 29, 21, "2"), "A card with a condition: left out when that is known to be false."
    )
    rows += _sample(
        Mark(Sign.DANGER, START + 4, 1, 20, 18),
        "Danger: this answer sets a danger sign. Below it stand the pressing rules that read it, by number and name.",
    )
    rows += _sample(Mark(Sign.ONE, START + 7, 3, 15, 15), "One answer of several.")
    rows += _sample(Mark(Sign.ANY, START + 7, 3, 15, 15), "An answer to tick; several may be true.")
    for closed, text in ((True, "One answer is enough for it."), (False, "An answer counts for it, with others.")):
        sign = chip(story.words[Level.EMERGENCY], START, Level.EMERGENCY, closed=closed)
        rows.append(Row(LINE + 5, (Line(plain(text), START + sign.width + 12, _BASE, END),), (sign,)))
    rows += paragraph(plain("An answer that is enough for an emergency ends the questions at once."))
    rows += named("Levels, most pressing first", _levels(story))
    rows += paragraph((Run("The highest level that any rule reaches is the result. "), *otherwise(story)))
    if story.definitions:
        rows += paragraph(
            (Run("Slanted names", Look.DEFINED), Run(" are definitions: section 4 tells what they mean."))
        )
    for who, condition in story.addressed:
        rows += named(f"The texts speak of '{who}' if", condition)
    for name, text, condition in story.notices:
        rows += named(f"Said once ({name}) if", listed((condition, quiet(text)), ": "))
    return listing("How to read this", rows)


def _sample(mark: Mark, text: str) -> list[Row]:
    return [*together(beside(paragraph(plain(text), AFTER_NUMBER), mark)), space(4)]


def _levels(story: Story) -> Runs:
    return listed((Run(story.words[level], look_of(level)), Run(f" ({level.value})")) for level in LEVELS)
