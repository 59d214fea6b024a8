"""What was confirmed is there, whatever happens next: killed programs, cancelled tasks, several programs at once."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from bot.flow.session import Session
from bot.storage.database import Database
from bot.storage.transaction import Row, Transaction
from tests.test_storage_kit import OTHER, SESSION, on, opened

ROOT = Path(__file__).parent.parent

_SAVES = """
import asyncio, sys
from pathlib import Path
from bot.flow.session import Session
from bot.storage.database import Database

async def main():
    database = await Database.at(Path(sys.argv[1]))
    for number in range(int(sys.argv[3])):
        async with database.transaction() as transaction:
            assert await transaction.unseen([number * 2 + int(sys.argv[2])], 500)
            await transaction.save({f"{sys.argv[2]}:{number}": Session(f"s{number}", "leg", "v1", "en", 500)}, 500)
        print(number, flush=True)
    await database.close()

asyncio.run(main())
"""


def saving(file: Path, who: int, how_many: int) -> subprocess.Popen[str]:
    """Another program that saves one check after the other, and tells the number of each one that is confirmed."""
    return subprocess.Popen(
        [sys.executable, "-c", _SAVES, str(file), str(who), str(how_many)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def sound(file: Path) -> bool:
    """Whether SQLite itself finds nothing wrong with the file."""
    connection = sqlite3.connect(file)
    try:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


@pytest.mark.parametrize("after", [0, 7, 40, 150])
def test_killed_in_the_middle_of_many_saves(tmp_path: Path, after: int) -> None:
    """Each confirmed save is there, with its update seen; of the one that was not confirmed all or nothing is."""
    file = tmp_path / "signpost.db"
    with saving(file, 0, 100_000) as process:
        assert process.stdout
        while int(process.stdout.readline()) < after:
            pass
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
        assert process.wait() == -signal.SIGKILL
    last = int(rest[-1]) if rest else after

    async def look(database: Database) -> None:
        async with database.transaction() as transaction:
            rows = await transaction.load([f"0:{number}" for number in range(last + 3)])
            new = await transaction.unseen([number * 2 for number in range(last + 3)], 600)
        assert list(range(last + 1)) == [number for number in range(last + 1) if f"0:{number}" in rows]
        assert all(row.session and row.session.started == 500 for row in rows.values())
        assert new == {number * 2 for number in range(last + 3) if f"0:{number}" not in rows}

    on(file, look)
    assert sound(file)


def test_two_programs_at_once(tmp_path: Path) -> None:
    """Both begin with no file at all, and everything that either saved is there."""
    file = tmp_path / "data" / "signpost.db"
    with saving(file, 0, 150) as one, saving(file, 1, 150) as other:
        outcomes = [(process.communicate(timeout=60), process.returncode) for process in (one, other)]

    assert [(said[1], code) for said, code in outcomes] == [("", 0), ("", 0)]

    async def look(database: Database) -> dict[str, Row]:
        async with database.transaction() as transaction:
            return await transaction.load([f"{who}:{number}" for who in (0, 1) for number in range(150)])

    assert len(on(file, look)) == 300
    assert sound(file)


def test_many_open_a_new_one_at_the_same_moment(tmp_path: Path) -> None:
    """Whoever is first makes the tables; nobody stumbles over the others."""

    async def all_at_once() -> None:
        for attempt in range(10):
            file = tmp_path / f"{attempt}.db"
            databases = await asyncio.gather(*(Database.at(file) for _ in range(8)))
            for database in databases:
                await database.close()

    asyncio.run(all_at_once())


async def _work(database: Database, number: int) -> None:
    async with database.transaction() as transaction:
        await transaction.save({f"{number}:a": SESSION}, number)
        await _more(transaction, number)


async def _more(transaction: Transaction, number: int) -> None:
    await transaction.load([f"{other}:a" for other in range(number)])
    await transaction.save({f"{number}:b": SESSION}, number)


def test_a_task_that_is_cancelled_anywhere(tmp_path: Path) -> None:
    """All of its transaction is there, or nothing, and the database works on as if nothing had been."""
    chance = random.Random(1)

    async def cancel() -> None:
        kept = 0
        async with opened(tmp_path / "signpost.db") as database:
            began = time.perf_counter()
            for number in range(10):
                await _work(database, number)
            usual = (time.perf_counter() - began) / 10
            for number in range(10, 310):
                task = asyncio.create_task(_work(database, number))
                for _ in range(chance.randrange(40)):
                    await asyncio.sleep(0)
                await asyncio.sleep(chance.choice([0, 2 * usual * chance.random()]))
                task.cancel()
                if chance.random() < 0.5:  # somebody in a hurry asks twice
                    await asyncio.sleep(0)
                    task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
                async with database.transaction() as transaction:
                    rows = await transaction.load([f"{number}:a", f"{number}:b"])
                assert len(rows) == 2 or (task.cancelled() and not rows)
                kept += len(rows) == 2
                await database.save("between", Session("s", "leg", "v1", "en", number))
        assert 0 < kept < 300

    asyncio.run(cancel())
    assert sound(tmp_path / "signpost.db")


def test_a_task_that_is_cancelled_while_it_waits_for_another_writer(tmp_path: Path) -> None:
    """The write lock that it had asked for is not left behind with nobody to give it back."""
    file = tmp_path / "signpost.db"

    async def cancel() -> None:
        async with opened(file, patience=2) as database:
            other = sqlite3.connect(file, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            task = asyncio.create_task(database.save("1", SESSION))
            await asyncio.sleep(0.1)
            task.cancel()
            await asyncio.sleep(0.1)
            other.execute("ROLLBACK")
            other.close()
            with suppress(asyncio.CancelledError):
                await task
            assert task.cancelled()
            assert await database.load("1") is None
            async with opened(file, patience=0.2) as second:
                await second.save("1", OTHER)
            await database.save("2", OTHER)
            assert await database.load("1") == OTHER

    asyncio.run(cancel())


def test_a_start_that_is_cancelled(tmp_path: Path) -> None:
    """The file is as good as before, and no thread of it keeps the program from ending."""

    async def cancel() -> None:
        for _ in range(30):
            task = asyncio.create_task(Database.at(tmp_path / "signpost.db"))
            await asyncio.sleep(random.Random(_).random() * 0.02)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await (await task).close()

    asyncio.run(cancel())
    on(tmp_path / "signpost.db", lambda database: database.save("1", SESSION))
    assert sound(tmp_path / "signpost.db")
