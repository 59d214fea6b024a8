"""Faults of the calls of a bot, drawn from a seed: what a network and a busy server do, and what people do meanwhile.

`Faults` stands where `Sandbox.fault` is. It goes through its rules for each call; the first that hits decides.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web

from bot.sandbox.chance import Chance
from bot.sandbox.errors import ApiError, CutError, Json, too_many
from bot.sandbox.groups import upgrade
from bot.sandbox.model import ANONYMOUS_ADMIN, Chat, Kind, Standing
from bot.sandbox.record import Call
from bot.sandbox.spec import named, spec
from bot.sandbox.world import World

ALL = "*"
"""Stands for all methods."""
SLOW_SECONDS = 1.0
"""Seconds that a slow call takes longer where only its share is told."""
ALWAYS = 10**9
FOREVER = 3600.0
"""Seconds that a call hangs when its rule says nothing; no bot waits as long."""

Handle = Callable[[], Awaitable[web.Response]]

_OUTSIDE = frozenset({Standing.LEFT, Standing.KICKED})
_NUMBER = re.compile(r"-?\d{1,19}")
_PAGE = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n"


class Failure(StrEnum):
    """What may happen to a call, by the name that the command line has for it.

    ``ERROR`` and ``BUSY`` are the server's own 500 and 503, ``PROXY`` is the page of a server in front of it. ``HANG``:
    no answer, and then the connection breaks; nothing was done. ``RESET``: the connection breaks before anything was
    done. ``LOST``: it breaks afterwards, so that everything was done and the bot does not know. ``FLOOD``: 429.
    ``BLOCKED``: the person of the chat blocks the bot just before, or the bot is removed from the group. ``MOVED``: the
    group becomes a supergroup just before. ``SLOW``: it takes longer, half of it on the way back.
    """

    ERROR = "500"
    PROXY = "502"
    BUSY = "503"
    HANG = "hang"
    RESET = "reset"
    LOST = "lost"
    FLOOD = "429"
    BLOCKED = "403"
    MOVED = "moved"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which calls a failure befalls.

    ``methods``: by their names, or `ALL`. ``chats``: only calls to these, or to any. ``share``: of such calls, from 0
    to 1. ``times``: so often at most, all methods together. ``seconds``: how long a call hangs, how much longer a slow
    one takes, or how much later a connection breaks; ``jitter``: up to so much is added at random. ``retry_after``: the
    whole seconds that a 429 names.
    """

    failure: Failure
    methods: tuple[str, ...] = (ALL,)
    share: float = 1.0
    times: int = ALWAYS
    chats: tuple[int, ...] = ()
    seconds: float = 0.0
    jitter: float = 0.0
    retry_after: int = 1

    def __post_init__(self) -> None:
        for method in self.methods:
            if method != ALL and spec().method(method) != method:
                raise ValueError(f"there is no method '{method}'")
        if not 0 <= self.share <= 1:
            raise ValueError("a share is a number from 0 to 1")
        if self.seconds < 0 or self.jitter < 0 or self.retry_after < 1:
            raise ValueError("times are not negative, and a retry_after is at least 1")


