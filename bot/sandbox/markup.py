"""Telegram's HTML: the few tags it knows, read the way its own parser reads them, with the same errors.

The parser works on bytes, because its errors name byte offsets. It knows four named entities (``&lt; &gt; &amp;
&quot;``) and numeric ones, the semicolon being optional; anything else stays as it is written. Where the real parser
drops a quote within a quote, this one refuses it, as the documentation does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.sandbox.errors import ApiError, bad
from bot.sandbox.text import Entity, units

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_SPACES = b" \t\r\n\v\0"
_NAME_END = frozenset(_SPACES + b">")
_ATTRIBUTE_END = frozenset(_SPACES + b"=>/\"'")
_TOKEN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
_LAST = 0x10FFFF
_REFERENCE = re.compile(rb"&(?:#x([0-9a-fA-F]*)|#([0-9]*)|([A-Za-z]*));?")
_LONGEST_REFERENCE = 10
_USER_LINK = re.compile(r"tg://user\?id=(\d+)")
_LINK = re.compile(r"(?:(?P<scheme>[a-z][a-z0-9+.-]*):(?://)?)?(?P<host>[^\s/?#]+)(?P<rest>[^\s]*)", re.IGNORECASE)


@dataclass(slots=True)
class _Open:
    """A tag that is not closed yet. ``text_begin`` counts pieces of text, ``offset`` UTF-16 code units."""

    tag: str
    argument: str
    offset: int
    begin: int


class _Parser:
    """One pass over the bytes of one text. The byte after the last reads as 0, as in the parser it follows."""

    def __init__(self, text: str) -> None:
        self.source = text.encode() + b"\0"
        self.end = len(self.source) - 1
        self.place = 0
        self.pieces: list[str] = []
        self.offset = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def run(self) -> tuple[str, list[Entity]]:
        while self.place < self.end:
            byte = self.source[self.place]
            if byte == ord("<"):
                self.end_tag() if self.source[self.place + 1] == ord("/") else self.start_tag()
            elif byte == ord("&") and (character := self.reference()):
                self.write(character)
            else:
                self.plain()
        if self.open:
            raise _error(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        for entity in self.entities:
            if entity["type"] == "code":
                entity.pop("language", None)
        return "".join(self.pieces), self.entities

    def write(self, text: str) -> None:
        self.pieces.append(text)
        self.offset += units(text)

    def plain(self) -> None:
        """Text up to the next character that means something; an ampersand that means nothing is text too."""
        begin = self.place
        self.place += 1
        while self.place < self.end and self.source[self.place] not in b"<&":
            self.place += 1
        self.write(self.source[begin : self.place].decode())

    def reference(self) -> str:
        """The character that ``&…;`` stands for, passing it by; or nothing, staying there."""
        match = _REFERENCE.match(self.source, self.place)
        if match is None:
            return ""
        hexadecimal, decimal, name = match.groups()
        if name is not None:
            character = _NAMED.get(name, "")
        else:
            number = int(hexadecimal or b"0", 16) if hexadecimal is not None else int(decimal or b"0")
            length = match.end() - match.start() - match[0].endswith(b";")
            fits = 0 < number < _LAST and length < _LONGEST_REFERENCE and not 0xD800 <= number <= 0xDFFF  # noqa: PLR2004
            character = chr(number) if fits else ""
        if character:
            self.place = match.end()
        return character

    def skip_spaces(self) -> None:
        while self.place < self.end and self.source[self.place] in _SPACES:
            self.place += 1

    def until(self, ends: frozenset[int]) -> bytes:
        begin = self.place
        while self.source[self.place] not in ends:
            self.place += 1
        return self.source[begin : self.place]

    def start_tag(self) -> None:
        begin = self.place
        self.place += 1
        tag = self.until(_NAME_END).decode().lower()
        if self.place >= self.end:
            raise _error("Unclosed start tag", begin)
        if tag not in _TYPES:
            raise _error(f'Unsupported start tag "{tag}"', begin)
        argument = ""
        while self.source[self.place] != ord(">"):
            self.skip_spaces()
            if self.source[self.place] == ord(">"):
                break
            name, value = self.attribute(tag, begin)
            argument = _argument(tag, name, value) or argument
        self.place += 1
        if tag == "span" and argument != "spoiler":
            raise _error('Tag "span" must have class "tg-spoiler"', begin)
        if tag == "blockquote" and any(outer.tag == "blockquote" for outer in self.open):
            raise _error("Nested blockquotes are not supported", begin)
        self.open.append(_Open(tag, argument, self.offset, len(self.pieces)))

    def attribute(self, tag: str, begin: int) -> tuple[str, str | None]:
        """One attribute's name and value; None is the value of a name alone."""
        name = self.until(_ATTRIBUTE_END).decode()
        if not name:
            raise _error(f'Empty attribute name in the tag "{tag}"', begin)
        self.skip_spaces()
        if self.place >= self.end:
            raise _error(f'Unclosed start tag "{tag}"', begin)
        if self.source[self.place] != ord("="):
            return name, None
        self.place += 1
        self.skip_spaces()
        if self.place >= self.end:
            raise _error(f'Unclosed start tag "{tag}"', begin)
        value = self.quoted() if self.source[self.place] in b"\"'" else self.token()
        if self.place >= self.end:
            raise _error("Unclosed start tag", begin)
        return name, value

    def token(self) -> str:
        begin = self.place
        while self.source[self.place] in _TOKEN:
            self.place += 1
        if self.source[self.place] not in _NAME_END:
            raise _error("Unexpected end of name token", begin)
        return self.source[begin : self.place].decode().lower()

    def quoted(self) -> str:
        quote = self.source[self.place]
        self.place += 1
        value = bytearray()
        while self.place < self.end and self.source[self.place] != quote:
            if self.source[self.place] == ord("&") and (character := self.reference()):
                value += character.encode()
                continue
            value.append(self.source[self.place])
            self.place += 1
        if self.place < self.end:
            self.place += 1
        return value.decode()

    def end_tag(self) -> None:
        begin = self.place
        if not self.open:
            raise _error("Unexpected end tag", begin)
        self.place += 2
        found = self.until(_NAME_END).decode().lower()
        self.skip_spaces()
        if self.source[self.place] != ord(">"):
            raise _error("Unclosed end tag", begin)
        self.place += 1
        opened = self.open.pop()
        if found and found != opened.tag:
            expected = f'expected "</{opened.tag}>", found "</{found}>"'
            raise _error("Unmatched end tag", begin, expected)
        if self.offset > opened.offset:
            self.add(opened)

    def add(self, opened: _Open) -> None:
        """The entity of a tag that has just been closed; ``pre`` and ``code`` around the same text become one."""
        entity: Entity = {
            "type": _TYPES[opened.tag],
            "offset": opened.offset,
            "length": self.offset - opened.offset,
        }
        last = self.entities[-1] if self.entities else None
        same = last is not None and (last["offset"], last["length"]) == (entity["offset"], entity["length"])
        if opened.tag == "pre" and last and same and last["type"] == "code" and last.get("language"):
            last["type"] = "pre"
            return
        if opened.tag == "code" and last and same and last["type"] == "pre" and opened.argument:
            last["language"] = opened.argument
            return
        if opened.tag == "code" and opened.argument:
            entity["language"] = opened.argument
        elif opened.tag == "blockquote" and opened.argument:
            entity["type"] = "expandable_blockquote"
        elif opened.tag == "tg-emoji":
            entity["custom_emoji_id"] = opened.argument
        elif opened.tag == "a":
            link = checked_link(opened.argument or "".join(self.pieces[opened.begin :]))
            if not link:
                return  # as Telegram: a link that is none is plain text
            entity["url"] = link
        self.entities.append(entity)


