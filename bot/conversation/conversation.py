"""The use case: take a request, load the session, run the engine, save, and hand out the messages.

Every edge goes through here. The store is anything that satisfies `Sessions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.conversation.asides import check_back, confirming, either, got_it, kind_line, noted
from bot.conversation.cards import card, change_list, explain, review
from bot.conversation.details import details
from bot.conversation.messages import Details, Message, Purpose, Request, Restart
from bot.conversation.notices import cleared, former, intro, reject, say
from bot.conversation.reading import Scene, Took, Understood, first, fold, reader_of, understand
from bot.conversation.results import result
from bot.conversation.wording import Wording
from bot.flow.engine import advice, asked_back, outcome_of, resume, standing, start
from bot.flow.events import (
    Ask,
    ChangeList,
    CheckBack,
    Cleared,
    Confirming,
    Effect,
    Explain,
    Finish,
    Reject,
    Review,
    Say,
    Turn,
)
from bot.flow.session import EXPIRED_AFTER, Session
from bot.load import Library


class Sessions(Protocol):
    """Where sessions are kept, one for each person (``key``)."""

    async def load(self, key: str) -> Session | None:
        """The session of this person, if there is one."""

    async def save(self, key: str, session: Session) -> None:
        """Keep this session for this person, durably."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How typed words were taken, and what to show for it; nothing where they were not understood."""

    how: Took
    messages: tuple[Message, ...] = ()


