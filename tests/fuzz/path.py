"""The bot's own parts, put together as it does it itself, with a Telegram of ours at the end of every call."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

from bot.metrics import Metrics
from bot.storage.database import Database
from bot.telegram.api import Api
from bot.telegram.delivery import Delivery
from bot.telegram.desk import Desk, Talk
from bot.telegram.incoming import update_id
from bot.telegram.late import Late
from bot.telegram.pace import Pace
from bot.telegram.pages import Operator
from bot.telegram.posts import Toast
from bot.telegram.sender import Sender
from bot.telegram.tickets import kind_of
from bot.telegram.webhook import Address, Webhook
from bot.telegram.writer import Writer
from tests.fuzz.judge import Judge
from tests.fuzz.server import Server
from tests.served import LIBRARY

_TOKEN = f"42:{'a' * 35}"
_BEGIN = 1_800_000_000
_PATIENCE = 60.0
"""Seconds after which something that is not settled, or not sent, counts as lost."""

_QUICK = {
    "bot.telegram.api._FIRST_PAUSE": 0.002,
    "bot.telegram.api._LONGEST_PAUSE": 0.01,
    "bot.telegram.api.seconds_of": lambda _: 0.005,
    "bot.telegram.delivery._FIRST_PAUSE": 0.005,
    "bot.telegram.delivery._LONGEST_PAUSE": 0.02,
    "bot.telegram.delivery.seconds_of": lambda _: 0.005,
}
"""Waiting for Telegram, which has nothing to do here with time."""


class UpdatePath:
    """The update path. ``clock`` is in epoch seconds, and is moved by hand."""

    def __init__(self, database: Database, server: Server, judge: Judge) -> None:
        self._database = database
        self.judge = judge
        self.server = server
        self.clock = float(_BEGIN)
        self.metrics = metrics = Metrics()
        self.api = Api("http://telegram.invalid", _TOKEN, metrics)
        self.api._request = (server, server)
        talk = Talk(LIBRARY, "en", Operator("Bo, bo@example.org", "https://example.org/privacy", 30))
        late = Late(talk.pages, self._now)
        self._delivery = Delivery(Sender(self.api, Pace(0, chats=False)), late, metrics, self._now, time.monotonic)
        self.desk = Desk(self.api, self._delivery, talk, metrics, (self._now, time.monotonic))
        self.writer = Writer(database, self.desk, metrics, self._now, time.monotonic)
        hooked = Webhook(self.api, Address("https://bot.invalid/hook", "s"), partial(self.writer.submit, rides=True))
        self.settle = hooked.hook.take
        self._delivery.begin(self.writer, [], {})
        self.seen: set[int] = set()
        """All updates that have to be marked as seen."""
        self.came: Counter[str] = Counter()
        """Updates by kind, without those that were under way already."""
        self.lost = False
        """Whether something is not done after the longest time; then there is no point in going on."""

    def _now(self) -> float:
        return self.clock

    async def take(self, updates: list[object]) -> None:
        """Let these come in at once, and wait until all of them are settled and answered."""
        pending: set[asyncio.Future[Toast | None]] = set()
        taps: set[str] = set()
        for update in updates:
            number = update_id(update)
            if number is not None and number not in self.seen and (query := tap_in(update)):
                taps.add(query)
            try:
                settled = self.writer.submit(update)
            except Exception as error:  # noqa: BLE001 - nothing that comes in may do that
                self.judge.complain(f"an update could not be taken: {type(error).__name__}")
                continue
            if number is not None:
                self.seen.add(number)
            if settled not in pending:
                pending.add(settled)
                self.came[kind_of(update)] += 1
        left = (await asyncio.wait(pending, timeout=_PATIENCE))[1]
        for _ in left:
            self.lost = True
            self.judge.complain("an update was not settled")
        await self.quiet()
        for _ in taps - self.server.answered:
            self.judge.complain("a tap was not answered")

    async def quiet(self) -> None:
        """Wait until everything is sent and written down."""
        until = time.monotonic() + _PATIENCE
        while self._is_busy():
            if self.lost or time.monotonic() > until:
                self.lost = True
                self.judge.complain("what is owed was not sent, or not written down")
                return
            await asyncio.sleep(0.001)

    def _is_busy(self) -> bool:
        """Whether something is on its way, waits to be written down, or is in a transaction."""
        return bool(
            self._delivery._tasks or self.writer._change or self.writer._tickets or self._database._lock.locked()
        )


def tap_in(update: object) -> str:
    """The tap in an update that the bot has to answer, however spoilt the rest of it is; "" for none."""
    match update:
        case {"callback_query": {"id": str(query)}} if query and not any(
            "\ud800" <= each <= "\udfff" for each in query
        ):
            return query
    return ""


@asynccontextmanager
async def running(file: Path, seed: int, judge: Judge, *, fails: bool = True) -> AsyncIterator[UpdatePath]:
    """The update path on a new database; at the end everything is written down, and the database closed."""
    asyncio.get_running_loop().set_exception_handler(judge.caught)
    database = await Database.at(file)
    server = Server(seed, judge.complain, fails=fails)
    path = UpdatePath(database, server, judge)
    await path.api.initialize()
    writing = asyncio.create_task(path.writer.run())
    try:
        yield path
        await path.quiet()
    finally:
        path.writer.stop()
        await asyncio.wait({writing}, timeout=_PATIENCE)
        if not writing.done() or writing.cancelled() or writing.exception() is not None:
            judge.complain("the writer did not end as it should")
        await database.close()


@contextmanager
def hurried(seed: int) -> Iterator[None]:
    """Nobody waits, and the names of checks are drawn from the seed."""
    chance = random.Random(seed)
    with ExitStack() as stack:
        for name, value in _QUICK.items():
            stack.enter_context(patch(name, value))
        stack.enter_context(patch("bot.telegram.dialogue.uuid4", lambda: UUID(int=chance.getrandbits(128), version=4)))
        yield
