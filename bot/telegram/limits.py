"""Everything that people can be shown fits what Telegram takes, in every language and for every audience.

What is measured is what is sent: `longest` has the messages drawn by the code that draws them for people, and here
they are held against Telegram's limits. A message may become several (see `markup`); then none of its pieces is too
long by itself, the first one holds the headline and what to do, and the last one has the buttons (see `sender`). A
card is edited in place, so it has to be one message.

Lengths are in UTF-16 units, as Telegram counts: an emoji is two. The figures are those of the Bot API (10.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import get_args

from bot.flow.model import Audience
from bot.load import Issue, Library, Place
from bot.load.library import Key
from bot.telegram.buttons import LONGEST_DATA, read
from bot.telegram.longest import OPERATOR, Shown, of_flow
from bot.telegram.markup import LONGEST, LONGEST_COPY, LONGEST_TOAST, length, without_tags
from bot.telegram.origins import Origins
from bot.telegram.pages import Pages, Told
from bot.telegram.posts import Button, Card, File, GroupLine, Note, Post, Toast
from bot.telegram.presentation import (
    LONGEST_COMMAND,
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    LONGEST_SHORT,
    Presentation,
    presentations,
)

LONGEST_CAPTION = 1024
"""Characters below a file."""

LONGEST_LABEL = 64
"""Characters of a button's words. Telegram names no limit; a phone shows hardly half as many in a row."""

MOST_BUTTONS = 100
"""Buttons below a message. The Bot API does not say so, but refuses more."""

MOST_MARKS = 100
"""Words in bold, italics and quotes in a message; Telegram drops the marks of what comes after."""

_MARK = re.compile(r"<(?:b|i|blockquote)\b")


class LimitRule(StrEnum):
    """The name of every limit."""

    TEXT = "text-too-long"
    TOAST = "toast-too-long"
    CAPTION = "caption-too-long"
    LABEL = "label-too-long"
    CALLBACK = "callback-too-long"
    UNREAD = "callback-not-understood"
    COPY = "copy-too-long"
    COMMAND = "command-too-long"
    PROFILE = "profile-too-long"
    BUTTONS = "too-many-buttons"
    MARKS = "too-many-marks"


_REMEDIES = {
    LimitRule.TEXT: "shorten it; most of it stands here",
    LimitRule.CALLBACK: "shorten the id",
    LimitRule.BUTTONS: "offer fewer",
    LimitRule.MARKS: "offer or list fewer",
}


@dataclass(frozen=True, slots=True)
class _Excess:
    """Something beyond a limit. ``words``: its text, which tells where it comes from; ``id``: the id, for a button."""

    rule: LimitRule
    what: str
    size: int
    most: int
    words: str = ""
    id: str = ""


def too_long(library: Library) -> tuple[Issue, ...]:
    """What does not fit, sorted by file and line: for each limit and place the worst that can happen there."""
    worst: dict[tuple[Place, LimitRule], tuple[int, str]] = {}
    for language, who in ((language, who) for language in library.texts for who in Audience):
        origins = Origins(library, language, who)
        for excess, about in _excesses(library, language, who):
            place = origins.of_id(excess.id, about) if excess.id else origins.most_of(excess.words, about)
            message = f"{excess.what}, for '{who.value}': {_in_words(excess)}"
            worst[place, excess.rule] = max((excess.size, message), worst.get((place, excess.rule), (0, "")))
    return tuple(
        sorted(Issue(place.file, place.line, rule.value, message) for (place, rule), (_, message) in worst.items())
    )


def _in_words(excess: _Excess) -> str:
    if excess.rule is LimitRule.UNREAD:
        return f"a tap on it would mean nothing: give '{excess.id}' an id that the loader takes"
    unit = {
        LimitRule.CALLBACK: "bytes on a button",
        LimitRule.BUTTONS: "buttons",
        LimitRule.MARKS: "marked words",
    }.get(excess.rule, "characters, as Telegram counts")
    remedy = _REMEDIES.get(excess.rule, "shorten it")
    return f"{excess.size} {unit}, at most {excess.most}: {remedy}"


