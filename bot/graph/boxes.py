"""The sections: every card, every rule, every cause, and where to look things up."""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow.model import Choose, Kind, Level
from bot.graph.front import front
from bot.graph.page import LEFT, RIGHT, Box, Line, Mark, Row, Sign
from bot.graph.rows import (
    AFTER_NUMBER,
    AFTER_SIGN,
    START,
    ahead,
    beside,
    chip,
    listing,
    named,
    number,
    otherwise,
    paragraph,
    section,
    space,
    together,
)
from bot.graph.story import LEVELS, PRESSING, Card, Choice, Origin, Reason, Story
from bot.graph.words import Look, Run, Runs, look_of, plain, quiet

_KINDS = {
    Kind.DANGER: "Danger signs",
    Kind.CONTEXT: "Context",
    Kind.SYMPTOM: "Symptoms",
    Kind.HEARD: "Never asked, only heard in what somebody types",
}


def boxes_of(story: Story) -> Iterator[Box]:
    """The whole picture, in order."""
    yield from front(story)
    yield from _cards(story)
    yield from _rules(story)
    yield from _causes(story)
    yield from _lookup(story)


# --- cards ------------------------------------------------------------------------------------------------------------


def _cards(story: Story) -> Iterator[Box]:
    yield section("1. The cards, in order", "Their answers, what these set, and the pressing rules that read it.")
    yield from (_card(card, story) for card in story.cards)


def _card(card: Card, story: Story) -> Box:
    title = (Run(card.title, Look.STRONG), Run(f" {card.id}, {card.how}", Look.QUIET))
    head = beside(paragraph(title, AFTER_NUMBER), number(card))
    head += paragraph(plain(card.ask))
    head += named("Only if", card.condition)
    head += named("Left out, it counts as no", plain(card.skipped) if card.skipped else ())
    rows = ahead([*head, space()])
    for choice in card.options:
        rows += _option(choice, card, story)
    again = paragraph((Run(f"{card.number} {card.title}", Look.STRONG), Run(", continued", Look.QUIET)))
    return Box(f"Card {card.number}: {card.title}", tuple(rows), tuple(ahead([*again, space()])))


def _option(choice: Choice, card: Card, story: Story) -> list[Row]:
    text = [Run("Danger: ", Look.EMERGENCY)] if choice.danger else []
    effects = [f"sets {choice.sets}"] if choice.sets else []
    effects += [f"denies {choice.denies}"] if choice.denies else []
    text += [Run(choice.text), *(Run(f" \u2013 {effect}", Look.QUIET) for effect in effects)]
    sign = Mark(Sign.ANY if card.choose is Choose.ANY else Sign.ONE, START + 2, 3, 15, 15)
    if choice.danger:
        sign = Mark(Sign.DANGER, START, 1, 20, 18)
    rows: list[Row] = []
    for level in PRESSING:
        for alone, how in ((True, "alone"), (False, "with others")):
            names = [feed.label for feed in choice.feeds if feed.level is level and feed.alone is alone]
            if names and (choice.danger or alone):
                word = Run(f"{story.words[level]} {how}: ", look_of(level))
                rows += paragraph((word, Run(", ".join(names))), AFTER_SIGN)
    if choice.feeds and not rows:  # no danger sign itself: that it helps rules along is enough to know
        count = "1 pressing rule" if len(choice.feeds) == 1 else f"{len(choice.feeds)} pressing rules"
        text.append(Run(f"; helps {count}", Look.QUIET))
    return [*ahead([*beside(paragraph(text, AFTER_SIGN), sign), *rows]), space(3)]


# --- rules and causes -------------------------------------------------------------------------------------------------


def _rules(story: Story) -> Iterator[Box]:
    yield section("2. The rules, most pressing first", "The highest level that one of them reaches is the result.")
    for level in LEVELS:
        if rules := story.rules_of(level):
            yield _level(story, level, len(rules))
            yield from (_rule(rule, story) for rule in rules)
    yield Box("When no rule holds", tuple(together(paragraph(otherwise(story)))), level=story.default)


def _level(story: Story, level: Level, count: int) -> Box:
    sign = chip(story.words[level], LEFT, level)
    text = (Run(f"{count} {'rule' if count == 1 else 'rules'} of level {level.value}", Look.STRONG),)
    line = Line(text, LEFT + sign.width + 12, 15, RIGHT)
    return Box(story.words[level], (Row(sign.height, (line,), (sign,)),), framed=False, leads=True)


def _rule(rule: Reason, story: Story) -> Box:
    name = Run(f"{rule.label} {story.words[rule.level]} ", look_of(rule.level))
    rows = paragraph((name, Run(rule.title, Look.STRONG), Run(f" {rule.id}", Look.QUIET)))
    rows += named("If", rule.condition)
    does = [Run("Do: ", Look.STRONG), Run(rule.action)]
    if rule.unsure:
        does += [Run(". "), Run("Not sure: ", Look.STRONG), Run(story.words[rule.unsure], look_of(rule.unsure))]
    rows += paragraph(does)
    rows += named("To rule out", plain(rule.rule_out) if rule.rule_out else ())
    rows += paragraph(quiet(f"Sources: {rule.sources}"))
    again = ahead(paragraph(quiet(f"{rule.label} {rule.id}, continued")))
    return Box(f"Rule {rule.label}: {rule.title}", tuple(together(rows)), tuple(again), level=rule.level)


def _causes(story: Story) -> Iterator[Box]:
    if story.causes:
        yield section("3. The causes", "What fits is ordered by its evidence. Levels never depend on it.")
        yield from map(_cause, story.causes)


def _cause(cause: Origin) -> Box:
    review = f", {cause.review}" if cause.review else ""
    rows = paragraph((Run(cause.name, Look.STRONG), Run(f" {cause.id}{review}", Look.QUIET)))
    rows += named("Only if", cause.needs)
    rows += named("For it", _weighed(cause.strong_for, cause.some_for))
    rows += named("Against it", _weighed(cause.strong_against, cause.some_against))
    again = ahead(paragraph(quiet(f"{cause.name}, continued")))
    return Box(f"Cause: {cause.name}", tuple(together(rows)), tuple(again))


def _weighed(heavy: Runs, light: Runs) -> Runs:
    strongly = (Run("strongly ", Look.STRONG), *heavy) if heavy else ()
    return (*strongly, Run("; "), *light) if heavy and light else strongly or light


# --- where to look things up ------------------------------------------------------------------------------------------


def _lookup(story: Story) -> Iterator[Box]:
    yield section("4. Where to look things up", "Definitions as they are written, the card of each finding, sources.")
    meant = [together(paragraph((Run(f"{name}: ", Look.DEFINED), *runs))) for name, runs in story.definitions]
    if meant:
        yield listing("Definitions", [row for rows in meant for row in rows])
    found: list[Row] = []
    for kind, title in _KINDS.items():
        if names := [name for its, name in story.index if its is kind]:
            found += [*named(title, plain(", ".join(names))), space()]
    yield listing("Findings, each with the number of its card", found)
    cited = [together(paragraph((Run(f"{name} ", Look.STRONG), Run(text)))) for name, text in story.sources]
    if cited:
        yield listing("Sources", [row for rows in cited for row in rows])
