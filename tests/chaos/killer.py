"""The bot as a process: started, killed at an instant that nobody chose, and started again."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from bot.sandbox.errors import CutError, Json
from bot.sandbox.server import Fault

ROOT = Path(__file__).parents[2]
FILE = Path("data") / "signpost.db"

UP = frozenset({"deleteWebhook", "setWebhook"})
"""The calls with which a bot begins to take updates."""

_STARTING = 0.15
"""The share of kills that come while the bot is starting."""
_LONGEST = 1.5
"""Seconds for which a bot that is up lives at most until it is killed."""
_PATIENCE = 120.0
"""Seconds within which a bot has to be up, on however busy a machine."""


class Wire:
    """Stands between the bot and the sandbox, and notes when the bot is up. ``fault`` is what else stands there.

    ``lost``: by chat, when responses to messages got lost (seconds since 1970).
    """

    def __init__(self, fault: Fault | None) -> None:
        self._fault = fault
        self.up = asyncio.Event()
        self.lost: defaultdict[int, list[float]] = defaultdict(list)

    async def __call__(self, method: str, given: Json, handle: Callable[[], Awaitable[web.Response]]) -> web.Response:
        """Let a call through, or not."""
        if method in UP:
            self.up.set()
        try:
            return await (self._fault(method, given, handle) if self._fault else handle())
        except CutError:
            if method == "sendMessage":
                self.lost[int(given["chat_id"])].append(time.time())
            raise


@dataclass
class Killer:
    """Starts the bot in this folder and kills it. ``settings`` are its environment.

    ``times``: when it was killed, in seconds since 1970; ``starting``: how many of these hit a bot that was starting.
    ``ends``: how it ended where nobody had told it to. ``memory``: the most that one held, in megabytes.
    """

    folder: Path
    settings: dict[str, str]
    wire: Wire
    times: list[float] = field(default_factory=list)
    starting: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    memory: float = 0.0
    _start: float = 2.0
    _process: asyncio.subprocess.Process | None = None

    async def start(self) -> asyncio.subprocess.Process:
        """Start the bot; it is not up yet."""
        self.wire.up.clear()
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        with (self.folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                "run",
                cwd=self.folder,
                env=kept | {"PYTHONPATH": str(ROOT)} | self.settings,
                stdout=log,
                stderr=log,
            )
        return self._process

    async def started(self) -> asyncio.subprocess.Process:
        """Start the bot, as often as it takes until it is up: with lost answers one may give up."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            began = time.monotonic()
            process = await self.start()
            if await self._is_up(process):
                self._start = time.monotonic() - began
                return process
        raise AssertionError(f"the bot does not start: {self.log()}")

    async def _is_up(self, process: asyncio.subprocess.Process) -> bool:
        up, ended = asyncio.create_task(self.wire.up.wait()), asyncio.create_task(process.wait())
        await asyncio.wait({up, ended}, timeout=_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        for task in (up, ended):
            task.cancel()
        if process.returncode is not None:
            self.ends[self._how(process.returncode)] += 1
        elif not self.wire.up.is_set():
            await self._shoot(process)
        return process.returncode is None

    async def kill(self, times: int, chance: random.Random) -> None:
        """Start it and kill it, so many times; then start it once more."""
        for _ in range(times):
            if chance.random() < _STARTING:
                process = await self.start()
                await asyncio.sleep(chance.uniform(0, self._start))
                self.starting += not self.wire.up.is_set()
            else:
                process = await self.started()
                await asyncio.sleep(chance.uniform(0, _LONGEST))
            if process.returncode is not None:
                self.ends[self._how(process.returncode)] += 1
            self.memory = max(self.memory, _memory(process.pid))
            self.times.append(time.time())
            await self._shoot(process)
        await self.started()

    async def _shoot(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()

    async def end(self) -> tuple[int | None, float]:
        """Ask it to end; its exit code, None if it did not within half a minute, and the seconds that it took."""
        process, began = self._process, time.monotonic()
        if process is None or process.returncode is not None:
            return (process.returncode if process else None), 0.0
        self.memory = max(self.memory, _memory(process.pid))
        process.terminate()
        try:
            async with asyncio.timeout(30):
                await process.wait()
        except TimeoutError:
            return None, time.monotonic() - began
        return process.returncode, time.monotonic() - began

    async def close(self) -> None:
        """Leave no process behind."""
        if self._process is not None:
            await self._shoot(self._process)

    def log(self) -> str:
        """The end of what it wrote."""
        return (self.folder / "log").read_text("utf-8", "replace")[-2000:]

    def _how(self, code: int) -> str:
        lines = [line for line in self.log().splitlines() if line.startswith("signpost: ")]
        return f"exit {code}: {lines[-1] if lines else 'it said nothing'}"


def _memory(pid: int) -> float:
    """The most megabytes that a process has held so far; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return 0.0
    return max((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), default=0.0)
