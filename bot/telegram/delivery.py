"""Delivery: posts go out, in order for each chat, and no chat waits for another.

A chat's card is kept as it is wanted: what is wanted anew before it was sent replaces it, unless it is final. And
nothing holds up what is final (a seek-care message, a result): where Telegram is slow with something else of the same
chat, that makes way.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from telegram.error import Forbidden

from bot.telegram.api import Api
from bot.telegram.errors import place_of
from bot.telegram.posts import Bare, Card, Face, File, Note, Post, Toast
from bot.telegram.sender import Place, Sender, face_of
from bot.telegram.store import Store

_log = logging.getLogger("signpost.telegram")

GRACE = 2.0
"""Seconds that something unfinished still has when something more important waits behind it."""


@dataclass(slots=True)
class _Chat:
    """A chat that is owed something. ``more`` is set when there is."""

    place: Place
    posts: deque[Post] = field(default_factory=deque)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def presses(self, sending: Post) -> bool:
        """Whether something waits that what is being sent must not hold up."""
        cards = [post for post in self.posts if isinstance(post, Card)]
        if isinstance(sending, Card):
            return not sending.final and bool(cards)
        return any(card.final for card in cards) or (isinstance(sending, Bare) and bool(cards))

    def put_first(self) -> None:
        """Let the final card go next, with the notes before it after it; cards before it are not wanted any more."""
        final = next((post for post in self.posts if isinstance(post, Card) and post.final), None)
        if final is None:
            return
        at = self.posts.index(final)
        posts = list(self.posts)
        before = [post for post in posts[:at] if not isinstance(post, Card)]
        self.posts = deque([final, *before, *posts[at + 1 :]])


class Delivery:
    """All that is owed, to all chats. ``clock`` gives the seconds since the epoch."""

    def __init__(self, api: Api, store: Store, clock: Callable[[], float]) -> None:
        self._sender = Sender(api, store, clock)
        self._chats: dict[int, _Chat] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def card(self, chat: int, kept: int | None) -> int | None:
        """The chat's live card; ``kept`` is what the database knows, which may be behind."""
        return self._chats[chat].place.card if chat in self._chats else kept

    def face(self, chat: int, kept: str) -> Face:
        """What the newest card of the chat shows, be it still on its way; ``kept``: as the database knows it."""
        state = self._chats.get(chat)
        if state is None:
            return face_of(kept)
        cards = [post for post in state.posts if isinstance(post, Card)]
        return cards[-1].face if cards else face_of(state.place.shown)

    def is_owed(self, chat: int) -> bool:
        """Whether something is on its way to the chat."""
        return chat in self._chats

    def owe(self, chat: int, key: str, posts: Sequence[Post], kept: tuple[int | None, str]) -> None:
        """Send these posts. ``key``: the person's; ``kept``: the card and what it shows, as the database has them."""
        for post in posts:
            if isinstance(post, Toast):  # no tap waits behind messages
                self._spawn(self._send(Place(chat, key, *kept), post))
        rest = [post for post in posts if not isinstance(post, Toast)]
        if not rest:
            return
        state = self._chats.get(chat)
        if state is None:
            state = self._chats[chat] = _Chat(Place(chat, key, *kept))
            self._spawn(self._work(state))
        state.posts.extend(rest)
        state.more.set()

    def tell(self, chat: int, note: Note) -> None:
        """Send a note beside everything else, when nothing is known of the chat."""
        self._spawn(self._send(Place(chat, "", None, ""), note))

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
                post = chat.posts.popleft()
                if not _is_superseded(post, chat):
                    await self._in_turn(chat, post)
        finally:
            del self._chats[chat.place.chat]

    async def _in_turn(self, chat: _Chat, post: Post) -> None:
        """Send a post; where it takes long and something more important comes, that goes first."""
        sending = asyncio.create_task(self._send(chat.place, post, chat))
        try:
            while not sending.done() and not chat.presses(post):
                chat.more.clear()
                more = asyncio.create_task(chat.more.wait())
                await asyncio.wait({sending, more}, return_when=asyncio.FIRST_COMPLETED)
                more.cancel()
            if not sending.done():
                await asyncio.wait({sending}, timeout=GRACE)
        finally:
            if not sending.done():
                sending.cancel()
                await asyncio.wait({sending})
        if sending.cancelled():
            _log.info("something waited too long and made way (%s)", type(post).__name__)
            if isinstance(post, Note | File):  # which is owed all the same
                chat.posts.appendleft(post)
            elif isinstance(post, Card) and post.below:
                _put_below(chat)
            chat.put_first()

    async def _send(self, place: Place, post: Post, chat: _Chat | None = None) -> None:
        try:
            rest = await self._sender.send(place, post)
            if rest is not None and chat is not None:
                chat.posts.appendleft(rest)
        except Forbidden:  # blocked, or put out of the group: nobody is there to read it
            if chat is not None:
                chat.posts.clear()
        except Exception as error:  # noqa: BLE001 - whatever it is, the chat's other messages go out
            _log.warning("a message could not be sent (%s): %s", type(post).__name__, place_of(error))


def _is_superseded(post: Post, chat: _Chat) -> bool:
    """Whether a newer card is wanted in place of this one, which then is where this one would have been."""
    if not isinstance(post, Card) or post.final or not any(isinstance(other, Card) for other in chat.posts):
        return False
    if post.below:
        _put_below(chat)
    return True


def _put_below(chat: _Chat) -> None:
    """The next card takes the place of one that was to be sent anew, so it is sent anew itself."""
    at, card = next((at, post) for at, post in enumerate(chat.posts) if isinstance(post, Card))
    chat.posts[at] = replace(card, below=True)
