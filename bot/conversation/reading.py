"""What typed words come to where a person stands: dangers first, wherever they are; then an answer to the question.

Nothing is done here: the events are handed to the engine by `Conversation`. A danger is heard also where words may not
answer, such as in a caption; and no answer is taken from words beside an emergency or beside something to ask about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.flow.engine import resume, standing, start
from bot.flow.events import (
    Ask,
    CheckBack,
    Confirming,
    Continue,
    Effect,
    Event,
    Finish,
    Guess,
    Hear,
    Note,
    Reject,
    Review,
    Say,
    Topic,
    Turn,
    Understand,
    Wonder,
)
from bot.flow.model import Flow, Level
from bot.flow.replay import Stage, replay
from bot.flow.session import EXPIRED_AFTER, Session
from bot.flow.understand.heard import Hearing, Noticed, Sure
from bot.flow.understand.reader import Deaf, Reader
from bot.flow.weigh import weigh
from bot.load import Library

_STANDING = Ask | Review | CheckBack | Confirming | Finish
ENOUGH = 2
"""Questions that a first message has to say something about, to be more than an answer to the first of them."""


class May(StrEnum):
    """What typed words may do: answer as well; tell of dangers only; or at most raise the question of one."""

    ANSWER = "answer"
    WARN = "warn"
    SUPPOSE = "suppose"


class Took(StrEnum):
    """How words were taken: as a danger, an answer, one of several answers, something to remember, or not at all."""

    DANGER = "danger"
    ANSWER = "answer"
    EITHER = "either"
    NOTED = "noted"
    NOTHING = "nothing"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Understood:
    """What words come to: the turn that they lead to, or ``ways`` to choose from.

    ``answered``: the events by which the words answered; ``noted``: what is remembered of them. ``turn`` is `None`
    where they move nothing.
    """

    took: Took
    turn: Turn | None = None
    answered: tuple[Event, ...] = ()
    ways: tuple[tuple[Event, ...], ...] = ()
    noted: tuple[str, ...] = ()


def reader_of(library: Library, language: str) -> Reader:
    """Who reads this language."""
    return library.texts[language].reader or Deaf()


def understand(reader: Reader, flow: Flow, session: Session, text: str, scene: Scene) -> Understood:
    """What words come to in a check that there is."""
    hearing = _as_far_as(scene.may, reader.hear(text))
    dangers = weigh(flow, session, hearing, scene.at)
    turn = None
    if dangers.anything:
        stopped = dangers.possible and replay(flow, session.inputs).stage is Stage.STOPPED
        events = (*([Continue()] if stopped else []), *heard(dangers.clear, dangers.possible))
        turn = fold(flow, session, events, scene.at) if events else Turn(session, standing(flow, session))
        if scene.may is not May.ANSWER or dangers.possible or dangers.known or not _goes_on(turn):
            return Understood(Took.DANGER, turn)
    if scene.may is May.ANSWER and scene.visible and abs(scene.at - session.touched) <= EXPIRED_AFTER:
        answer = _answer(reader, flow, turn or Turn(session, standing(flow, session)), text, scene)
        if answer is not None:
            return _after(turn, answer)
    if turn:
        return Understood(Took.DANGER, turn)
    if scene.may is May.WARN and scene.ask and reader.reply(text, scene.ask, flow, session, scene.at).ways:
        return Understood(Took.ANSWER)
    if hearing.clear and (noticed := fold(flow, session, (Note(hearing.clear),), scene.at)).session != session:
        return Understood(Took.NOTED, noticed, noted=hearing.clear)
    return Understood(Took.FOREIGN if hearing.foreign else Took.NOTHING)


@dataclass(frozen=True, slots=True)
class Scene:
    """When words were typed, what they may do, and which question the person has in front of them.

    ``visible``: the card where they stand is in front of them, rather than a list or a page. Words answer no other.
    """

    at: int
    may: May = May.ANSWER
    ask: Ask | None = None
    visible: bool = True


def begin(reader: Reader, flow: Flow, begun: Turn, text: str, scene: Scene) -> Understood:
    """What a first message comes to, at the beginning of a check. ``begun``: that beginning."""
    hearing = _as_far_as(scene.may, reader.hear(text))
    dangers = weigh(flow, None, hearing, scene.at)
    guesses = reader.fill(text, flow, scene.at) if scene.may is May.ANSWER else ()
    events: tuple[Event, ...] = heard(dangers.clear, dangers.possible)
    if hearing.clear and not dangers.clear and (guesses or events):
        events = (Note(hearing.clear), *events)
    if guesses:
        events = (Understand(guesses), *events)
    turn = fold(flow, begun.session, events, scene.at) if events else begun
    if dangers.anything:
        return Understood(Took.DANGER, turn)
    if guesses or (scene.may is May.ANSWER and reader.topic(text) == flow.id):
        return Understood(Took.ANSWER, turn)
    return Understood(Took.FOREIGN if hearing.foreign else Took.NOTHING)


def first(reader: Reader, library: Library, text: str, begun: tuple[str, str], scene: Scene) -> Understood:
    """What a first message comes to before a check, in the flow that it is about. ``begun``: session id, language."""
    named = reader.topic(text)
    flow = library.flows[named] if named in library.flows else next(iter(library.flows.values()))
    return begin(reader, flow, start(flow, *begun, scene.at), text, scene)


def heard(clear: tuple[str, ...], possible: tuple[tuple[str, ...], ...]) -> tuple[Event, ...]:
    """The events by which dangers in words reach the engine. ``possible``: each with what it brings."""
    surely = (Hear(clear),) if clear else ()
    return (*surely, *(Wonder(group[:1], group[1:]) for group in possible))


def fold(flow: Flow, session: Session, events: tuple[Event, ...], at: int) -> Turn:
    """Several events as one turn: what is said on the way, then where the person stands.

    It ends before an event that is not possible, and at an emergency. A first one that is refused is the whole turn.
    """
    said: list[Effect] = []
    turn = Turn(session, ())
    for number, event in enumerate(events):
        after = resume(flow, turn.session, event, at)
        if any(isinstance(effect, Reject) for effect in after.effects):
            if not number:
                return after
            break
        said += [effect for effect in turn.effects if not isinstance(effect, _STANDING) and effect not in said]
        turn = after
        if _is_emergency(turn):
            break
    return Turn(turn.session, (*said, *turn.effects))


def _as_far_as(may: May, hearing: Hearing) -> Hearing:
    """Words that are perhaps not the person's own tell of nothing for sure."""
    if may is not May.SUPPOSE:
        return hearing
    doubted = (Noticed(each.finding, Sure.POSSIBLE, each.words, each.why) for each in hearing.noticed)
    return replace(hearing, noticed=tuple(doubted))


