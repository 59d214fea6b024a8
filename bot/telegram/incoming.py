"""What an update means: what a person did in their private chat, or that somebody called the bot in a group.

An update is read with care: one that is of no kind we know, or not what the Bot API describes, means nothing, and
whoever sent it hears nothing. Names, user names and everything else about a person are not even looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from telegram import Bot, Message, MessageEntity, Update
from telegram.constants import ChatType

from bot.telegram.service import SERVICE

GROUP_COMMANDS = frozenset({"check", "help", "start"})
"""Commands that call the bot in a group, also without its name behind them."""

_HALF = re.compile("[\ud800-\udfff]")
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(@\w+)?(?=\s|$)")

_ALBUM = 64
"""Characters of what tells albums apart."""

_LATEST = 2**32
"""Seconds since the epoch from on which a date is none."""

_LARGEST = 2**63
"""Numbers from here on fit in no database, and Telegram has none."""


@dataclass(frozen=True, slots=True)
class Tap:
    """A button was tapped. ``message`` is the one that carried it."""

    query: str
    data: str
    message: int


@dataclass(frozen=True, slots=True)
class StrayTap:
    """A tap that comes from no private chat: it is answered and means nothing."""

    query: str


@dataclass(frozen=True, slots=True)
class Typed:
    """Words were typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command such as ``/check leg_lift``: its name in small letters, and what stands behind it."""

    name: str
    argument: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that cannot answer: a photo, a voice message, a forwarded text, a changed one.

    ``text``: the fixed text that says so. ``words``: those that came with it, read only for signs of danger.
    """

    text: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class GroupCall:
    """Somebody called the bot in a group (or in a topic of one), perhaps with a topic behind the command."""

    message: int
    thread: int | None
    topic: str = ""


