"""The sandbox as tests use it: a context manager with an address, people, groups, and a record of what went on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from bot.sandbox.disturbance import Disturbance, Shares
from bot.sandbox.errors import Json
from bot.sandbox.faults import Faults, Rule
from bot.sandbox.groups import Group
from bot.sandbox.limits import Limiter, Limits
from bot.sandbox.model import Chat, Tap
from bot.sandbox.people import Person
from bot.sandbox.posting import Posting
from bot.sandbox.queue import Update
from bot.sandbox.record import Call
from bot.sandbox.server import HOST, Fault, Server
from bot.sandbox.waiting import SilenceError
from bot.sandbox.world import ANSWER_WITHIN, World

TOKEN = "4242424242:AAH-signpost-sandbox-token-0000000000"  # noqa: S105 - it opens nothing but the sandbox


class Sandbox:
    """A local Telegram for one bot.

    ``settle``: seconds without anything new after which a chat has come to rest. ``patience``: seconds to wait for the
    bot before `SilenceError`. ``answer_within``: seconds within which the bot has to answer a tap; where hundreds of
    people tap at once, give it more. ``clock`` gives the sandbox's time in seconds since 1970, for dates and deadlines.
    """

    def __init__(
        self,
        token: str = TOKEN,
        *,
        settle: float = 0.2,
        patience: float = 5.0,
        answer_within: float = ANSWER_WITHIN,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.token = token
        self.settle = settle
        self.patience = patience
        self.world = World(token, clock, answer_within)
        self.server = Server(self.world)
        self.url = ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self, port: int = 0) -> None:
        """Listen on loopback, on any free port or this one. Raises `OSError` when it is taken."""
        self.url = f"http://{HOST}:{await self.server.start(port)}"

    def keep(self, task: asyncio.Task[None]) -> None:
        """Hold on to what somebody began here and does not wait for."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Stop listening."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.server.stop()

    # --- people ---------------------------------------------------------------------------------------------------

    def person(self, name: str = "Ana", language: str = "en", user_id: int | None = None) -> Person:
        """Somebody who has not written to the bot yet."""
        return Person(self, self.world.add_person(name, language, user_id))

    def group(self, title: str = "Legs", *, supergroup: bool = True, topics: bool = False) -> Group:
        """A group that the bot is in."""
        return Group(self, self.world.add_group(title, supergroup=supergroup, topics=topics))

    # --- what went on ---------------------------------------------------------------------------------------------

    @property
    def journal(self) -> list[Call]:
        """The calls of the bot, but for polls that went well."""
        return self.world.journal

    @property
    def violations(self) -> list[str]:
        """The calls in which the bot broke the rules of the Bot API."""
        return self.world.violations

    @property
    def refusals(self) -> list[str]:
        """The calls that were refused because the world had changed."""
        return self.world.refusals

    @property
    def unanswered(self) -> list[Tap]:
        """The taps that were not answered."""
        return self.world.unanswered

    @property
    def fault(self) -> Fault | None:
        """What stands between every call and the world."""
        return self.server.fault

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        self.server.fault = fault

    @property
    def posting(self) -> Posting:
        """How a webhook gets its updates."""
        return self.server.deliverer.posting

    @posting.setter
    def posting(self, posting: Posting) -> None:
        self.server.deliverer.posting = posting

    def fail(self, *rules: Rule, seed: int = 1) -> Faults:
        """From now on calls fail by these rules instead of those before; none ends it. Returns what counts them."""
        self.fault = faults = Faults(self.world, rules, seed)
        return faults

    def disturb(self, shares: Shares = Shares(), *, seed: int = 1) -> Disturbance:  # noqa: B008 - it is frozen
        """From now on mishaps befall these shares of the updates. Returns what counts them."""
        self.world.queue.disturbance = disturbance = Disturbance(seed, shares)
        return disturbance

    def limit(self, limits: Limits = Limits()) -> Limiter:  # noqa: B008 - it is frozen
        """From now on Telegram takes no more messages than this. Returns what counts those that were too many."""
        self.world.limiter = limiter = Limiter(limits, self.world.clock)
        return limiter

    async def raw_update(self, body: Json, *, wait: bool = True) -> None:
        """Hand the bot an update of any shape; its number is added. It may bring a tap, which is too old to answer."""
        query = body.get("callback_query")
        if isinstance(query, dict) and isinstance(query.get("id"), str):
            self.world.keep_old_tap(query["id"])
        update = self.world.queue.add(body, None)
        if wait:
            until = asyncio.get_running_loop().time() + self.patience
            await self._confirmed(update, until, lambda: "an update of the test's own making")
            await self.quiet()

    async def quiet(self) -> None:
        """Wait until the bot has taken everything and does nothing any more. Raises `SilenceError`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.patience
        taken = await self.world.queue.confirmed.until(lambda: self.world.queue.is_done, until)
        if not taken or not await self.world.activity.rest(loop.time(), self.settle, until):
            raise SilenceError(f"the bot did not come to rest; {len(self.world.queue.pending)} updates wait")

    async def polled(self) -> None:
        """Wait until a bot asks for updates, or has set a webhook and listens there. Raises `SilenceError`."""
        until = asyncio.get_running_loop().time() + self.patience
        while not await self._is_served():
            if asyncio.get_running_loop().time() > until:
                raise SilenceError("no bot asks for updates")
            await asyncio.sleep(0.005)

    async def _is_served(self) -> bool:
        if self.world.queue.webhook:
            return await self.server.deliverer.reaches()
        return self.world.queue.is_polled

    async def settled(
        self, update: Update | None, chat: Chat, effects: int | None, screen: Callable[[], str], tap: Tap | None = None
    ) -> None:
        """Wait until the bot has taken an update and has come to rest in its chat.

        ``effects``: how many there were before, when at least one more is expected. ``tap``: has to be answered.

        Raises:
            SilenceError: it did not in time, or does not even ask for such an update.
        """
        if update is None:
            raise SilenceError(f"the bot does not ask for updates of this kind:\n{screen()}")
        loop = asyncio.get_running_loop()
        until = loop.time() + self.patience
        await self._confirmed(update, until, screen)
        activity = chat.activity
        if tap is not None and not await activity.pulse.until(lambda: tap.answered or tap.late, until):
            raise SilenceError(f"the tap was not answered:\n{screen()}")
        if effects is not None and not await activity.pulse.until(lambda: activity.effects > effects, until):
            raise SilenceError(f"the bot did not answer:\n{screen()}")
        if not await activity.rest(loop.time(), self.settle, until):
            raise SilenceError(f"the bot did not come to rest:\n{screen()}")

    async def _confirmed(self, update: Update, until: float, screen: Callable[[], str]) -> None:
        if not await update.confirmation.until(lambda: update.confirmed, until):
            raise SilenceError(f"the bot did not take an update:\n{screen()}")
