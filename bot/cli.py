"""The command `signpost`: reads what is asked for, puts the parts together, and turns every failure into plain words.

Exit codes: 0 all is well (a conversation that was left is), 1 something is broken, 2 asked for in a wrong way,
130 ended with Ctrl-C. What needs time to import is imported where it is needed: `--help` answers at once.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Never, TextIO

from bot import __version__

if TYPE_CHECKING:
    from bot.flow.session import Session
    from bot.load import Library
    from bot.settings import Settings
    from bot.storage.session_file import SessionFile
    from bot.terminal.chat import Chat, Start

OK = 0
BROKEN = 1
WRONG_USE = 2
INTERRUPTED = 130

_DESCRIPTION = "A guided check for one worried moment: what could this be, and how soon should someone look at it?"
_CHAT = """\
Have the conversation here in the terminal. Your answers are saved after each step, on this machine only: leave
whenever you like, and the same command goes on from there.

With input from a pipe it is plain text: one line for each answer (a number, several numbers with spaces between them,
words, or back, change, unsure, why, stop). When the lines end, the check is saved. The last line of a finished check is
'level: emergency', 'level: urgent', 'level: soon' or 'level: routine'."""


class UsageError(Exception):
    """Something was asked for that is not there. The text is one line that says what there is."""


class BrokenError(Exception):
    """Something is broken that the person has to know about. The text says what, and what to do."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> Never:
        raise UsageError(f"{message}; '{self.prog} --help' shows what there is")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (by default those of the process) and return its exit code."""
    _speak_utf8()
    signal.signal(signal.SIGTERM, _leave)
    try:
        code = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except UsageError as error:
        return _fail(str(error), WRONG_USE)
    except BrokenError as error:
        return _fail(str(error), BROKEN)
    except BrokenPipeError:  # whoever read our output is gone; nobody is left to tell, and every answer is saved
        _give_up_output()
        return OK
    except OSError as error:
        _give_up_output()
        return _fail(f"reading or writing failed here ({error.strerror}); the answers until then are saved", BROKEN)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _run(arguments: list[str]) -> int:
    parser, commands = _parsers()
    named = next((argument for argument in arguments if not argument.startswith("-")), None)
    if named is not None and named not in commands:
        raise UsageError(f"there is no command '{named}'; there is: {', '.join(commands)}")
    wish = parser.parse_args(arguments)
    if wish.command is None:
        parser.print_help()
        return OK
    return chat(wish)


def _parsers() -> tuple[argparse.ArgumentParser, Iterable[str]]:
    parser = _Parser("signpost", description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"signpost {__version__}")
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    talk = commands.add_parser(
        "chat",
        help="have the conversation in the terminal",
        description=_CHAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    talk.add_argument("--flow", metavar="F", help="which check to have, where there are several")
    talk.add_argument("--language", metavar="L", help="in which language, for instance: en")
    talk.add_argument("--new", action="store_true", help="begin a new check; without this, an unfinished one goes on")
    talk.add_argument("--json", action="store_true", help="read lines, and write everything as JSON, one event a line")
    talk.add_argument("--session", metavar="FILE", type=Path, help="keep the check in this file")
    return parser, commands.choices


def chat(wish: argparse.Namespace) -> int:
    """Have the conversation that was asked for; returns the exit code."""
    from bot.settings import SettingsError, load_settings  # noqa: PLC0415
    from bot.terminal.log import begin_log  # noqa: PLC0415

    try:
        settings = load_settings()
    except SettingsError as error:
        raise UsageError(str(error)) from error
    begin_log(settings.log_level, settings.log_format)
    try:
        return _chat(wish, settings)
    except (UsageError, BrokenError, OSError):  # `main` has words for each of them
        raise
    except Exception as error:  # noqa: BLE001 - whatever our fault is, a worried person gets words and not silence
        _apologise(error, settings, as_json=wish.json)
        return BROKEN


def _chat(wish: argparse.Namespace, settings: Settings) -> int:
    from bot.storage.session_file import SessionFile, StorageError  # noqa: PLC0415
    from bot.terminal.chat import Chat  # noqa: PLC0415

    library = _library(settings, as_json=wish.json)
    language = _language(wish, settings, library)
    on_screen = _is_screen() and not wish.json
    store = SessionFile(settings.data_dir, wish.session)
    try:
        session = _session(store, library, ask=on_screen, new=wish.new)
        start = _start(wish, library, session, language)
        with Chat(library, store, lambda: int(time.time())) as conversation:
            if session:
                conversation.speak(wish.language or session.language, otherwise=language)
            return _hold(conversation, start, on_screen=on_screen, as_json=wish.json)
    except StorageError as error:
        raise BrokenError(str(error)) from error


def _hold(conversation: Chat, start: Start, *, on_screen: bool, as_json: bool) -> int:
    if on_screen:
        from bot.terminal.screen import Screen  # noqa: PLC0415
        from bot.terminal.tty import Terminal  # noqa: PLC0415

        terminal = Terminal(conversation, Screen())
        try:
            terminal.run(start)
        except KeyboardInterrupt:
            terminal.goodbye()
            raise
    else:
        from bot.terminal import plain  # noqa: PLC0415

        printer = plain.JsonPrinter(sys.stdout) if as_json else plain.TextPrinter(sys.stdout)
        plain.run(conversation, start, sys.stdin, printer)
    if conversation.trouble:
        raise BrokenError(f"the answers are not saved: {conversation.trouble}")
    return OK


# --- what the conversation needs --------------------------------------------------------------------------------


def _library(settings: Settings, *, as_json: bool) -> Library:
    from bot.load import LoadError, load_library  # noqa: PLC0415
    from bot.shipped import ShippedFilesMissingError, content_dir, flows_dir  # noqa: PLC0415

    try:
        return load_library(settings.flows_dir or flows_dir(), settings.content_dir or content_dir())
    except ShippedFilesMissingError as error:
        raise BrokenError(str(error)) from error
    except LoadError as error:
        count = len(error.issues)
        mistakes = "1 mistake" if count == 1 else f"{count} mistakes"
        print(error, file=sys.stderr)
        _sorry(settings, as_json=as_json)
        raise BrokenError(f"{mistakes} in the flows and texts, so nothing was started") from error


def _language(wish: argparse.Namespace, settings: Settings, library: Library) -> str:
    language: str = wish.language or settings.default_language
    if language not in library.texts:
        there_is = ", ".join(f"{code} ({texts.name})" for code, texts in sorted(library.texts.items()))
        asked = "" if wish.language else "DEFAULT_LANGUAGE: "
        raise UsageError(f"{asked}there is no language '{language}'; there is: {there_is}")
    return language


def _start(wish: argparse.Namespace, library: Library, session: Session | None, language: str) -> Start:
    from bot.flow.engine import outcome_of  # noqa: PLC0415
    from bot.terminal.chat import Start  # noqa: PLC0415

    there_is = ", ".join(sorted(library.flows))
    if wish.flow and wish.flow not in library.flows:
        raise UsageError(f"there is no flow '{wish.flow}'; there is: {there_is}")
    other = session is not None and wish.flow not in {None, session.flow}
    if session and other and not wish.new and outcome_of(library.flows[session.flow], session) is None:
        raise UsageError(
            f"there is an unfinished check '{session.flow}'; go on with it (--flow {session.flow}), or begin with --new"
        )
    flow = wish.flow or (session.flow if session else None)
    if flow is None and len(library.flows) > 1:
        raise UsageError(f"there are several flows; name one with --flow: {there_is}")
    return Start(flow or next(iter(library.flows)), language, wish.new)


def _session(store: SessionFile, library: Library, *, ask: bool, new: bool) -> Session | None:
    """The check to go on with. One that cannot be read is kept under another name, if that is what is wanted."""
    import asyncio  # noqa: PLC0415

    from bot.storage.session_file import StorageError  # noqa: PLC0415
    from bot.terminal.chat import KEY  # noqa: PLC0415

    try:
        session = asyncio.run(store.load(KEY))
        if session is None or session.flow in library.flows:
            return session
        trouble = f"{store.path(KEY)} holds a check of the flow '{session.flow}', which there is not any more"
    except StorageError as error:
        trouble = str(error)
    if not new and not (ask and _agreed(trouble)):
        raise BrokenError(f"{trouble}; or use --new: it keeps that file under another name and begins a new check")
    _tell(f"{trouble}. It is kept as {store.set_aside(KEY)}; a new check begins.")
    return None


def _agreed(trouble: str) -> bool:
    _tell(trouble)
    try:
        return input("Keep that file under another name and begin a new check? [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


# --- what is said when something fails --------------------------------------------------------------------------


def _apologise(error: Exception, settings: Settings, *, as_json: bool) -> None:
    """Our fault: the fixed words for it. The log gets the place, not the text of the error, which may hold answers."""
    import traceback  # noqa: PLC0415

    places = [f"{Path(at.filename).name}:{at.lineno}" for at in traceback.extract_tb(error.__traceback__)]
    logging.getLogger("signpost.cli").error("unexpected %s at %s", type(error).__name__, " > ".join(places))
    _sorry(settings, as_json=as_json)


def _sorry(settings: Settings, *, as_json: bool) -> None:
    """What to do when Signpost itself cannot say it: never silence."""
    from bot.terminal import json_lines, words  # noqa: PLC0415

    contact = [f"Please tell: {settings.operator_contact}"] if settings.operator_contact else []
    text = "\n".join([*words.BROKEN, *contact])
    print(json_lines.line(json_lines.notice(text)) if as_json else text)


def _fail(text: str, code: int) -> int:
    _tell(text)
    return code


def _tell(text: str) -> None:
    with suppress(OSError):
        print(f"signpost: {text}", file=sys.stderr)


# --- the process ------------------------------------------------------------------------------------------------


def _is_screen() -> bool:
    """Whether a person sits in front of it, with a terminal that can do more than print lines."""
    streams = (sys.stdin, sys.stdout)
    return all(stream and stream.isatty() for stream in streams) and os.environ.get("TERM", "dumb") != "dumb"


def _speak_utf8() -> None:
    """Read and write UTF-8 whatever the locale says; what is not UTF-8 is replaced, never an error."""
    # A stream that was closed before we started is missing altogether: what is written there goes nowhere.
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _give_up_output() -> None:
    """Send what is still buffered nowhere, so that the end of the process does not stumble over it."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _leave(number: int, frame: FrameType | None) -> Never:  # noqa: ARG001 - how signals call
    raise SystemExit(OK)
