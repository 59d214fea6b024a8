"""What words answer: the question on screen, one before it, or, in a first message, several questions at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from bot.flow.events import Event, Guess

__all__ = ["Day", "Guess", "Reply"]


class Day(NamedTuple):
    """The day on which something was typed. ``weekday``: 0 for Monday; ``number``: days since 1970-01-01."""

    year: int
    month: int
    day: int
    weekday: int
    number: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What words ask for: no way to take them (``()``), one, or several to choose from; each a sequence of events."""

    ways: tuple[tuple[Event, ...], ...] = ()
    words: str = ""
