"""A scripted person who taps: the same map of answers as in `scripted`, walked through the bot over the sandbox."""

from __future__ import annotations

from collections.abc import Mapping

from bot.conversation.conversation import Conversation
from bot.conversation.messages import Message
from bot.flow.engine import outcome_of, standing
from bot.flow.events import Answer, Ask, Event, NotSure, Number, Review
from bot.flow.model import Choose
from bot.flow.outcome import Outcome
from bot.flow.session import Session
from bot.sandbox import Person
from bot.storage.database import Database
from tests.scripted import Value, _event, _NoStore
from tests.served import FLOW, LIBRARY

CONVERSATION = Conversation(LIBRARY, _NoStore())
MOST_CARDS = 60


async def session_of(database: Database, person: Person) -> Session:
    """What the bot has saved of this person."""
    session = await database.load(f"telegram:{person.user.id}")
    assert session is not None
    return session


async def tap_through(person: Person, database: Database, answers: Mapping[str, Value]) -> Outcome:
    """Follow a link into the chat and tap until there is a result; what it says."""
    await person.start("leg_lift")
    for _ in range(MOST_CARDS):
        session = await session_of(database, person)
        outcome = outcome_of(FLOW, session)
        if outcome is not None:
            return outcome
        effect = standing(FLOW, session)[-1]
        message = CONVERSATION.render((effect,), session)[-1]
        assert message.blocks[0].text in person.last.text  # the card on the screen is the one that is saved
        if isinstance(effect, Review):
            await person.tap(message.options()[0].label)
        else:
            assert isinstance(effect, Ask)
            await _answer(person, database, message, _event(FLOW, effect, answers, strict=True))
    raise AssertionError(f"no result after {MOST_CARDS} cards:\n{person.screen()}")


async def _answer(person: Person, database: Database, message: Message, event: Event) -> None:
    labels = {choice.key: choice.label for choice in message.options()}
    several = message.choose is Choose.ANY
    match event:
        case Number(_, value):
            await _number(person, value)
        case Answer(_, options) if several and options[0] in _boxes(message):
            await _tick(person, database, [labels[name] for name in options])
        case Answer(_, options):
            await person.tap(labels[options[0]])
        case NotSure(_, options):
            await person.tap(next(c.label for c in message.options() if c.part.value == "unsure"))
            session = await session_of(database, person)
            ask = standing(FLOW, session)[-1]
            if options and isinstance(ask, Ask) and ask.asking.value == "doubting":
                if set(options) == set(ask.options):
                    await person.tap("Not sure about all")
                else:
                    await _tick(person, database, [labels[name] for name in options])
        case _:
            raise AssertionError(event)


def _boxes(message: Message) -> set[str]:
    return {choice.key for choice in message.options() if choice.part.value == "option"}


async def _number(person: Person, value: int) -> None:
    for label in person.buttons:
        low, _, high = label.partition("–")
        if low.isdigit() and int(low) <= value <= int(high or low):
            await person.tap(label)
            break
    if str(value) in person.buttons:
        await person.tap(str(value))


async def _tick(person: Person, database: Database, labels: list[str]) -> None:
    """Tick these boxes, then *Done*; a danger that is decisive ends the check at its tick."""
    for label in labels:
        await person.tap(f"☐ {label}")
        if outcome_of(FLOW, await session_of(database, person)) is not None:
            return
    await person.tap("Done")
