"""What a tap or typed words ask for, where the person stands now. Nothing is guessed: it fits exactly, or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.conversation.matching import exactly, plain
from bot.conversation.messages import Choice, Part, Request, Restart
from bot.flow.events import Back, Change, Continue, Number, Stop, Tick
from bot.flow.model import Choose
from bot.telegram.buttons import Kind, Tapped
from bot.telegram.posts import Face
from bot.telegram.screen import Screen

COMMANDS: dict[str, Request] = {"back": Back(), "cancel": Stop(), "change": Change()}
"""Typed commands that are requests of the conversation."""

_ALWAYS: dict[str, Request] = {
    "back": Back(),
    "change": Change(),
    "continue": Continue(),
    "restart": Restart(),
    "stop": Stop(),
}
"""Buttons that mean the same wherever the person stands."""

_PAGES: dict[str, Request] = {
    "continue": Continue(),
    "show_result": Continue(),
    "change": Change(),
    "restart": Restart(),
}
"""What the buttons of a page beside the check mean, by their texts."""

_DIGITS = 6
"""Most digits of a number that is typed."""


@dataclass(frozen=True, slots=True)
class Narrow:
    """Show the numbers of this range; nothing is answered yet."""

    smallest: int
    largest: int


def tapped(button: Tapped, screen: Screen) -> Request | Narrow | None:
    """What a button of this very screen asks for; `None` where there is no such button."""
    match button.kind:
        case Kind.COMMAND:
            commands = (choice for choice in screen.choices if choice.part is Part.COMMAND)
            return _ALWAYS.get(button.key) or _named(button.key, commands)
        case Kind.OPTION:
            return _named(button.key, (choice for choice in screen.choices if choice.part is not Part.COMMAND))
        case Kind.TICK | Kind.UNTICK:
            return _box(button, screen)
        case Kind.LISTED:
            return _named(button.key, screen.listed)
        case Kind.NUMBER:
            return _number(button.key, screen)
        case Kind.TOPIC:
            return None


def typed(text: str, screen: Screen, face: Face, ui: Callable[[str], str]) -> Request | None:
    """What exactly these words ask for: an option, a button's words, or the number that is asked for.

    ``face``: what the person has in front of them. Words never answer a question that is not to be seen.
    """
    if face is not Face.STANDING:
        return _beside(plain(text), screen, face, ui)
    digits = text.strip()
    if screen.ask and screen.ask.choose is Choose.NUMBER and digits.isdecimal() and len(digits) <= _DIGITS:
        return Number(screen.ask.question, int(digits))
    choice = exactly(plain(text), screen.choices)
    if choice is None:
        return None
    if isinstance(choice.request, Tick) and choice.ticked:
        return Continue()  # said once more is no untick
    return choice.request


def _beside(words: str, screen: Screen, face: Face, ui: Callable[[str], str]) -> Request | None:
    """What words ask for where the list of answers, or a page, is in front."""
    if face is Face.LIST and (listed := exactly(words, screen.listed)):
        return listed.request
    if named := next((request for key, request in _PAGES.items() if words and words == plain(ui(key))), None):
        return named
    commands = [choice for choice in screen.choices if choice.part is Part.COMMAND and choice.key in _ALWAYS]
    chosen = exactly(words, commands)
    return chosen.request if chosen else None


def _named(key: str, choices: Iterable[Choice]) -> Request | None:
    return next((choice.request for choice in choices if choice.key == key), None)


def _box(button: Tapped, screen: Screen) -> Request | None:
    """Set a box as the button says it; one that is so already stays so."""
    boxes = (choice for choice in screen.choices if isinstance(choice.request, Tick) and choice.key == button.key)
    box = next(boxes, None)
    if box is None:
        return None
    return Continue() if box.ticked is (button.kind is Kind.TICK) else box.request


def _number(key: str, screen: Screen) -> Request | Narrow | None:
    ask = screen.ask
    first, dash, last = key.partition("-")
    if ask is None or ask.choose is not Choose.NUMBER or not first.isdecimal() or (dash and not last.isdecimal()):
        return None
    if not dash:
        return Number(ask.question, int(first))
    smallest, largest = screen.bounds(ask.question)
    narrow = Narrow(max(int(first), smallest), min(int(last), largest))
    return narrow if narrow.smallest <= narrow.largest else None