class Faults:
    """Faults by rules, and how many there were. One seed and one order of the calls of a method give the same again."""

    def __init__(self, world: World, rules: Sequence[Rule], seed: int = 1) -> None:
        self._world = world
        self._rules = tuple(rules)
        self._chance = Chance(seed)
        self._left = [rule.times for rule in rules]
        self._counts: Counter[tuple[Failure, str, int | None]] = Counter()

    def count(self, failure: Failure, method: str | None = None, chat_id: int | None = None) -> int:
        """How often this has happened: to all calls, or to those of this method, or to those to this chat."""
        return sum(
            number
            for (kind, name, chat), number in self._counts.items()
            if kind is failure and method in {None, name} and chat_id in {None, chat}
        )

    async def __call__(self, method: str, given: Json, handle: Handle) -> web.Response:
        """Let a call through, or not. Raises `CutError` when its connection breaks."""
        chat = self._chat(given)
        delay, hit = self._draw(method, chat)
        with self._under_way(method, chat, delay):
            if delay:
                await asyncio.sleep(delay / 2)
            answer = await (handle() if hit is None else self._befall(*hit, _Called(method, given, chat, handle)))
            if delay:
                await asyncio.sleep(delay / 2)
            return answer

    # --- whether --------------------------------------------------------------------------------------------------

    def _draw(self, method: str, chat: Chat | None) -> tuple[float, tuple[Rule, float] | None]:
        """How many seconds longer a call takes, and what else befalls it, if anything, with the seconds of that.

        Every rule draws for each of its calls, whatever the others say, so that none changes what another does.
        """
        delay, hit = 0.0, None
        for place, rule in enumerate(self._rules):
            if not _is_for(rule, method, chat):
                continue
            name = f"{place} {rule.failure} {method}"
            drawn = self._chance.hits(name, rule.share)
            seconds = rule.seconds + self._chance.of(f"{name} seconds").uniform(0, rule.jitter)
            if not drawn or not self._left[place] or not _can(rule.failure, chat):
                continue
            if rule.failure is Failure.SLOW:
                delay += seconds
            elif hit is None:
                hit = rule, seconds
            else:
                continue
            self._left[place] -= 1
            self._counts[rule.failure, method, chat.id if chat else None] += 1
        return delay, hit

    def _chat(self, given: Json) -> Chat | None:
        """The chat that a call is about. In a form its number is text."""
        tap = self._world.taps.get(str(given.get("callback_query_id")))
        if tap is not None:
            return tap.chat
        number = str(given.get("chat_id", ""))
        return self._world.chats.get(int(number)) if _NUMBER.fullmatch(number) else None

    @contextmanager
    def _under_way(self, method: str, chat: Chat | None, delay: float) -> Iterator[None]:
        """A slow call has come in: whoever waits for the bot to come to rest waits for this too."""
        busy = [self._world.activity, *([chat.activity] if chat else [])] if delay and method != "getUpdates" else []
        for activity in busy:
            activity.begin()
        try:
            yield
        finally:
            for activity in busy:
                activity.end()

    # --- what -----------------------------------------------------------------------------------------------------

    async def _befall(self, rule: Rule, seconds: float, called: _Called) -> web.Response:
        match rule.failure:
            case Failure.HANG:
                self._note(called, "no answer")
                await asyncio.sleep(seconds or FOREVER)
                raise CutError
            case Failure.RESET:
                self._note(called, "connection reset")
                await asyncio.sleep(seconds)
                raise CutError
            case Failure.LOST:
                await called.handle()
                await asyncio.sleep(seconds)
                raise CutError
            case Failure.BLOCKED | Failure.MOVED:
                if called.chat is not None:
                    self._change(rule.failure, called.chat)
                return await called.handle()
            case _:
                return self._refusal(rule, called)

    def _refusal(self, rule: Rule, called: _Called) -> web.Response:
        if rule.failure is Failure.PROXY:
            self._note(called, "a proxy's page")
            return web.Response(status=502, text=_PAGE, content_type="text/html")
        error = {
            Failure.ERROR: ApiError(500, "Internal Server Error"),
            Failure.BUSY: ApiError(503, "Service Unavailable"),
            Failure.FLOOD: too_many(rule.retry_after),
        }[rule.failure]
        self._note(called, error.description)
        return web.json_response(error.api(), status=error.code)

    def _change(self, failure: Failure, chat: Chat) -> None:
        """What a person does just before the call arrives; the world then refuses it by itself."""
        if failure is Failure.MOVED:
            upgrade(self._world, chat)
        else:
            self._world.move(chat, chat.owner or next(iter(chat.people.values()), ANONYMOUS_ADMIN), Standing.KICKED)

    def _note(self, called: _Called, why: str) -> None:
        self._world.note(Call(self._world.clock(), called.method, named(called.given), f"{why} (a fault)"))


@dataclass(frozen=True, slots=True)
class _Called:
    """A call that something befalls."""

    method: str
    given: Json
    chat: Chat | None
    handle: Handle


def parse(text: str) -> Rule:
    """The rule that ``METHOD:KIND:SHARE`` stands for, for instance ``sendMessage:lost:0.1``. Raises `ValueError`."""
    method, _, rest = text.partition(":")
    kind, _, share = rest.partition(":")
    if not share:
        raise ValueError("write METHOD:KIND:SHARE, for instance sendMessage:lost:0.1")
    known = method if method == ALL else spec().method(method)
    if known is None:
        raise ValueError(f"there is no method '{method}'")
    if kind not in set(Failure):
        raise ValueError(f"there is no fault '{kind}'; there is: {', '.join(Failure)}")
    try:
        number = float(share)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise ValueError("the share is a number from 0 to 1")
    return Rule(Failure(kind), (known,), number, seconds=SLOW_SECONDS if kind == Failure.SLOW else 0.0)


def _is_for(rule: Rule, method: str, chat: Chat | None) -> bool:
    if ALL not in rule.methods and method not in rule.methods:
        return False
    return not rule.chats or (chat is not None and chat.id in rule.chats)


def _can(failure: Failure, chat: Chat | None) -> bool:
    """Whether this can happen to a chat as it is."""
    if failure is Failure.MOVED:
        return chat is not None and chat.kind is Kind.GROUP and chat.moved_to is None
    if failure is Failure.BLOCKED:
        return chat is not None and chat.standing not in _OUTSIDE and chat.moved_to is None and _is_begun(chat)
    return True


def _is_begun(chat: Chat) -> bool:
    return chat.started or not chat.is_private
