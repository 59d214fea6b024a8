"""`signpost chat`: the conversation in the terminal, from what was asked for to the exit code."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.cli.parts import LibraryError, begin, database_of, language_of, library_of
from bot.cli.trouble import BROKEN, OK, BrokenError, UsageError, tell
from bot.flow.engine import outcome_of
from bot.flow.session import Session
from bot.load import Library
from bot.log import get_logger
from bot.log import tell as log
from bot.settings import Settings
from bot.storage.database import Database, StorageError, UnusableError
from bot.storage.place import holds_nothing
from bot.terminal import json_lines, plain, words
from bot.terminal.chat import KEY, Chat, Start, Unsaved


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for. ``ask``: somebody is there to be asked; ``file``: where the check is kept."""

    flow: str | None
    language: str | None
    new: bool
    json: bool
    ask: bool
    file: Path


def chat(asked: argparse.Namespace) -> int:
    """Have the conversation that was asked for; returns the exit code."""
    settings = begin()
    wish = _Wish(
        flow=asked.flow,
        language=asked.language,
        new=asked.new,
        json=asked.json,
        ask=_is_screen() and not asked.json,
        file=asked.session or database_of(settings),
    )
    try:
        return _chat(wish, settings)
    except StorageError as error:
        raise BrokenError(str(error)) from error
    except LibraryError:
        _sorry(settings, as_json=wish.json)
        raise
    except (UsageError, BrokenError, OSError):  # `main` has words for each of them
        raise
    except Exception as error:  # noqa: BLE001 - whatever our fault is, a worried person gets words and not silence
        log(error, get_logger("signpost.cli"))
        _sorry(settings, as_json=wish.json)
        return BROKEN


def _chat(wish: _Wish, settings: Settings) -> int:
    library = library_of(settings, wish.file.parent, later=True)
    language = language_of(wish.language, settings, library)
    if wish.flow and wish.flow not in library.flows:
        raise UsageError(f"there is no flow '{wish.flow}'; there is: {', '.join(sorted(library.flows))}")
    with asyncio.Runner() as runner, _store(wish, runner) as store:
        session = _session(wish, store, library, runner) if isinstance(store, Database) else None
        start = _start(wish, library, session, language)
        conversation = Chat(library, store, lambda: int(time.time()), runner)
        if session:
            conversation.speak(wish.language or session.language, otherwise=language)
        return _hold(conversation, start, wish)


def _hold(conversation: Chat, start: Start, wish: _Wish) -> int:
    if wish.ask:
        # What only a screen needs takes time to import, and a pipe does without it.
        from bot.terminal.screen import Screen  # noqa: PLC0415
        from bot.terminal.tty import Terminal  # noqa: PLC0415

        terminal = Terminal(conversation, Screen())
        try:
            terminal.run(start)
        except KeyboardInterrupt:
            terminal.goodbye()
            raise
    else:
        printer = plain.JsonPrinter(sys.stdout) if wish.json else plain.TextPrinter(sys.stdout)
        plain.run(conversation, start, sys.stdin, printer)
    if conversation.trouble:
        raise BrokenError(f"the answers are not saved: {conversation.trouble}")
    return OK


# --- what the conversation needs --------------------------------------------------------------------------------


@contextmanager
def _store(wish: _Wish, runner: asyncio.Runner) -> Iterator[Database | Unsaved]:
    """The database, open; or, where it cannot be used, none, and the conversation is had without.

    A check that may be in there is not passed over silently: who has one is told, and decides.
    """
    try:
        database = runner.run(Database.at(wish.file))
    except StorageError as error:
        if not holds_nothing(wish.file):
            trouble = str(error)
            if not wish.new and not (wish.ask and _agreed(trouble, "Begin a new check that is not saved?")):
                raise BrokenError(f"{trouble}; or use --new: it begins a new check that is not saved") from error
            tell(f"{trouble}. It is left as it is; a new check begins, which is not saved.")
        yield Unsaved(error)
        return
    try:
        yield database
    finally:
        runner.run(database.close())


def _session(wish: _Wish, database: Database, library: Library, runner: asyncio.Runner) -> Session | None:
    """The check to go on with. One that cannot be read is kept under another name, if that is what is wanted."""
    try:
        session = runner.run(database.load(KEY))
        if session is None or session.flow in library.flows:
            return session
        trouble = f"{wish.file} holds a check of the flow '{session.flow}', which there is not any more"
    except UnusableError as error:
        trouble = str(error)
    if not wish.new and not (wish.ask and _agreed(trouble, "Keep it under another name and begin a new check?")):
        raise BrokenError(f"{trouble}; use --new: it keeps that one under another name and begins a new check")
    name = runner.run(database.set_aside(KEY))
    tell(f"{trouble}. It is kept there as '{name}'; a new check begins.")
    return None


def _agreed(trouble: str, question: str) -> bool:
    tell(trouble)
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def _start(wish: _Wish, library: Library, session: Session | None, language: str) -> Start:
    other = session is not None and wish.flow not in {None, session.flow}
    if session and other and not wish.new and outcome_of(library.flows[session.flow], session) is None:
        raise UsageError(
            f"there is an unfinished check '{session.flow}'; go on with it (--flow {session.flow}), or begin with --new"
        )
    flow = wish.flow or (session.flow if session else None)
    if flow is None and len(library.flows) > 1:
        raise UsageError(f"there are several flows; name one with --flow: {', '.join(sorted(library.flows))}")
    return Start(flow or next(iter(library.flows)), language, wish.new)


def _is_screen() -> bool:
    """Whether a person sits in front of it, with a terminal that can do more than print lines."""
    streams = (sys.stdin, sys.stdout)
    return all(stream and stream.isatty() for stream in streams) and os.environ.get("TERM", "dumb") != "dumb"


def _sorry(settings: Settings, *, as_json: bool) -> None:
    """What to do when Signpost itself cannot say it: never silence."""
    contact = [f"Please tell: {settings.operator_contact}"] if settings.operator_contact else []
    text = "\n".join([*words.BROKEN, *contact])
    print(json_lines.line(json_lines.notice(text)) if as_json else text)
