"""What delivery has to have written down: what arrived, where, and what is left to do for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.telegram.owed import Owed, rows_of
from bot.telegram.store import Paid, Transaction


@dataclass(slots=True)
class Change:
    """What happened to what was owed.

    ``paid``: it arrived, or was given up. ``owed``: it has to be done now. ``places``: the live card and what it shows,
    by the person's key. ``gone``: these people cannot be reached.
    """

    paid: list[Paid] = field(default_factory=list)
    owed: list[Owed] = field(default_factory=list)
    places: dict[str, tuple[int | None, str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.paid or self.owed or self.places or self.gone)

    def pay(self, owed: Iterable[Owed]) -> None:
        """These are not owed any more."""
        self.paid += [each.paid for each in owed if each.number]

    def add(self, other: Change) -> None:
        """Take in what happened after this."""
        self.paid += other.paid
        self.owed += other.owed
        self.places |= other.places
        self.gone |= other.gone

    def parts(self) -> Iterator[Change]:
        """The same, one thing in each."""
        yield from (Change(owed=[each]) for each in self.owed)
        yield from (Change(paid=[each]) for each in self.paid)
        yield from (Change(places={key: place}) for key, place in self.places.items())
        yield from (Change(gone={key}) for key in self.gone)

    async def write(self, transaction: Transaction, at: int) -> None:
        """Write it down. ``at``: epoch seconds."""
        await transaction.owe(rows_of(self.owed))
        await transaction.paid(self.paid)  # after what was owed, which may have been paid since
        await transaction.place(self.places, at)
        await transaction.gone(self.gone, at)
