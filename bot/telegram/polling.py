"""Polling: updates are asked for, taken, and only then confirmed by asking for the next ones."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.telegram.api import Api, seconds_of
from bot.telegram.errors import WRONG_SETTING, StartError, place_of
from bot.telegram.incoming import update_id

_log = logging.getLogger("signpost.telegram")

KINDS = ("message", "edited_message", "callback_query")
"""The kinds of updates that mean something to us; Telegram keeps the others to itself."""

LONG = 30
"""Seconds that Telegram waits for an update before it answers that there is none."""

LAST = 0.5
"""Seconds for which updates that have been handed over are still settled after the signal to end."""

SLOW = 1.5
"""Seconds for which a commit that is under way then is still waited for."""

YOUNG = 3.0
"""Seconds after the first poll within which this one gives way to another, which was there before. Enough for the
other to learn of this one and to ask again, also on a slow line."""

_AFTER_CONFLICT = (0.2, 2.0, 5.0)
"""Seconds before the next poll after one conflict, two, and more. The first is short: a process that has just begun
to poll beside this one learns of it while it is young, and ends."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
"""Seconds between tries when the network or Telegram fails."""

_EMPTY = 1.0
"""Seconds before the next poll when Telegram answered with things that are no updates."""

_BRISK = 0.1
"""Seconds that a poll without updates takes at least; a server that does not wait is not asked without end."""


class Poller:
    """Asks for updates until it is cancelled. ``take`` settles them; ``clock`` gives monotonic seconds."""

    def __init__(
        self, api: Api, take: Callable[[Sequence[object]], Awaitable[None]], clock: Callable[[], float]
    ) -> None:
        self._api = api
        self._take = take
        self._clock = clock
        self._began = clock()
        self._offset: int | None = None
        self._conflicts = 0
        self._pause = _FIRST_PAUSE

    async def run(self) -> None:
        """Poll. What has been handed over is taken to its end even when this is cancelled, if that is soon.

        Raises:
            StartError: the token is not valid (any more), or another process was polling with it before.
        """
        await self._end_webhook()
        self._began = self._clock()
        while True:
            asked = self._clock()
            updates = await self._updates()
            if updates:
                await self._settle(updates)
            elif self._clock() - asked < _BRISK:
                await asyncio.sleep(_BRISK)

    async def _end_webhook(self) -> None:
        """Telegram hands nothing to a poller while a webhook is set. Nothing that waits there is dropped."""
        try:
            await self._api.delete_webhook()
        except TelegramError as error:
            _log.warning("a webhook that may be left from before could not be ended: %s", place_of(error))

    async def _settle(self, updates: Sequence[object]) -> None:
        taking = asyncio.ensure_future(self._take(updates))
        try:
            await asyncio.shield(taking)
        except asyncio.CancelledError:
            await asyncio.wait({taking}, timeout=LAST)
            # A database that still fails: nothing was confirmed, so Telegram hands it over again. One that is only slow
            # finishes, and what was committed is owed.
            taking.cancel()
            await asyncio.wait({taking}, timeout=SLOW)
            raise
        numbers = [number for raw in updates if (number := update_id(raw)) is not None]
        if numbers:
            self._offset = max(numbers) + 1
        else:
            _log.error("Telegram sent something that is no update; it is asked again")
            await asyncio.sleep(_EMPTY)

    async def _updates(self) -> Sequence[object]:
        try:
            updates = await self._api.raw_updates(self._offset, LONG, KINDS)
        except Conflict as error:
            await self._conflict(webhook="webhook" in error.message.lower())
        except InvalidToken as error:
            # A server that has handed out updates before and knows nothing of them now is one that is out of order.
            if self._senior and "unauthorized" not in error.message.lower():
                await self._failure(error)
            else:
                raise StartError(BAD_TOKEN, WRONG_SETTING) from None
        except RetryAfter as error:
            await asyncio.sleep(seconds_of(error))
        except TelegramError as error:
            await self._failure(error)
        else:
            if self._conflicts or self._pause > _FIRST_PAUSE:
                _log.warning("polling works again")
            self._conflicts, self._pause = 0, _FIRST_PAUSE
            return updates
        return ()

    @property
    def _senior(self) -> bool:
        """Whether this one has been polling for a while."""
        return self._clock() - self._began > YOUNG

    async def _conflict(self, *, webhook: bool) -> None:
        senior = self._senior
        if not senior and not webhook:
            raise StartError(
                "another process is polling Telegram with this token; end that one, or use another bot's token here"
            )
        if not self._conflicts:
            other = "a webhook takes what comes" if webhook else "another process polls Telegram"
            _log.error("%s with this token; end one of the two", other)
        await asyncio.sleep(_AFTER_CONFLICT[min(self._conflicts, len(_AFTER_CONFLICT) - 1)])
        self._conflicts += 1
        if (
            webhook and not senior
        ):  # it could not be ended at the start; later it is somebody else's, and not ours to end
            await self._end_webhook()

    async def _failure(self, error: TelegramError) -> None:
        if self._pause == _FIRST_PAUSE:
            _log.warning("Telegram cannot be reached, trying again: %s", place_of(error))
        await asyncio.sleep(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)


BAD_TOKEN = "TELEGRAM_TOKEN: Telegram does not accept this token; copy it again from @BotFather"  # noqa: S105
