"""The pace of sending: Telegram's limits, kept from our side, so that nobody has to be told to wait.

Telegram takes about 30 messages a second of a bot, about one a second in a chat with short bursts, and 20 a minute in a
group (its documentation for bots, "My bot is hitting limits"). Only new messages count here: a card that is edited,
buttons that are taken off and the answers to taps do not. What must not wait (a seek-care message) goes before all
others.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from aiolimiter import AsyncLimiter

PER_SECOND = 30
"""Messages a second in all that Telegram takes of a bot to which it has granted nothing else."""

_IN_A_ROW, _SLACK = 6, 10
"""Parts of the limit of a second: what may go out in a row after a pause, and what is left free, since messages that
were sent apart may arrive together."""

_BURST, _EACH = 4, 1.0
"""Messages that a private chat takes at once, and the seconds that each of them takes up in the long run."""

_GROUP_BURST, _GROUP_EACH = 5, 4.0
"""The same for a group: never more than twenty in a minute."""

_REMEMBERED = 1000
"""Chats from which on those are forgotten that have been quiet for long enough."""


class Pace:
    """When a message may go out.

    ``per_second``: messages in all, 0 for no such limit; ``chats``: whether each chat has its limit, too.
    """

    def __init__(self, per_second: int = PER_SECOND, *, chats: bool = True) -> None:
        self._overall = _spread(per_second) if per_second else None
        self._gate = asyncio.Lock()
        self._chats: OrderedDict[int, AsyncLimiter] | None = OrderedDict() if chats else None

    async def turn(self, chat: int, *, first: bool) -> None:
        """Wait until a message may be sent to this chat. ``first``: before all others that wait."""
        if self._chats is not None:
            await self._of(chat, self._chats).acquire()
        if self._overall is None:
            return
        if first:
            await self._overall.acquire()
        else:
            async with self._gate:  # so that one of these at most waits at the limit itself, whoever comes first
                await self._overall.acquire()

    def _of(self, chat: int, chats: OrderedDict[int, AsyncLimiter]) -> AsyncLimiter:
        limiter = chats.get(chat)
        if limiter is None:
            if len(chats) >= _REMEMBERED:
                _forget_the_quiet(chats)
            burst, each = (_BURST, _EACH) if chat > 0 else (_GROUP_BURST, _GROUP_EACH)
            limiter = chats[chat] = AsyncLimiter(burst, burst * each)
        chats.move_to_end(chat)
        return limiter


def _spread(per_second: int) -> AsyncLimiter:
    """At most so many in any second, also in the one that begins with a burst."""
    burst = max(1, per_second // _IN_A_ROW)
    return AsyncLimiter(burst, burst / max(per_second - per_second // _SLACK - burst, 0.5))


def _forget_the_quiet(chats: OrderedDict[int, AsyncLimiter]) -> None:
    """Those that have been quiet for so long that their limit knows nothing any more; the oldest come first."""
    for chat, limiter in list(chats.items()):
        if not limiter.has_capacity(limiter.max_rate):
            break
        del chats[chat]