def _excesses(library: Library, language: str, who: Audience) -> Iterator[tuple[_Excess, Key]]:
    for flow in library.flows.values():
        for shown in of_flow(library, flow, language, who):
            yield from ((excess, shown.about) for excess in _of_shown(shown))
    if who is Audience.ME:  # what stands beside a check speaks to whoever reads it
        about = ("flow", next(iter(library.flows)))
        for shown in _beside(library, language, about):
            yield from ((excess, about) for excess in _of_shown(shown))
        yield from ((excess, about) for excess in _of_presentation(presentations(library, language)[0]))


def _beside(library: Library, language: str, about: Key) -> Iterator[Shown]:
    """What is said beside a check."""
    pages = Pages(library, language, OPERATOR)
    notes: list[Post] = [pages.help(), pages.unknown_command(), pages.privacy(), pages.broken(), pages.later()]
    yield from (Shown("a page", (note,), about) for note in notes)
    yield from (Shown(f"the fixed text '{key}'", (pages.line(key),), about) for key in library.texts[language].ui)
    yield from (Shown(f"the fixed text '{key}'", (pages.toast("query", key),), about) for key in get_args(Told))
    yield Shown("the line in a group", (pages.group_line(None, 1, "x" * 32, "topics"),), about)


# --- one by one -------------------------------------------------------------------------------------------------------


def _of_shown(shown: Shown) -> Iterator[_Excess]:
    yield from _over(LimitRule.COPY, f"what is copied from {shown.what}", shown.copied, LONGEST_COPY)
    for post in shown.posts:
        match post:
            case Note():
                yield from _of_texts(shown, post.texts)
            case Card():
                yield from _of_texts(shown, post.texts)
                yield from _of_card(shown, post)
            case Toast():
                yield from _over(LimitRule.TOAST, shown.what, post.text, LONGEST_TOAST)
            case File():
                yield from _over(LimitRule.CAPTION, shown.what, post.caption, LONGEST_CAPTION)
            case GroupLine():
                yield from _over(LimitRule.TEXT, shown.what, post.text, LONGEST)
                yield from _of_button(shown, post.button)


def _of_texts(shown: Shown, texts: tuple[str, ...]) -> Iterator[_Excess]:
    for text in texts:
        yield from _over(LimitRule.TEXT, shown.what, without_tags(text), LONGEST)
        marks = len(_MARK.findall(text))
        if marks > MOST_MARKS:
            yield _Excess(LimitRule.MARKS, shown.what, marks, MOST_MARKS, words=without_tags(text))


def _of_card(shown: Shown, card: Card) -> Iterator[_Excess]:
    words = [without_tags(text) for text in card.texts]
    if shown.whole and len(words) > 1:
        together = "\n\n".join(words)
        yield from _over(LimitRule.TEXT, f"{shown.what}, which has to be one message", together, LONGEST)
    buttons = [button for row in card.keyboard for button in row]
    if len(buttons) > MOST_BUTTONS:
        yield _Excess(LimitRule.BUTTONS, shown.what, len(buttons), MOST_BUTTONS)
    for button in buttons:
        yield from _of_button(shown, button)


def _of_button(shown: Shown, button: Button) -> Iterator[_Excess]:
    what = f"the button '{button.text}' of {shown.what}"
    yield from _over(LimitRule.LABEL, what, button.text, LONGEST_LABEL)
    yield from _over(LimitRule.COPY, what, button.copy, LONGEST_COPY)
    if button.data:
        size, key = len(button.data.encode()), button.data.split(".")[3]
        if size > LONGEST_DATA:
            yield _Excess(LimitRule.CALLBACK, what, size, LONGEST_DATA, id=key)
        elif read(button.data) is None:
            yield _Excess(LimitRule.UNREAD, what, size, LONGEST_DATA, id=key)


def _of_presentation(presentation: Presentation) -> Iterator[_Excess]:
    for what, text, most in (
        ("the bot's name", presentation.name, LONGEST_NAME),
        ("the bot's short description", presentation.short, LONGEST_SHORT),
        ("the bot's description", presentation.description, LONGEST_DESCRIPTION),
    ):
        yield from _over(LimitRule.PROFILE, what, text, most)
    for commands in presentation.commands.values():
        for name, text in commands.items():
            yield from _over(LimitRule.COMMAND, f"command /{name}", text, LONGEST_COMMAND)


def _over(rule: LimitRule, what: str, words: str, most: int) -> Iterator[_Excess]:
    size = length(words)
    if size > most:
        yield _Excess(rule, what, size, most, words)
