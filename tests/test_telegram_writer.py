"""From update to commit: confirmed only when settled, in order for each chat, and one that breaks holds up nobody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from telegram.error import Conflict, NetworkError

from bot.flow.engine import standing
from bot.flow.events import Effect
from bot.flow.model import Flow
from bot.flow.session import Session
from bot.metrics import Metrics
from bot.sandbox import Mishap, Sandbox, Shares
from bot.storage.transaction import Transaction
from bot.telegram.errors import StartError
from bot.telegram.polling import Poller
from bot.telegram.watchdog import watched
from tests.tapping import session_of
from tests.telegram_kit import running
from tests.test_telegram_chat import to_dangers

# --- polling ------------------------------------------------------------------------------------------------------


class _Api:
    """A Bot API server that hands out what is waiting, and remembers the offsets that it was asked with."""

    def __init__(self, *waiting: int) -> None:
        self.waiting = list(waiting)
        self.offsets: list[int | None] = []

    async def delete_webhook(self) -> bool:
        return True

    async def raw_updates(self, offset: int | None, _seconds: int, _kinds: Sequence[str]) -> list[object]:
        self.offsets.append(offset)
        self.waiting = [number for number in self.waiting if offset is None or number >= offset]
        if not self.waiting:
            await asyncio.sleep(0.05)
        return [{"update_id": number} for number in self.waiting]


class _Takes:
    """Settles updates only when it is told to."""

    def __init__(self) -> None:
        self.futures: dict[int, asyncio.Future[None]] = {}

    def __call__(self, raw: object) -> asyncio.Future[Any]:
        assert isinstance(raw, dict)
        return self.futures.setdefault(raw["update_id"], asyncio.get_running_loop().create_future())

    def settle(self, *numbers: int) -> None:
        for number in numbers:
            self.futures[number].set_result(None)


@asynccontextmanager
async def polling(api: _Api, takes: Callable[[object], asyncio.Future[Any]]) -> AsyncIterator[Poller]:
    """A poller, ended at the end."""
    poller = Poller(api, takes, Metrics(), asyncio.get_running_loop().time)  # type: ignore[arg-type]
    task = asyncio.create_task(poller.run())
    try:
        yield poller
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - there is nothing that would tell
            await asyncio.sleep(0.01)


def test_only_the_longest_settled_beginning_is_confirmed() -> None:
    """What is settled after one that is not stays with Telegram until that is settled, too."""

    async def main() -> None:
        api, takes = _Api(5, 6, 7), _Takes()
        async with polling(api, takes):
            await _until(lambda: len(takes.futures) == 3)
            takes.settle(6, 7)
            await asyncio.sleep(0.6)
            assert set(api.offsets) == {None}
            takes.settle(5)
            await _until(lambda: api.offsets[-1] is not None)
            assert api.offsets[-1] == 8

    asyncio.run(main())


def test_a_slow_update_does_not_hold_up_what_comes_after_it() -> None:
    """The first ones are confirmed, and new ones fetched, while it is waited for."""

    async def main() -> None:
        api, takes = _Api(5, 6), _Takes()
        async with polling(api, takes):
            await _until(lambda: len(takes.futures) == 2)
            api.waiting.append(7)
            takes.settle(5)
            await _until(lambda: 7 in takes.futures)
            assert api.offsets[:2] == [None, 6]
            takes.settle(6, 7)
            await _until(lambda: api.offsets[-1] == 8)

    asyncio.run(main())


def test_a_slow_first_update_does_not_hold_up_what_comes_after_it() -> None:
    """It stays with Telegram, and new ones are fetched all the same."""

    async def main() -> None:
        api, takes = _Api(5), _Takes()
        async with polling(api, takes):
            await _until(lambda: 5 in takes.futures)
            api.waiting.append(6)
            await _until(lambda: 6 in takes.futures)
            assert set(api.offsets) == {None}

    asyncio.run(main())


def test_a_webhook_that_could_not_be_ended_at_the_start_is_ended_later() -> None:
    """Also when Telegram could not be reached for long; one that somebody sets later is left alone."""

    async def main() -> None:
        api, takes = _Api(), _Takes()
        ended: list[bool] = []

        async def end_it() -> bool:
            ended.append(True)
            if len(ended) == 1:
                raise NetworkError("not there")
            return True

        async def taken(*_: object) -> list[object]:
            raise Conflict("can't use getUpdates method while webhook is active")

        api.delete_webhook, api.raw_updates = end_it, taken  # type: ignore[method-assign, assignment]
        async with polling(api, takes) as poller:
            poller._began = -1000.0
            await _until(lambda: len(ended) == 2)
            await asyncio.sleep(0.5)
            assert len(ended) == 2

    asyncio.run(main())


def test_numbers_may_jump() -> None:
    """Up by any amount, and down after a week of silence, as the Bot API says."""

    async def main() -> None:
        api, takes = _Api(900_000_001), _Takes()
        async with polling(api, takes):
            await _until(lambda: 900_000_001 in takes.futures)
            takes.settle(900_000_001)
            await _until(lambda: api.offsets[-1] == 900_000_002)
            api.raw_updates = _once(api, 41)  # type: ignore[method-assign]
            await _until(lambda: 41 in takes.futures)
            takes.settle(41)
            await _until(lambda: api.offsets[-1] == 42)

    asyncio.run(main())


def _once(api: _Api, number: int) -> Callable[..., Any]:
    left = iter([[{"update_id": number}]])

    async def updates(offset: int | None, _seconds: int, _kinds: Sequence[str]) -> list[dict[str, int]]:
        api.offsets.append(offset)
        await asyncio.sleep(0.02)
        return next(left, [])

    return updates


# --- the watchdog -------------------------------------------------------------------------------------------------


class _Poller:
    """A poller that does in each life what it is told to."""

    def __init__(self, *lives: Callable[[], Any]) -> None:
        self.alive = 0.0
        self.lives = list(lives)
        self.begun = 0

    async def run(self) -> None:
        self.begun += 1
        await self.lives[min(self.begun, len(self.lives)) - 1]()


async def _hangs() -> None:
    await asyncio.sleep(60)


async def _breaks() -> None:
    raise LookupError("broken")


async def _has_no_point() -> None:
    raise StartError("no point")


def test_a_poller_that_is_stuck_or_broke_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    """And one that says that there is no point in going on ends."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        poller = _Poller(_hangs, _breaks, _has_no_point)
        poller.alive = loop.time()
        with pytest.raises(StartError, match="no point"):
            await watched(poller, loop.time, dead=0.2, look=0.05)  # type: ignore[arg-type]
        assert poller.begun == 3

    asyncio.run(main())
    assert "polling got stuck and begins anew" in caplog.text
    assert "polling broke and begins anew: LookupError in" in caplog.text


