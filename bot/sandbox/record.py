"""What is kept of what went on: the calls of the bot, what people saw, and how much of it, so that it can run for days.

Whatever grows has a bound that no test comes near; when it is passed, the older half is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, TypeVar

from bot.sandbox.errors import Json

MOST_CALLS = 200_000
"""Calls that the journal keeps."""
MOST_TOLD = 10_000
"""Violations that are kept, and refusals."""
MOST_MESSAGES = 10_000
"""Messages that a chat keeps; to the bot, older ones are gone."""
MOST_VERSIONS = 100
"""What a message was before its edits, so many times back."""
MOST_SIGHTS = 10_000
"""What the people of a chat saw."""
MOST_TAPS = 100_000
"""Taps that can be answered; for older ones it is too late."""
MOST_OLD_TAPS = 10_000
"""Taps of a test's own making, of which only the ids are kept."""
MOST_TAPS_OF_ONE = 1_000
"""Taps of one person, and so their toasts."""
MOST_FILES = 1_000
LARGEST_FILES = 256 * 1024 * 1024
"""Bytes that all files take together."""

_Item = TypeVar("_Item")
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the bot: when (seconds since 1970), what with, and the error that came of it (or "").

    ``result`` is what it was answered with; of a message only its id. ``parameters`` of a call that could not be read
    are those that could; ``body`` stands for the beginning of a body that is no JSON.
    """

    time: float
    method: str
    parameters: Json
    error: str = ""
    result: object = None


class What(StrEnum):
    """What somebody can see happen on their screen."""

    MESSAGE = "message"
    EDIT = "edit"
    DELETION = "deletion"
    REACTION = "reaction"
    TOAST = "toast"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Sight:
    """Something that the bot showed: when (seconds since 1970), what, on which message, its words and its buttons.

    A toast or an alert belongs to the message whose button was tapped; a reaction has its emoji as text.
    """

    time: float
    what: What
    message_id: int
    text: str
    labels: tuple[str, ...] = ()

    def api(self) -> Json:
        """The same as JSON."""
        return {
            "time": self.time,
            "what": self.what.value,
            "message_id": self.message_id,
            "text": self.text,
            "buttons": list(self.labels),
        }


def shorten(items: list[_Item], most: int) -> None:
    """Drop the oldest when there are more than ``most``, so that half of that is left."""
    if len(items) > most:
        del items[: len(items) - most // 2]


def forget(items: dict[_Key, Any], most: int) -> list[_Key]:
    """As `shorten`; returns the keys that are gone."""
    if len(items) <= most:
        return []
    gone = list(islice(items, len(items) - most // 2))
    for key in gone:
        del items[key]
    return gone
