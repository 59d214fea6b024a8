"""One person's conversation in this terminal, step by step: requests in, messages out, and what is then in front.

The use case is asynchronous, since a chat server needs it so; a terminal has one person and waits. So each step runs
to its end before the next line or key is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import uuid4

from bot.conversation.conversation import Conversation, Sessions
from bot.conversation.messages import Choice, Message, Purpose, Request
from bot.conversation.reading import May, Scene
from bot.flow.engine import answered, is_stopped, outcome_of, standing
from bot.flow.events import Ask, ChangeList, Continue, Reason, Reject
from bot.flow.outcome import Outcome
from bot.flow.session import EXPIRED_AFTER, Session
from bot.load import Library
from bot.log import get_logger
from bot.terminal.input import Words
from bot.terminal.view import View

KEY = "terminal"
"""The person in front of this terminal, among those whose sessions are kept."""

Clock = Callable[[], int]
"""Gives the time in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Start:
    """How to start: the flow and language of a new check, and whether it has to be a new one."""

    flow: str
    language: str
    new: bool


_Result = TypeVar("_Result")
_log = get_logger("signpost.terminal")


class Kept:
    """Sessions that go on in memory when the disk fails: a full or broken disk must not hide a warning.

    While ``holding``, a new check is written with its first answer only, so that looking in does not put an empty
    check in place of a result.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._last: Session | None = None
        self.holding = False
        self.trouble: OSError | None = None

    async def load(self, key: str) -> Session | None:
        """The session of this person: the stored one, or the last known where that is gone or behind."""
        if self._last is None:
            self._last = await self._sessions.load(key)
        elif self.trouble is None and not self.holding:
            with suppress(OSError):
                self._last = await self._sessions.load(key) or self._last
        return self._last

    async def save(self, key: str, session: Session) -> None:
        """Keep this session, in memory if need be; ``trouble`` then tells why."""
        self._last = session
        self.holding = self.holding and session.turn == 0
        if self.holding:
            return
        try:
            await self._sessions.save(key, session)
        except OSError as error:
            self.trouble = error
        else:
            self.trouble = None


class Unsaved:
    """No place to keep sessions in: there is none at first, and every save fails with what is wrong there."""

    def __init__(self, trouble: OSError) -> None:
        self._trouble = trouble

    async def load(self, key: str) -> Session | None:  # noqa: ARG002 - `Sessions` has it
        """None."""
        return None

    async def save(self, key: str, session: Session) -> None:  # noqa: ARG002 - `Sessions` has them
        """Keep nothing. Raises the trouble."""
        raise self._trouble


class Chat:
    """The conversation of the person in front of this terminal. ``runner`` holds the event loop of the store."""

    def __init__(self, library: Library, sessions: Sessions, clock: Clock, runner: asyncio.Runner) -> None:
        self._kept = Kept(sessions)
        self._conversation = Conversation(library, self._kept)
        self._library = library
        self._clock = clock
        self._runner = runner
        self.view = View()

    @property
    def session(self) -> Session | None:
        """The check as it stands, if there is one whose flow and language are served."""
        return self._run(self._conversation.session(KEY))

    @property
    def outcome(self) -> Outcome | None:
        """What came out, once the check is finished."""
        session = self.session
        return outcome_of(self._library.flows[session.flow], session) if session else None

    @property
    def seen(self) -> bool:
        """Whether the check was finished under the flow as it is now; under an edited one its result may be new."""
        session = self.session
        if session is None or self.outcome is None:
            return False
        return session.version == self._library.flows[session.flow].version

    @property
    def headline(self) -> str:
        """The first line of what stands in front of the person, such as the advice of a finished check."""
        messages = self._run(self._conversation.current(KEY))
        return messages[-1].blocks[0].text if messages else ""

    @property
    def expired(self) -> bool:
        """Whether the check is too old to go on with; the engine begins it anew."""
        session = self.session
        return session is not None and self._clock() - session.touched > EXPIRED_AFTER

    @property
    def trouble(self) -> OSError | None:
        """Why the check is not saved as it stands; `None` when it is."""
        return self._kept.trouble

    def speak(self, language: str, otherwise: str) -> None:
        """Go on with the check in another language; in the language ``otherwise`` when there are no texts in that."""
        session = self._run(self._kept.load(KEY))
        language = language if language in self._library.texts else otherwise
        if session and session.language != language:
            self._run(self._kept.save(KEY, replace(session, language=language)))

    def begin(self, start: Start) -> tuple[Message, ...]:
        """Start a new check in place of any earlier one; a result gives way to its first answer, or to ``new``."""
        self._kept.holding = self.seen and not start.new
        return self._step(self._conversation.begin(KEY, start.flow, start.language, uuid4().hex, self._clock()))

    def go_on(self) -> tuple[Message, ...]:
        """Go on with the check that there is."""
        return self.do((Continue(),))

    def do(self, requests: tuple[Request, ...]) -> tuple[Message, ...]:
        """Do what is asked for, in order, until one of it changes the subject; what to show for it."""
        shown: tuple[Message, ...] = ()
        question = self.view.ask.question if self.view.ask else None
        for request in requests:
            beside = tuple(message for message in shown if message.purpose is not Purpose.CARD)
            shown = (*beside, *self._step(self._conversation.handle(KEY, request, self._clock())))
            if question and (self.view.ask is None or self.view.ask.question != question):
                break
        return shown

    def say(self, words: Words) -> tuple[Message, ...]:
        """Take words that are no choice: a danger in them, or an answer; else say kindly that they are neither."""
        may = May.ANSWER if words.whole else May.WARN
        scene = Scene(self._clock(), may, self.view.question, visible=not self.view.changing)
        taken = self._run(self._conversation.typed(KEY, words.text, scene))
        if taken.messages:
            self._look(taken.messages)
            return self._with_card(taken.messages)
        session = self.session
        if session is None or words.reason is not Reason.NO_SUCH_OPTION:
            return self.refuse(words.reason)
        return self._with_card((self._conversation.unread(session, taken.how),))

    def refuse(self, reason: Reason) -> tuple[Message, ...]:
        """Say kindly that something was not understood, and show again what is in front of the person."""
        session = self.session
        return self._with_card(self._conversation.render((Reject(reason),), session) if session else [])

    def _with_card(self, said: Sequence[Message]) -> tuple[Message, ...]:
        """What is said, and below it what is in front of the person, unless it brings that itself or it is a result."""
        card = self.view.card
        if any(message.choices for message in said) or card is None or card.purpose in {Purpose.RESULT, Purpose.NOTICE}:
            return tuple(said)
        return (*said, card)

    def _step(self, step: Coroutine[Any, Any, list[Message]]) -> tuple[Message, ...]:
        messages = tuple(self._run(step))
        self._look(messages)
        return messages

    def _look(self, messages: tuple[Message, ...]) -> None:
        """See what is in front of the person now."""
        session = self.session
        if session is None:
            return
        flow = self._library.flows[session.flow]
        effects = standing(flow, session)
        finished = outcome_of(flow, session) is not None
        ask = next((effect for effect in effects if isinstance(effect, Ask)), None)
        self.view = replace(
            self.view,
            ask=ask,
            answers=self._options((ChangeList(answered(flow, session)),), session),
            causes=self._options(effects, session) if finished else (),
            finished=finished,
            stopped=is_stopped(flow, session),
        ).after(messages)
        _log.info("step", session=session.id, flow=session.flow, question=ask.question if ask else None)

    def _options(self, effects: tuple[Any, ...], session: Session) -> tuple[Choice, ...]:
        messages = self._conversation.render(effects, session)
        return tuple(option for message in messages for option in message.options())

    def _run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        return self._runner.run(work)
