"""A watchdog over the poller: one that has died, or got stuck, begins anew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.log import get_logger
from bot.telegram.errors import StartError, place_of
from bot.telegram.polling import Poller

_log = get_logger("signpost.telegram")

DEAD = 120.0
"""Seconds without any progress after which a poller counts as stuck; a long poll and all its time limits take less."""

_LOOK = 5.0
"""Seconds between two looks."""

_PAUSE = 1.0
"""Seconds before a poller that broke begins anew."""


async def watched(poller: Poller, now: Callable[[], float], *, dead: float = DEAD, look: float = _LOOK) -> None:
    """Keep this poller polling. ``now``: monotonic seconds.

    Raises:
        StartError: there is no point in going on.
    """
    while True:
        polling = asyncio.create_task(poller.run())
        try:
            while not polling.done() and now() - poller.alive < dead:
                await asyncio.wait({polling}, timeout=look)
            if polling.done():
                _broke(polling)
                await asyncio.sleep(_PAUSE)
            else:
                _log.error("polling got stuck and begins anew")
        finally:
            polling.cancel()
        poller.alive = now()


def _broke(polling: asyncio.Task[None]) -> None:
    error = polling.exception()
    if isinstance(error, StartError):
        raise error
    _log.error("polling broke and begins anew: %s", place_of(error) if error else "it ended")