def _answer(reader: Reader, flow: Flow, before: Turn, text: str, scene: Scene) -> Understood | None:
    """What words answer, to the question that is still the same in front of the person."""
    session = before.session
    asked = next((effect for effect in before.effects if isinstance(effect, Ask)), None)
    ask = asked if asked and scene.ask and asked.question == scene.ask.question else None
    guesses = reader.fill(text, flow, scene.at) if ask and not session.inputs else ()
    if len(guesses) >= ENOUGH:
        return _filled(flow, session, guesses, scene.at)
    ways = reader.reply(text, ask, flow, session, scene.at).ways
    if len(ways) > 1 and ask:
        return Understood(Took.EITHER, ways=ways)
    if len(ways) == 1:
        return Understood(Took.ANSWER, fold(flow, session, ways[0], scene.at), answered=ways[0])
    return _filled(flow, session, guesses, scene.at) if guesses else None


def _filled(flow: Flow, session: Session, guesses: tuple[Guess, ...], at: int) -> Understood | None:
    turn = fold(flow, session, (Understand(guesses),), at)
    refused = any(isinstance(effect, Reject) for effect in turn.effects)
    return None if refused else Understood(Took.ANSWER, turn)


def _after(turn: Turn | None, answer: Understood) -> Understood:
    """An answer beside a danger that does not stop the check: what was said of that is not lost."""
    if turn is None:
        return answer
    said = tuple(effect for effect in turn.effects if isinstance(effect, Say) and effect.topic is not Topic.WARNED)
    if answer.turn is None:
        return replace(answer, turn=turn)
    if any(isinstance(effect, Reject) for effect in answer.turn.effects):
        return Understood(Took.DANGER, turn)
    return replace(answer, turn=Turn(answer.turn.session, (*said, *answer.turn.effects)))


def _goes_on(turn: Turn) -> bool:
    """Whether a question stands there still, to be answered by the same words."""
    return bool(turn.effects) and isinstance(turn.effects[-1], Ask)


def _is_emergency(turn: Turn) -> bool:
    last = turn.effects[-1] if turn.effects else None
    return isinstance(last, Finish) and last.outcome.level is Level.EMERGENCY
