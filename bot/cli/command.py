"""What there is to ask `signpost` for. Starts it, and ends with the exit code that tells how it went."""

from __future__ import annotations

import argparse
import gc
import io
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Never, TextIO

from bot import __version__
from bot.cli.trouble import BROKEN, INTERRUPTED, OK, WRONG_USE, BrokenError, UsageError, fail

if TYPE_CHECKING:
    from bot.sandbox.faults import Rule

_DESCRIPTION = "A guided check for one worried moment: what could this be, and how soon should someone look at it?"
_CHAT = """\
Have the conversation here in the terminal. Your answers are saved after each step, on this machine only: leave
whenever you like, and the same command goes on from there.

With input from a pipe it is plain text: one line for each answer (a number, several numbers with spaces between them,
words, or back, change, unsure, why, stop). When the lines end, the check is saved. The last line of a finished check is
'level: emergency', 'level: urgent', 'level: soon' or 'level: routine'."""
_RUN = """\
Run the bot on Telegram. It asks Telegram for messages until Ctrl-C or SIGTERM; then it sends what is still owed, and
ends. Everything it needs to know is set in the environment or in the file .env of this folder: TELEGRAM_TOKEN, from
@BotFather, has to be set, everything else may be (.env.example lists it all).

for example:
  TELEGRAM_TOKEN=123456:ABC... signpost run
  TELEGRAM_API_URL=http://127.0.0.1:8081 signpost run       with the local Telegram of 'signpost sandbox'"""
_GRAPH = """\
Draw a flow for people who want to read, print or discuss it: every card with its condition and its answers, the danger
signs with the rules that read them, the rules by level, the causes, definitions and sources. Which kind of file it is,
its ending says.

  .svg   a picture: as wide as a phone or a window; printed, its pages are those of A4
  .md    Markdown with a Mermaid chart and a table of the rules, as repositories show it

for example:
  signpost graph leg_lift -o leg_lift.svg
  signpost graph leg_lift -o first_page.svg --page 1
  signpost graph leg_lift -o leg_lift.md --language en"""
_SANDBOX = """\
Start a local Telegram on this machine: a Bot API server that is as strict as the real one, and that nobody else can
reach. Try the bot with it without a token from @BotFather. Ctrl-C ends it, and everything that was said is gone.

It can also be as bad as a bad day: with slow calls, Telegram's limits, and faults. A fault befalls a share (0 to 1) of
the calls of a method, or of all methods (*). One seed and one order of calls give the same again.

  500, 502, 503   the server fails; 502 is the page of a server in front of it
  429             too many requests
  403             the person blocks the bot just then
  moved           the group becomes a supergroup just then
  hang            no answer
  reset           the connection breaks before anything was done
  lost            it breaks afterwards: everything was done, and the bot does not know
  slow            the call takes a second longer

for example:
  signpost sandbox
  signpost sandbox --latency 50 --jitter 100 --limits
  signpost sandbox --fault sendMessage:lost:0.1 --fault '*:502:0.05' --seed 7
  signpost sandbox --port 9000 --token 1:my-own-invented-token-for-the-bot"""
_CHECK = """\
Prove, for every possible combination of answers, that no conversation with a danger sign ends without its seek-care
message, and everything else that docs/safety.md promises. No answers are sampled; what changes and time do (S10 and
S12), and a part of S13, is played in the engine. What does not hold is told with its file and line, and with the
smallest conversation that shows it. Exit code 0 only when everything holds.

for example:
  signpost check
  signpost check --only S0,S4
  FLOWS_DIR=my/flows CONTENT_DIR=my/content signpost check --json"""
_UNDERSTAND = """\
Show what is heard in something that people type, how surely and because of which words, and what was not taken for a
danger and why. The first line is the verdict on this message by itself: 'danger: clear' when it says that somebody has
to be seen the same day or at once, 'danger: possible' when that would have to be asked, else 'danger: none'. Nothing is
stored.

With --question it is read as the answer to that question, too. With - as TEXT, each line of standard input is a text;
with --json each gives one line of JSON, so that a script can judge thousands of them.

for example:
  signpost understand "cant feel when i wipe"
  signpost understand "since tuesday" --question speed --at 2026-11-26
  signpost understand - --json <messages.txt"""
_SECONDS = 600.0
_MEBIBYTES = 4096
_PORT = 8081
_LAST_PORT = 65535


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
        return fail(str(error), WRONG_USE)
    except BrokenError as error:
        return fail(str(error), BROKEN)
    except BrokenPipeError:  # whoever read our output is gone; nobody is left to tell, and every answer is saved
        _give_up_output()
        return OK
    except OSError as error:
        _give_up_output()
        return fail(f"reading or writing failed here ({error.strerror}); the answers until then are saved", BROKEN)
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
    return _do(wish)


