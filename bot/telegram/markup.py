"""Messages as Telegram's HTML: bold, italic, quotes that unfold; nothing else, and everything escaped.

Telegram counts 4096 characters after parsing, in UTF-16 units. What is longer becomes several messages, cut between
blocks where that is possible, so that the headline and what to do always come first.
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

_ROOM = 4000
"""What a message is filled to; the rest is for the marks of a cut."""

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
    """The HTML of a message, as few texts as it fits in. ``before``: notices that stand above it, on the same card."""
    parts = [_block(block) for notice in before for block in notice.blocks]
    parts += [_block(block) for block in message.blocks]
    if listed := _options(message):
        parts.append(listed)
    return pack(parts)


def note(*lines: str) -> tuple[str, ...]:
    """Plain lines as paragraphs."""
    return pack([(html.escape(line, quote=False), length(line)) for line in lines])


def pack(parts: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """Parts (HTML, and its length after parsing) joined by empty lines into as few texts as they fit in."""
    packed: list[str] = []
    room = 0
    for text, size in parts:
        if packed and size + 2 <= room:
            packed[-1] += f"\n\n{text}"
            room -= size + 2
        else:
            packed.append(text)
            room = _ROOM - size
    return tuple(packed)


def _block(block: Block) -> tuple[str, int]:
    """A block as HTML, and how long it is; a block that no message can hold is cut."""
    if block.style is Style.LIST:
        items = "\n".join(f"• {item}" for item in block.items)
        room = _ROOM - length(block.text) - 1
        items = cut(items, room)
        body = html.escape(items, quote=False)
        if block.fold:
            body = f"<blockquote expandable>{body}</blockquote>"
        return f"<b>{html.escape(block.text, quote=False)}</b>\n{body}", length(block.text) + 1 + length(items)
    text = cut(block.text, _ROOM)
    escaped = html.escape(text, quote=False)
    if block.fold:
        return f"<blockquote expandable>{escaped}</blockquote>", length(text)
    if block.style in {Style.TITLE, Style.HEADING}:
        return f"<b>{escaped}</b>", length(text)
    if block.style is Style.NOTE:
        return f"<i>{escaped}</i>", length(text)
    return escaped, length(text)


def _options(message: Message) -> tuple[str, int] | None:
    """The options whose buttons do not say everything: the button's words in bold, then the full text."""
    if message.level is not None:
        return None  # the causes of a result stand in its text
    lines = [line for choice in message.options() for line in _option(choice)]
    if not lines:
        return None
    return "\n".join(marked for marked, _ in lines), sum(size + 1 for _, size in lines)


def _option(choice: Choice) -> Iterator[tuple[str, int]]:
    sign = "☑" if choice.ticked else "•"
    if choice.label == choice.text:
        if choice.ticked:
            yield f"{sign} <b>{html.escape(choice.label, quote=False)}</b>", length(choice.label) + 2
        return
    if choice.part is Part.COMMAND:
        return
    said = choice.text.removeprefix(f"{choice.label}: ")  # an answer to change names its question by itself
    label, text = html.escape(choice.label, quote=False), html.escape(said, quote=False)
    yield f"{sign} <b>{label}</b>: {text}", length(choice.label) + length(said) + 4


def without_tags(text: str) -> str:
    """The words of a text in HTML, as made here."""
    return html.unescape(_TAG.sub("", text))
