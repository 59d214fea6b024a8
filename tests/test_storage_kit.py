"""What the tests of the storage share: sessions to keep, and a database that is open for as long as a test needs it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from bot.flow.session import Answered, Session
from bot.storage.database import Database

_Result = TypeVar("_Result")

MARK = "a-word-that-stands-nowhere-else"
SESSION = Session(
    "s1", "leg", "v1", "en", 100, (Answered("age", (), 101, number=45), Answered("pain", ("groin",), 102)), 2
)
OTHER = Session("s2", "leg", "v1", "en", 200)
MARKED = Session("s3", "leg", "v1", "en", 300, (Answered("pain", (MARK,), 301),), 1)
BESIDE = ("", "-wal", "-shm", "-journal")


@asynccontextmanager
async def opened(file: Path, patience: float = 5.0) -> AsyncIterator[Database]:
    """The database in this file, closed at the end."""
    database = await Database.at(file, patience)
    try:
        yield database
    finally:
        await database.close()


def on(file: Path, work: Callable[[Database], Awaitable[_Result]]) -> _Result:
    """Open the database in this file, do something with it, close it; returns what that gave."""

    async def run() -> _Result:
        async with opened(file) as database:
            return await work(database)

    return asyncio.run(run())


def files(file: Path) -> dict[str, bytes]:
    """What lies at the place of a database and beside it."""
    places = (file.with_name(file.name + suffix) for suffix in BESIDE)
    return {place.name: place.read_bytes() for place in places if place.exists()}
