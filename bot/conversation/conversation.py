"""The use case: take a request, load the session, run the engine, save, and hand out the messages.

Every edge goes through here. The store is anything that satisfies `Sessions`.
"""

from __future__ import annotations

from typing import Protocol

from bot.conversation.cards import card, change_list, explain, review
from bot.conversation.details import details
from bot.conversation.messages import Details, Message, Request, Restart
from bot.conversation.notices import cleared, former, intro, reject, say
from bot.conversation.results import result
from bot.conversation.wording import Wording
from bot.flow.engine import advice, outcome_of, resume, standing, start
from bot.flow.events import Ask, ChangeList, Cleared, Effect, Explain, Finish, Reject, Review, Say, Turn
from bot.flow.session import EXPIRED_AFTER, Session
from bot.load import Library


class Sessions(Protocol):
    """Where sessions are kept, one for each person (``key``)."""

    async def load(self, key: str) -> Session | None:
        """The session of this person, if there is one."""

    async def save(self, key: str, session: Session) -> None:
        """Keep this session for this person, durably."""


class Conversation:
    """All conversations over one library and one store."""

    def __init__(self, library: Library, sessions: Sessions) -> None:
        self.library = library
        self._sessions = sessions

    async def begin(self, key: str, flow: str, language: str, session_id: str, at: int) -> list[Message]:
        """Start a new check for this person, replacing any earlier one. ``at``: seconds since the epoch."""
        turn = start(self.library.flows[flow], session_id, language, at)
        advised = self._advised(await self.session(key), turn.session, at)
        await self._sessions.save(key, turn.session)
        return [*advised, intro(Wording.of(self.library, turn.session)), *self.render(turn.effects, turn.session)]

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


def _message(effect: Ask | Review | ChangeList | Explain | Cleared | Reject | Finish, wording: Wording) -> Message:
    match effect:
        case Ask():
            message = card(effect, wording)
        case Review():
            message = review(effect, wording)
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
