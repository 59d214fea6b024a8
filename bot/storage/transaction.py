"""What can be done with people's rows in one transaction: many people at once, one statement a step."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from bot.flow.session import Session, SessionError, from_json, to_json
from bot.storage.connection import Link
from bot.storage.schema import ERASE, MARK_SEEN, PLACE_CARD, UPSERT_SESSION, people

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


class Transaction:
    """One transaction, from `bot.storage.database.Database.transaction`. Nothing of it counts before its end."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def unseen(self, update_ids: Collection[int], at: int) -> set[int]:
        """Which of these updates were never seen before; from now on they are. ``at``: epoch seconds."""
        if not update_ids:
            return set()
        marks = [{"update_id": each, "at": at} for each in sorted(set(update_ids))]
        return set(await self._link.scalars(MARK_SEEN, marks))

    async def load(self, keys: Collection[str]) -> dict[str, Row]:
        """The rows of these people; whoever is not known is left out."""
        wanted = sorted(set(keys))
        rows: dict[str, Row] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            found = await self._link.execute(select(people).where(people.c.key.in_(wanted[start : start + _AT_ONCE])))
            rows |= {row.key: _row(row.session, row.card, row.shown, row.touched) for row in found}
        return rows

    async def save(self, sessions: Mapping[str, Session | None], at: int) -> None:
        """Keep these sessions; ``None``: the session is gone, the row stays for its card. ``at``: epoch seconds."""
        if sessions:
            await self._link.execute(
                UPSERT_SESSION,
                [
                    {"key": key, "session": session and written(session), "card": None, "shown": "", "touched": at}
                    for key, session in sessions.items()
                ],
            )

    async def place(self, cards: Mapping[str, tuple[int | None, str]], at: int) -> None:
        """Note these people's cards and what they show, where there is a row; ``at`` (epoch seconds) touches it.

        Whoever has no row gets none: a message may arrive after the person had everything erased.
        """
        if cards:
            await self._link.execute(
                PLACE_CARD,
                [{"of": key, "card": card, "shown": shown, "at": at} for key, (card, shown) in cards.items()],
            )

    async def erase(self, keys: Collection[str]) -> None:
        """Erase all rows of these people. After the end of the transaction, `Database.checkpoint` empties the log."""
        if keys:
            await self._link.execute(ERASE, [{"of": key} for key in sorted(set(keys))])


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
