"""Start and stop: who the bot is, then polling until a signal comes, then what is still owed, and the end."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.telegram.api import Api, seconds_of
from bot.telegram.delivery import Delivery
from bot.telegram.desk import Desk, Talk
from bot.telegram.errors import WRONG_SETTING, StartError, place_of
from bot.telegram.polling import BAD_TOKEN, Poller
from bot.telegram.presentation import presentations
from bot.telegram.profile import push
from bot.telegram.store import Store

_log = logging.getLogger("signpost.telegram")

OK = 0
"""Exit code of an end that was asked for."""

DRAIN = 6.5
"""Seconds for which what is owed is still sent after the signal to end; all in all, the end takes less than ten."""

_TRIES, _BETWEEN = 3, 1.0
"""How often Telegram is tried at the start, and the seconds in between."""

_DAY = 24 * 3600
_PURGE_EVERY = 3600.0


async def run_bot(*, api_url: str, token: str, talk: Talk, database: Store, ended: asyncio.Event | None = None) -> int:
    """Run the bot until SIGTERM or SIGINT. Returns the exit code; what is wrong is said on standard error, in a line.

    ``api_url`` is the root of the Bot API server. ``ended``: set it to end the bot, in place of a signal.
    """
    api = Api(api_url, token)
    if ended is None:
        ended = asyncio.Event()
        _on_signals(ended)
    try:
        await _until(ended, _introduce(api, api_url))
        if not ended.is_set():
            await _serve(api, database, talk, ended)
    except StartError as error:
        sys.stderr.write(f"signpost: {error}\n")
        return error.code
    finally:
        with suppress(TelegramError):
            await api.shutdown()
    return OK


async def _introduce(api: Api, api_url: str) -> None:
    """Learn who we are."""
    left = _TRIES
    while True:
        try:
            await api.initialize()  # asks who the bot is, so that a wrong token shows here
        except InvalidToken:
            raise StartError(BAD_TOKEN, WRONG_SETTING) from None
        except RetryAfter as error:
            _log.warning("Telegram wants to be left alone for %d seconds first", seconds_of(error))
            await asyncio.sleep(seconds_of(error))
        except Exception as error:  # noqa: BLE001 - whatever answers there, it is no Bot API server
            left -= 1
            if not left:
                _log.info("the last try failed: %s", place_of(error))
                raise StartError(
                    f"Telegram cannot be reached at {api_url}; check the network, and TELEGRAM_API_URL if you set it"
                ) from None
            await asyncio.sleep(_BETWEEN)
        else:
            return


async def _serve(api: Api, store: Store, talk: Talk, ended: asyncio.Event) -> None:
    delivery = Delivery(api, store, time.time)
    desk = Desk(api, store, delivery, talk, time.time)
    beside = [
        asyncio.create_task(push(api, store, presentations(talk.library, talk.language))),
        asyncio.create_task(_purge(store, talk.operator.retention_days)),
    ]
    sys.stderr.write(f"signpost: @{api.username} is answering; end it with Ctrl-C\n")
    try:
        await _until(ended, Poller(api, desk.take, time.monotonic).run())
    finally:
        for task in beside:
            task.cancel()
        if not await delivery.drain(DRAIN):
            _log.warning("not everything that was owed could be sent in time")
        await asyncio.gather(*beside, return_exceptions=True)


async def _purge(store: Store, days: int) -> None:
    """Erase now, and every hour, whoever did nothing for so many days."""
    while True:
        try:
            erased = await store.purge(int(time.time()) - days * _DAY)
            if erased:
                _log.info("erased what was kept for too long: %d", erased)
            await store.checkpoint()  # also what an earlier try had to leave in the log
        except OSError as error:
            _log.warning("what was kept for too long could not be erased: %s", error)
        await asyncio.sleep(_PURGE_EVERY)


async def _until(ended: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do this until it is done or a signal comes; what it raises is raised."""
    task = asyncio.create_task(work)
    signalled = asyncio.create_task(ended.wait())
    try:
        await asyncio.wait({task, signalled}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        signalled.cancel()
        if not task.done():
            task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _on_signals(ended: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError, ValueError, RuntimeError):  # not on Windows, and not outside the main thread
            loop.add_signal_handler(name, ended.set)
