"""What is owed, one message at a time, and how it is written down until it has arrived."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from bot.telegram.posts import Bare, Card, File, GroupLine, Note, Post, Toast, is_final, one_by_one
from bot.telegram.store import OwedRow, Paid

FINAL = "final"
"""The kind of what must arrive whatever happens. The database knows it, too."""

_CARD_SLOT = 0

_ADAPTERS: dict[str, TypeAdapter[Post]] = {
    "card": TypeAdapter(Card),
    "note": TypeAdapter(Note),
    "bare": TypeAdapter(Bare),
    "group": TypeAdapter(GroupLine),
    "toast": TypeAdapter(Toast),
    "final": TypeAdapter(Note | Card),
}


@dataclass(slots=True, eq=False)
class Owed:
    """One post that is owed to a chat.

    ``key``: the person's; ``language``: of their texts; ``at``: since when, in epoch seconds; ``arrived``: when the
    update that it answers came in, in monotonic seconds, or None. ``number`` gives the order; it is 0 for what is not
    written down. ``tries``: how often it could not be sent.
    """

    chat: int
    key: str
    language: str
    post: Post
    at: float
    number: int = 0
    arrived: float | None = None
    tries: int = 0

    @property
    def slot(self) -> int:
        """The chat's card has one slot, so that a newer one takes its place; everything else has one of its own."""
        return _CARD_SLOT if isinstance(self.post, Card) and not self.post.final else self.number

    @property
    def paid(self) -> Paid:
        """As what is not owed any more."""
        return (self.chat, self.slot, self.number)

    def row(self, *, below: bool = False, card: int | None = None) -> OwedRow:
        """As it is written down, for should this process die.

        ``below``: a card is to be sent anew. ``card``: the live one, which nobody knows once the person is erased.
        """
        post = self.post
        if below and isinstance(post, Card):
            post = replace(post, below=True)
        elif isinstance(post, Bare) and post.message is None:
            post = Bare(card)
        kind, text = _written(post)
        return (self.chat, self.slot, self.number, self.key, kind, self.language, int(self.at), text)


def read(row: OwedRow) -> Owed | None:
    """What is owed, from a row; None where this version cannot read it."""
    chat, _, number, key, kind, language, at, text = row
    try:
        post = _file(text) if kind == "file" else _ADAPTERS[kind].validate_json(text)
    except (ValidationError, KeyError, ValueError, TypeError, RecursionError):
        return None
    return Owed(chat, key, language, post, at, number)


def gathered(posts: Iterable[Post]) -> list[Post]:
    """What has to be sent of all this, one message at a time: of several cards only the last, and each final one."""
    kept: list[Post] = []
    own: list[Post] = []  # the beginning of the card that comes next
    for post in one_by_one(posts):
        if isinstance(post, Note) and post.lead:
            own.append(post)
            continue
        if not isinstance(post, Card):
            kept.append(post)
            continue
        below = post.below or any(isinstance(old, Card) and not old.final and old.below for old in kept)
        kept = [*(old for old in kept if is_final(old) or not belongs_to_a_card(old)), *own]
        kept.append(replace(post, below=below))
        own = []
    return kept


def belongs_to_a_card(post: Post) -> bool:
    """Whether it is a card, or the beginning of one."""
    return isinstance(post, Card) or (isinstance(post, Note) and post.lead)


def _written(post: Post) -> tuple[str, str]:
    match post:
        case File():
            content = b64encode(post.content).decode()
            return "file", json.dumps({"name": post.name, "content": content, "caption": post.caption})
        case Card() | Note():
            kind = FINAL if post.final else type(post).__name__.lower()
        case GroupLine():
            kind = "group"
        case _:
            kind = type(post).__name__.lower()
    return kind, _ADAPTERS[kind].dump_json(post).decode()


def _file(text: str) -> File:
    found = json.loads(text)
    return File(str(found["name"]), b64decode(found["content"]), str(found["caption"]))


def rows_of(owed: Sequence[Owed]) -> list[OwedRow]:
    """The rows of what is written down of this."""
    return [each.row() for each in owed if each.number]
