"""Keys read with prompt_toolkit: the menu stands below what was printed, and goes away when something is chosen."""

from __future__ import annotations

import os
import sys

from prompt_toolkit.application import Application
from prompt_toolkit.data_structures import Point
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import HSplit, Layout, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.styles import Style

from bot.terminal.input import Command, Parsed
from bot.terminal.menu import WIDEST, Menu, foot, press, rows

_STYLE = Style.from_dict({"current": "bold", "typed": "bold", "foot": "italic"})
_NAMED = {
    Keys.Up: "up",
    Keys.Down: "down",
    Keys.Home: "home",
    Keys.End: "end",
    Keys.Enter: "enter",
    Keys.Backspace: "backspace",
    Keys.Escape: "escape",
}


class _Reader:
    """One menu on the screen until something is chosen."""

    def __init__(self, menu: Menu) -> None:
        self.menu = menu
        output = Vt100_Output.from_pty(sys.stdout, term=os.environ.get("TERM"))
        # Asking the terminal where its cursor is makes one that does not answer wait; the menu needs no answer.
        output.enable_cpr = False
        control = FormattedTextControl(self._rows, focusable=True, show_cursor=False, get_cursor_position=self._cursor)
        body = Window(control, dont_extend_height=True, always_hide_cursor=True)
        line = Window(FormattedTextControl(self._foot), dont_extend_height=True)
        self.application: Application[Parsed] = Application(
            layout=Layout(HSplit([Window(height=1), body, line]), focused_element=body),
            key_bindings=self._bindings(),
            style=_STYLE,
            output=output,
            erase_when_done=True,
        )

    def _bindings(self) -> KeyBindings:
        bindings = KeyBindings()

        @bindings.add(Keys.ControlC)
        @bindings.add(Keys.SIGINT)
        def _(event: KeyPressEvent) -> None:
            event.app.exit(exception=KeyboardInterrupt)

        @bindings.add(Keys.ControlD)
        def _(event: KeyPressEvent) -> None:
            event.app.exit(result=Command.QUIT)

        @bindings.add(Keys.BracketedPaste)
        def _(event: KeyPressEvent) -> None:
            self._press(event, "/")
            for character in event.data.strip().split("\n")[0]:
                self._press(event, character)

        for key, name in _NAMED.items():
            bindings.add(key)(lambda event, name=name: self._press(event, name))
        bindings.add(Keys.Any)(lambda event: self._press(event, event.data))
        return bindings

    def _press(self, event: KeyPressEvent, key: str) -> None:
        done = press(self.menu, key)
        if isinstance(done, Menu):
            self.menu = done
        else:
            event.app.exit(result=done)

    def _width(self) -> int:
        return min(self.application.output.get_size().columns, WIDEST)

    def _rows(self) -> StyleAndTextTuples:
        return list(rows(self.menu, self._width())[0])

    def _cursor(self) -> Point:
        return Point(0, rows(self.menu, self._width())[1])

    def _foot(self) -> StyleAndTextTuples:
        return list(foot(self.menu, self._width()))


def ask(menu: Menu) -> tuple[Parsed, int]:
    """Show the menu and wait until something is chosen; returns that and the line that the cursor was on.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    reader = _Reader(menu)
    try:
        chosen = reader.application.run()
    except EOFError:  # the terminal is gone
        chosen = Command.QUIT
    return chosen, reader.menu.cursor
