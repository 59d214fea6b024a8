"""What the bot asks of the database, which it is handed at the start (`bot.storage` satisfies this)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.flow.session import Session


class Row(Protocol):
    """What is kept of one person; ``unreadable``: a check is kept that this version cannot read."""

    @property
    def session(self) -> Session | None:
        """Their check."""

    @property
    def card(self) -> int | None:
        """The id of the message that has the live buttons."""

    @property
    def shown(self) -> str:
        """A digest of what that message shows."""

    @property
    def touched(self) -> int:
        """When they last did something, in epoch seconds."""

    @property
    def unreadable(self) -> bool:
        """Whether there is a check that cannot be read."""


OwedRow = tuple[int, int, int, str, str, str, int, str]
"""Something owed: chat, slot (0: the chat's card), number (the order of all), the person's key, kind, language, since
when (epoch seconds), and the post as JSON."""

Paid = tuple[int, int, int]
"""Something that is not owed any more: chat, slot and number."""


class Transaction(Protocol):
    """One transaction: all of it counts at its end, or nothing."""

    async def take(
        self, update_ids: Collection[int], keys: Collection[str], at: int
    ) -> tuple[set[int], Mapping[str, Row]]:
        """Which of these updates were never seen before (from now on they are), and the rows of these people."""

    async def unmark(self, update_ids: Collection[int]) -> None:
        """Take back that these updates are seen."""

    async def load(self, keys: Collection[str]) -> Mapping[str, Row]:
        """The rows of these people, as far as there are any."""

    async def save(self, sessions: Mapping[str, Session | None], at: int) -> None:
        """Keep these sessions; rows are made where there are none."""

    async def place(self, cards: Mapping[str, tuple[int | None, str]], at: int) -> None:
        """Note these people's live cards and what they show, where there is a row."""

    async def gone(self, keys: Collection[str], at: int) -> None:
        """Note that these people cannot be reached, until they do something."""

    async def owe(self, rows: Collection[OwedRow], without_cards: Collection[int] = ()) -> None:
        """Owe this; a newer card takes the place of one, and the chats ``without_cards`` are owed none any more."""

    async def paid(self, slots: Collection[Paid]) -> None:
        """This is not owed any more."""

    async def erase(self, keys: Collection[str]) -> None:
        """Erase these people's rows, but for what must arrive whatever happens (the kind ``final``)."""


class Store(Protocol):
    """The database. Everything raises an `OSError` of one line when the disk or the database does not play along."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a transaction; it ends with the block."""

    async def checkpoint(self) -> None:
        """Empty the log, so that nothing erased is left in the files."""

    async def purge(self, before: int) -> int:
        """Erase whoever did nothing since (epoch seconds); how many."""

    async def owed(self) -> Sequence[OwedRow]:
        """All that is owed, in order."""

    async def live(self, since: int) -> int:
        """How many people have a check and did something since (epoch seconds)."""

    async def note(self, name: str) -> str | None:
        """A small fact that the bot keeps about itself."""

    async def set_note(self, name: str, value: str) -> None:
        """Keep such a fact."""
