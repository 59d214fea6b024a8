"""Serve the sandbox from the command line, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import asyncio
import re
import secrets
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.sandbox.control import Control
from bot.sandbox.faults import Rule
from bot.sandbox.sandbox import Sandbox

_TOKEN = re.compile(r"[0-9]{1,15}:[A-Za-z0-9_-]{30,}")

_SAYS = """\
A local Telegram is running. Run the bot against it in another terminal:

  TELEGRAM_TOKEN={token} TELEGRAM_API_URL={url} make run

and talk to it in the browser: {url}/
Ctrl-C ends it, and everything that was said is gone.
"""


@dataclass(frozen=True, slots=True)
class Weather:
    """How the local Telegram fares: its faults, the seed that they are drawn from, and whether it has its limits."""

    rules: Sequence[Rule] = ()
    seed: int = 1
    limits: bool = False


def serve(port: int, token: str | None, weather: Weather) -> int:
    """Serve on this port of loopback. ``token``: the bot's, or None for a new one. Returns the exit code."""
    if token is not None and not _TOKEN.fullmatch(token):
        return _failed("this is no bot token; write digits, a colon and at least 30 letters, digits, '-' or '_'")
    return asyncio.run(_serve(port, token or _new_token(), weather))


async def _serve(port: int, token: str, weather: Weather) -> int:
    sandbox = Sandbox(token)
    if weather.rules:
        sandbox.fail(*weather.rules, seed=weather.seed)
    if weather.limits:
        sandbox.limit()
    Control(sandbox).add_routes()
    try:
        await sandbox.open(port)
    except OSError:
        await sandbox.close()
        return _failed(f"port {port} is taken; name another one with --port")
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # not on Windows, where Ctrl-C ends it all the same
            asyncio.get_running_loop().add_signal_handler(name, ended.set)
    sys.stdout.write(_SAYS.format(token=token, url=sandbox.url))
    sys.stdout.flush()
    await ended.wait()
    await sandbox.close()
    return 0


def _new_token() -> str:
    return f"{10**9 + secrets.randbelow(9 * 10**9)}:{secrets.token_urlsafe(27)}"


def _failed(why: str) -> int:
    sys.stderr.write(f"signpost: {why}\n")
    return 1
