"""A person in front of the screen: they act on what is shown, and once more when nothing happens for a while."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from bot.sandbox import Person
from bot.sandbox.errors import Json
from bot.sandbox.keyboards import callbacks
from bot.sandbox.model import Message
from bot.sandbox.queue import Queue
from bot.telegram.buttons import Kind
from tests.chaos.plan import Shown, choose, is_result, names_one_question, number_of, shown, wanted_boxes

_LONGEST = 24.0
"""Seconds that anybody waits at most before they act once more."""

_LINK, _OLD, _BACK, _HELP, _TYPE, _TWICE, _HURRY = 0.8, 0.05, 0.07, 0.03, 0.2, 0.1, 0.5
"""How often somebody comes by a link, and at a question taps an old button, goes back, asks something else, types what
could be tapped, taps twice, and ticks the next box before the one before shows its tick."""

Act = Coroutine[None, None, None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast somebody is.

    ``patience``: seconds after which they act once more, and twice as long each time that it was in vain; ``thought``:
    seconds that a thought takes at most. ``hurried``: whether some tick one box after the other without waiting, which
    needs updates to come in order.
    """

    patience: float = 3.0
    thought: float = 0.3
    hurried: bool = True


@dataclass
class Walker:
    """A seeded person. ``updates``: all that they did, by the number of the update; ``result``: that they saw last."""

    person: Person
    queue: Queue
    seed: str
    pace: Pace = field(default_factory=Pace)
    updates: dict[int, Json] = field(default_factory=dict)
    result: Message | None = None
    _in_vain: int = 0
    _done: set[tuple[str, str]] = field(default_factory=set)
    _tapped: list[tuple[Message, str]] = field(default_factory=list)

    async def walk(self) -> None:
        """Have the conversation, until a result is in front of them."""
        thoughts = random.Random(f"{self.seed} thoughts {len(self.updates)}")
        self.result = None
        while self.result is None:
            cards = self.person.keyboards
            if cards:
                await self._look(cards[-1])
            else:
                await self._write("/start leg_lift" if self._is("", "link", _LINK) else "/start")
            await asyncio.sleep(thoughts.uniform(0, self.pace.thought))

    @property
    def sees_result(self) -> bool:
        """Whether a result is in front of them: what they did before may have come late, and led away from it."""
        cards = self.person.keyboards
        return bool(cards) and cards[-1] is self.result and is_result(_buttons(cards[-1]))

    # --- what they do ---------------------------------------------------------------------------------------------

    async def _look(self, card: Message) -> None:
        keyboard = _buttons(card)
        mark = keyboard[0].tapped.mark
        if is_result(keyboard):
            self.result = card
        elif self._tapped and self._once(mark, "old", _OLD):
            message, data = self._tapped[len(self._tapped) // 2]
            await self._after(self._changes, self.person.tap_stale(message, data, wait=False))
        elif self._once(mark, "back", _BACK):
            await self._write("/back")
        elif self._once(mark, "help", _HELP):
            await self._write("/help")
        else:
            await self._answer(card, keyboard)

    async def _answer(self, card: Message, keyboard: list[Shown]) -> None:
        button = choose(self.seed, keyboard)
        mark, words, is_box = button.tapped.mark, self._words(button), button.tapped.kind is Kind.TICK
        taps = [button]
        if words and self._once(mark, "type", _TYPE):
            await self._write(words)
            return
        if is_box and self.pace.hurried and self._once(mark, "hurry", _HURRY):
            taps = [each for each in wanted_boxes(self.seed, keyboard) if each.tapped.kind is Kind.TICK]
        elif self._once(mark, "twice", _TWICE):
            taps = [button, button]
        self._tapped += [(card, each.data) for each in taps]
        await self._after(self._sight, *(self.person.tap_stale(card, each.data, wait=False) for each in taps))

    def _words(self, button: Shown) -> str:
        """What can be typed in place of a tap without meaning anything anywhere else."""
        if button.tapped.kind is Kind.NUMBER:
            return str(number_of(self.seed, button.tapped.mark))
        return button.label if button.tapped.kind is Kind.OPTION and button.label in names_one_question() else ""

    async def _write(self, words: str) -> None:
        await self._after(self._sight, self.person.send(words, wait=False))

    async def _after(self, sight: Callable[[], object], *acts: Act) -> None:
        """Do this, and wait until it changes what they see, as long as they are patient."""
        before = sight()
        for act in acts:
            await act
            number, update = next(reversed(self.queue.pending.items()))
            self.updates[number] = update.body
        until = asyncio.get_running_loop().time() + min(self.pace.patience * 2**self._in_vain, _LONGEST)
        changed = await self.person.chat.activity.pulse.until(lambda: sight() != before, until)
        self._in_vain = 0 if changed else self._in_vain + 1

    # --- what they see, and what they are like ----------------------------------------------------------------------

    def _sight(self) -> object:
        card = next(iter(reversed(self.person.keyboards)), None)
        return (card.id, card.text, repr(card.keyboard)) if card else None

    def _changes(self) -> object:
        return self.person.chat.activity.changes

    def _is(self, mark: str, what: str, share: float) -> bool:
        """Whether this person is like that at this question."""
        return random.Random(f"{self.seed} {mark} {what}").random() < share

    def _once(self, mark: str, what: str, share: float) -> bool:
        """As `_is`, but only the first time: whoever is not understood at once takes the plain way."""
        if (mark, what) in self._done or not self._is(mark, what, share):
            return False
        self._done.add((mark, what))
        return True


def _buttons(card: Message) -> list[Shown]:
    return shown((each["text"], each["callback_data"]) for each in callbacks(card.keyboard))
