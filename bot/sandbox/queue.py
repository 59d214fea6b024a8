"""Updates on their way to the bot, and the long poll that fetches them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.errors import Json, bad, conflict
from bot.sandbox.model import Chat
from bot.sandbox.waiting import Pulse

FIRST_ID = 700_000_001
LONGEST_POLL = 50
FAR_AHEAD = 10
"""An offset further beyond the next update than this is a mistake and confirms nothing."""
KEPT_FOR = 24 * 3600
"""Seconds for which Telegram keeps an update that nobody fetches."""

KINDS = frozenset(
    {
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
        "guest_message",
    }
)
"""The kinds of updates that there are."""
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
JUST_NOW = 3.0
"""Seconds after a poll for which a bot counts as running although it is not polling at this moment."""


@dataclass(eq=False, slots=True)
class Update:
    """Something that happened, for the bot to fetch. It is confirmed when the bot asks for the one after it."""

    id: int
    body: Json
    chat: Chat | None
    time: float
    confirmed: bool = False
    confirmation: Pulse = field(default_factory=Pulse)


class Queue:
    """The updates of one bot, handed out in order until they are confirmed."""

    def __init__(self, clock: Callable[[], float], longest_poll: float = LONGEST_POLL) -> None:
        self.pending: dict[int, Update] = {}
        self.allowed: list[str] = []
        self.webhook: Json = {}
        self.confirmed = Pulse()
        self.longest_poll = longest_poll
        self._clock = clock
        self._next_id = FIRST_ID
        self._waiting: asyncio.Future[None] | None = None
        self._polled = -JUST_NOW
        self._closed = False

    def allow(self, kinds: list[str]) -> None:
        """From now on the bot wants these kinds of updates; none means the usual ones. Raises `ApiError`."""
        for kind in kinds:
            if kind not in KINDS:
                raise bad(f'unknown kind of updates "{kind}" in allowed_updates')
        self.allowed = kinds

    def wants(self, kind: str) -> bool:
        """Whether the bot has asked for updates of this kind."""
        return kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT

    def put(self, kind: str, what: Json, chat: Chat | None) -> Update | None:
        """Add an update; None if the bot does not want this kind."""
        return self.add({kind: what}, chat) if self.wants(kind) else None

    def add(self, body: Json, chat: Chat | None) -> Update:
        """Add an update of whatever shape. Its number is made here, unless it brings one that is free."""
        self._expire()
        number = body.get("update_id", self._next_id)
        if not isinstance(number, int) or number < self._next_id:
            number = self._next_id
        update = Update(number, {"update_id": number} | body | {"update_id": number}, chat, self._clock())
        self._next_id = number + 1
        self.pending[number] = update
        self._wake()
        return update

    def forget(self) -> None:
        """Drop all that waits, as ``drop_pending_updates`` does."""
        self._confirm(self._next_id)

    async def get(self, offset: int, limit: int, seconds: float) -> list[Json]:
        """Up to ``limit`` updates from ``offset`` on, waiting up to ``seconds`` for the first.

        As with the real server, only a poll that has to wait ends the one that waits already; a poll of 0 seconds
        gets what there is beside it. The real server also makes somebody who asks the same again at once wait, which is
        not played.

        Raises:
            ApiError: 409 when a webhook is set, or when somebody else begins to wait while this call does.
        """
        if self.webhook:
            raise conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        self._expire()
        if offset < 0:
            offset = next(iter(list(self.pending)[offset:]), 0)
        elif offset > self._next_id + FAR_AHEAD:
            offset = 0
        loop = asyncio.get_running_loop()
        self._polled = loop.time()
        found = self._from(offset, limit)
        if not found and seconds > 0 and not self._closed:
            self._interrupt()
            await self._wait(min(seconds, self.longest_poll))
            found = self._from(offset, limit)
        self._polled = loop.time()
        return found

    @property
    def is_polled(self) -> bool:
        """Whether a bot fetches updates from here."""
        if self._waiting is not None:
            return True
        return asyncio.get_running_loop().time() - self._polled < JUST_NOW

    def close(self) -> None:
        """Let a waiting poll return at once, and all that come."""
        self._closed = True
        self._wake()

    async def _wait(self, seconds: float) -> None:
        waiting = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        try:
            async with asyncio.timeout(seconds):
                await waiting
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            if self._waiting is waiting:  # the connection is gone, and with it the bot
                self._polled = -JUST_NOW
            raise
        finally:
            if self._waiting is waiting:
                self._waiting = None

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _interrupt(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(
                conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
            )

    def _from(self, offset: int, limit: int) -> list[Json]:
        self._confirm(offset)
        return [update.body for update in list(self.pending.values())[:limit]]

    def _confirm(self, offset: int) -> None:
        """Whatever comes before ``offset`` is done with."""
        done = []
        for number in self.pending:  # in order, so that a long queue costs nothing
            if number >= offset:
                break
            done.append(number)
        for number in done:
            update = self.pending.pop(number)
            update.confirmed = True
            update.confirmation.beat()
        if done:
            self.confirmed.beat()

    def _expire(self) -> None:
        oldest = next(iter(self.pending.values()), None)
        while oldest is not None and self._clock() - oldest.time > KEPT_FOR:
            self._confirm(oldest.id + 1)
            oldest = next(iter(self.pending.values()), None)
