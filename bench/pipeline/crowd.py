"""People who hold whole conversations with a bot, one after the other, and a watch in everybody's hand.

Closed loop: so many chats are in flight, and everybody taps as soon as there is something new to tap. At a given rate:
whoever has waited longest taps when the next tap is due, and when nobody is ready, somebody new comes.
"""

from __future__ import annotations

import asyncio
import random
import time
from array import array
from collections import deque
from dataclasses import dataclass

from bench.pipeline.server import BotApi, Buttons
from bench.tapping import RESULT, choose

TOPIC = "leg_lift"
REACTION = 0.005
"""Seconds from a new message to the tap. Above nothing, so that the bot hears that it was sent before it is tapped."""

PATIENCE = 120.0
"""Seconds after which somebody who gets no answer gives up, and counts as lost."""

MIX = 16
"""How many different conversations there are; everybody has one of them, so that contestants get the same ones."""

_LONGEST = 60
"""Taps after which somebody who gets no result gives up, and counts as lost."""

_CHATS = 1000 * MIX
"""More than come in a second, so that a bot which is started again meets nobody it knows."""

_TAPS = 1000
"""More than anybody has, so that a number of a tap says whose it is."""

_clock = time.perf_counter


@dataclass(slots=True)
class _Person:
    chat: int
    chance: random.Random
    turns: int = 0
    asked: float = 0.0
    waits: bool = False
    buttons: Buttons | None = None
    leaves: int = _LONGEST
    """How many taps they make before they go away; who is in the middle of it at the start must not be."""


class Crowd:
    """The people. ``chats``: how many are in flight; ``seed``: of who taps what and when."""

    def __init__(self, latency: float, chats: int, seed: int = 1, reaction: float = REACTION) -> None:
        self.api = BotApi(latency, self._shown)
        self.when, self.waited = array("d"), array("d")
        """Of every turn: the moment it was answered, and the seconds that took."""
        self.finished = array("d")
        """The moments at which somebody got a result."""
        self.lost = self.stray = 0
        """Turns that got no answer, and messages with buttons that nobody was waiting for."""
        self.late = 0
        """At a given rate: turns that nobody was ready for."""
        self.people: dict[int, _Person] = {}
        self.alone = asyncio.Event()
        """Set when the last one has gone."""
        self._chats = chats
        self._chance = random.Random(seed)
        self._reaction = reaction
        self._ready: deque[_Person] | None = None
        self._came = 0
        self._first = int(time.time()) * _CHATS
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = True

    def begin(self, rate: float = 0.0) -> None:
        """Come in. ``rate``: turns a second, if it is not as many as go."""
        if rate:
            self._ready = deque()
            self._tasks.add(asyncio.create_task(self._pace(rate)))
        else:
            for _ in range(self._chats):
                # In a steady state everybody is somewhere else in the conversation.
                self._come(leaves=self._chance.randrange(1, 20))
        self._tasks.add(asyncio.create_task(self._give_up()))

    def end(self) -> None:
        """Nobody does anything any more."""
        self._open = False
        for task in self._tasks:
            task.cancel()

    def come(self, number: int) -> int:
        """One person comes and has one conversation, the ``number``-th of the mix; their chat."""
        self._came = number
        return self._come().chat

    # --- one person ---------------------------------------------------------------------------------------------------

    def _come(self, leaves: int = _LONGEST) -> _Person:
        number, self._came = self._came, self._came + 1
        person = _Person(self._first + number, random.Random(number % MIX), leaves=leaves)
        self.people[person.chat] = person
        person.asked, person.waits = _clock(), True
        self.api.write(person.chat, f"/start {TOPIC}")
        return person

    def _leave(self, person: _Person) -> None:
        self.people.pop(person.chat, None)
        self.api.forget(person.chat)
        if self._open and self._chats and self._ready is None:
            self._come()
        elif not self.people:
            self.alone.set()

    def _shown(self, chat: int, _message: int, buttons: Buttons) -> None:
        person = self.people.get(chat)
        if person is None:
            return
        person.buttons = buttons
        if not person.waits:
            self.stray += 1
            return
        now = _clock()
        person.waits = False
        self.when.append(now)
        self.waited.append(now - person.asked)
        if any(label == RESULT for label, _ in buttons):
            self.finished.append(now)
            self._leave(person)
        elif person.turns >= person.leaves:
            self.lost += person.leaves == _LONGEST
            self._leave(person)
        elif self._ready is None:
            asyncio.get_running_loop().call_later(self._reaction, self._tap, person)
        else:
            asyncio.get_running_loop().call_later(self._reaction, self._ready.append, person)

    def _tap(self, person: _Person) -> None:
        if not self._open or person.buttons is None:
            return
        label = choose([label for label, _ in person.buttons], person.chance)
        data = next(data for other, data in person.buttons if other == label)
        person.turns += 1
        person.asked, person.waits = _clock(), True
        self.api.tap(person.chat, data, person.chat * _TAPS + person.turns)

    # --- everybody ----------------------------------------------------------------------------------------------------

    async def _pace(self, rate: float) -> None:
        """Taps at random moments, ``rate`` a second, whatever the bot is doing."""
        assert self._ready is not None  # noqa: S101 - for the types
        due = _clock()
        while True:
            due += self._chance.expovariate(rate)
            if (pause := due - _clock()) > 0:
                await asyncio.sleep(pause)
            if self._ready and len(self.people) >= self._chats:
                self._tap(self._ready.popleft())
            else:
                self.late += len(self.people) >= self._chats
                self._come()

    async def _give_up(self) -> None:
        while True:
            await asyncio.sleep(1)
            now = _clock()
            for person in [each for each in self.people.values() if each.waits and now - each.asked > PATIENCE]:
                self.lost += 1
                self._leave(person)


def chat_of(query: str) -> int:
    """Whose tap this is."""
    return int(query) // _TAPS
