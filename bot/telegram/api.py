"""The Bot API: calls through the library's own types, and what its errors mean for us."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Any, TypeVar

from telegram import Bot, CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter

from bot.telegram.http_client import Request
from bot.telegram.posts import Button, Keyboard

# The library's next way to tell times of waiting; its old one warns on every use.
os.environ.setdefault("PTB_TIMEDELTA", "true")

CONNECTIONS, KEPT = 64, 16
"""Calls in flight at once, and how many more for what must not wait behind other chats' calls (seek-care messages).
Whatever is over that waits for its turn here, where no time is running against it."""

_SLACK = 10.0
"""Seconds that a long poll may take beyond its time."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
"""Seconds between tries when the network or Telegram fails."""

_Result = TypeVar("_Result")


class Api(Bot):
    """The library's bot, with updates as plain data: one that the library cannot read must not stop the others."""

    __slots__ = ("_first", "_turn")

    def __init__(self, url: str, token: str) -> None:
        super().__init__(
            token,
            base_url=f"{url}/bot",
            base_file_url=f"{url}/file/bot",
            request=Request(CONNECTIONS + KEPT),
            get_updates_request=Request(1),
        )
        self._turn = asyncio.Semaphore(CONNECTIONS)
        self._first = asyncio.Semaphore(KEPT)

    async def raw_updates(self, offset: int | None, seconds: int, kinds: Sequence[str]) -> list[object]:
        """The updates from ``offset`` on, as JSON data; waits up to ``seconds`` for the first.

        Raises `TelegramError`.
        """
        data: dict[str, Any] = {"offset": offset, "timeout": seconds, "allowed_updates": list(kinds)}
        result = await self._post("getUpdates", data, read_timeout=seconds + _SLACK)
        if not isinstance(result, list):
            raise NetworkError("the answer holds no list of updates")
        return result

    async def settle(
        self, call: Callable[[], Awaitable[_Result]], tries: int | None = None, *, first: bool = False
    ) -> _Result:
        """Make a call until Telegram has accepted or refused it: waits as it is told, and when the network fails.

        ``tries``: how often at most; without it, as often as it takes. ``first``: it waits behind no other chat's
        calls. An answer that gets lost makes the call happen twice.

        Raises:
            TelegramError: it was refused, or failed for the last time.
        """
        pause = _FIRST_PAUSE
        for number in count(1):
            try:
                async with self._first if first else self._turn:
                    return await call()
            except RetryAfter as error:
                if number == tries:
                    raise
                await asyncio.sleep(seconds_of(error))
            except BadRequest:  # which the library counts among the network's errors
                raise
            except (NetworkError, InvalidToken, Conflict):  # a server out of order; a wrong token ends the polling
                if number == tries:
                    raise
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        raise AssertionError("counting does not end")


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram wants to be left alone."""
    wait = error.retry_after
    return wait if isinstance(wait, int) else wait.total_seconds()


def markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    """Buttons as Telegram takes them; `None` for none."""
    if not keyboard:
        return None
    return InlineKeyboardMarkup([[_button(button) for button in row] for row in keyboard])


def _button(button: Button) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        button.text,
        callback_data=button.data or None,
        url=button.url or None,
        copy_text=CopyTextButton(button.copy) if button.copy else None,
        style=button.look.value or None,
    )
