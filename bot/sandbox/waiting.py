"""Waiting for the bot without asking over and over: what goes on in a chat, and when it has come to rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class SilenceError(AssertionError):
    """The bot did not do in time what was to be expected of it."""


class Pulse:
    """Something that changes. Whoever waits wakes at each change; it costs nothing while nobody does."""

    def __init__(self) -> None:
        self._event: asyncio.Event | None = None

    def beat(self) -> None:
        """Wake everybody who waits."""
        if self._event is not None:
            self._event.set()
            self._event = None

    async def until(self, holds: Callable[[], bool], until: float) -> bool:
        """Wait until this holds, at the longest until this time of the event loop. Returns whether it holds."""
        while not holds():
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            self._event = self._event or asyncio.Event()
            try:
                async with asyncio.timeout(left):
                    await self._event.wait()
            except TimeoutError:
                return holds()
        return True


class Activity:
    """What the bot does in one chat, or in all of them.

    ``effects`` counts what happens to messages: sent, edited, deleted, reacted to. ``changes`` counts the words that
    answer a tap as well: those come apart from what the tap does, so nobody who waits for that may take them for it.
    """

    def __init__(self) -> None:
        self.running = 0
        self.effects = 0
        self.changes = 0
        self.last = 0.0
        self.pulse = Pulse()

    def begin(self) -> None:
        """A call has come in."""
        self.running += 1
        self._touch()

    def end(self) -> None:
        """A call has been answered."""
        self.running -= 1
        self._touch()

    def effect(self) -> None:
        """The person noticed that something happened to a message."""
        self.effects += 1
        self.change()

    def change(self) -> None:
        """The person noticed something."""
        self.changes += 1
        self._touch()

    def _touch(self) -> None:
        self.last = asyncio.get_running_loop().time()
        self.pulse.beat()

    async def rest(self, since: float, quiet: float, until: float) -> bool:
        """Wait until nothing has happened for ``quiet`` seconds, counted from ``since`` (times of the event loop).

        Returns:
            whether it came to rest before ``until``.
        """
        loop = asyncio.get_running_loop()
        while True:
            if not await self.pulse.until(lambda: self.running == 0, until):
                return False
            left = max(self.last, since) + quiet - loop.time()
            if left <= 0:
                return True
            if loop.time() + left > until:
                return False
            await asyncio.sleep(left)
