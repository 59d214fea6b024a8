"""A reader for tests: it understands a few texts that are written down here, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.flow.events import Ask, Event, Guess
from bot.flow.model import Flow
from bot.flow.session import Session
from bot.flow.understand.heard import Hearing, Noticed, Sure
from bot.flow.understand.reply import Reply
from bot.load import Library


@dataclass(frozen=True)
class Written:
    """Understands texts in which one of these phrases stands, and replies that are exactly one of these."""

    clear: Mapping[str, str] = field(default_factory=dict)
    possible: Mapping[str, str] = field(default_factory=dict)
    replies: Mapping[str, tuple[tuple[Event, ...], ...]] = field(default_factory=dict)
    fills: Mapping[str, tuple[Guess, ...]] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)
    foreign: frozenset[str] = frozenset()

    def hear(self, text: str) -> Hearing:
        noticed = [Noticed(name, Sure.CLEAR, words) for words, name in self.clear.items() if words in text]
        noticed += [Noticed(name, Sure.POSSIBLE, words) for words, name in self.possible.items() if words in text]
        return Hearing(tuple(noticed), foreign=text in self.foreign)

    def reply(self, text: str, ask: Ask | None, flow: Flow, session: Session, at: int) -> Reply:  # noqa: ARG002
        ways = self.replies.get(text, ())
        questions = {getattr(event, "question", None) for way in ways for event in way} - {None}
        return Reply(ways, text) if not questions or (ask and questions == {ask.question}) else Reply()

    def fill(self, text: str, flow: Flow, at: int) -> tuple[Guess, ...]:  # noqa: ARG002
        return self.fills.get(text, ())

    def topic(self, text: str) -> str | None:
        return self.topics.get(text)


def reading(library: Library, reader: Written) -> Library:
    """The same library, with somebody who reads English."""
    return replace(library, texts={"en": replace(library.texts["en"], reader=reader)})
