"""How the tables came to be: an ordered list of steps, each committed together with the record that it is done.

A step that fails is rolled back and still pending. A released step is never edited: a change is a new step at the end.
The steps are written out, not taken from `bot.storage.schema`, which describes only where they lead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, inspect, select, text

from bot.storage.schema import migrations

Migration = Callable[[Connection], None]


def _people_seen_and_notes(connection: Connection) -> None:
    for statement in (
        """CREATE TABLE people
        (key TEXT PRIMARY KEY NOT NULL, session TEXT, card BIGINT, shown TEXT NOT NULL, touched BIGINT NOT NULL)""",
        "CREATE INDEX people_touched ON people (touched)",
        "CREATE TABLE seen (update_id BIGINT PRIMARY KEY NOT NULL, at BIGINT NOT NULL)",
        "CREATE INDEX seen_at ON seen (at)",
        "CREATE TABLE notes (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)",
    ):
        connection.execute(text(statement))


def _owed_and_gone(connection: Connection) -> None:
    for statement in (
        """CREATE TABLE owed
        (chat BIGINT NOT NULL, slot BIGINT NOT NULL, number BIGINT NOT NULL, person TEXT NOT NULL, kind TEXT NOT NULL,
         language TEXT NOT NULL, at BIGINT NOT NULL, post TEXT NOT NULL, PRIMARY KEY (chat, slot))""",
        "CREATE INDEX owed_person ON owed (person)",
        "ALTER TABLE people ADD COLUMN gone BIGINT",
    ):
        connection.execute(text(statement))


MIGRATIONS: Mapping[str, Migration] = {
    "1 people, seen and notes": _people_seen_and_notes,
    "2 what is owed, and who is gone": _owed_and_gone,
}
"""All steps by name, in their order."""


class NewerError(Exception):
    """A newer Signpost has changed this database."""


class ForeignError(Exception):
    """Another program made this database."""


def pending(connection: Connection, steps: Mapping[str, Migration]) -> list[str]:
    """The steps that are still to be done.

    Raises:
        NewerError: steps were done that this Signpost does not know.
        ForeignError: there are tables, but no record of any step.
    """
    tables = inspect(connection).get_table_names()
    if migrations.name not in tables:
        if tables:
            raise ForeignError
        return list(steps)
    done = set(connection.scalars(select(migrations.c.name)))
    if done - set(steps):
        raise NewerError
    return [name for name in steps if name not in done]


def migrate(connection: Connection, name: str, steps: Mapping[str, Migration]) -> None:
    """Do one step and record it, in the transaction of the caller, unless another process was quicker."""
    if name not in pending(connection, steps):
        return
    connection.execute(text("CREATE TABLE IF NOT EXISTS signpost_migrations (name TEXT PRIMARY KEY NOT NULL)"))
    steps[name](connection)
    connection.execute(migrations.insert(), {"name": name})
