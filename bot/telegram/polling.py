"""Polling: updates are asked for, taken, and only then confirmed by asking for the next ones.

What is confirmed is the longest beginning of what was handed over that is settled, so one update that takes its time
holds up no others: those after it are settled meanwhile, and are known when Telegram hands them over again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.log import get_logger
from bot.metrics import Metrics
from bot.telegram.api import Api, seconds_of
from bot.telegram.errors import WRONG_SETTING, StartError, place_of
from bot.telegram.incoming import update_id

_log = get_logger("signpost.telegram")

KINDS = ("message", "edited_message", "callback_query")
"""The kinds of updates that mean something to us; Telegram keeps the others to itself."""

LONG = 30
"""Seconds that Telegram waits for an update before it answers that there is none."""

_PATIENT, _MOST_PATIENT = 0.25, 2.0
"""Seconds after which the first settled updates are confirmed although later ones are not settled yet; and at most,
while not even the first one is."""

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
    """Asks for updates until it is cancelled. ``take`` settles one; ``now`` gives monotonic seconds."""

    def __init__(
        self,
        api: Api,
        take: Callable[[object], asyncio.Future[Any]],
        metrics: Metrics,
        now: Callable[[], float],
    ) -> None:
        self._api = api
        self._take = take
        self._metrics = metrics
        self._now = now
        self._began: float | None = None
        self.alive = now()
        self._offset: int | None = None
        self._conflicts = 0
        self._pause = _FIRST_PAUSE
        self._again = self._freed = False
        self._patience = _PATIENT
        self.trouble = ""
        """Why no updates come at the moment; "" where they do."""

    async def run(self) -> None:
        """Poll until this is cancelled; what has been handed over is settled by whoever took it.

        ``alive`` tells when this last got anywhere.

        Raises:
            StartError: the token is not valid (any more), or another process was polling with it before.
        """
        if not self._freed:
            await self._end_webhook()
        self._began = self._began or self._now()
        while True:
            self.alive = asked = self._now()
            updates = await self._updates()
            if updates:
                await self._settle(updates)
            elif self._now() - asked < _BRISK:
                await asyncio.sleep(_BRISK)

    async def _end_webhook(self) -> None:
        """Telegram hands nothing to a poller while a webhook is set. Nothing that waits there is dropped."""
        try:
            await self._api.delete_webhook()
            self._freed = True
        except TelegramError as error:
            _log.warning("a webhook that may be left from before could not be ended: %s", place_of(error))

    async def _settle(self, updates: Sequence[object]) -> None:
        """Take updates, and wait until all are settled, or for a moment; then as many as are ready are confirmed.

        Where not even the first one is, it is asked again from the same place on, for what has come after them.
        """
        taken = [(update_id(raw), self._take(raw)) for raw in updates]
        waiting = {settled for _, settled in taken if not settled.done()}
        if waiting:
            await asyncio.wait(waiting, timeout=self._patience)
        if not taken[0][1].done():
            self._again, self._patience = True, min(2 * self._patience, _MOST_PATIENT)
            return
        self._patience = _PATIENT
        numbers = []
        for number, settled in taken:
            if not settled.done():
                break
            numbers += [number] if number is not None else []
        if numbers:
            self._offset = max(numbers) + 1
        else:
            _log.error("Telegram sent something that is no update; it is asked again")
            await asyncio.sleep(_EMPTY)

    async def _updates(self) -> Sequence[object]:
        try:
            at_once = self._again or self._pause > _FIRST_PAUSE  # the latter to know soon whether polling works again
            self._again = False
            updates = await self._api.raw_updates(self._offset, 0 if at_once else LONG, KINDS)
        except Conflict as error:
            self._metrics.poll("conflict")
            await self._conflict(webhook="webhook" in error.message.lower())
        except InvalidToken as error:
            # A server that has handed out updates before and knows nothing of them now is one that is out of order.
            if self._senior and "unauthorized" not in error.message.lower():
                await self._failure(error)
            else:
                raise StartError(BAD_TOKEN, WRONG_SETTING) from None
        except RetryAfter as error:
            await self._rest(seconds_of(error))
        except TelegramError as error:
            await self._failure(error)
        else:
            if self.trouble:
                _log.warning("polling works again")
            self._metrics.poll("ok")
            self._conflicts, self._pause, self.trouble = 0, _FIRST_PAUSE, ""
            return updates
        return ()

    async def _rest(self, seconds: float) -> None:
        """Wait, which is no death."""
        self.alive = self._now() + seconds
        await asyncio.sleep(seconds)

    @property
    def _senior(self) -> bool:
        """Whether this one has been polling for a while."""
        return self._began is not None and self._now() - self._began > YOUNG

    async def _conflict(self, *, webhook: bool) -> None:
        senior = self._senior
        if not senior and not webhook:
            raise StartError(
                "another process is polling Telegram with this token; end that one, or use another bot's token here"
            )
        self.trouble = "somebody else receives the updates"
        if not self._conflicts:
            other = "a webhook takes what comes" if webhook else "another process polls Telegram"
            _log.error("%s with this token; end one of the two", other)
        await asyncio.sleep(_AFTER_CONFLICT[min(self._conflicts, len(_AFTER_CONFLICT) - 1)])
        self._conflicts += 1
        if webhook and not self._freed:  # it could not be ended at the start; a later one is somebody else's
            await self._end_webhook()

    async def _failure(self, error: TelegramError) -> None:
        self._metrics.poll("failed")
        self.trouble = "Telegram cannot be reached"
        if self._pause == _FIRST_PAUSE:
            _log.warning("Telegram cannot be reached, trying again: %s", place_of(error))
        await self._rest(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)


BAD_TOKEN = "TELEGRAM_TOKEN: Telegram does not accept this token; copy it again from @BotFather"  # noqa: S105
