"""Delivery: posts go out, in order for each chat, and no chat waits for another.

A chat's card is kept as it is wanted: what is wanted anew before it was sent replaces it, unless it is final. Its
message id and a digest of what it shows are noted, so that the same card is gone on with after a restart.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any

from telegram import LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot.telegram.api import Api, markup
from bot.telegram.errors import place_of
from bot.telegram.markup import without_tags
from bot.telegram.posts import Bare, Card, File, GroupLine, Keyboard, Note, Post, Toast
from bot.telegram.store import Store

_log = logging.getLogger("signpost.telegram")

_SAME = "message is not modified"
"""What Telegram says when an edit would change nothing: all is as it should be."""

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(slots=True)
class _Chat:
    """A chat that is owed something. ``card`` and ``shown``: its live card, as it is now."""

    id: int
    key: str
    card: int | None
    shown: str
    posts: deque[Post] = field(default_factory=deque)


class Delivery:
    """All that is owed, to all chats. ``clock`` gives the seconds since the epoch."""

    def __init__(self, api: Api, store: Store, clock: Callable[[], float]) -> None:
        self._api = api
        self._store = store
        self._clock = clock
        self._chats: dict[int, _Chat] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def card(self, chat: int, kept: int | None) -> int | None:
        """The chat's live card; ``kept`` is what the database knows, which may be behind."""
        return self._chats[chat].card if chat in self._chats else kept

    def owe(self, chat: int, key: str, posts: Sequence[Post], kept: tuple[int | None, str]) -> None:
        """Send these posts. ``key``: the person's; ``kept``: the card and its digest, as the database has them."""
        for post in posts:
            if isinstance(post, Toast):  # no tap waits behind messages
                self._spawn(self._toast(post))
        rest = [post for post in posts if not isinstance(post, Toast)]
        if not rest:
            return
        state = self._chats.get(chat)
        if state is None:
            state = self._chats[chat] = _Chat(chat, key, *kept)
            self._spawn(self._work(state))
        state.posts.extend(rest)

    async def drain(self, seconds: float) -> bool:
        """Send what is owed, for at most so long; returns whether all of it went out."""
        if self._tasks:
            _, left = await asyncio.wait(tuple(self._tasks), timeout=seconds)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            return not left
        return True

    # --- one chat -------------------------------------------------------------------------------------------------

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, chat: _Chat) -> None:
        try:
            while chat.posts:
                await self._deliver(chat, chat.posts.popleft())
        finally:
            del self._chats[chat.id]

    async def _deliver(self, chat: _Chat, post: Post) -> None:
        try:
            match post:
                case Note():
                    for text in post.texts:
                        await self._send(chat, text, ())
                case Card():
                    await self._show(chat, post)
                case Bare():
                    await self._bare(chat, post)
                case File():
                    await self._file(chat, post)
                case GroupLine():
                    await self._group_line(chat, post)
        except Forbidden:  # blocked, or put out of the group: nobody is there to read it
            chat.posts.clear()
        except Exception as error:  # noqa: BLE001 - whatever it is, the chat's other messages go out
            _log.warning("a message could not be sent (%s): %s", type(post).__name__, place_of(error))
            if isinstance(post, Card):
                await self._bluntly(chat, post)

    # --- cards ----------------------------------------------------------------------------------------------------

    async def _show(self, chat: _Chat, card: Card) -> None:
        newer = next((post for post in chat.posts if isinstance(post, Card)), None)
        if newer is not None and not card.final:
            if card.below and not newer.below:
                chat.posts[chat.posts.index(newer)] = Card(newer.texts, newer.keyboard, below=True, final=newer.final)
            return
        shown = _digest(card)
        if not card.below and chat.card is not None and await self._edited(chat, chat.card, card, shown):
            await self._place(chat, chat.card, shown)
            return
        former = chat.card
        for text in card.texts[:-1]:
            await self._send(chat, text, ())
        message = await self._send(chat, card.texts[-1], card.keyboard)
        await self._place(chat, message, shown)
        if former is not None and former != message:
            await self._strip(chat.id, former)

    async def _bluntly(self, chat: _Chat, card: Card) -> None:
        """The words of a card that Telegram refused, without marks and buttons: a mistake of ours silences nothing."""
        try:
            for text in card.texts:
                await self._api.settle(partial(self._api.send_message, chat.id, without_tags(text)))
            await self._bare(chat, Bare())
        except TelegramError as error:
            _log.error("not even its words could be sent: %s", place_of(error))

    async def _edited(self, chat: _Chat, message: int, card: Card, shown: str) -> bool:
        """Whether the message shows the card now; one that is gone or cannot be edited does not."""
        if shown == chat.shown:
            return True
        edit = partial(
            self._api.edit_message_text,
            card.texts[-1],
            chat.id,
            message,
            parse_mode=ParseMode.HTML,
            reply_markup=markup(card.keyboard),
            link_preview_options=_NO_PREVIEW,
        )
        try:
            await self._api.settle(edit)
        except BadRequest as error:
            return _SAME in error.message.lower()
        return True

    async def _bare(self, chat: _Chat, post: Bare) -> None:
        message = chat.card if post.message is None else post.message
        if message is None:
            return
        if message == chat.card:
            await self._place(chat, None, "")
        await self._strip(chat.id, message)

    async def _strip(self, chat: int, message: int) -> None:
        """Take the buttons off a message, if it is still there and has any."""
        try:
            await self._api.settle(partial(self._api.edit_message_reply_markup, chat, message))
        except BadRequest:
            return

    async def _place(self, chat: _Chat, message: int | None, shown: str) -> None:
        if (chat.card, chat.shown) == (message, shown):
            return
        chat.card, chat.shown = message, shown
        try:
            async with self._store.transaction() as transaction:
                await transaction.place({chat.key: (message, shown)}, int(self._clock()))
        except OSError as error:
            _log.warning("a card's place could not be noted, so after a restart it is sent anew: %s", error)

    # --- calls ----------------------------------------------------------------------------------------------------

    async def _send(self, chat: _Chat, text: str, keyboard: Keyboard) -> int:
        """Send a message; its id. A text that Telegram cannot read as HTML goes out without its marks."""
        send = partial(self._api.send_message, chat.id, reply_markup=markup(keyboard), link_preview_options=_NO_PREVIEW)
        try:
            message = await self._api.settle(partial(send, text, parse_mode=ParseMode.HTML))
        except BadRequest as error:
            if "parse entities" not in error.message.lower():
                raise
            _log.warning("a text was sent without its marks: Telegram could not read them")
            message = await self._api.settle(partial(send, without_tags(text)))
        return message.message_id

    async def _file(self, chat: _Chat, post: File) -> None:
        await self._api.settle(
            partial(self._api.send_document, chat.id, post.content, caption=post.caption, filename=post.name)
        )

    async def _group_line(self, chat: _Chat, post: GroupLine) -> None:
        send = partial(
            self._api.send_message,
            text=post.text,
            message_thread_id=post.thread,
            reply_parameters=ReplyParameters(post.reply_to, allow_sending_without_reply=True),
            reply_markup=markup(((post.button,),)),
        )
        try:
            await self._api.settle(partial(send, chat.id))
        except ChatMigrated as moved:
            await self._api.settle(partial(send, moved.new_chat_id))
        except BadRequest:
            _log.info("a group does not let the bot write")

    async def _toast(self, toast: Toast) -> None:
        try:
            await self._api.settle(partial(self._api.answer_callback_query, toast.query, toast.text or None))
        except TelegramError as error:
            _log.info("a tap was answered too late: %s", place_of(error))


def _digest(card: Card) -> str:
    return sha256(repr((card.texts[-1], card.keyboard)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
