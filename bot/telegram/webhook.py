"""The webhook: Telegram posts each update to us, and has it confirmed by our answer once it is settled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from urllib.parse import urlsplit

from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.log import get_logger
from bot.telegram.api import Api
from bot.telegram.errors import WRONG_SETTING, StartError, place_of
from bot.telegram.polling import BAD_TOKEN, KINDS
from bot.telegram.posts import Toast
from bot.telegram.web import Hook, Taken

_log = get_logger("signpost.telegram")

HELD = 25.0
"""Seconds that Telegram is kept waiting for an update to be settled; then it is asked to post it again."""

_MOST = 100
"""Posts that Telegram may have under way at once: the most that it takes."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
"""Seconds between tries while Telegram cannot be reached."""

_LOOK = 60.0
"""Seconds between two looks whether the webhook is still ours."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where Telegram posts to, and the secret that it sends along; "" for one made anew at each start."""

    url: str
    secret: str = ""


class Webhook:
    """The webhook of a bot. ``take`` settles an update: it gives the answer to its tap, if it is one."""

    def __init__(self, api: Api, address: Address, take: Callable[[object], asyncio.Future[Toast | None]]) -> None:
        self._api = api
        self._url = address.url
        self._secret = address.secret or token_urlsafe(32)
        self._take = take
        self.trouble = ""
        """Why no updates may come; "" where they do."""

    @property
    def hook(self) -> Hook:
        """What the web server has to serve."""
        return Hook(urlsplit(self._url).path or "/", self._secret, self._settle)

    async def run(self) -> None:
        """Tell Telegram where to post, and look from time to time whether that still holds, until cancelled.

        Raises:
            StartError: Telegram does not take the address, or the token is not valid.
        """
        await self._set()
        while True:
            await asyncio.sleep(_LOOK)
            await self._look()

    async def _settle(self, raw: object) -> Taken:
        settled = self._take(raw)
        repeated = settled.done()
        await asyncio.wait({settled}, timeout=HELD)
        if not settled.done() or settled.cancelled():
            return Taken(settled=False)
        toast = settled.result()
        if toast is None:
            return Taken(settled=True, repeated=repeated)
        answer: dict[str, object] = {"method": "answerCallbackQuery", "callback_query_id": toast.query}
        return Taken(settled=True, reply=answer | ({"text": toast.text} if toast.text else {}), repeated=repeated)

    async def _set(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._api.set_webhook(
                    self._url, allowed_updates=list(KINDS), secret_token=self._secret, max_connections=_MOST
                )
            except InvalidToken:
                raise StartError(BAD_TOKEN, WRONG_SETTING) from None
            except BadRequest as error:
                raise StartError(
                    f"WEBHOOK_URL: Telegram does not take it ({error.message}); it has to be public, and https",
                    WRONG_SETTING,
                ) from None
            except TelegramError as error:
                self.trouble = "the webhook is not set yet"
                _log.warning("the webhook could not be set, trying again: %s", place_of(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                self.trouble = ""
                return

    async def _look(self) -> None:
        try:
            info = await self._api.get_webhook_info()
        except InvalidToken:
            raise StartError(BAD_TOKEN, WRONG_SETTING) from None
        except TelegramError as error:
            self.trouble = "Telegram cannot be reached"
            _log.warning("the webhook could not be looked at: %s", place_of(error))
            return
        trouble = ""
        if info.url != self._url:
            trouble = "somebody else receives the updates"
        elif info.pending_update_count and info.last_error_date and _is_new(info.last_error_date):
            trouble = "Telegram cannot post to the webhook"
        if trouble and trouble != self.trouble:
            _log.error("%s", trouble)
        self.trouble = trouble


def _is_new(at: datetime) -> bool:
    return datetime.now(UTC) - at < timedelta(seconds=2 * _LOOK)
