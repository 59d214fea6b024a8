"""Posts: what is owed to a chat, as data. `delivery` turns them into calls of the Bot API, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Look(StrEnum):
    """How a button looks. Never the only sign: its words say the same."""

    PLAIN = ""
    DANGER = "danger"
    PRIMARY = "primary"


class Face(StrEnum):
    """What a card shows: where the check stands, the list of answers to change, or a page beside the check."""

    STANDING = "standing"
    LIST = "list"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message. Exactly one of ``data`` (a tap), ``url`` (a link), ``copy`` (a text to copy) is set."""

    text: str
    data: str = ""
    url: str = ""
    copy: str = ""
    look: Look = Look.PLAIN


Keyboard = tuple[tuple[Button, ...], ...]
"""Rows of buttons."""


@dataclass(frozen=True, slots=True)
class Toast:
    """The answer to a tap (``query``), with a few words or none. Every tap gets exactly one."""

    query: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Messages (HTML) without buttons. They stay.

    ``final``: the beginning of a final card. ``lead``: the beginning of any card, superfluous where that is.
    """

    texts: tuple[str, ...]
    final: bool = False
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """The one message of a chat that has live buttons, as it is wanted now; the last of ``texts`` carries them.

    It is edited in place, or (``below``) sent anew, and then its former message loses its buttons. A ``final`` one
    (a seek-care message, a result) is never left out because a newer card is wanted already. ``mark``: a short hash
    of the question that it asks.
    """

    texts: tuple[str, ...]
    keyboard: Keyboard
    below: bool = False
    final: bool = False
    face: Face = Face.STANDING
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Front:
    """What a person has in front of them: the newest card's face and mark. ``seen``: it has been sent, and arrived."""

    face: Face = Face.STANDING
    mark: str = ""
    seen: bool = False

    def after(self, cards: Sequence[Card]) -> Front:
        """What is in front once these cards have come, too; seen only where they ask what is in front already."""
        if not cards:
            return self
        same = all((card.face, card.mark) == (self.face, self.mark) for card in cards)
        return Front(cards[-1].face, cards[-1].mark, self.seen and same)


@dataclass(frozen=True, slots=True)
class Bare:
    """Take the buttons off a message: ``message``, or the live card."""

    message: int | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file to send."""

    name: str
    content: bytes
    caption: str


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One line in a group, in the topic and as a reply to the message it answers, with a link into the private chat."""

    text: str
    button: Button
    thread: int | None
    reply_to: int


Post = Toast | Note | Card | Bare | File | GroupLine


def is_final(post: Post) -> bool:
    """Whether it must arrive whatever happens, and before everything else: a seek-care message, a result."""
    return isinstance(post, Note | Card) and post.final


def one_by_one(posts: Iterable[Post]) -> Iterator[Post]:
    """The same with one message in each, so that each can be noted as sent before the next one is."""
    for post in posts:
        match post:
            case Note():
                yield from (replace(post, texts=(text,)) for text in post.texts)
            case Card():
                yield from (Note((text,), post.final, lead=True) for text in post.texts[:-1])
                yield replace(post, texts=post.texts[-1:])
            case _:
                yield post
