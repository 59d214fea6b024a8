"""What must not be, whatever comes in. Problems are collected, each kind of them once with how often it was seen."""

from __future__ import annotations

import asyncio
import io
import logging
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from bot.log import _handler
from bot.metrics import Metrics
from bot.storage.transaction import read as read_session
from tests.fuzz.marks import betrayed

_TELEGRAMS = frozenset({"BadRequest", "ChatMigrated", "Forbidden", "NetworkError", "RetryAfter", "TimedOut"})
"""Errors that are Telegram's; any other one is a mistake of ours."""

_PLACE = re.compile(r": (\w+) in [\w.?]+:\d+")
_FAILED = "a message could not be sent"
_ERRORS = ("ERROR", "CRITICAL")


class Judge:
    """Collects what is wrong. ``lines``: what the log said, by level and words, without the places in it."""

    def __init__(self) -> None:
        self.problems: Counter[str] = Counter()
        self.lines: Counter[tuple[str, str]] = Counter()

    def complain(self, problem: str) -> None:
        """Something is wrong."""
        self.problems[problem] += 1

    # --- errors and the log ---------------------------------------------------------------------------------------

    def caught(self, _: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        """What escaped into the event loop."""
        error = context.get("exception")
        self.complain(f"escaped: {type(error).__name__ if error else ''} {context.get('message')}")

    def heard(self, line: str) -> None:
        """A line of the log, as an operator would read it."""
        if betrayed(line):
            self.complain("a line of the log tells what somebody wrote, or who they are")
        _, level, _, said = line.split(" ", 3)
        place = _PLACE.search(said)
        words = re.sub(r" session=\S+| flow=\S+| in [\w.?]+:\d+", "", said).strip()
        self.lines[level, words] += 1
        if place and place[1] not in _TELEGRAMS:
            self.complain(f"an error of ours: {said}")
        elif level in _ERRORS and not said.startswith(_FAILED):
            self.complain(f"the log says: {said}")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Read all that is logged meanwhile, in place of whoever does it else."""
        handler = _handler("text")
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(_Ear(self))
        ours, root = logging.getLogger("signpost"), logging.getLogger()
        kept = (ours.handlers, ours.level, ours.propagate, root.handlers)
        ours.handlers, ours.propagate, root.handlers = [handler], False, [handler]
        ours.setLevel(logging.INFO)
        try:
            yield
        finally:
            ours.handlers, level, ours.propagate, root.handlers = kept
            ours.setLevel(level)

    # --- at the end -----------------------------------------------------------------------------------------------

    def database(self, file: Path, seen: set[int]) -> None:
        """The file is sound, holds what can be read, owes nothing, and has seen exactly these updates."""
        with closing(sqlite3.connect(file)) as connection:
            if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                self.complain("the database is damaged")
            for (text,) in connection.execute("SELECT session FROM people WHERE session IS NOT NULL"):
                try:
                    read_session(text)
                except Exception as error:  # noqa: BLE001 - whatever it is, nobody can go on with this check
                    self.complain(f"a check cannot be read: {type(error).__name__}")
            (left,) = connection.execute("SELECT count(*) FROM owed").fetchone()
            if left:
                self.complain(f"{left} messages are still owed")
            marked = {number for (number,) in connection.execute("SELECT update_id FROM seen")}
        if marked != seen:
            self.complain(f"updates marked as seen: {len(marked - seen)} too many, {len(seen - marked)} missing")


class _Ear(io.StringIO):
    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self._judge = judge

    def write(self, text: str, /) -> int:
        for line in text.splitlines():
            self._judge.heard(line)
        return len(text)


def counted(metrics: Metrics, name: str) -> dict[tuple[str, ...], int]:
    """A counter by its labels, where it is not 0."""
    return {
        tuple(sample.labels.values()): int(sample.value)
        for family in text_string_to_metric_families(metrics.page()[0].decode())
        for sample in family.samples
        if sample.name == f"signpost_{name}_total" and sample.value
    }


def content_of(file: Path) -> str:
    """A digest of every row of every table."""
    digest = sha256()
    with closing(sqlite3.connect(file)) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        ]
        for name in names:
            digest.update(repr(sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"')))).encode())  # noqa: S608
    return digest.hexdigest()
