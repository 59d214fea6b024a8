"""Posts become calls of the Bot API, one after the other, for one chat at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot.telegram.api import Api, markup
from bot.telegram.errors import place_of
from bot.telegram.markup import LONGEST, LONGEST_TOAST, cut, length, without_tags
from bot.telegram.posts import Bare, Card, Face, File, Front, GroupLine, Keyboard, Note, Post, Toast
from bot.telegram.store import Store

_log = logging.getLogger("signpost.telegram")

_SAME = "message is not modified"
"""What Telegram says when an edit would change nothing: all is as it should be."""

_FEW, _SOME = 3, 6
"""How often what a person can do without is tried: taking buttons off and editing in place; files and tap answers."""

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(slots=True)
class Place:
    """A chat as it is now: the person's key, the message with the live buttons, and what that shows (see `shown`)."""

    chat: int
    key: str
    card: int | None
    shown: str


def shown(card: Card) -> str:
    """What a message shows, in short: which face of the bot, which question, and a digest of its words and buttons."""
    digest = sha256(repr((card.texts[-1], card.keyboard)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{card.face.value}:{card.mark}:{digest}"


def front_of(noted: str) -> Front:
    """What stands in what `shown` gave; nothing seen where nothing is noted."""
    face, _, rest = noted.partition(":")
    return Front(Face(face), rest.partition(":")[0], seen=True) if face in set(Face) else Front()


def _fits(text: str) -> bool:
    """Whether Telegram takes this text; see `limits`, which finds what it would not before the bot is started."""
    return length(without_tags(text)) <= LONGEST


class Sender:
    """Sends posts. ``clock`` gives the seconds since the epoch."""

    def __init__(self, api: Api, store: Store, clock: Callable[[], float]) -> None:
        self._api = api
        self._store = store
        self._clock = clock

    async def send(self, place: Place, post: Post) -> Bare | None:
        """Send a post; waits for as long as Telegram asks for, or cannot be reached.

        Returns what is left to be done, which may wait: a card that was sent anew leaves its former message.

        Raises:
            TelegramError: it was refused for good.
        """
        match post:
            case Note():
                for text in post.texts:
                    await self._message(place, text, ())
            case Card():
                return await self._card(place, post)
            case Bare():
                await self._bare(place, post)
            case File():
                send = partial(
                    self._api.send_document, place.chat, post.content, caption=post.caption, filename=post.name
                )
                await self._api.settle(send, _SOME)
            case GroupLine():
                await self._group_line(place, post)
            case Toast():
                await self._toast(post)
        return None

    # --- cards ----------------------------------------------------------------------------------------------------

    async def _card(self, place: Place, card: Card) -> Bare | None:
        face = shown(card)
        if not card.below and place.card is not None and await self._edited(place, place.card, card, face):
            await self._note(place, place.card, face)
            return None
        former = place.card
        for text in card.texts[:-1]:
            await self._message(place, text, (), first=card.final)
        message = await self._message(place, card.texts[-1], card.keyboard, first=card.final)
        await self._note(place, message, face)
        return None if former is None or former == message else Bare(former)

    async def _edited(self, place: Place, message: int, card: Card, face: str) -> bool:
        """Whether the message shows the card now; one that is gone, or cannot be edited, does not."""
        if face == place.shown:
            return True
        if not _fits(card.texts[-1]):
            return False
        edit = partial(
            self._api.edit_message_text,
            card.texts[-1],
            place.chat,
            message,
            parse_mode=ParseMode.HTML,
            reply_markup=markup(card.keyboard),
            link_preview_options=_NO_PREVIEW,
        )
        try:
            await self._api.settle(edit, _FEW)
        except BadRequest as error:
            return _SAME in error.message.lower()
        except Forbidden:
            raise
        except TelegramError:  # then the card is sent anew, for as long as that takes
            return False
        return True

    async def _bare(self, place: Place, post: Bare) -> None:
        message = place.card if post.message is None else post.message
        if message is None:
            return
        if message == place.card:
            await self._note(place, None, "")
        await self._strip(place.chat, message)

    async def _strip(self, chat: int, message: int) -> None:
        """Take the buttons off a message, if it is still there and has any. Where it fails, a tap does it again."""
        try:
            await self._api.settle(partial(self._api.edit_message_reply_markup, chat, message), _FEW)
        except BadRequest:
            return
        except TelegramError as error:
            _log.info("buttons could not be taken off: %s", place_of(error))

    async def _note(self, place: Place, message: int | None, face: str) -> None:
        if (place.card, place.shown) == (message, face):
            return
        place.card, place.shown = message, face
        try:
            async with self._store.transaction() as transaction:
                await transaction.place({place.key: (message, face)}, int(self._clock()))
        except OSError as error:
            _log.warning("a card's place could not be noted, so after a restart it is sent anew: %s", error)

    # --- messages -------------------------------------------------------------------------------------------------

    async def _message(self, place: Place, text: str, keyboard: Keyboard, *, first: bool = False) -> int:
        """Send a message; its id. Refused, it goes out without its marks, and if need be without its buttons.

        A mistake of ours in either must not silence what it says; nor may a text that is too long, so there it is cut.
        ``first``: it waits behind no other chat's calls.
        """
        buttons = markup(keyboard)
        plain = cut(without_tags(text), LONGEST)
        attempts: list[tuple[str, ParseMode | None, InlineKeyboardMarkup | None]] = [(plain, None, buttons)]
        if _fits(text):
            attempts.insert(0, (text, ParseMode.HTML, buttons))
        if buttons is not None:
            attempts.append((plain, None, None))
        for number, (words, mode, keys) in enumerate(attempts, 1):
            send = partial(
                self._api.send_message,
                place.chat,
                words,
                parse_mode=mode,
                reply_markup=keys,
                link_preview_options=_NO_PREVIEW,
            )
            try:
                sent = await self._api.settle(send, first=first)
            except BadRequest as error:
                if number == len(attempts):
                    raise
                _log.warning("a message was refused, so it goes out more plainly: %s", place_of(error))
            else:
                return sent.message_id
        raise AssertionError("the last attempt returns or raises")

    async def _group_line(self, place: Place, post: GroupLine) -> None:
        send = partial(
            self._api.send_message,
            text=post.text,
            message_thread_id=post.thread,
            reply_parameters=ReplyParameters(post.reply_to, allow_sending_without_reply=True),
            reply_markup=markup(((post.button,),)),
        )
        try:
            try:
                await self._api.settle(partial(send, place.chat), _FEW)
            except ChatMigrated as moved:
                await self._api.settle(partial(send, moved.new_chat_id), _FEW)
        except TelegramError as error:
            _log.info("a group does not let the bot write: %s", place_of(error))

    async def _toast(self, toast: Toast) -> None:
        answer = partial(self._api.answer_callback_query, toast.query, cut(toast.text, LONGEST_TOAST) or None)
        try:
            await self._api.settle(answer, _SOME)
        except TelegramError as error:
            _log.info("a tap was answered too late: %s", place_of(error))
