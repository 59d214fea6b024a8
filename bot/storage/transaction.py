"""What can be done with people's rows in one transaction: many people at once, one statement a step."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, select

from bot.flow.session import Session, SessionError, from_json, to_json
from bot.storage.connection import Link
from bot.storage.schema import (
    DROP_CARD,
    ERASE,
    FORGET_OWED,
    MARK_GONE,
    MARK_SEEN,
    OWE,
    PAID,
    PLACE_CARD,
    UNMARK_SEEN,
    UPSERT_SESSION,
    people,
)

FINAL = "final"
"""The kind of what is owed that outlives even `Transaction.erase`: somebody may have to seek care at once."""

_AT_ONCE = 500
"""How many keys one SELECT names; databases limit the values of a statement."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is kept of one person.

    ``card`` is the id of the message that carries the live keyboard, ``shown`` a digest of what that message shows,
    ``touched`` when the row was last saved, in epoch seconds. ``unreadable``: a check is kept, but this version of
    Signpost cannot read it; it stays as it is until another is saved in its place.
    """

    session: Session | None = None
    card: int | None = None
    shown: str = ""
    touched: int = 0
    unreadable: bool = False


class Owed(NamedTuple):
    """Something owed to a chat: ``post`` is its JSON, of this ``kind``, in this ``language``.

    ``slot`` 0 is the chat's card, of which there is one at most; everything else has a slot of its own. ``number``
    gives the order of all; ``person`` is the key of whoever it is for; ``at``: since when, in epoch seconds.
    """

    chat: int
    slot: int
    number: int
    person: str
    kind: str
    language: str
    at: int
    post: str


class Transaction:
    """One transaction, from `bot.storage.database.Database.transaction`. Nothing of it counts before its end."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def take(
        self, update_ids: Collection[int], keys: Collection[str], at: int
    ) -> tuple[set[int], dict[str, Row]]:
        """`unseen` and `load` in one go."""
        return await self._link.run(lambda connection: (_marked(connection, update_ids, at), _found(connection, keys)))

    async def unseen(self, update_ids: Collection[int], at: int) -> set[int]:
        """Which of these updates were never seen before; from now on they are. ``at``: epoch seconds."""
        return await self._link.run(_marked, update_ids, at)

    async def unmark(self, update_ids: Collection[int]) -> None:
        """Take back that these updates are seen: they are to be taken later."""
        if update_ids:
            self._link.later(UNMARK_SEEN, [{"of": each} for each in update_ids])

    async def load(self, keys: Collection[str]) -> dict[str, Row]:
        """The rows of these people; whoever is not known is left out."""
        return await self._link.run(_found, keys)

    async def save(self, sessions: Mapping[str, Session | None], at: int) -> None:
        """Keep these sessions; ``None``: the session is gone, the row stays for its card. ``at``: epoch seconds."""
        if sessions:
            self._link.later(
                UPSERT_SESSION,
                [
                    {
                        "key": key,
                        "session": session and written(session),
                        "card": None,
                        "shown": "",
                        "touched": at,
                        "gone": None,
                    }
                    for key, session in sessions.items()
                ],
            )

    async def place(self, cards: Mapping[str, tuple[int | None, str]], at: int) -> None:
        """Note these people's cards and what they show, where there is a row; ``at`` (epoch seconds) touches it.

        Whoever has no row gets none: a message may arrive after the person had everything erased.
        """
        if cards:
            self._link.later(
                PLACE_CARD,
                [{"of": key, "card": card, "shown": shown, "at": at} for key, (card, shown) in cards.items()],
            )

    async def gone(self, keys: Collection[str], at: int) -> None:
        """Note that nobody is there to read any more, until they do something; ``at``: epoch seconds."""
        if keys:
            self._link.later(MARK_GONE, [{"of": key, "at": at} for key in sorted(set(keys))])

    async def owe(
        self, rows: Collection[tuple[int, int, int, str, str, str, int, str]], without_cards: Collection[int] = ()
    ) -> None:
        """Owe all this (see `Owed`); the chats ``without_cards`` are not owed the card any more that they were."""
        if without_cards:
            self._link.later(DROP_CARD, [{"of": chat} for chat in without_cards])
        if rows:
            self._link.later(OWE, [dict(zip(Owed._fields, row, strict=True)) for row in rows])

    async def paid(self, slots: Collection[tuple[int, int, int]]) -> None:
        """This (chat, slot and number each) is not owed any more: it arrived, or was given up."""
        if slots:
            self._link.later(PAID, [{"of": chat, "in_slot": slot, "numbered": number} for chat, slot, number in slots])

    async def erase(self, keys: Collection[str]) -> None:
        """Erase all rows of these people. After the end of the transaction, `Database.checkpoint` empties the log.

        Only what they are still owed and must arrive (`FINAL`) stays, until it has.
        """
        if keys:
            self._link.later(ERASE, [{"of": key} for key in sorted(set(keys))])
            self._link.later(FORGET_OWED, [{"of": key, "but": FINAL} for key in sorted(set(keys))])


def _marked(connection: Connection, update_ids: Collection[int], at: int) -> set[int]:
    if not update_ids:
        return set()
    marks = [{"update_id": each, "at": at} for each in sorted(set(update_ids))]
    return set(connection.scalars(MARK_SEEN, marks))


def _found(connection: Connection, keys: Collection[str]) -> dict[str, Row]:
    wanted = sorted(set(keys))
    rows: dict[str, Row] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        found = connection.execute(select(people).where(people.c.key.in_(wanted[start : start + _AT_ONCE])))
        rows |= {row.key: _row(row.session, row.card, row.shown, row.touched) for row in found}
    return rows


def written(session: Session) -> str:
    """A session as it is stored."""
    return json.dumps(to_json(session), separators=(",", ":"))


def read(text: str) -> Session:
    """A session from what is stored. Raises `SessionError`, whose text repeats no answer."""
    try:
        return from_json(json.loads(text))
    except SessionError:
        raise
    except (ValueError, RecursionError):
        # `from None`: the error carries the text along, and in it somebody's answers.
        raise SessionError("it is damaged: no JSON") from None


def _row(text: str | None, card: int | None, shown: str, touched: int) -> Row:
    try:
        return Row(None if text is None else read(text), card, shown, touched)
    except SessionError:
        return Row(None, card, shown, touched, unreadable=True)
