"""Delivery: posts go out, in order for each chat, and no chat waits for another.

A chat's card is kept as it is wanted: what is wanted anew before it was sent replaces it, unless it is final. And
nothing holds up what is final (a seek-care message, a result): where Telegram is slow with something else of the same
chat, that makes way.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from telegram.error import Forbidden

from bot.telegram.api import Api
from bot.telegram.errors import place_of
from bot.telegram.posts import Bare, Card, File, Front, Note, Post, Toast
from bot.telegram.sender import Place, Sender, front_of, shown
from bot.telegram.store import Store

_log = logging.getLogger("signpost.telegram")

_A_MOMENT = 0.01
"""Seconds between two looks."""

GRACE = 2.0
"""Seconds that something unfinished still has when something more important waits behind it."""


@dataclass(slots=True)
class _Chat:
    """A chat that is owed something; ``sending`` is on its way, ``more`` is set when more is owed."""

    place: Place
    posts: deque[Post] = field(default_factory=deque)
    sending: Post | None = None
    more: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def front(self) -> Front:
        """What the person has in front of them, or will have as soon as it has arrived."""
        cards = [post for post in self.posts if isinstance(post, Card)]
        if isinstance(self.sending, Card) and self.place.shown != shown(self.sending):
            cards.insert(0, self.sending)
        return front_of(self.place.shown).after(cards)

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
        before = [self.settled(post) for post in posts[:at] if not isinstance(post, Card)]
        self.posts = deque([final, *before, *posts[at + 1 :]])

    def settled(self, post: Post) -> Post:
        """The post; where it takes the buttons off the live card, that is the one that is live now."""
        return Bare(self.place.card) if isinstance(post, Bare) and post.message is None and self.place.card else post


class Delivery:
    """All that is owed, to all chats. ``clock`` gives the seconds since the epoch."""

    def __init__(self, api: Api, store: Store, clock: Callable[[], float]) -> None:
        self._sender = Sender(api, store, clock)
        self._chats: dict[int, _Chat] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def card(self, chat: int, kept: int | None) -> int | None:
        """The chat's live card; ``kept`` is what the database knows, which may be behind."""
        return self._chats[chat].place.card if chat in self._chats else kept

    def front(self, chat: int, kept: str) -> Front:
        """What the person in this chat has in front of them; ``kept``: as the database knows it."""
        state = self._chats.get(chat)
        return state.front if state else front_of(kept)

    async def arrive(self, chats: Collection[int], seconds: float) -> None:
        """Wait until the cards of these chats have arrived, for so long at most: somebody has answered one of them.

        Telegram may show a message, and hand over what is answered to it, before it has told us that it was sent.
        """
        until = asyncio.get_running_loop().time() + seconds
        while any(chat in self._chats and not self._chats[chat].front.seen for chat in chats):
            if asyncio.get_running_loop().time() > until:
                return
            await asyncio.sleep(_A_MOMENT)

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
        post, former = chat.settled(post), chat.place.card
        chat.sending = post
        sending = asyncio.create_task(self._send(chat.place, post, chat))
        try:
            await self._wait(sending, chat, post)
        finally:
            if not sending.done():
                sending.cancel()
                await asyncio.wait({sending})
            chat.sending = None
        if sending.cancelled():
            _log.info("something waited too long and made way (%s)", type(post).__name__)
            _put_back(chat, post, former)
            chat.put_first()

    async def _wait(self, sending: asyncio.Task[None], chat: _Chat, post: Post) -> None:
        """Wait until it is sent, or until something that presses has waited long enough."""
        while not sending.done() and not chat.presses(post):
            chat.more.clear()
            more = asyncio.create_task(chat.more.wait())
            try:
                await asyncio.wait({sending, more}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                more.cancel()
        if not sending.done():
            await asyncio.wait({sending}, timeout=GRACE)

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


def _put_back(chat: _Chat, post: Post, former: int | None) -> None:
    """What made way is owed all the same: notes and files at once, buttons to take off at the end.

    A card is not: a newer one is wanted. ``former``: the live card before it; if it was replaced, that has to go bare.
    """
    if isinstance(post, Note | File):
        chat.posts.appendleft(post)
    elif isinstance(post, Bare):
        chat.posts.append(post)
    elif isinstance(post, Card):
        if former is not None and chat.place.card not in {None, former}:
            chat.posts.append(Bare(former))
        elif post.below:
            _put_below(chat)


def _put_below(chat: _Chat) -> None:
    """The next card takes the place of one that was to be sent anew, so it is sent anew itself."""
    at, card = next((at, post) for at, post in enumerate(chat.posts) if isinstance(post, Card))
    chat.posts[at] = replace(card, below=True)
