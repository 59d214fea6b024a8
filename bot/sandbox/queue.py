"""Updates on their way to the bot, and the long poll that fetches them; a webhook has them posted (see `posting`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice, takewhile

from bot.sandbox.disturbance import Disturbance
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
REPEAT_PAUSE = 0.05
"""Seconds that a poll takes which asks at once for the same again and would get the same."""
JUST_NOW = 3.0
"""Seconds after a poll for which a bot counts as running although it is not polling at this moment."""


@dataclass(eq=False, slots=True)
class Update:
    """Something that happened, for the bot to get.

    It is confirmed when the bot asks for the one after it, or when its webhook has answered that it took it.
    """

    id: int
    body: Json
    chat: Chat | None
    time: float
    confirmed: bool = False
    confirmation: Pulse = field(default_factory=Pulse)


class Queue:
    """The updates of one bot, handed out in order until they are confirmed.

    ``again``: updates that come once more although they were confirmed, see ``disturbance``. ``webhook``: what was set,
    or nothing. ``error``: when a webhook failed last and why, as `getWebhookInfo` says it; ``is_failing``: it did not
    take the last one. ``news`` is set whenever there may be something to post, and ``generation`` counts up when what
    is being posted is so no longer. ``repeat_pause``: seconds that a poll takes which asks at once for the same again.
    """

    def __init__(self, clock: Callable[[], float], longest_poll: float = LONGEST_POLL) -> None:
        self.pending: dict[int, Update] = {}
        self.again: dict[int, Update] = {}
        self.disturbance = Disturbance()
        self.allowed: list[str] = []
        self.webhook: Json = {}
        self.error: Json = {}
        self.is_failing = False
        self.news = asyncio.Event()
        self.generation = 0
        self.repeat_pause = REPEAT_PAUSE
        self.confirmed = Pulse()
        self.longest_poll = longest_poll
        self._clock = clock
        self._next_id = FIRST_ID
        self._last_added = clock()
        self._handed: list[int] = []
        self._last_answer: tuple[int, list[int]] = (0, [])
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
        now = self._clock()
        self._next_id = self.disturbance.next_id(self._next_id, is_empty=self.is_done, quiet=now - self._last_added)
        self._last_added = now
        number = body.get("update_id", self._next_id)
        if not isinstance(number, int) or number < self._next_id:
            number = self._next_id
        update = Update(number, {"update_id": number} | body | {"update_id": number}, chat, now)
        self._next_id = number + 1
        self.pending[number] = update
        self._wake()
        return update

    def forget(self) -> None:
        """Drop all that waits, as ``drop_pending_updates`` does."""
        self.again.clear()
        self._confirm(list(self.pending.values()))
        self._change()

    async def get(self, offset: int, limit: int, seconds: float) -> list[Json]:
        """Up to ``limit`` updates from ``offset`` on, waiting up to ``seconds`` for the first.

        As with the real server, only a poll that has to wait ends the one that waits already; a poll of 0 seconds
        gets what there is beside it. Somebody who asks at once for the same again waits a little.

        Raises:
            ApiError: 409 when a webhook is set, or when somebody else begins to wait while this call does.
        """
        if self.webhook:
            raise conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        self._expire()
        self._end_repeats()
        if offset < 0:
            offset = next(iter(list(self.pending)[offset:]), 0)
        loop = asyncio.get_running_loop()
        before, self._polled = self._polled, loop.time()
        found = self._from(offset, limit)
        if not found and seconds > 0 and not self._closed:
            self._interrupt("terminated by other getUpdates request; make sure that only one bot instance is running")
            await self._wait(min(seconds, self.longest_poll))
            found = self._from(offset, limit)
        elif (
            found and (offset, [update.id for update in found]) == self._last_answer and loop.time() - before < JUST_NOW
        ):
            await asyncio.sleep(self.repeat_pause)
        self._last_answer = (offset, [update.id for update in found])
        self._handed = [update.id for update in found if update.id in self.again]
        self._polled = loop.time()
        return [update.body for update in found]

    # --- webhooks -------------------------------------------------------------------------------------------------

    def set_webhook(self, webhook: Json) -> None:
        """From now on updates are posted there, or, if it is empty, fetched; none of them is lost."""
        if webhook == self.webhook:
            return
        self.webhook = webhook
        self.error, self.is_failing = {}, False
        if webhook:
            self._interrupt("terminated by setWebhook request")
        self._change()

    def waiting(self) -> Iterator[Update]:
        """What is to be posted, in the order in which it is."""
        self._expire()
        return chain(self.again.values(), self.pending.values())

    def take(self, update: Update) -> None:
        """The webhook has taken an update."""
        self.is_failing = False
        if self.again.get(update.id) is update:
            del self.again[update.id]
            self.confirmed.beat()
        elif update.id in self.pending:
            self._confirm([update], may_come_again=True)

    def fail(self, why: str) -> None:
        """The webhook did not take an update."""
        self.is_failing = True
        self.error = {"last_error_date": int(self._clock()), "last_error_message": why}

    # --- whether somebody is there --------------------------------------------------------------------------------

    @property
    def is_done(self) -> bool:
        """Whether the bot has got everything, and has said so."""
        return not self.pending and not self.again

    @property
    def is_polled(self) -> bool:
        """Whether a bot fetches updates from here, or has them posted and takes them."""
        if self.webhook:
            return not self.is_failing
        if self._waiting is not None:
            return True
        return asyncio.get_running_loop().time() - self._polled < JUST_NOW

    def close(self) -> None:
        """Let a waiting poll return at once, and all that come."""
        self._closed = True
        self._wake()

    # --- within ---------------------------------------------------------------------------------------------------

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

    def _change(self) -> None:
        """Whatever is being posted at this moment is so no longer."""
        self.generation += 1
        self.news.set()

    def _wake(self) -> None:
        self.news.set()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _interrupt(self, why: str) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(conflict(why))

    def _from(self, offset: int, limit: int) -> list[Update]:
        """What there is from ``offset`` on; whatever comes before that is done with."""
        if offset <= self._next_id + FAR_AHEAD:
            # in order, so that a long queue costs nothing
            done = list(takewhile(lambda update: update.id < offset, self.pending.values()))
            self._confirm(done, may_come_again=True)
        return list(islice(chain(self.again.values(), self.pending.values()), limit))

    def _end_repeats(self) -> None:
        """A bot that asks for more has got what came once more with the answer before."""
        for number in self._handed:
            self.again.pop(number, None)
        if self._handed:
            self.confirmed.beat()
        self._handed = []

    def _confirm(self, done: list[Update], *, may_come_again: bool = False) -> None:
        for update in done:
            del self.pending[update.id]
            if may_come_again and self.disturbance.again(update.chat):
                self.again[update.id] = update
            update.confirmed = True
            update.confirmation.beat()
        if done:
            self.confirmed.beat()

    def _expire(self) -> None:
        oldest = next(iter(self.pending.values()), None)
        while oldest is not None and self._clock() - oldest.time > KEPT_FOR:
            self._confirm([oldest])
            oldest = next(iter(self.pending.values()), None)
