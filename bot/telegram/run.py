"""Start and stop: who the bot is, what is still owed, then updates until a signal comes, and an end in order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.log import get_logger
from bot.metrics import Metrics
from bot.telegram.api import Api, seconds_of
from bot.telegram.delivery import Delivery
from bot.telegram.desk import Desk, Talk
from bot.telegram.errors import WRONG_SETTING, StartError, place_of
from bot.telegram.housekeeping import keep_house
from bot.telegram.late import Late
from bot.telegram.owed import read
from bot.telegram.pace import PER_SECOND, Pace
from bot.telegram.polling import BAD_TOKEN, Poller
from bot.telegram.presentation import presentations
from bot.telegram.profile import push
from bot.telegram.sender import Sender
from bot.telegram.store import Store
from bot.telegram.watchdog import DEAD, watched
from bot.telegram.web import Web
from bot.telegram.webhook import Address, Webhook
from bot.telegram.writer import Writer

_log = get_logger("signpost.telegram")

OK = 0
"""Exit code of an end that was asked for."""

_LAST, DRAIN, _NOTE = 1.5, 5.5, 0.5
"""Seconds after the signal to end: for settling what was handed over, for sending what is owed, and for writing down
that it arrived. With a database and a Telegram that hang, the whole end takes less than ten. What is not sent by then
stays owed, and goes out after the next start."""

_AT_LAST = 9.5
"""Seconds after the signal after which it ends whatever hangs; what was committed is on the disk."""

_TRIES, _BETWEEN = 3, 1.0
"""How often Telegram is tried at the start, and the seconds in between."""


@dataclass(frozen=True, slots=True)
class Edge:
    """How the bot is reached, and how fast it may be.

    ``api_url``: the root of the Bot API server. ``listen``: host and port of the web server, None for none.
    ``webhook``: where Telegram posts to, None for polling. ``per_second``: messages that may be sent in a second, 0 for
    no limit; ``each_chat``: whether Telegram's limits for single chats are kept as well.
    """

    api_url: str
    token: str = field(repr=False)
    listen: tuple[str, int] | None = None
    webhook: Address | None = None
    per_second: int = PER_SECOND
    each_chat: bool = True


async def run_bot(edge: Edge, *, talk: Talk, database: Store, ended: asyncio.Event | None = None) -> int:
    """Run the bot until SIGTERM or SIGINT. Returns the exit code; what is wrong is said on standard error, in a line.

    ``ended``: set it to end the bot, in place of a signal.
    """
    metrics = Metrics()
    api = Api(edge.api_url, edge.token, metrics)
    if ended is None:
        ended = asyncio.Event()
        _on_signals(ended)
    try:
        await _until(ended, _introduce(api, edge.api_url))
        if not ended.is_set():
            await _Bot(api, database, talk, edge, metrics).serve(ended)
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


class _Bot:
    """The parts of a running bot, put together."""

    def __init__(self, api: Api, store: Store, talk: Talk, edge: Edge, metrics: Metrics) -> None:
        self._api = api
        self._store = store
        self._talk = talk
        self._metrics = metrics
        pace = Pace(edge.per_second, chats=edge.each_chat)
        self._delivery = Delivery(Sender(api, pace), Late(talk.pages, time.time), metrics, time.time, time.monotonic)
        desk = Desk(api, self._delivery, talk, metrics, (time.time, time.monotonic))
        self._writer = Writer(store, desk, metrics, time.time, time.monotonic)
        self._poller = Poller(api, self._writer.submit, metrics, time.monotonic)
        self._webhook = Webhook(api, edge.webhook, partial(self._writer.submit, rides=True)) if edge.webhook else None
        hook = self._webhook.hook if self._webhook else None
        self._web = Web(edge.listen, metrics, self._complaints, hook) if edge.listen else None
        metrics.watch_owed(lambda: self._delivery.owed[0], lambda: self._delivery.owed[1])

    async def serve(self, ended: asyncio.Event) -> None:
        """Answer until this is set, then end in order: nothing new, what was taken, what is owed."""
        await self._resume()
        writing = asyncio.create_task(self._writer.run())
        beside = [
            asyncio.create_task(push(self._api, self._store, presentations(self._talk.library, self._talk.language))),
            asyncio.create_task(keep_house(self._store, self._talk.operator.retention_days, self._metrics)),
        ]
        try:
            if self._web:
                await self._web.open()
            sys.stderr.write(f"signpost: @{self._api.username} is answering; end it with Ctrl-C\n")
            await _until(ended, self._take_in(writing))
        finally:
            await self._end(writing, beside)

    async def _take_in(self, writing: asyncio.Task[None]) -> None:
        """Take updates in for as long as they can be written down."""
        source = self._webhook.run() if self._webhook else watched(self._poller, time.monotonic)
        intake = asyncio.create_task(source)
        try:
            await asyncio.wait({intake, writing}, return_when=asyncio.FIRST_COMPLETED)
            if intake.done():
                intake.result()
            raise StartError("nothing can be written down any more; the place is in the log")
        finally:
            intake.cancel()
            await asyncio.gather(intake, return_exceptions=True)

    async def _resume(self) -> None:
        """What was owed when the last process ended is owed still."""
        rows = await self._store.owed()
        owed = [each for row in rows if (each := read(row))]
        if len(owed) < len(rows):
            _log.error("of what is owed, this version cannot read all", count=len(rows) - len(owed))
        async with self._store.transaction() as transaction:
            known = await transaction.load({each.key for each in owed})
        kept = {key: (row.card, row.shown) for key, row in known.items()}
        self._delivery.begin(self._writer, owed, kept, max((row[2] for row in rows), default=0))

    async def _end(self, writing: asyncio.Task[None], beside: Sequence[asyncio.Task[None]]) -> None:
        for task in beside:
            task.cancel()
        stopping = [asyncio.create_task(self._web.stop_taking())] if self._web else []
        if not await self._writer.settled(_LAST):
            _log.warning("not everything that came in could be taken; it comes again")
        if not await self._delivery.drain(DRAIN):
            _log.warning("not everything that was owed could be sent in time; it goes out after the next start")
        self._writer.stop()
        await asyncio.wait({writing}, timeout=_NOTE)
        if not writing.done():
            writing.cancel()
        for task in stopping:
            task.cancel()  # what is not settled by now is posted again
        await asyncio.gather(writing, *stopping, *beside, return_exceptions=True)
        if self._web:
            await self._web.close()

    def _complaints(self) -> list[str]:
        """What is wrong at the moment, for whoever asks after the bot's health."""
        source = self._webhook or self._poller
        found = [source.trouble, "the database fails" if self._writer.failing else ""]
        if not self._webhook and time.monotonic() - self._poller.alive > DEAD:
            found.append("polling got stuck")
        return [each for each in found if each]


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

    def end() -> None:
        ended.set()
        at_last = threading.Timer(_AT_LAST, os._exit, (OK,))  # a disk that hangs holds up no end
        at_last.daemon = True
        at_last.start()

    for name in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError, ValueError, RuntimeError):  # not on Windows, and not outside the main thread
            loop.add_signal_handler(name, end)
