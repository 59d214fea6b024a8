"""The story as Markdown: a Mermaid chart of the cards and levels, and a table of the rules.

Every sign of a label that could mean something to Mermaid, to Markdown or to HTML is written as its number. A card has
one node, and at most two beside it for the levels its dangers lead to: a long flow stays below Mermaid's limits too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.flow.model import Level
from bot.graph.story import LEVELS, Card, Choice, Reason, Story
from bot.graph.svg import COLOURS
from bot.graph.words import Look, Runs

_PLAIN = re.compile(r"[^\w ,.:'()…·-]")
_LONGEST = 140
"""Characters of a condition in a node; the whole of it stands in the flow, and in the picture."""
_NAMED = 8
"""Answers that a node names; more are counted."""
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~-])")


def mermaid_of(story: Story) -> str:
    """The Markdown file."""
    return "\n".join((*_head(story), "```mermaid", *_chart(story), "```", "", *_table(story), ""))


def _head(story: Story) -> Iterator[str]:
    yield f"# {_text(story.title)}"
    yield ""
    yield _text(story.about)
    yield ""
    yield f"> **{_text(story.review)}**"
    yield ""
    yield f"Flow `{story.flow}`, version `{story.version}`. Everybody answers the cards in this order; one with"
    yield "a condition (six corners) is left out when that is known to be false. A thick arrow leads to a level for"
    yield "which one answer is enough, a dotted one to a level for which answers count only together with others."
    yield ""


# --- the chart --------------------------------------------------------------------------------------------------------


def _chart(story: Story) -> Iterator[str]:
    yield "flowchart TD"
    nodes = [*map(_node, story.cards), 'result{"The highest level that a rule reaches"}']
    yield f"  {nodes[0]}"
    for card, after in zip(story.cards, nodes[1:], strict=True):
        # Named in this order, the way stays in the middle, with one level on either side.
        yield from _dangers(card, story, Level.URGENT)
        yield f"  card{card.number} --> {after}"
        yield from _dangers(card, story, Level.EMERGENCY)
    for level in LEVELS:
        if story.rules_of(level) or level is story.default:
            otherwise = '|"when no rule holds"|' if level is story.default else ""
            yield f'  result -->{otherwise} {level.value}(["{_label(story.words[level])}"]):::{level.value}Level'
    for level, colour in COLOURS.items():
        yield f"  classDef {level.value}Level fill:{colour},stroke:{colour},color:#ffffff"


def _node(card: Card) -> str:
    title = f"{card.number} · {_label(card.title)}"
    if not card.condition:
        return f'card{card.number}["{title}"]'
    condition = _label(_short("".join(run.text for run in card.condition)))
    return f'card{card.number}{{{{"{title}<br/>only if {condition}"}}}}'


def _dangers(card: Card, story: Story, level: Level) -> Iterator[str]:
    """What stands beside a card when dangers in it lead to a level."""
    reached = card.reaches(level)
    if reached is None:
        return
    lines = [f"Danger: {_label(story.words[level])}"]
    for alone, how in ((True, "alone"), (False, "with others")):
        if names := [option.label for option in card.options if _leads(option, level, alone=alone)]:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            lines.append(f"{how}: {_label(', '.join(names[:_NAMED]) + more)}")
    node = f'{level.value}{card.number}("{"<br/>".join(lines)}"):::{level.value}Level'
    yield f"  card{card.number} {'==>' if reached else '-.->'} {node}"


def _leads(option: Choice, level: Level, *, alone: bool) -> bool:
    """Whether a danger leads to a level: by itself, or (and only so) together with other answers."""
    ways = {feed.alone for feed in option.feeds if feed.level is level}
    return option.danger and (True in ways if alone else ways == {False})


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0] + "…"


def _label(text: str) -> str:
    """A text that Mermaid takes as nothing but text."""
    return _PLAIN.sub(lambda sign: f"#{ord(sign[0])};", text)


# --- the table --------------------------------------------------------------------------------------------------------


def _table(story: Story) -> Iterator[str]:
    yield "## The rules, most pressing first"
    yield ""
    yield "| rule | level | if | do | when not sure | sources |"
    yield "|---|---|---|---|---|---|"
    for rule in story.rules:
        yield f"| {' | '.join(_cells(rule, story))} |"
    if story.definitions:
        yield ""
        yield "## Definitions"
        yield ""
        for name, meaning in story.definitions:
            yield f"- *{_text(name)}*: {_condition(meaning)}"


def _cells(rule: Reason, story: Story) -> Iterator[str]:
    yield f"{rule.label} `{rule.id}`: {_text(rule.title)}"
    yield f"**{_text(story.words[rule.level])}**"
    yield _condition(rule.condition)
    yield _text(rule.action)
    yield _level(rule.unsure, story)
    yield _text(rule.sources)


def _level(level: Level | None, story: Story) -> str:
    return _text(story.words[level]) if level else ""


def _condition(runs: Runs) -> str:
    return "".join(_styled(_text(run.text), run.look) for run in runs)


def _styled(text: str, look: Look) -> str:
    """Marks stand close to the words: Markdown knows none with a space inside of them."""
    around = {Look.STRONG: "**", Look.DEFINED: "*"}.get(look, "")
    words = text.strip()
    return text.replace(words, f"{around}{words}{around}", 1) if around and words else text


def _text(text: str) -> str:
    """A text that Markdown takes as nothing but text."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", safe)
