"""Messages as Telegram's HTML: bold, italic, quotes that unfold; nothing else, and everything escaped.

Telegram counts 4096 characters after parsing, in UTF-16 units. What is longer becomes several messages, cut between
blocks, or between the items of a list that no message can hold, so that the headline and what to do always come first.
Nothing is left out here. A single text that no message can hold is the author's to shorten: `limits` finds it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from bot.conversation.messages import Block, Choice, Message, Part, Style

LONGEST = 4096
"""Characters of a message, as Telegram counts them: UTF-16 units after parsing."""

LONGEST_TOAST = 200
"""Characters of the answer to a tap."""

LONGEST_COPY = 256
"""Characters of a text that a button copies."""

Piece = tuple[str, int]
"""HTML that stays in one message, and its length after parsing."""

_TAG = re.compile(r"</?(?:b|i|blockquote)(?: expandable)?>")


def length(text: str) -> int:
    """How long Telegram thinks that a plain text is."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, longest: int) -> str:
    """A plain text, cut with an ellipsis where it is longer than ``longest``."""
    if length(text) <= longest:
        return text
    while length(text) > longest - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def texts(message: Message, before: Iterable[Message] = ()) -> tuple[str, ...]:
    """The HTML of a message, as few texts as it fits in. ``before``: notices that stand above it, on the same card.

    Where one text cannot hold both, the notices have texts of their own, so that a card is not torn apart by them.
    """
    above = [piece for notice in before for block in notice.blocks for piece in _block(block)]
    own = [*(piece for block in message.blocks for piece in _block(block)), *_options(message)]
    together = pack([*above, *own])
    return together if len(together) == 1 else (*pack(above), *pack(own))


def note(*lines: str) -> tuple[str, ...]:
    """Plain lines as paragraphs."""
    return pack([(_escaped(line), length(line)) for line in lines])


def pack(pieces: Iterable[Piece]) -> tuple[str, ...]:
    """Pieces joined by empty lines into as few texts as they fit in."""
    return tuple(text for text, _ in _joined(pieces, "\n\n", LONGEST))


def _joined(pieces: Iterable[Piece], gap: str, longest: int) -> list[Piece]:
    """As few pieces as these fit in, in order; one that is too long by itself stays alone."""
    joined: list[Piece] = []
    for text, size in pieces:
        if joined and joined[-1][1] + len(gap) + size <= longest:
            before, so_far = joined[-1]
            joined[-1] = f"{before}{gap}{text}", so_far + len(gap) + size
        else:
            joined.append((text, size))
    return joined


def _block(block: Block) -> list[Piece]:
    """A block: one piece, or several where it is a list that no message can hold."""
    if block.style is Style.LIST:
        return _list(block)
    text, size = _escaped(block.text), length(block.text)
    if block.fold:
        return [(f"<blockquote expandable>{text}</blockquote>", size)]
    if block.style in {Style.TITLE, Style.HEADING}:
        return [(f"<b>{text}</b>", size)]
    if block.style is Style.NOTE:
        return [(f"<i>{text}</i>", size)]
    return [(text, size)]


def _list(block: Block) -> list[Piece]:
    """A list under its heading. Each piece repeats that: *do not* has to stand above all that it is about."""
    heading, size = f"<b>{_escaped(block.text)}</b>\n", length(block.text) + 1
    lines = ((f"• {_escaped(item)}", length(item) + 2) for item in block.items)
    bodies = _joined(lines, "\n", LONGEST - size) or [("", 0)]
    if block.fold:
        bodies = [(f"<blockquote expandable>{body}</blockquote>", room) for body, room in bodies]
    return [(heading + body, size + room) for body, room in bodies]


def _options(message: Message) -> list[Piece]:
    """The options whose buttons do not say everything: the button's words in bold, then the full text."""
    if message.level is not None:
        return []  # the causes of a result stand in its text
    return _joined((line for choice in message.options() for line in _option(choice)), "\n", LONGEST)


def _option(choice: Choice) -> Iterator[Piece]:
    sign = "☑" if choice.ticked else "•"
    if choice.label == choice.text:
        if choice.ticked:
            yield f"{sign} <b>{_escaped(choice.label)}</b>", length(choice.label) + 2
        return
    if choice.part is Part.COMMAND:
        return
    said = choice.text.removeprefix(f"{choice.label}: ")  # an answer to change names its question by itself
    yield f"{sign} <b>{_escaped(choice.label)}</b>: {_escaped(said)}", length(choice.label) + length(said) + 4


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def without_tags(text: str) -> str:
    """The words of a text in HTML, as made here."""
    return html.unescape(_TAG.sub("", text))
