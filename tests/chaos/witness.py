"""A witness in the bot's database: triggers that note, in the bot's own transactions, what was applied and what owed.

What a transaction that is rolled back has noted is gone with it, so the notes say exactly what counted.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict, deque
from contextlib import closing
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from bot.flow.session import Session, from_json
from bot.telegram.api import markup
from bot.telegram.owed import read
from bot.telegram.posts import Card, Note

_COLUMNS = "chat, slot, number, person, kind, language, at, post"
_NEW = ", ".join(f"new.{name}" for name in _COLUMNS.split(", "))

_NOW = "(julianday('now') - 2440587.5) * 86400.0"
"""Seconds since 1970, to the millisecond."""

_TRIGGERS = f"""
CREATE TABLE witness_seen (n INTEGER PRIMARY KEY, update_id INTEGER NOT NULL, taken INTEGER NOT NULL);
CREATE TRIGGER witness_taken AFTER INSERT ON seen BEGIN
  INSERT INTO witness_seen (update_id, taken) VALUES (new.update_id, 1);
END;
CREATE TRIGGER witness_untaken AFTER DELETE ON seen BEGIN
  INSERT INTO witness_seen (update_id, taken) VALUES (old.update_id, 0);
END;
CREATE TABLE witness_owed (n INTEGER PRIMARY KEY, time REAL NOT NULL, {_COLUMNS});
CREATE TRIGGER witness_owed AFTER INSERT ON owed BEGIN
  INSERT INTO witness_owed (time, {_COLUMNS}) VALUES ({_NOW}, {_NEW});
END;
CREATE TRIGGER witness_owed_anew AFTER UPDATE ON owed BEGIN
  INSERT INTO witness_paid (time, chat, slot, number) VALUES ({_NOW}, old.chat, old.slot, old.number);
  INSERT INTO witness_owed (time, {_COLUMNS}) VALUES ({_NOW}, {_NEW});
END;
CREATE TABLE witness_paid (n INTEGER PRIMARY KEY, time REAL NOT NULL, chat, slot, number);
CREATE TRIGGER witness_paid AFTER DELETE ON owed BEGIN
  INSERT INTO witness_paid (time, chat, slot, number) VALUES ({_NOW}, old.chat, old.slot, old.number);
END;
"""  # noqa: S608 - made of constants

Words = tuple[int, str, str]
"""A message as it is sent: the chat, the text, and its buttons as JSON."""

Span = tuple[float, float]
"""From when to when, in seconds since 1970."""


def buttons_of(reply_markup: object) -> str:
    """The buttons of a message as JSON, always spelt alike."""
    if isinstance(reply_markup, str):
        reply_markup = json.loads(reply_markup)
    return json.dumps(reply_markup, sort_keys=True) if reply_markup else ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What the database says in the end.

    ``applied``: the updates in the order in which they were taken; ``twice``: those that were taken more than once.
    ``sessions``: checks by chat. ``owed``: from when to when each message was (seconds since 1970); ``left``: rows that
    still are. ``sound``: what SQLite finds wrong with the file, "ok" for nothing.
    """

    applied: tuple[int, ...]
    twice: tuple[int, ...]
    sessions: dict[int, Session]
    owed: dict[Words, list[Span]]
    left: int
    sound: str


def install(file: Path) -> None:
    """Put the witness into a database that the bot has made and is not using."""
    with closing(sqlite3.connect(file)) as database:
        database.executescript(_TRIGGERS)


def is_owing(file: Path) -> bool:
    """Whether anything is owed to anybody."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as database:
        return bool(database.execute("SELECT EXISTS (SELECT 1 FROM owed)").fetchone()[0])


def question(file: Path) -> Statement:
    """What the witness has noted, and what is kept. Nobody may be writing."""
    with closing(sqlite3.connect(file, timeout=30)) as database:
        taken: Counter[int] = Counter()
        twice: list[int] = []
        order: dict[int, None] = {}
        for update, sign in database.execute("SELECT update_id, taken FROM witness_seen ORDER BY n"):
            taken[update] += 1 if sign else -1
            twice += [update] if taken[update] > 1 else []
            order.pop(update, None)
            if sign:
                order[update] = None
        sessions = database.execute("SELECT key, session FROM people WHERE session IS NOT NULL")
        return Statement(
            tuple(order),
            tuple(twice),
            {int(key.partition(":")[2]): from_json(json.loads(text)) for key, text in sessions},
            _spans(database),
            database.execute("SELECT count(*) FROM owed").fetchone()[0],
            "; ".join(row[0] for row in database.execute("PRAGMA integrity_check")),
        )


def _spans(database: sqlite3.Connection) -> dict[Words, list[Span]]:
    """From when to when each message was owed. Numbers come again after a restart, in the same order as their ends."""
    ends: defaultdict[tuple[int, int, int], deque[float]] = defaultdict(deque)
    for time, *place in database.execute("SELECT time, chat, slot, number FROM witness_paid ORDER BY n"):
        ends[place[0], place[1], place[2]].append(time)
    owed: defaultdict[Words, list[Span]] = defaultdict(list)
    for time, *row in database.execute(f"SELECT time, {_COLUMNS} FROM witness_owed ORDER BY n"):  # noqa: S608
        own = ends[row[0], row[1], row[2]]
        owed[_words(row)].append((time, own.popleft() if own else inf))
    return dict(owed)


def _words(row: list[Any]) -> Words:
    chat, slot, number, person, kind, language, at, post = row
    owed = read((chat, slot, number, person, kind, language, at, post))
    match owed and owed.post:
        case Card(texts, keyboard):
            return (chat, texts[0], buttons_of(markup(keyboard)))
        case Note(texts):
            return (chat, texts[0], "")
    return (chat, "", "")
