"""Text as Telegram keeps it: cleaned, trimmed, measured in UTF-16 code units, and with the entities it finds by itself.

What is cleaned and trimmed away follows tdlib (`clean_input_string`, `fix_formatted_text`, `is_empty_string`).
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

# What Telegram makes a space of: control characters and tabs, but not line ends. It drops carriage returns, the
# marks that turn the direction of writing around, and those that draw lines through a text.
_TO_SPACE = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_DROPPED = re.compile(r"[\r\u2028-\u202e\u0333\u033f\u030a]")
# Of several marks of direction in a row, all but the last become a joiner of no width.
_MARKS = re.compile(r"[\u200e\u200f](?=[\u200e\u200f])")
_ENDS = " \n"
# A text of nothing but these is none.
_INVISIBLE = re.compile(
    r"[ \n\u00a0\u1680\u180e\u2000-\u200f\u202e\u202f\u205f\u2800\u3000\ufeff\ufffc\U000e0000-\U000e007f]*"
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
    return _MARKS.sub("\u200c", _DROPPED.sub("", _TO_SPACE.sub(" ", text)))


def cleaned(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """The same for a text with entities, which cover the same words afterwards; one that covers nothing is gone."""
    places = [0]  # where each code unit of the text, and its end, comes to stand
    for character in text:
        width = units(character)
        at = places[-1] + (0 if _DROPPED.match(character) else width)
        places += [at] * width
    moved = [
        entity | {"offset": begin, "length": end - begin}
        for entity in entities
        if (begin := places[entity["offset"]]) < (end := places[entity["offset"] + entity["length"]])
    ]
    return clean(text), moved


def trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Without spaces and line ends around it: the beginning only up to the first entity, the end through entities too.

    An entity that began in what is cut off is gone.
    """
    text = text.rstrip(_ENDS)
    end = units(text)
    kept = [entity for entity in entities if entity["offset"] < end]
    first = min((entity["offset"] for entity in kept), default=len(text))
    begin = 0
    while begin < min(first, len(text)) and text[begin] in _ENDS:
        begin += 1
    return text[begin:], [
        entity | {"offset": entity["offset"] - begin, "length": min(entity["length"], end - entity["offset"])}
        for entity in kept
    ]


def plain(text: str) -> str:
    """A text without entities, such as a button's, cleaned and trimmed; empty if nothing of it can be seen."""
    text = clean(text).strip(_ENDS)
    return "" if _INVISIBLE.fullmatch(text) else text


def settle(text: str, marked: list[Entity]) -> tuple[str, list[Entity]]:
    """What Telegram makes of a text and the entities it was marked with: cleaned up, and with those found by itself.

    A text of which nothing can be seen is empty.
    """
    text, entities = trimmed(*cleaned(text, marked))
    if _INVISIBLE.fullmatch(text):
        return "", []
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
