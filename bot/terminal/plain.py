"""The conversation over a pipe: one line in, plain text or JSON lines out, nothing that only a screen understands.

Lines are answered in order. A line that is not understood leaves everything as it was. When the lines end, the check
is saved, and the next run goes on with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TextIO

from bot.conversation.messages import Message, Request
from bot.flow.events import Reason
from bot.flow.model import Level
from bot.flow.outcome import Outcome
from bot.terminal import json_lines, words
from bot.terminal.chat import Chat, Start
from bot.terminal.input import Command, Words, read
from bot.terminal.transcript import written
from bot.terminal.view import View

LONGEST_LINE = 4096
"""Characters of a line that are read; what is longer is no answer, and its rest is skipped.

What was read of it is looked through for dangers all the same.
"""


class Printer(Protocol):
    """Writes what is to be shown."""

    def message(self, message: Message, view: View, outcome: Outcome | None) -> None:
        """Write a message of the conversation."""

    def notice(self, text: str, items: tuple[str, ...] = ()) -> None:
        """Write something that the terminal itself says."""

    def end(self, level: Level | None) -> None:
        """Write the last line: the level of a finished check, or that the check is saved."""


class TextPrinter:
    """Plain text."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def message(self, message: Message, view: View, outcome: Outcome | None) -> None:  # noqa: ARG002 - JSON needs it
        """Write a message and an empty line."""
        self._write(written(message, view) + "\n\n")

    def notice(self, text: str, items: tuple[str, ...] = ()) -> None:
        """Write the text with its list, and an empty line."""
        self._write("\n".join([text, *(f"- {item}" for item in items)]) + "\n\n")

    def end(self, level: Level | None) -> None:
        """Write ``level: <level>``, which scripts rely on, or that the check is saved."""
        self._write(f"level: {level.value}\n" if level else f"{words.SAVED}\n")

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


class JsonPrinter:
    """One JSON object a line."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def message(self, message: Message, view: View, outcome: Outcome | None) -> None:
        """Write a message."""
        self._write(json_lines.line(json_lines.event_of(message, view, outcome)))

    def notice(self, text: str, items: tuple[str, ...] = ()) -> None:
        """Write the text as a notice."""
        self._write(json_lines.line(json_lines.notice(text, items)))

    def end(self, level: Level | None) -> None:
        """Write ``finished`` with the level, or ``saved``."""
        self._write(json_lines.line({"event": "finished", "level": level.value} if level else {"event": "saved"}))

    def _write(self, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()


def run(chat: Chat, start: Start, source: TextIO | None, printer: Printer) -> None:
    """Go on with the check that there is, or begin one; then answer every line until there are no more."""
    _open(chat, start, printer)
    for line, whole in _lines(source):
        parsed = read(line, chat.view) if whole else Words(line, Reason.NO_SUCH_OPTION, whole=False)
        if parsed is Command.QUIT:
            break
        if parsed is Command.HELP:
            printer.notice(*words.HELP)
        else:
            _show(chat, _taken(chat, parsed), printer)
    outcome = chat.outcome
    if outcome or not chat.trouble:
        printer.end(outcome.level if outcome else None)


def _taken(chat: Chat, parsed: tuple[Request, ...] | Reason | Words) -> tuple[Message, ...]:
    if isinstance(parsed, Words):
        return chat.say(parsed)
    return chat.refuse(parsed) if isinstance(parsed, Reason) else chat.do(parsed)


def _open(chat: Chat, start: Start, printer: Printer) -> None:
    session = chat.session
    if session is None or start.new or chat.seen:
        if session and not start.new:
            printer.notice(words.NEW_AFTER_FINISHED.format(when=words.when(session), advice=chat.headline))
        _show(chat, chat.begin(start), printer)
        return
    if not chat.expired:
        printer.notice(words.STILL_THERE.format(when=words.when(session)))
    _show(chat, chat.go_on(), printer)


def _show(chat: Chat, messages: tuple[Message, ...], printer: Printer) -> None:
    outcome = chat.outcome
    for message in messages:
        printer.message(message, chat.view, outcome)


def _lines(source: TextIO | None) -> Iterator[tuple[str, bool]]:
    """The lines that say something, each with whether it is whole: of one that is too long, the beginning."""
    while source and (line := source.readline(LONGEST_LINE)):
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            while (rest := source.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                pass
            yield line.strip("\ufeff"), False
        elif line.strip("\ufeff \t\r\n"):
            yield line.strip("\ufeff"), True
