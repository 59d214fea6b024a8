"""How many messages Telegram takes: the figures that its FAQ names, and roughly what it does beyond them.

Only what is sent counts, not what is edited, deleted or answered to a tap. The FAQ allows "short bursts" in one chat
and does not say how short; here they are as short as a careful bot can live with.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.errors import too_many
from bot.sandbox.model import Chat


@dataclass(frozen=True, slots=True)
class Limits:
    """``per_second``: messages in any second, to all chats together. ``per_minute``: in any minute to one group.

    ``interval``: seconds between messages to one person on average, ``burst``: so many at once to one who had none.
    """

    per_second: int = 30
    per_minute: int = 20
    interval: float = 1.0
    burst: int = 5


class Limiter:
    """Holds the bot to limits. ``clock`` gives seconds; ``refused`` counts the messages that were too many, by chat."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.refused: Counter[int] = Counter()
        self._limits = limits
        self._clock = clock
        self._all: deque[float] = deque()
        self._groups: dict[int, deque[float]] = {}
        self._rested: dict[int, float] = {}

    def check(self, chat: Chat) -> None:
        """Count a message that is about to be sent.

        Raises:
            ApiError: 429, as it is one too many; it counts for nothing then, and may be sent after what that names.
        """
        now = self._clock()
        wait = max(
            _wait(self._all, self._limits.per_second, 1.0, now),
            self._wait_of_person(chat, now) if chat.is_private else self._wait_of_group(chat, now),
        )
        if wait > 0:
            self.refused[chat.id] += 1
            raise too_many(max(1, math.ceil(wait)))
        self._all.append(now)
        if chat.is_private:
            self._rested[chat.id] = max(self._rested.get(chat.id, now), now) + self._limits.interval
        else:
            self._groups[chat.id].append(now)

    def _wait_of_person(self, chat: Chat, now: float) -> float:
        """Each message costs an interval of rest; ``burst`` of them may be owed."""
        owed = self._rested.get(chat.id, now) - now
        return owed - (self._limits.burst - 1) * self._limits.interval

    def _wait_of_group(self, chat: Chat, now: float) -> float:
        return _wait(self._groups.setdefault(chat.id, deque()), self._limits.per_minute, 60.0, now)


def _wait(sent: deque[float], most: int, seconds: float, now: float) -> float:
    """Seconds until one more fits into a window of so many seconds."""
    while sent and sent[0] <= now - seconds:
        sent.popleft()
    return sent[0] + seconds - now if len(sent) >= most else 0.0
