"""What people type, read only when somebody types: most of what there is to load is needed for that alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from bot.flow.events import Ask, Guess
from bot.flow.model import Flow
from bot.flow.session import Session
from bot.flow.understand.heard import Hearing
from bot.flow.understand.reader import Deaf, Reader
from bot.flow.understand.reply import Reply
from bot.load import Library


class Later:
    """The reader of one language, loaded with its first text. Only for what is proved: nothing in it can be wrong."""

    def __init__(self, load: Callable[[], Library], language: str) -> None:
        self._load = load
        self._language = language

    @cached_property
    def _reader(self) -> Reader:
        return self._load().texts[self._language].reader or Deaf()

    def hear(self, text: str) -> Hearing:
        """The dangers that a text speaks of."""
        return self._reader.hear(text)

    def reply(self, text: str, ask: Ask | None, flow: Flow, session: Session, at: int) -> Reply:
        """What a text answers."""
        return self._reader.reply(text, ask, flow, session, at)

    def fill(self, text: str, flow: Flow, at: int) -> tuple[Guess, ...]:
        """What a first message says about the questions of a flow."""
        return self._reader.fill(text, flow, at)

    def topic(self, text: str) -> str | None:
        """The flow that a first message is about."""
        return self._reader.topic(text)


def with_later(library: Library, load: Callable[[], Library]) -> Library:
    """The library with readers that are loaded when they are needed. ``load``: gives it with what people type."""
    return replace(
        library, texts={code: replace(texts, reader=Later(load, code)) for code, texts in library.texts.items()}
    )
