"""Posts become calls of the Bot API, one after the other, for one chat at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TypeVar

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot.log import get_logger
from bot.telegram.api import Api
from bot.telegram.errors import place_of
from bot.telegram.markup import LONGEST, LONGEST_TOAST, cut, length, without_tags
from bot.telegram.pace import Pace
from bot.telegram.posts import Bare, Card, Face, File, Front, GroupLine, Keyboard, Note, Post, Toast

_log = get_logger("signpost.telegram")

_SAME = "message is not modified"
"""What Telegram says when an edit would change nothing: all is as it should be."""

_FEW, _SOME = 3, 4
"""How often a call is tried in one go: taking buttons off and editing in place, for which there is another way; the
rest."""

_NOTING = 2.0
"""Seconds to wait for the database to have written down that the message before was sent."""

_Result = TypeVar("_Result")


@dataclass(slots=True)
class Place:
    """A chat as it is now: the person's key, the message with the live buttons, and what that shows (see `shown`).

    ``noted``: done when the newest message that was sent here is written down as sent; None where there is none.
    ``sure``: no edit of that message was begun since of which nobody knows whether it was made.
    """

    chat: int
    key: str
    card: int | None
    shown: str
    noted: asyncio.Future[None] | None = None
    sure: bool = True


def shown(card: Card) -> str:
    """What a message shows, in short: which face of the bot, which question, and a digest of its words and buttons."""
    digest = sha256(repr((card.texts[0], card.keyboard)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{card.face.value}:{card.mark}:{digest}"


def front_of(noted: str) -> Front:
    """What stands in what `shown` gave; nothing seen where nothing is noted."""
    face, _, rest = noted.partition(":")
    return Front(Face(face), rest.partition(":")[0], seen=True) if face in set(Face) else Front()


def _fits(text: str) -> bool:
    """Whether Telegram takes this text; see `limits`, which finds what it would not before the bot is started."""
    return length(without_tags(text)) <= LONGEST


class Sender:
    """Sends posts, at the pace that Telegram allows."""

    def __init__(self, api: Api, pace: Pace) -> None:
        self._api = api
        self._pace = pace

    async def send(self, place: Place, post: Post) -> Bare | None:
        """Send a post, of which a note and a card hold one text each; ``place`` is kept true.

        Returns what is left to be done, which may wait: a card that was sent anew leaves its former message.

        Raises:
            TelegramError: it was refused, or Telegram cannot be reached for longer than a call can be kept up.
        """
        match post:
            case Note():
                await self._message(place, post.texts[0], (), first=post.final)
            case Card():
                return await self._card(place, post)
            case Bare():
                await self._bare(place, post)
            case File():
                await self._turn(place)
                send = partial(self._api.send_document, document=post.content, caption=post.caption, filename=post.name)
                await self._settle(place, send)
            case GroupLine():
                await self._group_line(place, post)
            case Toast():
                await self._toast(post)
        return None

    # --- cards ----------------------------------------------------------------------------------------------------

    async def _card(self, place: Place, card: Card) -> Bare | None:
        face, text = shown(card), card.texts[0]
        if not card.below and place.card is not None and await self._edited(place, place.card, card, face):
            place.shown = face
            return None
        former = place.card
        place.card = await self._message(place, text, card.keyboard, first=card.final)
        place.shown, place.sure = face, True
        return None if former is None or former == place.card else Bare(former)

    async def _edited(self, place: Place, message: int, card: Card, face: str) -> bool:
        """Whether the message shows the card now; one that is gone, or cannot be edited, does not."""
        if face == place.shown and place.sure:
            return True
        if not _fits(card.texts[0]):
            return False
        edit = partial(self._api.edit_text, place.chat, message, card.texts[0], card.keyboard)
        place.sure = False  # whoever does not wait for the answer, or never gets it, does not know what is shown now
        try:
            await self._api.settle(edit, _FEW)
        except BadRequest as error:
            place.sure = _SAME in error.message.lower()
            return place.sure
        except Forbidden:
            raise
        except TelegramError:  # then the card is sent anew, for as long as that takes
            return False
        place.sure = True
        return True

    async def _bare(self, place: Place, post: Bare) -> None:
        message = place.card if post.message is None else post.message
        if message is None:
            return
        if message == place.card:
            place.card, place.shown = None, ""
        await self._strip(place.chat, message)

    async def _strip(self, chat: int, message: int) -> None:
        """Take the buttons off a message, if it is still there and has any."""
        with suppress(BadRequest):
            await self._api.settle(partial(self._api.edit_message_reply_markup, chat, message), _FEW)

    # --- messages -------------------------------------------------------------------------------------------------

    async def _message(self, place: Place, text: str, keyboard: Keyboard, *, first: bool = False) -> int:
        """Send a message; its id. Refused, it goes out without its marks, and if need be without its buttons.

        A mistake of ours in either must not silence what it says; nor may a text that is too long, so there it is cut.
        ``first``: it waits behind no other chat's calls.
        """
        await self._turn(place, first=first)
        plain = cut(without_tags(text), LONGEST)
        attempts: list[tuple[str, ParseMode | None, Keyboard]] = [(plain, None, keyboard)]
        if _fits(text):
            attempts.insert(0, (text, ParseMode.HTML, keyboard))
        if keyboard:
            attempts.append((plain, None, ()))
        for number, (words, mode, buttons) in enumerate(attempts, 1):
            send = partial(self._api.send_text, text=words, mode=mode, keyboard=buttons)
            try:
                return await self._settle(place, send, first=first)
            except BadRequest as error:
                if number == len(attempts):
                    raise
                _log.warning("a message was refused, so it goes out more plainly: %s", place_of(error))
        raise AssertionError("the last attempt returns or raises")

    async def _group_line(self, place: Place, post: GroupLine) -> None:
        await self._turn(place)
        send = partial(
            self._api.send_message,
            text=post.text,
            message_thread_id=post.thread,
            reply_parameters=ReplyParameters(post.reply_to, allow_sending_without_reply=True),
            reply_markup=InlineKeyboardMarkup.from_button(InlineKeyboardButton(post.button.text, url=post.button.url)),
        )
        try:
            await self._settle(place, send)
        except (BadRequest, Forbidden) as error:
            _log.info("a group does not let the bot write: %s", place_of(error))

    async def _toast(self, toast: Toast) -> None:
        answer = partial(self._api.answer_tap, toast.query, cut(toast.text, LONGEST_TOAST))
        try:
            await self._api.settle(answer, _SOME)
        except TelegramError as error:
            _log.info("a tap was answered too late: %s", place_of(error))

    # --- what they share ------------------------------------------------------------------------------------------

    async def _turn(self, place: Place, *, first: bool = False) -> None:
        """Wait until a new message may go out: the one before is written down as sent, and Telegram's limits allow it.

        A database that fails holds it up for a moment only.
        """
        if place.noted is not None:
            await asyncio.wait({place.noted}, timeout=_NOTING)
        await self._pace.turn(place.chat, first=first)

    async def _settle(self, place: Place, send: Callable[[int], Awaitable[_Result]], *, first: bool = False) -> _Result:
        """Send something; a group that has become another one is followed there."""
        try:
            return await self._api.settle(lambda: send(place.chat), _SOME, first=first, sends=True)
        except ChatMigrated as moved:
            place.chat = moved.new_chat_id
            return await self._api.settle(lambda: send(place.chat), _SOME, first=first, sends=True)