def parse_html(text: str) -> tuple[str, list[Entity]]:
    """The text that is shown, and its entities in the order in which they end.

    Raises:
        ApiError: "can't parse entities: …", as Telegram says it.
    """
    return _Parser(text).run()


def checked_link(link: str) -> str:
    """The link as Telegram would open it, with a scheme and a host; empty if it would not."""
    if _USER_LINK.fullmatch(link):
        return link
    match = _LINK.fullmatch(link.strip())
    if match is None:
        return ""
    scheme = (match["scheme"] or "http").lower()
    if scheme in {"tg", "ton", "tonsite"}:
        return link
    host = match["host"].rpartition("@")[2].partition(":")[0]
    if scheme not in {"http", "https"} or "." not in host.strip(".") or host.startswith("."):
        return ""
    return f"{scheme}://{match['host'].lower()}{match['rest'] or '/'}"


def _argument(tag: str, name: str, value: str | None) -> str:
    """What an attribute tells about its tag, if anything."""
    if tag == "blockquote" and name == "expandable":
        return "1"
    value = value or ""
    if (tag, name) in {("a", "href"), ("tg-emoji", "emoji-id")}:
        return value
    if (tag, name) == ("code", "class") and value.startswith("language-"):
        return value.removeprefix("language-")
    return value.removeprefix("tg-") if (tag, name) == ("span", "class") and value.startswith("tg-") else ""


def _error(words: str, offset: int | None = None, more: str = "") -> ApiError:
    where = "" if offset is None else f" at byte offset {offset}"
    return bad(f"can't parse entities: {words}{where}" + (f", {more}" if more else ""))
