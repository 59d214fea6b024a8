"""Housekeeping: what was kept for too long is erased, and who is in the middle of a check is counted."""

from __future__ import annotations

import asyncio
import time

from bot.log import get_logger
from bot.metrics import Metrics
from bot.telegram.errors import place_of
from bot.telegram.store import Store

_log = get_logger("signpost.telegram")

_DAY = 24 * 3600
_EVERY = 60.0
"""Seconds between two counts; everything is erased that is due at each sixtieth."""

_LIVE = 12 * 3600
"""Seconds without a word after which somebody is not in the middle of a check any more."""


async def keep_house(store: Store, days: int, metrics: Metrics) -> None:
    """Erase now, and every hour, whoever did nothing for so many days; count every minute."""
    while True:
        await _purge(store, days)
        for _ in range(60):
            try:
                metrics.sessions(await store.live(int(time.time()) - _LIVE))
            except OSError as error:
                _log.info("who is in the middle of a check could not be counted: %s", error)
            except Exception as error:  # noqa: BLE001 - a mistake of ours must not end the erasing
                _log.error("counting broke: %s", place_of(error))
            await asyncio.sleep(_EVERY)


async def _purge(store: Store, days: int) -> None:
    try:
        erased = await store.purge(int(time.time()) - days * _DAY)
        if erased:
            _log.info("erased what was kept for too long", count=erased)
        await store.checkpoint()  # also what an earlier try had to leave in the log
    except OSError as error:
        _log.warning("what was kept for too long could not be erased: %s", error)
    except Exception as error:  # noqa: BLE001 - it is tried again in an hour
        _log.error("erasing broke: %s", place_of(error))
