"""What reads typed words in one language: the danger net, and answers in words."""

from __future__ import annotations

from typing import Protocol

from bot.flow.events import Ask, Guess
from bot.flow.model import Flow
from bot.flow.session import Session
from bot.flow.understand.heard import Hearing
from bot.flow.understand.reply import Reply


class Reader(Protocol):
    """Reads texts of any length and kind; the same text always means the same."""

    def hear(self, text: str) -> Hearing:
        """The dangers that a text speaks of, wherever it is typed."""

    def reply(self, text: str, ask: Ask | None, flow: Flow, session: Session, at: int) -> Reply:
        """What a text answers. ``ask``: the question that is to be seen, if one is; ``at``: when it was typed."""

    def fill(self, text: str, flow: Flow, at: int) -> tuple[Guess, ...]:
        """What a first message says about the questions of a flow."""

    def topic(self, text: str) -> str | None:
        """The flow that a first message is about, if it is about one."""


class Deaf:
    """Reads nothing: for a language without phrases, where only exact words count."""

    def hear(self, text: str) -> Hearing:  # noqa: ARG002 - `Reader` has it
        """Nothing."""
        return Hearing()

    def reply(self, text: str, ask: Ask | None, flow: Flow, session: Session, at: int) -> Reply:  # noqa: ARG002
        """Nothing."""
        return Reply()

    def fill(self, text: str, flow: Flow, at: int) -> tuple[Guess, ...]:  # noqa: ARG002 - `Reader` has them
        """Nothing."""
        return ()

    def topic(self, text: str) -> str | None:  # noqa: ARG002 - `Reader` has it
        """Nothing."""
        return None
