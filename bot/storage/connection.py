"""The one connection to the database's file. Whatever is begun on it is finished, even for somebody who is cancelled.

SQLAlchemy gives a connection up when it is cancelled within a statement, while the thread that carries the statement
out goes on with it; for a moment the file then stays locked with nobody to unlock it. So each step runs to its end
first, and only then is whoever waited for it cancelled.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, CursorResult, Executable, ScalarResult, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bot.storage.errors import StorageError, in_words

READ = "BEGIN"
WRITE = "BEGIN IMMEDIATE"  # takes the write lock at once: waiting for it later could fail in the middle

_A_MOMENT = 200
"""Milliseconds to wait for another process when everything is about to end."""

_Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]
_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class Link:
    """The connection to one file. ``patience``: seconds to wait for another process that is writing.

    `open` comes first, `close` last. Errors are SQLAlchemy's and the driver's, but for `pragma`, which raises
    `StorageError`.
    """

    def __init__(self, file: Path, patience: float) -> None:
        self._file = file
        self._begin = READ
        self._engine = create_async_engine(
            URL.create("sqlite+aiosqlite", database=str(file)),
            connect_args={"timeout": patience},
            hide_parameters=True,
            poolclass=NullPool,
        )
        self._connection: AsyncConnection = self._engine.connect()
        event.listen(self._engine.sync_engine, "connect", _prepare)
        event.listen(self._engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql(self._begin))

    async def open(self) -> None:
        """Connect."""
        await _whole(self._open())

    async def hurry(self) -> None:
        """From now on, wait for another process for a moment only. Raises nothing."""
        with suppress(StorageError):
            await self.pragma(f"busy_timeout={_A_MOMENT}")

    async def close(self) -> None:
        """Disconnect. Raises nothing: what is committed is on the disk."""
        await _whole(self._close())

    # --- transactions ---------------------------------------------------------------------------------------------

    async def begin(self, how: str) -> None:
        """Begin a transaction, `READ` or `WRITE`."""
        self._begin = how
        await _whole(self._start())

    async def commit(self) -> None:
        """End the transaction; all of it is on the disk."""
        await _whole(self._connection.commit())

    async def rollback(self) -> None:
        """Leave no transaction open, whatever state it was in. Raises nothing: what went before has to be told."""
        await _whole(self._rollback())

    # --- statements -----------------------------------------------------------------------------------------------

    async def execute(self, statement: Executable, values: _Values | None = None) -> CursorResult[Any]:
        """Execute a statement, once, or for each of several values."""
        return await _whole(self._connection.execute(statement, values))

    async def scalars(self, statement: Executable, values: _Values | None = None) -> ScalarResult[Any]:
        """The first column of each row that a statement gives."""
        return await _whole(self._connection.scalars(statement, values))

    async def scalar(self, statement: Executable) -> Any:  # noqa: ANN401 - whatever type the column has
        """The first column of the first row, `None` for no row."""
        return await _whole(self._connection.scalar(statement))

    async def run(
        self,
        work: Callable[Concatenate[Connection, _Arguments], _Result],
        *arguments: _Arguments.args,
        **named: _Arguments.kwargs,
    ) -> _Result:
        """Do several things in one go, in SQLAlchemy's synchronous way."""
        return await _whole(self._connection.run_sync(work, *arguments, **named))

    async def pragma(self, text: str) -> tuple[Any, ...]:
        """Set or ask what SQLite does outside of transactions; the first row, `()` for none. Raises `StorageError`."""
        with in_words(self._file):
            return await _whole(self._pragma(text))

    # --- within ---------------------------------------------------------------------------------------------------

    async def _open(self) -> None:
        await self._connection.start()

    async def _close(self) -> None:
        with suppress(SQLAlchemyError, sqlite3.Error):
            await self._connection.close()
        await self._engine.dispose()

    async def _start(self) -> None:
        await self._connection.begin()

    async def _rollback(self) -> None:
        with suppress(SQLAlchemyError, sqlite3.Error):
            await self._connection.rollback()
            await (await self._driver()).rollback()  # also what SQLAlchemy does not know to be open

    async def _pragma(self, text: str) -> tuple[Any, ...]:
        driver = await self._driver()
        async with driver.execute(f"PRAGMA {text}") as cursor:
            return await cursor.fetchone() or ()

    async def _driver(self) -> Any:  # noqa: ANN401 - SQLAlchemy gives the driver's connection no type
        return (await self._connection.get_raw_connection()).driver_connection


async def _whole(work: Coroutine[Any, Any, _Result]) -> _Result:
    """What this gives. It is finished even when whoever waits for it is cancelled; only then are they."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        with suppress(Exception):  # nobody is left whom it could be told
            task.result()
        raise cancelled
    return task.result()


def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - as above
    connection.isolation_level = None  # SQLAlchemy begins transactions; the driver would only do so before writes
    cursor = connection.cursor()
    for pragma in ("synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
