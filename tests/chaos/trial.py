"""One setting of the kill test: the sandbox, the people in it, and the bot, which is killed until it is enough."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox import Failure, Posting, Rule, Sandbox, Shares
from bot.sandbox.faults import Faults
from bot.storage.database import Database
from tests.chaos.killer import FILE, Killer, Wire
from tests.chaos.walker import Pace, Walker
from tests.chaos.witness import Statement, install, is_owing, question

_SECRET = "chaos-secret"  # noqa: S105 - it opens nothing but the sandbox
_LONG = 600.0
"""Seconds that everything may take that is no measurement, such as the answer to a tap while the bot is down."""
_REST, _LOOKS = 60.0, 5
"""Seconds within which everything has to have arrived, and how often people look whether it changes what they see."""


@dataclass(frozen=True, slots=True)
class Setting:
    """``people`` talk at once, and the bot is killed ``kills`` times; as one ends, the next person begins.

    ``lost``: the share of responses that get lost after the call was handled; then updates are disturbed as well.
    ``thought``: seconds that people think at most before they act. ``rest``: seconds after the last kill within which
    everybody has to have finished.
    """

    people: int = 200
    kills: int = 100
    webhook: bool = False
    lost: float = 0.0
    seed: int = 1
    thought: float = 0.3
    rest: float = 300.0

    @property
    def mode(self) -> str:
        """As the command line names it."""
        return "webhook" if self.webhook else "polling"


@dataclass(frozen=True, slots=True)
class Trial:
    """What went on: who was there, and what became of the bot.

    ``code`` and ``ending``: of the end that was asked for, and its seconds. ``came_to_rest``: nothing was
    owed in the end, and no update waited.
    """

    setting: Setting
    sandbox: Sandbox
    faults: Faults | None
    walkers: list[Walker]
    killer: Killer
    statement: Statement
    came_to_rest: bool
    code: int | None
    ending: float
    seconds: float


async def run(setting: Setting, folder: Path) -> Trial:
    """Let people talk with a bot that is killed again and again."""
    began = time.monotonic()
    await (await Database.open(f"sqlite:///{folder / FILE}")).close()
    install(folder / FILE)
    async with Sandbox(patience=_LONG, answer_within=_LONG) as sandbox:
        faults = _disturb(sandbox, setting)
        wire = Wire(sandbox.fault)
        sandbox.fault = wire
        killer = Killer(folder, _environment(sandbox, setting), wire)
        crowd = _Crowd(sandbox, setting)
        try:
            killing = asyncio.create_task(killer.kill(setting.kills, random.Random(f"{setting.seed} kills")))
            await crowd.walk(killing)
            came_to_rest = await crowd.rest(folder / FILE)
            code, ending = await killer.end()
        finally:
            await killer.close()
        return Trial(
            setting,
            sandbox,
            faults,
            crowd.walkers,
            killer,
            question(folder / FILE),
            came_to_rest,
            code,
            ending,
            time.monotonic() - began,
        )


class _Crowd:
    """The people: always as many at once as the setting says, until there are no more kills to come."""

    def __init__(self, sandbox: Sandbox, setting: Setting) -> None:
        self._sandbox = sandbox
        self._setting = setting
        self._pace = Pace(thought=setting.thought, hurried=not setting.lost)
        self.walkers: list[Walker] = []

    async def walk(self, killing: asyncio.Task[None]) -> None:
        """Let them talk until the bot is not killed any more, and all have finished or had time enough."""
        places = [asyncio.create_task(self._place(killing)) for _ in range(self._setting.people)]
        try:
            await killing
            await asyncio.wait(places, timeout=self._setting.rest)
        finally:
            killing.cancel()
            for place in places:
                place.cancel()
            await asyncio.gather(*places, return_exceptions=True)
        for place in places:
            if not place.cancelled():
                place.result()

    async def rest(self, file: Path) -> bool:
        """Let everything arrive; whoever sees no result then goes on. Whether the bot came to rest."""
        queue = self._sandbox.world.queue
        for _ in range(_LOOKS):
            if not await _until(lambda: queue.is_done and not is_owing(file), _REST):
                return False
            away = [walker for walker in self.walkers if walker.result and not walker.sees_result]
            if not away:
                return True
            walks = [asyncio.create_task(walker.walk()) for walker in away]
            _, left = await asyncio.wait(walks, timeout=self._setting.rest)
            for walk in left:
                walk.cancel()
            await asyncio.gather(*walks, return_exceptions=True)
        return False

    async def _place(self, killing: asyncio.Task[None]) -> None:
        while True:
            number = len(self.walkers)
            person = self._sandbox.person(f"P{number}")
            walker = Walker(person, self._sandbox.world.queue, f"{self._setting.seed} {number}", self._pace)
            self.walkers.append(walker)
            await walker.walk()
            if killing.done():
                return


def _disturb(sandbox: Sandbox, setting: Setting) -> Faults | None:
    sandbox.posting = Posting(timeout=30)
    if not setting.lost:
        return None
    share = setting.lost
    shares = Shares(again=share, jump=share, lost=share, late=share, mixed=share)
    sandbox.disturb(shares, seed=setting.seed)
    return sandbox.fail(Rule(Failure.LOST, share=share), seed=setting.seed)


def _environment(sandbox: Sandbox, setting: Setting) -> dict[str, str]:
    """The settings of the bot. The pace of all chats together is not what is tried here, and would make it last."""
    basic = {"TELEGRAM_TOKEN": sandbox.token, "TELEGRAM_API_URL": sandbox.url, "MESSAGES_PER_SECOND": "0"}
    if not setting.webhook:
        return basic
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    there = f"127.0.0.1:{port}"
    return basic | {"HTTP_LISTEN": there, "WEBHOOK_URL": f"http://{there}/hook", "WEBHOOK_SECRET": _SECRET}


async def _until(holds: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.1)
    return True
