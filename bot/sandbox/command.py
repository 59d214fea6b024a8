"""Serve the sandbox from the command line, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import asyncio
import re
import secrets
import signal
import sys
from contextlib import suppress

from bot.sandbox.control import Control
from bot.sandbox.sandbox import Sandbox

_TOKEN = re.compile(r"[0-9]{1,15}:[A-Za-z0-9_-]{30,}")

_SAYS = """\
A local Telegram is running. Run the bot against it in another terminal:

  TELEGRAM_TOKEN={token} TELEGRAM_API_URL={url} make run

and talk to it in the browser: {url}/
Ctrl-C ends it, and everything that was said is gone.
"""


def serve(port: int, token: str | None) -> int:
    """Serve on this port of loopback. ``token``: the bot's, or None for a new one. Returns the exit code."""
    if token is not None and not _TOKEN.fullmatch(token):
        return _failed("this is no bot token; write digits, a colon and at least 30 letters, digits, '-' or '_'")
    return asyncio.run(_serve(port, token or _new_token()))


async def _serve(port: int, token: str) -> int:
    sandbox = Sandbox(token)
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
