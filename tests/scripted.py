"""A scripted person: a map from questions to answers, walked through the engine with a reload after every turn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.conversation.conversation import Conversation
from bot.conversation.messages import Message, Style
from bot.flow.engine import outcome_of, resume, start
from bot.flow.events import Answer, Ask, Asking, Confirm, Event, Finish, Hear, NotSure, Number, Reject, Review
from bot.flow.model import Choose, Flow
from bot.flow.outcome import Outcome
from bot.flow.session import Session, from_json, to_json
from bot.load import Library

Value = str | int | list[str]


class _NoStore:
    """Rendering needs no store."""

    async def load(self, key: str) -> Session | None:
        raise NotImplementedError(key)

    async def save(self, key: str, session: Session) -> None:
        raise NotImplementedError(key)


@dataclass
class Walk:
    """A finished conversation: its transcript, its outcome, how many cards it took, and what to type for it."""

    session: Session
    outcome: Outcome
    cards: int
    lines: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)


def walk(library: Library, flow: Flow, answers: Mapping[str, Value], *, strict: bool = False) -> Walk:
    """Walk a person to the end. What ``answers`` leaves out is *none*, or fails where ``strict``.

    Between all turns the session is written to JSON and read again.
    """
    conversation = Conversation(library, _NoStore())
    turn = start(flow, "golden", "en", 1_000_000)
    lines = _shown(conversation, turn.effects, turn.session)
    typed: list[str] = []
    cards = 1
    if "hear" in answers:
        turn = resume(flow, turn.session, Hear((str(answers["hear"]),)), 1_000_001)
        lines += ["", f"> (heard: {answers['hear']})", "", *_shown(conversation, turn.effects, turn.session)]
    while not isinstance(turn.effects[-1], Finish):
        last = turn.effects[-1]
        event = Confirm() if isinstance(last, Review) else _event(flow, last, answers, strict=strict)
        typed.append(_typed(conversation.render(turn.effects, turn.session)[-1], event))
        session = from_json(json.loads(json.dumps(to_json(turn.session))))
        turn = resume(flow, session, event, 1_000_000 + 10 * cards)
        assert not isinstance(turn.effects[0], Reject), (event, turn.effects[0])
        lines += ["", f"> {_spoken(event)}", "", *_shown(conversation, turn.effects, turn.session)]
        cards += 0 if isinstance(turn.effects[-1], Finish) else 1
    outcome = outcome_of(flow, turn.session)
    assert outcome is not None
    return Walk(turn.session, outcome, cards, lines, typed)


def _event(flow: Flow, last: object, answers: Mapping[str, Value], *, strict: bool) -> Event:
    assert isinstance(last, Ask), last
    question = flow.question(last.question)
    key = f"{question.id}.again" if last.asking is Asking.AGAIN else question.id
    value = answers.get(key)
    if value is None and last.asking is Asking.AGAIN:
        return NotSure(question.id)
    if value is None:
        assert not strict, f"no answer for {key}"
        assert question.none is not None, f"no answer for {key}"
        return Answer(question.id, (question.none.id,))
    names = [str(name) for name in value] if isinstance(value, list) else [str(value)]
    if question.choose is Choose.NUMBER and names[0].isdigit():
        return Number(question.id, int(names[0]))
    if names[0].startswith("unsure"):
        _, _, named = names[0].partition(":")
        everything = tuple(option.id for option in question.choices if option.id in last.options)
        doubted = tuple(named.split(",")) if named else everything
        return NotSure(question.id, doubted if question.choose is Choose.ANY else ())
    return Answer(question.id, tuple(names))


def _spoken(event: Event) -> str:
    match event:
        case Answer():
            return f"{event.question}: {', '.join(event.options)}"
        case Number():
            return f"{event.question}: {event.value}"
        case NotSure():
            return f"{event.question}: not sure {', '.join(event.options)}".rstrip()
        case _:
            return "all correct"


def _typed(card: Message, event: Event) -> str:
    """The line somebody types for this event: the numbers of the options as the card shows them."""
    numbers = {choice.key: str(number) for number, choice in enumerate(card.options(), 1)}
    match event:
        case Answer():
            return " ".join(numbers[name] for name in event.options)
        case Number():
            return str(event.value)
        case NotSure():
            return " ".join(("unsure", *(numbers[name] for name in event.options)))
        case _:
            return numbers["confirm"]


def _shown(conversation: Conversation, effects: tuple[object, ...], session: Session) -> list[str]:
    lines: list[str] = []
    for message in conversation.render(effects, session):  # type: ignore[arg-type]
        lines += _written(message)
    return lines


def _written(message: Message) -> list[str]:
    lines: list[str] = []
    for block in message.blocks:
        mark = {Style.TITLE: "# ", Style.HEADING: "## ", Style.NOTE: "~ "}.get(block.style, "")
        lines += [f"{mark}{block.text}", *(f"  - {item}" for item in block.items)]
    return [*lines, *(f"  [{choice.key}] {choice.text}" for choice in message.options())]
