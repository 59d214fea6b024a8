"""The one connection to the database's file, and the one thread that uses it.

A turn of the thread costs more than most statements, above all while the event loop is busy. So what changes something
waits until something is asked, or until the end, and goes along in one turn. Whatever is begun there is finished, even
for somebody who is cancelled meanwhile: a statement that nobody waits for any more would leave the file locked.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Executable, Row, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
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
        self._begin = ""
        self._waiting: list[Callable[[Connection], object]] = []
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._engine = create_engine(
            URL.create("sqlite", database=str(file)),
            connect_args={"timeout": patience},
            hide_parameters=True,
            poolclass=NullPool,
        )
        self._connection: Connection | None = None
        event.listen(self._engine, "connect", _prepare)

    async def open(self) -> None:
        """Connect."""
        self._connection = await self._turn(self._engine.connect)

    async def hurry(self) -> None:
        """From now on, wait for another process for a moment only. Raises nothing."""
        with suppress(StorageError):
            await self.pragma(f"busy_timeout={_A_MOMENT}")

    async def close(self) -> None:
        """Disconnect. Raises nothing: what is committed is on the disk."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError, sqlite3.Error):
                await self._turn(connection.close)
        await self._turn(self._engine.dispose)
        self._thread.shutdown(wait=False)

    # --- transactions ---------------------------------------------------------------------------------------------

    def begin(self, how: str) -> None:
        """From the next statement on there is a transaction, `READ` or `WRITE`."""
        self._begin = how

    async def commit(self) -> None:
        """Do what waits, and end the transaction; all of it is on the disk."""
        if self._begin:  # who is cancelled while another process is waited for has changed nothing
            await self.run(lambda _: None)
        await self.run(Connection.commit)

    async def rollback(self) -> None:
        """Leave no transaction open, whatever state it was in. Raises nothing: what went before has to be told."""
        self._begin = ""
        self._waiting = []
        with suppress(SQLAlchemyError, sqlite3.Error):
            await self._turn(partial(_roll_back, self._connected))

    # --- statements -----------------------------------------------------------------------------------------------

    def later(self, statement: Executable, values: _Values | None = None) -> None:
        """Change something, once or for each of several values, in this transaction: with what comes next in it."""
        self._waiting.append(lambda connection: connection.execute(statement, values))

    async def change(self, statement: Executable) -> int:
        """Change something now. Returns how many rows it changed."""
        return await self.run(lambda connection: connection.execute(statement).rowcount)

    async def rows(self, statement: Executable, values: _Values | None = None) -> Sequence[Row[Any]]:
        """The rows that a statement gives."""
        return await self.run(lambda connection: connection.execute(statement, values).all())

    async def scalars(self, statement: Executable, values: _Values | None = None) -> Sequence[Any]:
        """The first column of each row that a statement gives."""
        return await self.run(lambda connection: connection.scalars(statement, values).all())

    async def scalar(self, statement: Executable) -> Any:  # noqa: ANN401 - whatever type the column has
        """The first column of the first row, `None` for no row."""
        return await self.run(lambda connection: connection.scalar(statement))

    async def run(
        self,
        work: Callable[Concatenate[Connection, _Arguments], _Result],
        *arguments: _Arguments.args,
        **named: _Arguments.kwargs,
    ) -> _Result:
        """Do several things in one go, after what waits; within the transaction, if one was begun."""
        begin, self._begin = self._begin, ""
        waiting, self._waiting = self._waiting, []
        connection = self._connected

        def go() -> _Result:
            if begin:
                connection.begin()
                connection.exec_driver_sql(begin)
            for each in waiting:
                each(connection)
            return work(connection, *arguments, **named)

        return await self._turn(go)

    async def pragma(self, text: str) -> tuple[Any, ...]:
        """Set or ask what SQLite does outside of transactions; the first row, `()` for none. Raises `StorageError`."""
        with in_words(self._file):
            return await self._turn(partial(_pragma, self._connected, text))

    # --- within ---------------------------------------------------------------------------------------------------

    @property
    def _connected(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("the database is used between open() and close()")
        return self._connection

    async def _turn(self, work: Callable[[], _Result]) -> _Result:
        """Do this in the thread. It is finished even when whoever waits for it is cancelled; only then are they."""
        future = asyncio.get_running_loop().run_in_executor(self._thread, work)
        cancelled: asyncio.CancelledError | None = None
        while not future.done():
            try:
                await asyncio.wait({future})
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            with suppress(Exception):  # nobody is left whom it could be told
                future.result()
            raise cancelled
        return future.result()


def _roll_back(connection: Connection) -> None:
    connection.rollback()
    _driver(connection).rollback()  # also what SQLAlchemy does not know to be open


def _pragma(connection: Connection, text: str) -> tuple[Any, ...]:
    found: tuple[Any, ...] | None = _driver(connection).execute(f"PRAGMA {text}").fetchone()
    return found or ()


def _driver(connection: Connection) -> Any:  # noqa: ANN401 - SQLAlchemy gives the driver's connection no type
    return connection.connection.driver_connection


def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - as above
    connection.isolation_level = None  # we begin transactions; the driver would only do so before writes
    cursor = connection.cursor()
    for pragma in ("synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
