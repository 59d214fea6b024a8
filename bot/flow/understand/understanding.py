"""The reader of one language: its danger net and its answers in words, where a person stands."""

from __future__ import annotations

from dataclasses import dataclass

from bot.flow.engine import answered, standing
from bot.flow.events import (
    Accept,
    Ask,
    Change,
    CheckBack,
    Confirm,
    Confirming,
    Decline,
    Effect,
    Event,
    Guess,
    Hear,
    Review,
)
from bot.flow.model import Flow
from bot.flow.session import Session
from bot.flow.understand.answers import Replies
from bot.flow.understand.days import date_of
from bot.flow.understand.heard import Hearing
from bot.flow.understand.net import Net
from bot.flow.understand.reply import Day, Reply

_DAY = 86_400
"""Seconds of a day."""


@dataclass(frozen=True)
class Understanding:
    """Reads typed texts. ``replies``: `None` where only dangers are read, and exact words answer."""

    net: Net
    replies: Replies | None = None

    def hear(self, text: str) -> Hearing:
        """The dangers that a text speaks of, wherever it is typed."""
        return self.net.listen(text)

    def reply(self, text: str, ask: Ask | None, flow: Flow, session: Session, at: int) -> Reply:
        """What a text answers. ``ask``: the question that is to be seen, if one is; ``at``: when it was typed."""
        if self.replies is None:
            return Reply()
        if ask is None:
            said = self.replies.yes_no(text)
            event = None if said is None else _yes_or_no(standing(flow, session)[-1:], yes=said)
            return Reply(((event,),), text) if event else Reply()
        earlier = [name for name in answered(flow, session) if name != ask.question]
        before = flow.question(earlier[-1]) if earlier else None
        question = flow.question(ask.question)
        danger = question.id in flow.danger_questions
        return self.replies.reply(text, question, ask.options, before, day_at(at), danger=danger)

    def fill(self, text: str, flow: Flow, at: int) -> tuple[Guess, ...]:
        """What a first message says about the questions of a flow."""
        return self.replies.fill(text, flow, day_at(at)) if self.replies else ()

    def topic(self, text: str) -> str | None:
        """The flow that a first message is about, if it is about one."""
        return self.replies.topic(text) if self.replies else None


def day_at(at: int) -> Day:
    """The day of a time in seconds since the epoch, in UTC: where the person is, it may be the one beside it."""
    return date_of(at // _DAY)


def _yes_or_no(shown: tuple[Effect, ...], *, yes: bool) -> Event | None:
    """What *yes* and *no* answer on a card that asks for them; a *no* to the review opens the list of answers."""
    match shown:
        case (CheckBack(finding=finding, brings=brings),):
            return Hear((finding, *brings)) if yes else Hear((finding,), denied=True)
        case (Confirming(),):
            return Accept() if yes else Decline()
        case (Review(),):
            return Confirm() if yes else Change()
    return None
