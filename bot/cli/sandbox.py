"""`signpost sandbox`: the local Telegram. It imports nothing of the bot, so it reads no settings either."""

from __future__ import annotations

from bot.cli.trouble import OK
from bot.sandbox.command import serve


def sandbox(port: int, token: str | None) -> int:
    """Serve until it is told to end; returns the exit code."""
    try:
        return serve(port, token)
    except KeyboardInterrupt:
        return OK
