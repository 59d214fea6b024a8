"""Random people for property tests: they answer, tick, doubt, go back, change, wait, and tap the wrong thing."""

from __future__ import annotations

import random
from collections.abc import Iterator

from bot.flow.engine import resume, standing, start
from bot.flow.events import (
    Accept,
    Answer,
    Ask,
    Back,
    Change,
    CheckBack,
    Confirm,
    Confirming,
    Continue,
    Decline,
    Done,
    Event,
    Finish,
    Guess,
    Hear,
    Mark,
    NotSure,
    Number,
    Review,
    Say,
    Stop,
    Tick,
    Topic,
    Turn,
    Understand,
    Why,
    Wonder,
)
from bot.flow.model import Choose, Flow, Question

HOUR = 3600
START = 1_000_000


def answer(flow: Flow, ask: Ask, chance: random.Random, calm: float = 0.5) -> Event:
    """A possible answer to a card. ``calm``: how often *none* is chosen where there is one."""
    question = flow.question(ask.question)
    choices = [name for name in ask.options if not _special(question, name)]
    if question.unsure and chance.random() < 0.08:
        return NotSure(
            question.id, tuple(chance.sample(choices, min(1, len(choices)))) if chance.random() < 0.5 else ()
        )
    if question.choose is Choose.NUMBER and (not choices or chance.random() < 0.9):
        return Number(question.id, chance.randint(question.smallest, question.largest))
    if question.choose is not Choose.ANY:
        return Answer(question.id, (chance.choice(choices),))
    return _several(question, ask, choices, chance, calm)


def _several(question: Question, ask: Ask, choices: list[str], chance: random.Random, calm: float) -> Event:
    """An answer to a card with several choices, at once or tick by tick."""
    if ask.ticked and chance.random() < 0.6:
        return Done(question.id)
    if question.none and question.none.id in ask.options and not ask.ticked and chance.random() < calm:
        return Answer(question.id, (question.none.id,))
    if chance.random() < 0.5:
        return Tick(question.id, chance.choice(choices))
    return Answer(question.id, tuple(chance.sample(choices, min(len(choices), chance.randint(1, 3)))))


def anything(flow: Flow, turn: Turn, chance: random.Random) -> Event:
    """Any event at all, most of them possible here."""
    last = turn.effects[-1] if turn.effects else None
    if not turn.session.turn and chance.random() < 0.5:
        return Understand(_guesses(flow, chance))
    if chance.random() < 0.75:
        if isinstance(last, Ask):
            return answer(flow, last, chance, calm=0.6)
        if isinstance(last, Review):
            return Confirm()
        if isinstance(last, CheckBack):
            return Hear((last.finding,), denied=chance.random() < 0.7)
        if isinstance(last, Confirming):
            return Accept() if chance.random() < 0.7 else Decline()
    question = chance.choice(flow.questions)
    option = chance.choice(question.options).id
    events: list[Event] = [
        Back(),
        Change(),
        Change(question.id),
        Confirm(),
        Continue(),
        Done(question.id),
        Why(),
        Stop(),
        Tick(question.id, option),
        Answer(question.id, (option,)),
        Answer(question.id, ("no_such_option",)),
        NotSure(question.id),
        Number(question.id, chance.randint(-5, 200)),
        Hear((chance.choice(flow.findings),), denied=chance.random() < 0.5),
        Wonder((chance.choice(flow.names(flow.danger | flow.heard) or flow.findings),)),
        Mark(question.id, (option,)),
        Understand(_guesses(flow, chance)),
        Accept(),
        Decline(),
    ]
    return chance.choice(events)


def _guesses(flow: Flow, chance: random.Random) -> tuple[Guess, ...]:
    """What a first message might be understood to say."""
    return tuple(
        Guess(question.id, number=chance.randint(question.smallest, question.largest))
        if question.choose is Choose.NUMBER
        else Guess(question.id, (chance.choice(question.choices).id,))
        for question in chance.sample(flow.questions, min(3, len(flow.questions)))
    )


def straight(flow: Flow, chance: random.Random, calm: float = 0.6) -> Iterator[Turn]:
    """Somebody who answers until the end, without looking back: every turn of the conversation."""
    at = 1_000_000
    turn = start(flow, "p", "en", at)
    yield turn
    while not isinstance(turn.effects[-1], Finish):
        last = turn.effects[-1]
        at += 5
        event = Confirm() if isinstance(last, Review) else answer(flow, _ask(last), chance, calm)
        turn = resume(flow, turn.session, event, at)
        yield turn


def wandering(flow: Flow, chance: random.Random, steps: int) -> Iterator[tuple[Turn, Event, Turn, int]]:
    """Somebody who does anything, with pauses of up to days: before, event, after, and the pause in seconds."""
    at = START
    turn = start(flow, "p", "en", at)
    for _ in range(steps):
        event = anything(flow, turn, chance)
        pause = chance.choice([1, 5, 60, 60, 60, HOUR, 13 * HOUR, 8 * 24 * HOUR] if chance.random() < 0.2 else [5])
        at += pause
        after = resume(flow, turn.session, event, at)
        yield turn, event, after, pause
        stopped = any(isinstance(effect, Say) and effect.topic is Topic.STOPPED for effect in after.effects)
        turn = after if stopped or after.effects else Turn(after.session, standing(flow, after.session))


def _ask(effect: object) -> Ask:
    assert isinstance(effect, Ask), effect
    return effect


def _special(question: Question, name: str) -> bool:
    return question.by_id[name].rest or question.by_id[name].unsure
