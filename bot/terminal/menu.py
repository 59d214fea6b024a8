"""The lines to choose from on a screen: what stands there and what a key does. Pure: keys in, state or request out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.conversation.messages import Choice, Part, Restart
from bot.flow.events import Continue
from bot.terminal import words
from bot.terminal.input import Command, Parsed, parse, read
from bot.terminal.view import View

Piece = tuple[str, str]
"""A style and a text in it."""

COMMAND_KEYS = {
    "done": "Enter",
    "back": "b",
    "change": "c",
    "why": "?",
    "continue": "g",
    "restart": "n",
    "stop": "q",
    "not_meant": "x",
}
"""The key of each command that the conversation offers beside the options."""

_TYPED_BY = {"b": "back", "c": "change", "?": "why", "u": "unsure", "g": "continue", "h": "help", "q": "quit"}
"""What each letter stands for."""

ROW_KEYS = "123456789adefijklmoprstvwyz"
"""The keys of the lines, in their order: none of them means a command."""

WIDEST = 100
"""Columns beyond which lines are hard to read."""

_GUTTER = 6
"""Columns before the text of a line: the pointer, the key, spaces."""


@dataclass(frozen=True, slots=True)
class Menu:
    """What stands there, which line the cursor is on, and what has been typed (``typing``: keys are text now)."""

    view: View
    cursor: int = 0
    typed: str = ""
    typing: bool = False

    @property
    def rows(self) -> tuple[Choice, ...]:
        """The lines to choose from."""
        return self.view.options

    @property
    def current(self) -> Choice | None:
        """The line that the cursor is on."""
        return self.rows[self.cursor] if self.rows else None


def press(menu: Menu, key: str) -> Menu | Parsed:
    """What a key does. ``key``: a character, or up, down, home, end, enter, backspace, escape."""
    if menu.typing:
        return _type(menu, key)
    if key == "enter":
        return _enter(menu)
    moves = {"up": menu.cursor - 1, "down": menu.cursor + 1, "home": 0, "end": -1}
    if key in moves:
        return replace(menu, cursor=moves[key] % len(menu.rows)) if menu.rows else menu
    if key == "/" or (menu.view.number and key.isdecimal()):
        return replace(menu, typing=True, typed=key.strip("/"))
    return _choose(menu, menu.current) if key == " " else _letter(menu, key)


def _type(menu: Menu, key: str) -> Menu | Parsed:
    if key == "enter":
        return read(menu.typed, menu.view) if menu.typed.strip() else replace(menu, typing=False, typed="")
    if key == "escape" or (key == "backspace" and not menu.typed):
        return replace(menu, typing=False, typed="")
    if key == "backspace":
        return replace(menu, typed=menu.typed[:-1])
    return replace(menu, typed=menu.typed + key) if len(key) == 1 and key.isprintable() else menu


def _enter(menu: Menu) -> Menu | Parsed:
    """Choose the line; where several can be true Enter means *Done*, except on the lines that stand alone."""
    if menu.view.several and menu.current and menu.current.part is Part.OPTION:
        return parse("done", menu.view)
    if menu.current:
        return (menu.current.request,)
    goes_on = any(isinstance(choice.request, Continue) for choice in menu.view.commands)
    return (Continue(),) if goes_on else menu


def _letter(menu: Menu, key: str) -> Menu | Parsed:
    key = key.lower()
    if key in _TYPED_BY:
        return parse(_TYPED_BY[key], menu.view)
    if key == "n" and any(isinstance(choice.request, Restart) for choice in menu.view.commands):
        return (Restart(),)
    if key == "x" and (denial := next((each for each in menu.view.commands if each.key == "not_meant"), None)):
        return (denial.request,)
    place = ROW_KEYS.find(key) if len(key) == 1 and not menu.view.number else -1
    return _choose(menu, menu.rows[place]) if 0 <= place < len(menu.rows) else menu


def _choose(menu: Menu, row: Choice | None) -> Menu | Parsed:
    return (row.request,) if row else menu


# --- how it looks -----------------------------------------------------------------------------------------------


def rows(menu: Menu, width: int) -> tuple[list[Piece], int]:
    """The lines as styled pieces, and the place of the line that the cursor is on, counted from the top."""
    pieces: list[Piece] = []
    at = top = 0
    for place, row in enumerate(menu.rows):
        if place == menu.cursor:
            at = top
        style = "class:current" if place == menu.cursor else ""
        lines = _row(menu, place, row, width)
        pieces += [(style, f"{line}\n") for line in lines]
        top += len(lines)
    if pieces:
        pieces[-1] = (pieces[-1][0], pieces[-1][1].rstrip("\n"))
    return pieces, at


def _row(menu: Menu, place: int, row: Choice, width: int) -> list[str]:
    pointer = "→" if place == menu.cursor else " "
    key = ROW_KEYS[place] if place < len(ROW_KEYS) else " "
    if menu.view.number:
        key = "-"
    box = ("[x] " if row.ticked else "[ ] ") if menu.view.several and row.part is Part.OPTION else ""
    first = f"{pointer} {key:>2}  {box}"
    rest = " " * (_GUTTER + len(box))
    return textwrap.wrap(row.text, max(width - 1, 20), initial_indent=first, subsequent_indent=rest) or [first]


def foot(menu: Menu, width: int) -> list[Piece]:
    """What is being typed, and which keys there are."""
    view = menu.view
    if menu.typing:
        return [("class:typed", f"> {menu.typed}▏\n"), ("class:foot", _wrapped(words.TYPING_KEYS, width))]
    lines = []
    if view.number:
        lines.append(words.NUMBER_KEYS)
    # No line ends inside of one key and its name.
    lines.append(" · ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in _keys(view)))
    return [("class:foot", "\n".join(_wrapped(line, width) for line in lines))]


def _keys(view: View) -> Iterator[str]:
    """The keys that do something here, with the conversation's own names for them."""
    labels = {choice.key: choice.label for choice in view.commands if choice.key in COMMAND_KEYS}
    if view.several:
        yield words.TICK
    elif view.options:
        yield words.CHOOSE
    for name, key in COMMAND_KEYS.items():
        if name in labels and name != "stop":
            yield f"{key}: {labels[name]}"
    unsure = next((choice.label for choice in view.options if choice.part is Part.UNSURE), None)
    if unsure:
        yield f"u: {unsure}"
    yield f"q: {labels.get('stop', words.LEAVE)}"
    yield f"/: {words.WORDS}"
    yield f"h: {Command.HELP}"


def _wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, max(width - 1, 20))).replace("\N{NO-BREAK SPACE}", " ")
