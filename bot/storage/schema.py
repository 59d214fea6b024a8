"""The tables, and the statements that write several rows at once.

A person is one row: the check, and the message in the chat that carries the live keyboard. No name and no typed text
is kept, so the key is all that says whose row it is. What is owed to a chat is a row, too, from the transaction that
owes it until the one that records its arrival.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, and_, bindparam, delete, false, null, or_, update
from sqlalchemy.dialects.sqlite import insert  # the upsert that PostgreSQL spells alike

_METADATA = MetaData()

people = Table(
    "people",
    _METADATA,
    Column("key", Text, primary_key=True),
    Column("session", Text),  # JSON of a `Session`; NULL: there is none
    Column("card", BigInteger),
    Column("shown", Text, nullable=False),
    Column("touched", BigInteger, nullable=False),  # epoch seconds
    Column("gone", BigInteger),  # epoch seconds since when nobody is there to read, NULL: somebody is
)
owed = Table(
    "owed",
    _METADATA,
    Column("chat", BigInteger, primary_key=True, autoincrement=False),
    Column("slot", BigInteger, primary_key=True, autoincrement=False),  # 0: the chat's card, else the number
    Column("number", BigInteger, nullable=False),  # the order of all
    Column("person", Text, nullable=False),  # the key of `people`
    Column("kind", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("at", BigInteger, nullable=False),  # epoch seconds
    Column("post", Text, nullable=False),  # JSON of a post
)
seen = Table(
    "seen",
    _METADATA,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),  # epoch seconds
)
notes = Table("notes", _METADATA, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
migrations = Table("signpost_migrations", _METADATA, Column("name", Text, primary_key=True))

_session = insert(people)
UPSERT_SESSION = _session.on_conflict_do_update(
    index_elements=[people.c.key],
    set_={"session": _session.excluded.session, "touched": _session.excluded.touched, "gone": null()},
)
"""The session of a person and when it was touched; the card stays. Whoever does something is there."""

PLACE_CARD = (
    update(people)
    .where(people.c.key == bindparam("of"))
    .values(card=bindparam("card"), shown=bindparam("shown"), touched=bindparam("at"))
)
"""The card of a person who has a row: what arrives late must not bring back a row that was erased meanwhile."""

MARK_GONE = update(people).where(people.c.key == bindparam("of")).values(gone=bindparam("at"))
"""Nobody is there to read: the bot is blocked."""

_owed = insert(owed)
OWE = _owed.on_conflict_do_update(
    index_elements=[owed.c.chat, owed.c.slot],
    set_={column.name: _owed.excluded[column.name] for column in owed.c if column.name not in {"chat", "slot"}},
)
"""What is owed; a newer card takes the place of one that was not sent yet."""

DROP_CARD = delete(owed).where(owed.c.chat == bindparam("of"), owed.c.slot == 0)
"""The card that a chat is owed, which something more important makes superfluous."""

PAID = delete(owed).where(
    owed.c.chat == bindparam("of"), owed.c.slot == bindparam("in_slot"), owed.c.number == bindparam("numbered")
)
"""What has arrived, or is given up; not what took its place meanwhile."""

FORGET_OWED = delete(owed).where(owed.c.person == bindparam("of"), owed.c.kind != bindparam("but"))
"""What a person is owed who wants to be forgotten, but for one kind, which must arrive whatever happens."""

ASIDE = ".damaged-"
"""Stands between a person's key and a number in the key of a row that was set aside."""

ERASE = delete(people).where(
    or_(
        people.c.key == bindparam("of"),
        and_(people.c.key > bindparam("of") + ASIDE, people.c.key < bindparam("of") + f"{ASIDE}:"),
    )
)
"""All rows of a person. Two bounds and not LIKE, which would look at every row; ``:`` comes right after the digits."""

MARK_SEEN = insert(seen).on_conflict_do_nothing(index_elements=[seen.c.update_id]).returning(seen.c.update_id)
"""Marks updates as seen, and gives back those that were not yet."""

UNMARK_SEEN = delete(seen).where(seen.c.update_id == bindparam("of"))
"""Takes back that an update is seen."""

_note = insert(notes)
UPSERT_NOTE = _note.on_conflict_do_update(index_elements=[notes.c.name], set_={"value": _note.excluded.value})

WRITE_NOTHING = delete(migrations).where(false())
"""Changes nothing, but fails where nothing could be changed, such as in a file that is read-only."""
