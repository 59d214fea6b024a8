"""The Bot API: calls through the library's own types, and what its errors mean for us."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Any, TypeVar

from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.metrics import Metrics
from bot.telegram.http_client import Request
from bot.telegram.posts import Button, Keyboard

# The library's next way to tell times of waiting; its old one warns on every use.
os.environ.setdefault("PTB_TIMEDELTA", "true")

CONNECTIONS, KEPT = 128, 32
"""Calls in flight at once, and how many more for what must not wait behind other chats' calls (seek-care messages).
Whatever is over that waits for its turn here, where no time is running against it."""

_NO_PREVIEW = {"is_disabled": True}

_SLACK = 10.0
"""Seconds that a long poll may take beyond its time."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
"""Seconds between tries when the network or Telegram fails."""

_LONGEST_WAIT = 3600.0
"""Seconds to wait at most because Telegram says so: a server that is out of order must not silence the bot for ever."""

_LARGEST_ID = 2**63 - 1
"""The largest number that a database holds."""

_Result = TypeVar("_Result")


class Api(Bot):
    """The library's bot, with updates as plain data: one that the library cannot read must not stop the others."""

    __slots__ = ("_first", "_metrics", "_turn")

    def __init__(self, url: str, token: str, metrics: Metrics | None = None) -> None:
        metrics = metrics or Metrics()
        super().__init__(
            token,
            base_url=f"{url}/bot",
            base_file_url=f"{url}/file/bot",
            request=Request(CONNECTIONS + KEPT, metrics),
            get_updates_request=Request(1, metrics),
        )
        self._metrics = metrics
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

    async def send_text(self, chat: int, text: str, mode: ParseMode | None, keyboard: Keyboard) -> int:
        """Send a message; its id, which is all that is read of the answer. Raises `TelegramError`."""
        data = {"chat_id": chat, "text": text, "parse_mode": mode, "link_preview_options": _NO_PREVIEW}
        sent = await self._post("sendMessage", data | {"reply_markup": markup(keyboard)})
        number = sent.get("message_id") if isinstance(sent, dict) else None
        if not isinstance(number, int) or not 0 < number <= _LARGEST_ID:
            raise TelegramError("the answer holds no message")
        return number

    async def edit_text(self, chat: int, message: int, text: str, keyboard: Keyboard) -> None:
        """Change a message (HTML) and its buttons. Raises `TelegramError`."""
        data = {"chat_id": chat, "message_id": message, "text": text, "parse_mode": ParseMode.HTML}
        data |= {"link_preview_options": _NO_PREVIEW, "reply_markup": markup(keyboard)}
        await self._post("editMessageText", data)

    async def answer_tap(self, query: str, text: str) -> None:
        """Answer a tap, with a few words or none. Raises `TelegramError`."""
        await self._post("answerCallbackQuery", {"callback_query_id": query} | ({"text": text} if text else {}))

    async def settle(
        self, call: Callable[[], Awaitable[_Result]], tries: int, *, first: bool = False, sends: bool = False
    ) -> _Result:
        """Make a call until Telegram has accepted or refused it: waits as it is told, and when the network fails.

        ``tries``: how often at most. ``first``: it waits behind no other chat's calls. An answer that gets lost makes
        the call happen twice; ``sends``: people see that.

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
                if sends:
                    self._metrics.sent_again()
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        raise AssertionError("counting does not end")


def may_be_better_later(error: TelegramError) -> bool:
    """Whether the same call may work another time: Telegram is out of order, out of reach, or has enough of us."""
    later = isinstance(error, RetryAfter | NetworkError | InvalidToken | Conflict)
    return later and not isinstance(error, BadRequest)


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram wants to be left alone; where that is more than an hour, it is asked again after one."""
    wait = error.retry_after
    return min(wait if isinstance(wait, int) else wait.total_seconds(), _LONGEST_WAIT)


def markup(keyboard: Keyboard) -> dict[str, Any] | None:
    """Buttons as an InlineKeyboardMarkup of the Bot API; `None` for none."""
    return {"inline_keyboard": [[_button(button) for button in row] for row in keyboard]} if keyboard else None


def _button(button: Button) -> dict[str, Any]:
    made: dict[str, Any] = {"text": button.text}
    if button.data:
        made["callback_data"] = button.data
    if button.url:
        made["url"] = button.url
    if button.copy:
        made["copy_text"] = {"text": button.copy}
    if button.look.value:
        made["style"] = button.look.value
    return made
