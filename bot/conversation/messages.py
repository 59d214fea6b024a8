"""What is shown to a person: messages made of blocks and choices, without any markup.

Each edge draws them its own way: the terminal with colours and keys, a chat with bold text and buttons.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.flow.events import Event
from bot.flow.model import Choose, Level


@dataclass(frozen=True, slots=True)
class Details:
    """The person wants to read more about one cause of the result."""

    cause: str


@dataclass(frozen=True, slots=True)
class Restart:
    """The person wants a new check."""


Request = Event | Details | Restart
"""Everything a person can ask of a conversation."""


class Style(StrEnum):
    """How a block is meant; never told by colour alone."""

    TITLE = "title"
    HEADING = "heading"
    TEXT = "text"
    LIST = "list"
    NOTE = "note"
    DETAIL = "detail"


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph or list. ``items`` only for lists.

    ``fold``: background that a chat may show folded, to be opened by whoever wants it; never a danger sign.
    """

    style: Style
    text: str = ""
    items: tuple[str, ...] = ()
    fold: bool = False


class Purpose(StrEnum):
    """What a message is for."""

    INTRO = "intro"
    CARD = "card"
    NOTICE = "notice"
    SEEK_CARE = "seek_care"
    RESULT = "result"
    DETAIL = "detail"


class Part(StrEnum):
    """What a choice is on its card: an option that answers, or a command beside the options."""

    OPTION = "option"
    NONE = "none"
    UNSURE = "unsure"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to tap or type. ``key`` is stable (an option's id or a command's name); ``request`` is what it does.

    ``label`` is short enough for a button; ``text`` says it in full.
    """

    key: str
    label: str
    text: str
    request: Request
    part: Part
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``question`` and ``choose`` are set on cards, ``level`` on results and seek-care messages.

    ``lasting``: words that must not vanish with the next card. ``refused``: nothing happened, and this says why.
    ``phone``: what to say on the phone or at the desk.
    """

    purpose: Purpose
    blocks: tuple[Block, ...]
    choices: tuple[Choice, ...] = ()
    question: str | None = None
    choose: Choose | None = None
    level: Level | None = None
    lasting: bool = False
    refused: bool = False
    phone: tuple[str, ...] = ()

    def options(self) -> tuple[Choice, ...]:
        """The choices that answer the card, in the order in which they are numbered."""
        return tuple(choice for choice in self.choices if choice.part is not Part.COMMAND)
