"""What people answer: it depends on their seed and on the question that is shown, and on nothing else.

So it does not matter how often somebody sees a question, goes back to it, or taps in vain: where they end is known
before they begin.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from bot.conversation.conversation import Conversation
from bot.flow.engine import outcome_of
from bot.flow.model import Level
from bot.flow.session import Session
from bot.telegram import buttons
from bot.telegram.buttons import Kind, Tapped
from bot.telegram.dialogue import Dialogue, Person
from bot.telegram.incoming import Command, Tap, Typed
from bot.telegram.markup import without_tags
from bot.telegram.pages import Operator
from bot.telegram.posts import Card, Front, Post
from tests.served import FLOW, LIBRARY

KEY = "telegram:0"
AT = 1_000_000
MOST_CARDS = 200

CALM = 0.9
"""How often somebody denies all signs of a card, where that can be done in one tap."""
DOUBT = 0.05
"""How often somebody is not sure."""

_UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Shown:
    """A button on the screen: its words, its data, and what that says."""

    label: str
    data: str
    tapped: Tapped


def shown(pairs: Iterable[tuple[str, str]]) -> list[Shown]:
    """Buttons by their words and data; those that do not call the bot are left out."""
    read = ((label, data, buttons.read(data)) for label, data in pairs if data)
    return [Shown(label, data, tapped) for label, data, tapped in read if tapped]


def is_result(keyboard: Sequence[Shown]) -> bool:
    """Whether these are the buttons of a result, which can be left but not gone on with."""
    commands = {each.tapped.key for each in keyboard if each.tapped.kind is Kind.COMMAND}
    return "restart" in commands and "continue" not in commands


def choose(seed: str, keyboard: Sequence[Shown]) -> Shown:
    """The button that this person taps where these are shown, which are not those of a result."""
    mark = keyboard[0].tapped.mark
    commands = {each.tapped.key: each for each in keyboard if each.tapped.kind is Kind.COMMAND}
    by_kind = {kind: [each for each in keyboard if each.tapped.kind is kind] for kind in Kind}
    if by_kind[Kind.TOPIC]:
        return by_kind[Kind.TOPIC][0]
    if by_kind[Kind.NUMBER]:
        return _number(number_of(seed, mark), by_kind[Kind.NUMBER])
    boxes = [*by_kind[Kind.TICK], *by_kind[Kind.UNTICK]]
    if boxes:
        return _boxes(seed, keyboard) or commands["done"]
    if by_kind[Kind.OPTION]:
        sure = [each for each in by_kind[Kind.OPTION] if each.tapped.key not in {_UNSURE, "change_answer"}]
        unsure = [each for each in by_kind[Kind.OPTION] if each.tapped.key == _UNSURE]
        chance = random.Random(f"{seed} {mark}")
        return chance.choice(unsure if unsure and chance.random() < DOUBT else sure)
    return commands["continue"]


def number_of(seed: str, mark: str) -> int:
    """The number that this person answers a question with."""
    return random.Random(f"{seed} {mark} number").randint(1, 99)


def _number(wanted: int, keys: Sequence[Shown]) -> Shown:
    """The number, or the range that it is in."""

    def holds(key: str) -> bool:
        first, _, last = key.partition("-")
        return int(first) <= wanted <= int(last or first)

    return next((each for each in keys if holds(each.tapped.key)), keys[-1])


def wanted_boxes(seed: str, keyboard: Sequence[Shown]) -> list[Shown]:
    """The boxes that this person ticks on a card, in order; none where they deny all, or doubt."""
    boxes = [each for each in keyboard if each.tapped.kind in {Kind.TICK, Kind.UNTICK}]
    chance = random.Random(f"{seed} {boxes[0].tapped.mark}")
    if _denies(keyboard) and chance.random() < CALM:
        return []
    picked = chance.sample(range(len(boxes)), min(len(boxes), chance.randint(1, 3)))
    return [boxes[at] for at in sorted(picked)]


def _denies(keyboard: Sequence[Shown]) -> Shown | None:
    options = (each for each in keyboard if each.tapped.kind is Kind.OPTION)
    return next((each for each in options if each.tapped.key != _UNSURE), None)


def _boxes(seed: str, keyboard: Sequence[Shown]) -> Shown | None:
    """The next tap on a card with boxes; None when all that is wanted is ticked."""
    wanted = wanted_boxes(seed, keyboard)
    if not wanted:
        chance = random.Random(f"{seed} {keyboard[0].tapped.mark} doubt")
        doubts = [each for each in keyboard if each.tapped.kind is Kind.OPTION and each.tapped.key == _UNSURE]
        return doubts[0] if doubts and chance.random() < DOUBT else _denies(keyboard)
    return next((each for each in wanted if each.tapped.kind is Kind.TICK), None)


@cache
def names_one_question() -> frozenset[str]:
    """Labels of options that stand in one question only: typed late, they cannot answer another one."""
    seen: Counter[str] = Counter()
    for question in LIBRARY.texts["en"].flows[FLOW.id].questions.values():
        labels = (option.label for option in question.options.values())
        seen.update({words for label in labels for words in (label.me, label.they, label.child)})
    return frozenset(label for label, times in seen.items() if times == 1)


# --- without Telegram ---------------------------------------------------------------------------------------------


class Memory:
    """A store for one person; every check in it has the same id."""

    def __init__(self, session: Session | None = None, number: str = "") -> None:
        self.session = session
        self._number = number

    async def load(self, key: str) -> Session | None:
        """The check."""
        del key
        return self.session

    async def save(self, key: str, session: Session) -> None:
        """Keep it."""
        del key
        self.session = replace(session, id=self._number) if self._number else session


async def turn(memory: Memory, what: Tap | Typed | Command, front: Front = Front()) -> list[Post]:  # noqa: B008 - frozen
    """What the dialogue owes for something that a person did, without a database, delivery or Telegram."""
    person = Person(KEY, "en", None, card=1, front=front)
    return await Dialogue(Conversation(LIBRARY, memory), person, Operator(), AT).answer(what)


@dataclass(frozen=True, slots=True)
class End:
    """Where a person ends: the level, and the words of the result as they are sent, without marks."""

    level: Level
    text: str


async def end_of(seed: str) -> End:
    """Where this person ends when nothing disturbs them."""
    memory = Memory()
    posts = await turn(memory, Command("start", FLOW.id))
    for _ in range(MOST_CARDS):
        card = next(post for post in reversed(posts) if isinstance(post, Card))
        keyboard = shown((button.text, button.data) for row in card.keyboard for button in row)
        if is_result(keyboard):
            outcome = memory.session and outcome_of(FLOW, memory.session)
            if not outcome:
                raise AssertionError("a result is shown before there is one")
            return End(outcome.level, without_tags(card.texts[-1]))
        posts = await turn(memory, Tap("0", choose(seed, keyboard).data, 1))
    raise AssertionError(f"{seed}: no result after {MOST_CARDS} cards")