class Conversation:
    """All conversations over one library and one store."""

    def __init__(self, library: Library, sessions: Sessions) -> None:
        self.library = library
        self._sessions = sessions

    async def begin(self, key: str, flow: str, language: str, session_id: str, at: int) -> list[Message]:
        """Start a new check for this person, replacing any earlier one. ``at``: seconds since the epoch."""
        earlier = await self.session(key)
        turn = self._carried(start(self.library.flows[flow], session_id, language, at), earlier, at)
        advised = self._advised(earlier, turn.session, at)
        await self._sessions.save(key, turn.session)
        return [*advised, intro(Wording.of(self.library, turn.session)), *self.render(turn.effects, turn.session)]

    def _carried(self, begun: Turn, earlier: Session | None, at: int) -> Turn:
        """A new check, with the question about a danger that the one before it still waits for."""
        if earlier is None or earlier.flow != begun.session.flow or abs(at - earlier.touched) > EXPIRED_AFTER:
            return begun
        flow = self.library.flows[earlier.flow]
        return fold(flow, begun.session, (wondering,), at) if (wondering := asked_back(flow, earlier)) else begun

    def _advised(self, earlier: Session | None, new: Session, at: int) -> list[Message]:
        """The urgent advice of an earlier check that a new one takes the place of, in the words of the new one."""
        if earlier is None or abs(at - earlier.touched) > EXPIRED_AFTER:
            return []
        action = advice(self.library.flows[earlier.flow], earlier)
        return [former(action, Wording.of(self.library, new))] if action else []

    async def current(self, key: str) -> list[Message]:
        """Where this person stands, changing nothing; empty when there is no check to go on with."""
        session = await self.session(key)
        if session is None:
            return []
        return self.render(standing(self.library.flows[session.flow], session), session)

    async def session(self, key: str) -> Session | None:
        """This person's session, if its flow and language are still served."""
        session = await self._sessions.load(key)
        if session is None or session.flow not in self.library.flows or session.language not in self.library.texts:
            return None
        return session

    async def handle(self, key: str, request: Request, at: int) -> list[Message]:
        """Do what the person asks and return what to show; empty when there is no check to go on with."""
        session = await self.session(key)
        if session is None:
            return []
        if isinstance(request, Restart):
            return await self.begin(key, session.flow, session.language, session.id, at)
        if isinstance(request, Details):
            return [self.details(session, request.cause)]
        turn = self.turn(session, request, at)
        if turn.session != session:
            await self._sessions.save(key, turn.session)
        return self.render(turn.effects, turn.session)

    async def typed(self, key: str, text: str, scene: Scene) -> Taken:
        """Take words that are no option and no command: a danger anywhere in them, or an answer.

        Words that are taken for nothing change nothing; what is to be shown then is for the edge to say (`unread`).
        """
        session = await self.session(key)
        if session is None:
            return Taken(Took.NOTHING)
        reader, flow = reader_of(self.library, session.language), self.library.flows[session.flow]
        found = understand(reader, flow, session, text, scene)
        if found.turn and found.turn.session != session:
            await self._sessions.save(key, found.turn.session)
        return self._taken(found, found.turn.session if found.turn else session, scene)

    async def opened(self, key: str, text: str, begun: tuple[str, str], scene: Scene) -> Taken:
        """Take words before there is a check: with a danger, or with what a flow asks about, they begin one.

        ``begun``: the new session's id, and the language.
        """
        found = first(reader_of(self.library, begun[1]), self.library, text, begun, scene)
        if found.turn is None:
            return Taken(found.took)
        session = found.turn.session
        advised = self._advised(await self.session(key), session, scene.at)
        await self._sessions.save(key, session)
        shown = self.render(found.turn.effects, session)
        pressing = any(message.purpose is Purpose.SEEK_CARE for message in shown)
        opening = [] if pressing else [intro(Wording.of(self.library, session))]
        return Taken(found.took, (*advised, *opening, *shown))

    def unread(self, session: Session, how: Took) -> Message:
        """The kind words for what was not understood."""
        return kind_line("foreign" if how is Took.FOREIGN else "not_understood", Wording.of(self.library, session))

    def _taken(self, found: Understood, session: Session, scene: Scene) -> Taken:
        messages = self.render(found.turn.effects, session) if found.turn else []
        wording = Wording.of(self.library, session)
        if found.took is Took.EITHER:
            card = either(found.ways, scene.ask, wording) if scene.ask else None
            if card is None:
                return Taken(Took.DANGER if found.turn else Took.NOTHING, tuple(messages))
            return Taken(Took.EITHER, (*(each for each in messages if each.purpose is not Purpose.CARD), card))
        said = noted(found.noted, wording) if found.noted else got_it(found.answered, wording)
        if said and messages and not any(each.refused or each.purpose is Purpose.SEEK_CARE for each in messages):
            messages.insert(len(messages) - 1, said)
        return Taken(found.took, tuple(messages))

    def turn(self, session: Session, request: Request, at: int) -> Turn:
        """The engine's turn for an event; nothing is saved."""
        if isinstance(request, Details | Restart):
            raise TypeError("details and restarts are no events of the engine")
        return resume(self.library.flows[session.flow], session, request, at)

    def details(self, session: Session, cause: str) -> Message:
        """More about one cause of the session's result."""
        outcome = outcome_of(self.library.flows[session.flow], session)
        return details(cause, outcome, Wording.of(self.library, session))

    def render(self, effects: tuple[Effect, ...], session: Session) -> list[Message]:
        """Messages for effects, in order."""
        wording = Wording.of(self.library, session)
        return [message for effect in effects for message in _render(effect, wording)]


def _render(effect: Effect, wording: Wording) -> list[Message]:
    if isinstance(effect, Say):
        return say(effect, wording)
    return [_message(effect, wording)]


def _message(
    effect: Ask | Review | CheckBack | Confirming | ChangeList | Explain | Cleared | Reject | Finish, wording: Wording
) -> Message:
    match effect:
        case Ask():
            message = card(effect, wording)
        case Review():
            message = review(effect, wording)
        case CheckBack():
            message = check_back(effect, wording)
        case Confirming():
            message = confirming(effect, wording)
        case ChangeList():
            message = change_list(effect, wording)
        case Explain():
            message = explain(effect, wording)
        case Cleared():
            message = cleared(effect, wording)
        case Reject():
            message = reject(effect, wording)
        case Finish():
            message = result(effect, wording)
    return message
