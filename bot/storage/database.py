"""The database: one file, one connection, one writer at a time, and on the disk before anything is confirmed.

One bot at a time has the file; beside it, other programs may use it (a check in the terminal, a backup). SQLite's
write-ahead log (WAL) lets them read while one writes, and who has to wait for another writer waits a few seconds.
`synchronous=FULL` forces each commit to the disk; `secure_delete` overwrites with zeros what is deleted, and the log is
emptied after it, so that nothing erased is left in the files.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Self

from filelock import BaseFileLock
from sqlalchemy import delete, func, select, update

from bot.flow.session import Session, SessionError
from bot.storage.connection import READ, WRITE, Link
from bot.storage.errors import BusyError, StorageError, UnusableError, damaged, in_words
from bot.storage.migrations import MIGRATIONS, ForeignError, Migration, NewerError, migrate, pending
from bot.storage.place import claim, file_of, make_ready, tighten
from bot.storage.schema import ASIDE, UPSERT_NOTE, WRITE_NOTHING, notes, owed, people, seen
from bot.storage.transaction import Owed, Row, Transaction, read

__all__ = ["BusyError", "Database", "Owed", "Row", "StorageError", "Transaction", "UnusableError"]

PATIENCE = 5.0
"""Seconds to wait for another process that is writing."""

SEEN_FOR = 48 * 3600
"""Seconds for which an update is known to be seen. Telegram hands one out for 24 hours at most."""

_A_MOMENT = 0.02
"""Seconds until the next look where SQLite itself does not wait."""


class Database:
    """An open database. Make one with `open` or `at`, and `close` it in the same event loop."""

    def __init__(self, file: Path, patience: float) -> None:
        self.file = file
        self._claim: BaseFileLock | None = None
        self._lock = asyncio.Lock()
        self._patience = patience
        self._link = Link(file, patience)

    @classmethod
    async def open(cls, url: str) -> Database:
        """Open the database at a URL such as ``sqlite:///data/signpost.db``, made and brought up to date if need be.

        Raises:
            UnusableError: what is there is damaged, newer or not ours; it is left untouched.
            StorageError: it cannot be opened, or the URL is of a kind that is not supported.
        """
        return await cls.at(file_of(url))

    @classmethod
    async def at(
        cls,
        file: Path,
        patience: float = PATIENCE,
        migrations: Mapping[str, Migration] = MIGRATIONS,
        *,
        alone: bool = False,
    ) -> Self:
        """Open the database in this file; as `open`. ``alone``: as a bot, of which a file has one at a time.

        Raises:
            BusyError: another bot has it.
        """
        database = cls(await asyncio.to_thread(make_ready, file), patience)
        try:
            if alone:
                database._claim = await asyncio.to_thread(claim, database.file)
            await database._set_up(migrations)
        except BaseException:
            await database._link.close()
            database._free()
            raise
        return database

    def _free(self) -> None:
        if self._claim is not None:
            self._claim.release()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Everything within happens together at the end, or, on an exception, not at all."""
        async with self._transacted(WRITE) as link:
            yield Transaction(link)

    async def load(self, key: str) -> Session | None:
        """The session of this person, if there is one.

        Raises:
            UnusableError: there is one that cannot be read.
            StorageError: the database cannot be read.
        """
        async with self._transacted(READ) as link:
            text = await link.scalar(select(people.c.session).where(people.c.key == key))
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
        async with self._transacted(WRITE) as link:
            names = (f"{key}{ASIDE}{number}" for number in count(1))
            taken = set(
                await link.scalars(
                    select(people.c.key).where(people.c.key.startswith(f"{key}{ASIDE}", autoescape=True))
                )
            )
            free = next(name for name in names if name not in taken)
            await link.change(update(people).where(people.c.key == key).values(key=free))
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
        async with self._transacted(WRITE) as link:
            newest = select(func.max(seen.c.at)).scalar_subquery()
            link.later(delete(seen).where(seen.c.at < newest - SEEN_FOR))
            link.later(delete(owed).where(owed.c.at < before))
            erased = await link.change(delete(people).where(people.c.touched < before))
        if erased:
            await self.checkpoint()
        return erased

    async def owed(self) -> list[Owed]:
        """All that is owed to anybody, in order. Raises `StorageError`."""
        async with self._transacted(READ) as link:
            return [Owed._make(row) for row in await link.rows(select(owed).order_by(owed.c.number))]

    async def live(self, since: int) -> int:
        """How many people have a check, did something since then (epoch seconds), and can be reached."""
        fits = (people.c.touched >= since, people.c.session.is_not(None), people.c.gone.is_(None))
        async with self._transacted(READ) as link:
            found: int = await link.scalar(select(func.count()).select_from(people).where(*fits))
        return found

    async def note(self, name: str) -> str | None:
        """A small fact that the bot keeps about itself."""
        async with self._transacted(READ) as link:
            value: str | None = await link.scalar(select(notes.c.value).where(notes.c.name == name))
        return value

    async def set_note(self, name: str, value: str) -> None:
        """Keep a small fact about the bot itself."""
        async with self._transacted(WRITE) as link:
            link.later(UPSERT_NOTE, {"name": name, "value": value})

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
            try:
                await self._link.hurry()
                with suppress(StorageError):  # what is committed is on the disk, in the log if not in the file
                    await self._empty_log()
            finally:
                await self._link.close()
                self._free()

    # --- within ---------------------------------------------------------------------------------------------------

    async def _set_up(self, migrations: Mapping[str, Migration]) -> None:
        with in_words(self.file):
            await self._link.open()
        try:
            async with self._transacted(READ) as link:
                names = await link.run(pending, migrations)
            if await self._link.pragma("quick_check(1)") != ("ok",):
                raise damaged(self.file)
            await asyncio.to_thread(tighten, self.file)
            await self._log_ahead()
            for name in names:
                async with self._transacted(WRITE) as link:
                    await link.run(migrate, name, migrations)
            async with self._transacted(WRITE) as link:
                link.later(WRITE_NOTHING)
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
        while (await self._link.pragma("journal_mode"))[0] != "wal":
            try:
                await self._link.pragma("journal_mode=WAL")
            except BusyError:
                if asyncio.get_running_loop().time() > until:
                    raise
                await asyncio.sleep(_A_MOMENT)

    async def _empty_log(self) -> None:
        busy, *_ = await self._link.pragma("wal_checkpoint(TRUNCATE)")
        if busy:
            raise BusyError(
                f"{self.file} is being read by another process, so not all that was erased is gone yet; try again"
            )

    @asynccontextmanager
    async def _transacted(self, begin: str) -> AsyncIterator[Link]:
        async with self._lock:
            with in_words(self.file):
                try:
                    self._link.begin(begin)
                    yield self._link
                    await self._link.commit()
                except BaseException:
                    await self._link.rollback()
                    raise