What = Tap | StrayTap | Typed | Command | Unreadable | GroupCall


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update that means something: in which chat, in which language the person's Telegram speaks, and what.

    ``album``: several photos that were sent as one carry the same, else it is "".
    """

    update: int
    chat: int
    language: str
    what: What
    album: str = ""


def read(raw: object, bot: Bot) -> Incoming | None:
    """What an update (JSON data) means; `None` for one that means nothing to us."""
    number = update_id(raw)
    if number is None or not isinstance(raw, dict):
        return None
    if (tap := _plain_tap(raw, number)) is not None:
        return tap
    try:
        update = Update.de_json(raw, bot)
        incoming = _query(update, number) or _message(update, number, bot)
    except Exception:  # noqa: BLE001 - whatever is in there, it is not what the Bot API describes, and no reason to stop
        return _salvaged(raw, number)
    return incoming if incoming is None or _is_sound(incoming) else _salvaged(raw, number)


def _plain_tap(raw: dict[str, Any], number: int) -> Incoming | None:
    """A tap in a private chat, as it almost always is; None for anything else, which the library reads.

    That takes a tenth of the time of a whole turn, most of it for the message that was tapped, which we do not look at.
    """
    match raw:
        case {
            "callback_query": {
                "id": str(query),
                "data": str(data),
                "from": {"id": int(person), "is_bot": False, "first_name": str()} as sender,
                "message": {
                    "message_id": int(message),
                    "date": int(date),
                    "chat": {"id": int(chat), "type": ChatType.PRIVATE},
                    "from": {"id": int(), "is_bot": True},
                },
            }
        } if chat == person and 0 < date < _LATEST:
            language = sender.get("language_code") or ""
            incoming = Incoming(number, chat, language, Tap(query, data, message))
            return incoming if _is_sound(incoming) else None
    return None


def update_id(raw: object) -> int | None:
    """The number of an update, or `None` for what is no update: Telegram numbers them from 1."""
    number = _number(raw.get("update_id")) if isinstance(raw, dict) else None
    return number if number is not None and number > 0 else None


def _is_sound(incoming: Incoming) -> bool:
    """Whether everything is of the type that it should be; the library hands on what it is given."""
    what = incoming.what
    texts: list[object] = [incoming.language, incoming.album]
    numbers: list[object] = [incoming.chat]
    match what:
        case Tap():
            texts += [what.query, what.data]
            numbers.append(what.message)
        case StrayTap():
            texts.append(what.query)
        case Typed():
            texts.append(what.text)
        case Unreadable():
            texts.append(what.words)
        case GroupCall():
            numbers += [what.message, what.message if what.thread is None else what.thread]
    return all(map(_is_text, texts)) and None not in map(_number, numbers)


def _is_text(value: object) -> bool:
    """Text that can be told to anybody: half a character, which JSON can hold, cannot."""
    return isinstance(value, str) and not _HALF.search(value)


def _salvaged(raw: dict[str, Any], number: int) -> Incoming | None:
    """From an update that cannot be read: a tap is still answered, and a person in private still gets a kind word."""
    match raw:
        case {"callback_query": {"id": str(query)}} if _is_text(query):
            return Incoming(number, 0, "", StrayTap(query))
        case {"message": {"chat": {"type": ChatType.PRIVATE, "id": int(chat)}} as message} if _number(chat) is not None:
            words = _HALF.sub(
                " ", next((each for each in map(message.get, ("text", "caption")) if isinstance(each, str)), "")
            )
            return None if SERVICE & message.keys() else Incoming(number, chat, "", Unreadable("not_text", words))
    return None


def _number(value: object) -> int | None:
    """A whole number that a database can hold, or `None`."""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= _LARGEST:
        return None
    return value


def _query(update: Update, number: int) -> Incoming | None:
    query = update.callback_query
    if query is None:
        return None
    language = query.from_user.language_code or ""
    message = query.message
    if message is None or message.chat.type != ChatType.PRIVATE or message.chat.id != query.from_user.id:
        return Incoming(number, query.from_user.id, language, StrayTap(query.id))
    if isinstance(message, Message) and message.from_user and not message.from_user.is_bot:  # people send no buttons
        return Incoming(number, query.from_user.id, language, StrayTap(query.id))
    return Incoming(number, message.chat.id, language, Tap(query.id, query.data or "", message.message_id))


def _message(update: Update, number: int, bot: Bot) -> Incoming | None:
    message = update.message or update.edited_message
    if message is None:
        return None
    language = (message.from_user.language_code if message.from_user else None) or ""
    if message.chat.type == ChatType.PRIVATE:
        what = _edited(message) if update.edited_message else _private(message, bot)
    else:
        what = None if update.edited_message else _group(message, bot)
    if what is None:
        return None
    return Incoming(number, message.chat.id, language, what, album=(message.media_group_id or "")[:_ALBUM])


def _edited(message: Message) -> What | None:
    """Changed words; a live location changes by itself, and nobody waits for an answer."""
    words = message.text if message.text is not None else message.caption
    return Unreadable("not_edited", words) if words is not None else None


def _private(message: Message, bot: Bot) -> What | None:
    if message.forward_origin is not None:
        return Unreadable("not_forwarded", message.text or message.caption or "")
    if message.text is not None:
        return _command(message, bot) or Typed(message.text)
    if any(getattr(message, name, None) or name in message.api_kwargs for name in SERVICE):
        return None
    return Unreadable("not_text", message.caption or "")


def _command(message: Message, bot: Bot) -> Command | None:
    """The command that a message begins with. One that is meant for another bot is no command of ours."""
    text = message.text or ""
    first = _first_word(message, text)
    if not first:
        return None
    name, _, whom = first[1:].partition("@")
    if whom and whom.casefold() != bot.username.casefold():
        name = ""
    return Command(name.lower(), text[len(first) :].strip())


def _first_word(message: Message, text: str) -> str:
    """The command with its slash, or ""; read off the text where a server has marked nothing in it."""
    if not message.entities:
        found = _COMMAND.match(text)
        return found[0] if found else ""
    first = next((entity for entity in message.entities if entity.offset == 0), None)
    return message.parse_entity(first) if first and first.type == MessageEntity.BOT_COMMAND else ""


def _group(message: Message, bot: Bot) -> GroupCall | None:
    """Whether somebody called the bot: a command for it, or its name. A post of a linked channel calls nobody."""
    if message.is_automatic_forward or message.forward_origin or message.via_bot:
        return None
    if message.from_user and message.from_user.is_bot and message.sender_chat is None:
        return None  # another bot: two polite bots would never stop
    command = _command(message, bot)
    called = _is_call(command, message) if command else _mentioned(message, bot)
    thread = message.message_thread_id if message.is_topic_message else None
    topic = command.argument if command else ""
    return GroupCall(message.message_id, thread, topic) if called else None


def _is_call(command: Command, message: Message) -> bool:
    """Whether a command in a group is for the bot: by its name behind it, or one of those that it listens to."""
    named = "@" in _first_word(message, message.text or "")
    return bool(command.name) and (named or command.name in GROUP_COMMANDS)


def _mentioned(message: Message, bot: Bot) -> bool:
    kinds: list[str | None] = [MessageEntity.MENTION, MessageEntity.TEXT_MENTION]
    found = {**message.parse_entities(kinds), **message.parse_caption_entities(kinds)}
    name = f"@{bot.username}".casefold()
    return any(
        text.casefold() == name or (entity.user is not None and entity.user.id == bot.id)
        for entity, text in found.items()
    )
