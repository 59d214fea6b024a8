"""The database: one file, one connection, one writer at a time, and on the disk before anything is confirmed.

Several processes may use the file at once. SQLite's write-ahead log (WAL) lets them read while one writes, and who has
to wait for another writer waits a few seconds. `synchronous=FULL` forces each commit to the disk; `secure_delete`
overwrites with zeros what is deleted, and the log is emptied after it, so that nothing erased is left in the files.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, delete, event, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bot.flow.session import Session, SessionError
from bot.storage.errors import BusyError, StorageError, UnusableError, damaged, in_words
from bot.storage.migrations import MIGRATIONS, ForeignError, Migration, NewerError, migrate, pending
from bot.storage.place import file_of, make_ready, tighten
from bot.storage.schema import ASIDE, UPSERT_NOTE, WRITE_NOTHING, notes, people, seen
from bot.storage.transaction import Row, Transaction, read

__all__ = ["BusyError", "Database", "Row", "StorageError", "Transaction", "UnusableError"]

PATIENCE = 5.0
"""Seconds to wait for another process that is writing."""

SEEN_FOR = 48 * 3600
"""Seconds for which an update is known to be seen. Telegram hands one out for 24 hours at most."""

_A_MOMENT = 0.02
"""Seconds until the next look where SQLite itself does not wait."""

_READ = "BEGIN"
_WRITE = "BEGIN IMMEDIATE"  # takes the write lock at once: waiting for it later could fail in the middle


class Database:
    """An open database. Make one with `open` or `at`, and `close` it in the same event loop."""

    def __init__(self, file: Path, patience: float) -> None:
        self.file = file
        self._begin = _READ
        self._lock = asyncio.Lock()
        self._patience = patience
        self._engine = create_async_engine(
            URL.create("sqlite+aiosqlite", database=str(file)),
            connect_args={"timeout": patience},
            hide_parameters=True,
            poolclass=NullPool,
        )
        self._connection: AsyncConnection = self._engine.connect()
        event.listen(self._engine.sync_engine, "connect", _prepare)
        event.listen(self._engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql(self._begin))

    @classmethod
    async def open(cls, url: str) -> Database:
        """Open the database at a URL such as ``sqlite:///data/signpost.db``, made and brought up to date if need be.

        Raises:
            UnusableError: what is there is damaged, newer or not ours; it is left untouched.
            StorageError: it cannot be opened, or the URL is of a kind that is not supported.
        """
        return await cls.at(file_of(url))

    @classmethod
    async def at(cls, file: Path, patience: float = PATIENCE, migrations: Mapping[str, Migration] = MIGRATIONS) -> Self:
        """Open the database in this file; as `open`."""
        database = cls(await asyncio.to_thread(make_ready, file), patience)
        try:
            await database._set_up(migrations)
        except BaseException:
            await _to_the_end(database._disconnect())
            raise
        return database

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Everything within happens together at the end, or, on an exception, not at all."""
        async with self._transacted(_WRITE) as connection:
            yield Transaction(connection)

    async def load(self, key: str) -> Session | None:
        """The session of this person, if there is one.

        Raises:
            UnusableError: there is one that cannot be read.
            StorageError: the database cannot be read.
        """
        async with self._transacted(_READ) as connection:
            text = await connection.scalar(select(people.c.session).where(people.c.key == key))
        try:
            return None if text is None else read(text)
        except SessionError as error:
            raise UnusableError(f"{self.file} holds a check for '{key}' that cannot be read ({error})") from None

    async def save(self, key: str, session: Session) -> None:
        """Keep this session for this person; when this returns, it is on the disk. Raises `StorageError`."""
        async with self.transaction() as transaction:
            await transaction.save({key: session}, session.touched)

    async def set_aside(self, key: str) -> str:
        """Keep this person's row under another key, so that a new check can be begun. Returns that key."""
        async with self._transacted(_WRITE) as connection:
            names = (f"{key}{ASIDE}{number}" for number in count(1))
            taken = set(
                await connection.scalars(
                    select(people.c.key).where(people.c.key.startswith(f"{key}{ASIDE}", autoescape=True))
                )
            )
            free = next(name for name in names if name not in taken)
            await connection.execute(update(people).where(people.c.key == key).values(key=free))
        return free

    async def forget(self, key: str) -> None:
        """Erase all rows of this person, so that nothing of them is left in the files. Raises `StorageError`."""
        async with self.transaction() as transaction:
            await transaction.erase([key])
        await self.checkpoint()

    async def purge(self, before: int) -> int:
        """Erase whoever was last touched before this time (epoch seconds), and the updates seen long ago.

        Returns how many people were erased. Raises `StorageError`.
        """
        async with self._transacted(_WRITE) as connection:
            newest = select(func.max(seen.c.at)).scalar_subquery()
            await connection.execute(delete(seen).where(seen.c.at < newest - SEEN_FOR))
            erased = (await connection.execute(delete(people).where(people.c.touched < before))).rowcount
        if erased:
            await self.checkpoint()
        return erased

    async def note(self, name: str) -> str | None:
        """A small fact that the bot keeps about itself."""
        async with self._transacted(_READ) as connection:
            value: str | None = await connection.scalar(select(notes.c.value).where(notes.c.name == name))
        return value

    async def set_note(self, name: str, value: str) -> None:
        """Keep a small fact about the bot itself."""
        async with self._transacted(_WRITE) as connection:
            await connection.execute(UPSERT_NOTE, {"name": name, "value": value})

    async def checkpoint(self) -> None:
        """Move what the log holds into the database file, and empty the log.

        Raises:
            StorageError: another process is reading and does not finish; what was erased may still stand in the log.
        """
        async with self._lock:
            await self._empty_log()

    async def close(self) -> None:
        """Close it, with everything in the one file, so that a plain copy of that is a backup."""
        async with self._lock:
            with suppress(StorageError):  # what is committed is on the disk, in the log if not in the file
                await self._empty_log()
            await self._disconnect()

    # --- within ---------------------------------------------------------------------------------------------------

    async def _set_up(self, migrations: Mapping[str, Migration]) -> None:
        with in_words(self.file):
            await self._connection.start()
        try:
            async with self._transacted(_READ) as connection:
                names = await connection.run_sync(pending, migrations)
            if await self._pragma("quick_check(1)") != ("ok",):
                raise damaged(self.file)
            await asyncio.to_thread(tighten, self.file)
            await self._log_ahead()
            for name in names:
                async with self._transacted(_WRITE) as connection:
                    await connection.run_sync(migrate, name, migrations)
            async with self._transacted(_WRITE) as connection:
                await connection.execute(WRITE_NOTHING)
        except NewerError:
            raise UnusableError(
                f"{self.file} was changed by a newer version of Signpost; install that one, or name another place"
            ) from None
        except ForeignError:
            raise UnusableError(
                f"{self.file} is the database of another program; name another place for Signpost's"
            ) from None

    async def _log_ahead(self) -> None:
        """Switch to the write-ahead log, once for each file. SQLite does not wait for others there, so we do."""
        until = asyncio.get_running_loop().time() + self._patience
        while (await self._pragma("journal_mode"))[0] != "wal":
            try:
                await self._pragma("journal_mode=WAL")
            except BusyError:
                if asyncio.get_running_loop().time() > until:
                    raise
                await asyncio.sleep(_A_MOMENT)

    async def _empty_log(self) -> None:
        busy, *_ = await self._pragma("wal_checkpoint(TRUNCATE)")
        if busy:
            raise BusyError(
                f"{self.file} is being read by another process, so not all that was erased is gone yet; try again"
            )

    async def _disconnect(self) -> None:
        with suppress(StorageError), in_words(self.file):
            await self._connection.close()
        await self._engine.dispose()

    @asynccontextmanager
    async def _transacted(self, begin: str) -> AsyncIterator[AsyncConnection]:
        async with self._lock:
            with in_words(self.file):
                self._begin = begin
                try:
                    await self._connection.begin()
                    yield self._connection
                    await self._connection.commit()
                except BaseException:
                    await _to_the_end(self._roll_back())
                    raise

    async def _roll_back(self) -> None:
        """Leave no transaction open, not even one whose beginning or commit was cancelled on its way."""
        with suppress(SQLAlchemyError, sqlite3.Error):  # what went wrong before it is what has to be told
            await self._connection.rollback()
            await (await self._driver()).rollback()  # waits its turn behind whatever the driver is still doing

    async def _pragma(self, text: str) -> tuple[Any, ...]:
        """Set or ask what SQLite does outside of transactions; returns the first row, `()` for none."""
        with in_words(self.file):
            driver = await self._driver()
            async with driver.execute(f"PRAGMA {text}") as cursor:
                return await cursor.fetchone() or ()

    async def _driver(self) -> Any:  # noqa: ANN401 - SQLAlchemy gives the driver's connection no type
        return (await self._connection.get_raw_connection()).driver_connection


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Wait for this even when told to stop meanwhile; whoever is told to stop is stopping already."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()


def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - as above
    connection.isolation_level = None  # SQLAlchemy begins transactions; the driver would only do so before writes
    cursor = connection.cursor()
    for pragma in ("synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