def _do(wish: argparse.Namespace) -> int:
    if wish.command == "chat":
        from bot.cli.chat import chat  # noqa: PLC0415

        return chat(wish)
    if wish.command == "check":
        from bot.cli.check import check  # noqa: PLC0415

        return check(wish)
    if wish.command == "run":
        gc.disable()  # what is loaded now stays: looking for garbage in it takes up to a third of the start
        try:
            from bot.cli.run import run  # noqa: PLC0415

            return run()
        finally:
            gc.enable()
    if wish.command == "graph":
        from bot.cli.graph import graph  # noqa: PLC0415

        return graph(wish)
    if wish.command == "understand":
        from bot.cli.understand import understand  # noqa: PLC0415

        return understand(wish)
    from bot.cli.sandbox import sandbox  # noqa: PLC0415

    return sandbox(wish)


def _parsers() -> tuple[argparse.ArgumentParser, Iterable[str]]:
    parser = _Parser("signpost", description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"signpost {__version__}")
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")

    def add(name: str, summary: str, description: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=summary,
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    talk = add("chat", "have the conversation in the terminal", _CHAT)
    talk.add_argument("--flow", metavar="F", help="which check to have, where there are several")
    talk.add_argument("--language", metavar="L", help="in which language, for instance: en")
    talk.add_argument("--new", action="store_true", help="begin a new check; without this, an unfinished one goes on")
    talk.add_argument("--json", action="store_true", help="read lines, and write everything as JSON, one event a line")
    talk.add_argument("--session", metavar="FILE", type=Path, help="keep the check in this file (SQLite)")
    add("run", "run the bot on Telegram", _RUN)
    proof = add("check", "prove that every conversation is safe", _CHECK)
    proof.add_argument("--json", action="store_true", help="write the whole report as JSON")
    proof.add_argument("--only", metavar="NAMES", help="only these properties, for instance: S0,S4")
    proof.add_argument("--seconds", metavar="N", type=_amount, default=_SECONDS, help="how long it may take (600)")
    proof.add_argument("--memory", metavar="MIB", type=_amount, default=_MEBIBYTES, help="how much memory (4096 MiB)")
    proof.add_argument("--people", metavar="DIR", type=Path, help="committed patients, for the typical length")
    proof.add_argument("--certify", action="store_true", help="write certificate.json beside the flows if all holds")
    picture = add("graph", "draw a flow as a picture to print and read", _GRAPH)
    picture.add_argument("flow", metavar="FLOW", help="which flow, for instance: leg_lift")
    picture.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the file: .svg or .md")
    picture.add_argument("--language", metavar="L", help="with the texts of which language, for instance: en")
    picture.add_argument("--page", metavar="N", type=_page, help="only this page of the picture")
    words = add("understand", "show what is heard in a text, and why", _UNDERSTAND)
    words.add_argument("text", metavar="TEXT", help="what somebody types; - reads one text a line from standard input")
    words.add_argument("--question", metavar="Q", help="read it as the answer to this question as well")
    words.add_argument("--flow", metavar="F", help="by the rules of which check, where there are several")
    words.add_argument("--language", metavar="L", help="in which language, for instance: en")
    words.add_argument(
        "--at", metavar="DATE", type=_day, help="the day it is typed on, as 2026-11-26; without it, today"
    )
    words.add_argument("--json", action="store_true", help="write JSON, one object a text")
    local = add("sandbox", "start a local Telegram to try the bot with", _SANDBOX)
    local.add_argument("--port", metavar="PORT", type=_port, default=_PORT, help=f"where it listens ({_PORT})")
    local.add_argument("--token", metavar="TOKEN", help="the token of the bot, as you like; without this, it says one")
    local.add_argument("--latency", metavar="MS", type=_whole, default=0, help="how much longer each call takes")
    local.add_argument("--jitter", metavar="MS", type=_whole, default=0, help="up to so much longer, at random")
    local.add_argument(
        "--fault", metavar="METHOD:KIND:SHARE", type=_fault, action="append", default=[], help="see above; repeatable"
    )
    local.add_argument("--seed", metavar="N", type=_whole, default=1, help="what chance is drawn from (1)")
    local.add_argument("--limits", action="store_true", help="take no more messages than Telegram does")
    return parser, commands.choices


def _amount(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("write a whole number of 1 or more")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _LAST_PORT:
        raise argparse.ArgumentTypeError(f"write a port number from 1 to {_LAST_PORT}")
    return int(text)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("write a whole number of 0 or more")
    return int(text)


def _fault(text: str) -> Rule:
    from bot.sandbox.faults import parse  # noqa: PLC0415 - only this option needs it

    try:
        return parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("write a date as 2026-11-26") from None


def _page(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError("write the number of a page, from 1")
    return int(text)


# --- the process ------------------------------------------------------------------------------------------------


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
