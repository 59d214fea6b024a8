"""What may befall updates on their way to the bot, drawn from a seed: all of it is what Telegram promises no better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from bot.sandbox.chance import Chance
from bot.sandbox.model import Chat

WEEK = 7 * 24 * 3600.0
FARTHEST_JUMP = 1000
"""Ids jump up by at most this much."""
LOWEST_ID, HIGHEST_ID = 100_000_000, 1_000_000_000
"""Between these a new count of ids begins."""
_FAR_OFF = 10_000

_Item = TypeVar("_Item")


class Mishap(StrEnum):
    """What may befall an update.

    ``AGAIN``: it comes once more although it was confirmed. ``JUMP``: its id is further up than it had to be.
    ``FRESH``: its id is at random, mostly lower than those before, as the documentation announces for the first update
    after a quiet week; only while none waits. And with a webhook: ``LOST``, the bot's answer does not arrive, so the
    same comes again; ``LATE``, it is held back for a while; ``MIXED``, one that came after it goes out first.
    """

    AGAIN = "again"
    JUMP = "jump"
    FRESH = "fresh"
    LOST = "lost"
    LATE = "late"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Shares:
    """What share of updates each mishap befalls, from 0 to 1; see `Mishap`. ``seconds``: held back at the longest."""

    again: float = 0.0
    jump: float = 0.0
    fresh: float = 0.0
    lost: float = 0.0
    late: float = 0.0
    mixed: float = 0.0
    seconds: float = 0.05


class Disturbance:
    """Decides for each update what befalls it, and counts. One seed and one order of updates give the same again."""

    def __init__(self, seed: int = 1, shares: Shares = Shares()) -> None:
        self._chance = Chance(seed)
        self._shares = shares
        self._counts: Counter[tuple[Mishap, int | None]] = Counter()

    def count(self, mishap: Mishap, chat_id: int | None = None) -> int:
        """How often this has happened, in all chats or in this one. Of ids and order no chat is known."""
        return sum(
            number
            for (kind, chat), number in self._counts.items()
            if kind is mishap and (chat_id is None or chat == chat_id)
        )

    def next_id(self, planned: int, *, is_empty: bool, quiet: float) -> int:
        """The id of the next update instead of the planned one.

        ``is_empty``: no other waits. ``quiet``: seconds since the one before; after a week the count begins anew.
        """
        share = 1.0 if quiet > WEEK else self._shares.fresh
        if self._befalls(Mishap.FRESH, share, None, possible=is_empty):
            return self._fresh(planned)
        if self._befalls(Mishap.JUMP, self._shares.jump, None):
            return planned + self._chance.of("how far").randint(1, FARTHEST_JUMP)
        return planned

    def _fresh(self, planned: int) -> int:
        """Far from the ids before; lower, so long as there is room."""
        draws = self._chance.of("which")
        if planned > 2 * LOWEST_ID:
            return draws.randrange(LOWEST_ID, planned - _FAR_OFF)
        return draws.randrange(planned + _FAR_OFF, HIGHEST_ID)

    def again(self, chat: Chat | None) -> bool:
        """Whether an update comes once more, now that it is confirmed."""
        return self._befalls(Mishap.AGAIN, self._shares.again, chat)

    def loses(self, chat: Chat | None) -> bool:
        """Whether the answer of a webhook gets lost."""
        return self._befalls(Mishap.LOST, self._shares.lost, chat)

    def delay(self, chat: Chat | None) -> float:
        """Seconds for which an update is held back."""
        if not self._befalls(Mishap.LATE, self._shares.late, chat):
            return 0.0
        return self._chance.of("how late").uniform(0, self._shares.seconds)

    def mixed(self, items: Sequence[_Item]) -> list[_Item]:
        """What goes out next, in which order: some let others pass."""
        ordered = list(items)
        for place in range(len(ordered) - 1):
            if self._befalls(Mishap.MIXED, self._shares.mixed, None):
                ordered.insert(self._chance.of("behind").randrange(place + 1, len(ordered)), ordered.pop(place))
        return ordered

    def _befalls(self, mishap: Mishap, share: float, chat: Chat | None, *, possible: bool = True) -> bool:
        if not self._chance.hits(mishap, share) or not possible:
            return False
        self._counts[mishap, chat.id if chat else None] += 1
        return True