def test_the_watchdog_ends_its_poller_when_it_is_ended() -> None:
    """Nothing polls on after the end."""

    async def main() -> None:
        ended = []

        async def polls() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                ended.append(True)

        task = asyncio.create_task(watched(_Poller(polls), lambda: 0.0))  # type: ignore[arg-type]
        await asyncio.sleep(0.05)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)
        assert ended == [True]

    asyncio.run(main())


# --- one that breaks ----------------------------------------------------------------------------------------------


def test_an_update_that_breaks_is_tried_again_parked_and_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its sender gets the fixed words once; their later words are answered after it, others' at once."""

    async def main() -> None:
        async with Sandbox(patience=15) as sandbox, running(sandbox, tmp_path / "s.db") as database:
            ana, bo = sandbox.person("Ana"), sandbox.person("Bo")
            await to_dangers(ana)
            await bo.start("leg_lift")
            broken = (await session_of(database, ana)).id

            def breaks(flow: Flow, session: Session) -> tuple[Effect, ...]:
                if session.id == broken:
                    raise LookupError("what is kept cannot be gone on with")
                return standing(flow, session)

            monkeypatch.setattr("bot.telegram.screen.standing", breaks)
            before = await session_of(database, ana)
            await ana.send("hello", wait=False)
            await ana.send("/help", wait=False)
            await bo.tap("Me")
            assert "How old" in bo.last.text
            await ana.until(lambda: sum(m.text.startswith("Something went wrong") for m in ana.messages) == 2)
            assert await session_of(database, ana) == before
            monkeypatch.setattr("bot.telegram.screen.standing", standing)
            await ana.tap("None of these")
            assert "Bladder and between the legs: None of these" in ana.keyboards[-1].text

    asyncio.run(main())
    assert caplog.text.count("an update broke the dialogue: LookupError") == 6  # two updates, three tries each


