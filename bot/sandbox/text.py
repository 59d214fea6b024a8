"""Text as Telegram keeps it: cleaned, trimmed, measured in UTF-16 code units, and with the entities it finds by itself.

Telegram counts offsets and lengths of entities in UTF-16 code units, so an emoji counts two. The limit of 4,096
"characters" is counted here in the same unit, which is the safer reading.
"""

from __future__ import annotations

import re
from typing import Any

Entity = dict[str, Any]
"""A MessageEntity of the Bot API: ``type``, ``offset`` and ``length``, and what belongs to the type."""

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024

# What Telegram makes a space of: control characters, but not tabs and line ends. It drops carriage returns and
# the marks that turn the direction of writing around.
_TO_SPACE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_DROPPED = re.compile(r"[\r\u2028-\u202e]")
_BLANK = (
    " \t\n\v\f\u00a0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)

_COMMAND = re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")
_MENTION = re.compile(r"(?<![\w@])@[A-Za-z0-9_]{3,32}(?!\w)")
_HASHTAG = re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,256}(?![\w#])")
_EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24}(?![\w-])", re.ASCII)
_URL = re.compile(
    r"(?<![\w@.])(?:(?:https?|tg|ton|tonsite)://[^\s<>\"]*[^\s<>\".,;:!?)\]'…]"
    r"|(?:[A-Za-z0-9-]+\.)+(?:com|org|net|edu|gov|int|info|io|me|app|dev|health|care|uk|de|eu|fr|es|it|nl|ch|at|us|ru)"
    r"(?![\w.-]*@)(?:/[^\s<>\"]*[^\s<>\".,;:!?)\]'…])?/?(?!\w))",
)
_FOUND = (("bot_command", _COMMAND), ("url", _URL), ("email", _EMAIL), ("mention", _MENTION), ("hashtag", _HASHTAG))

# Within these nothing is found by itself.
_CLOSED = {"code", "pre", "text_link", "text_mention", "url", "custom_emoji"}
# These hold no other entities and lie within none but a quote.
_SOLE = {"code", "pre"}


def units(text: str) -> int:
    """The length in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, offset: int, length: int) -> str:
    """The part of the text that an entity covers; offset and length are in UTF-16 code units."""
    coded = text.encode("utf-16-le", "surrogatepass")
    return coded[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def clean(text: str) -> str:
    """Without what Telegram does not keep in any text."""
    return _DROPPED.sub("", _TO_SPACE.sub(" ", text))


def trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Without blank ends, as Telegram trims: the beginning only up to the first entity, the end through entities too.

    An entity that covers nothing but blanks is gone.
    """
    kept = [entity for entity in entities if cut(text, entity["offset"], entity["length"]).strip(_BLANK)]
    text = text.rstrip(_BLANK)
    first = min((entity["offset"] for entity in kept), default=len(text))
    begin = 0
    while begin < min(first, len(text)) and text[begin] in _BLANK:
        begin += 1
    text = text[begin:]
    end = units(text)
    moved = [entity | {"offset": entity["offset"] - begin} for entity in kept]
    return text, [entity | {"length": min(entity["length"], end - entity["offset"])} for entity in moved]


def settle(text: str, marked: list[Entity]) -> tuple[str, list[Entity]]:
    """What Telegram makes of a text and the entities it was marked with: cleaned up, and with those found by itself."""
    text, entities = trimmed(text, marked)
    entities = _split_at_code(entities)
    entities += find(text, [entity for entity in entities if entity["type"] in _CLOSED])
    return text, sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def find(text: str, closed: list[Entity]) -> list[Entity]:
    """The commands, links, addresses, mentions and hashtags in a text, but not where it is closed to them."""
    taken = [(entity["offset"], entity["offset"] + entity["length"]) for entity in closed]
    found: list[Entity] = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            offset, length = units(text[: match.start()]), units(match[0])
            if all(offset + length <= begin or offset >= end for begin, end in taken):
                taken.append((offset, offset + length))
                found.append({"type": kind, "offset": offset, "length": length})
    return found


def _split_at_code(entities: list[Entity]) -> list[Entity]:
    """Code stands alone: what lies within it is dropped, and what lies around it is split, but for quotes."""
    sole = [entity for entity in entities if entity["type"] in _SOLE]
    kept = []
    for entity in entities:
        if entity["type"] in _SOLE or "blockquote" in entity["type"]:
            kept.append(entity)
            continue
        pieces = [(entity["offset"], entity["offset"] + entity["length"])]
        for code in sole:
            begin, end = code["offset"], code["offset"] + code["length"]
            pieces = [
                piece
                for start, stop in pieces
                for piece in ((start, min(stop, begin)), (max(start, end), stop))
                if piece[0] < piece[1]
            ]
        kept += [entity | {"offset": start, "length": stop - start} for start, stop in pieces]
    return _without_doubles(kept)


def _without_doubles(entities: list[Entity]) -> list[Entity]:
    seen = set()
    kept = []
    for entity in entities:
        key = (entity["type"], entity["offset"], entity["length"])
        if key not in seen:
            seen.add(key)
            kept.append(entity)
    return kept