def test_what_breaks_a_whole_batch_is_put_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One person's row that cannot be written for a reason nobody knows loses no other person's answer."""

    async def main() -> None:
        async with Sandbox(patience=20) as sandbox, running(sandbox, tmp_path / "s.db") as database:
            ana, others = sandbox.person("Ana"), [sandbox.person(f"P{number}") for number in range(5)]
            for each in (ana, *others):
                await each.start("leg_lift")
            saves = Transaction.save

            async def picky(self: Transaction, sessions: Mapping[str, Session | None], at: int) -> None:
                if f"telegram:{ana.user.id}" in sessions:
                    raise LookupError("nobody knows why")
                await saves(self, sessions, at)

            monkeypatch.setattr(Transaction, "save", picky)
            for each in (ana, *others):
                await each.tap("Me", wait=False)
            for each in others:
                await each.until(lambda each=each: "How old" in each.last.text)  # type: ignore[misc]
            await ana.until(lambda: ana.sees("Something went wrong here"))
            monkeypatch.setattr(Transaction, "save", saves)
            assert (await session_of(database, ana)).turn == 0
            await ana.tap("Me")
            assert (await session_of(database, ana)).turn == 1

    asyncio.run(main())
    assert "a batch broke: LookupError" in caplog.text


def test_what_arrived_and_cannot_be_written_down_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One card whose place no database can hold: nobody's updates are dropped for it."""

    async def main() -> None:
        async with Sandbox(patience=20) as sandbox, running(sandbox, tmp_path / "s.db") as database:
            ana, bo = sandbox.person("Ana"), sandbox.person("Bo")
            await ana.start("leg_lift")
            await bo.start("leg_lift")
            places = Transaction.place

            async def picky(self: Transaction, cards: Mapping[str, tuple[int | None, str]], at: int) -> None:
                if f"telegram:{ana.user.id}" in cards:
                    raise OverflowError
                await places(self, cards, at)

            monkeypatch.setattr(Transaction, "place", picky)
            for person in (ana, bo):
                await person.tap("Me")
                await person.until(lambda person=person: "How old" in person.last.text)  # type: ignore[misc]
                assert (await session_of(database, person)).turn == 1
            await sandbox.quiet()
            assert await database.owed() == []

    asyncio.run(main())
    assert "that something arrived cannot be written down: OverflowError" in caplog.text


def test_a_disk_that_hangs_leaves_nobody_with_silence(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It neither works nor fails: whoever waits is told, and answered when it works again."""

    async def main() -> None:
        async with Sandbox(patience=20) as sandbox, running(sandbox, tmp_path / "s.db") as database:
            ana = sandbox.person()
            await ana.start("leg_lift")
            hanging = threading.Event()
            database._link._thread.submit(hanging.wait)
            await ana.tap("Me", wait=False)
            await ana.until(lambda: ana.sees("I cannot answer at this moment"))
            hanging.set()
            await ana.until(lambda: "How old" in ana.keyboards[-1].text)

    asyncio.run(main())
    assert "the database takes long, so messages wait" in caplog.text
    assert "the database works again" in caplog.text


def test_an_update_that_comes_twice_at_once_counts_once(tmp_path: Path) -> None:
    """Telegram may hand the same update over again while it is still on its way."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db") as database:
            ana = sandbox.person()
            await to_dangers(ana)
            turn = (await session_of(database, ana)).turn
            mishaps = sandbox.disturb(Shares(again=1.0), seed=1)
            await ana.tap("☐ Bladder changed")
            await sandbox.quiet()
            assert mishaps.count(Mishap.AGAIN) >= 1
            assert (await session_of(database, ana)).turn == turn + 1

    asyncio.run(main())


def test_a_failing_database_delays_and_drops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it fails Telegram keeps what came in, and everything is applied once, in order, when it works again."""

    async def main() -> None:
        async with Sandbox(patience=20) as sandbox, running(sandbox, tmp_path / "s.db") as database:
            people = [sandbox.person(f"P{number}") for number in range(5)]
            for person in people:
                await person.start("leg_lift")
            works = database.transaction
            failures = iter(range(2))

            def sometimes() -> object:
                if next(failures, None) is not None:
                    raise OSError("s.db does not fit on the disk; make room there")
                return works()

            monkeypatch.setattr(database, "transaction", sometimes)
            for person in people:
                await person.tap("Me", wait=False)
            assert sandbox.world.queue.pending
            for person in people:
                await person.until(lambda person=person: "How old" in person.last.text)  # type: ignore[misc]
                assert (await session_of(database, person)).turn == 1

    asyncio.run(main())
