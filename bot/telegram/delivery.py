"""Delivery: what is owed goes out, in order for each chat, and no chat waits for another.

What is owed stands in the database until its arrival is written down there, and after a crash it is read from there. In
one chat no new message goes out before the arrival of the one before it is written down, so that a crash repeats one
message at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from itertools import count
from math import inf
from typing import Any, Protocol

from telegram.error import Forbidden, RetryAfter, TelegramError

from bot.log import get_logger
from bot.metrics import Metrics
from bot.telegram.api import may_be_better_later, seconds_of
from bot.telegram.changes import Change
from bot.telegram.chat import Chat
from bot.telegram.errors import place_of
from bot.telegram.late import Late
from bot.telegram.owed import Owed, gathered
from bot.telegram.posts import Bare, Card, Front, Note, Post, Toast, is_final
from bot.telegram.sender import Place, Sender, front_of

_log = get_logger("signpost.telegram")

GRACE = 2.0
"""Seconds that something unfinished still has when something more important waits behind it."""

_FIRST_PAUSE, _LONGEST_PAUSE, _LONGEST_OF_FINAL = 1.0, 30.0, 5.0
"""Seconds between rounds of tries while Telegram cannot be reached; a seek-care message waits less."""

_FINAL_TRIES = 8
"""Rounds in which a final message that Telegram refuses for no known reason is tried: about two minutes."""


_BARE_TRIES = 5
"""Rounds in which taking buttons off is tried; a tap on them does it again."""


class Notebook(Protocol):
    """Whoever writes down what happened to what is owed."""

    def record(self, change: Change) -> asyncio.Future[None]:
        """Write this down soon; the result is done when it is on the disk."""


class Delivery:
    """All that is owed, to all chats. ``clock`` gives the seconds since the epoch, ``now`` monotonic ones."""

    def __init__(
        self, sender: Sender, late: Late, metrics: Metrics, clock: Callable[[], float], now: Callable[[], float]
    ) -> None:
        self._sender = sender
        self._late = late
        self._metrics = metrics
        self._clock = clock
        self._now = now
        self._notebook: Notebook | None = None
        self._numbers = count(1)
        self._chats: dict[int, Chat] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(
        self, notebook: Notebook, owed: Sequence[Owed], kept: dict[str, tuple[int | None, str]], last: int = 0
    ) -> None:
        """Begin, with what was left owed.

        ``kept``: people's cards and what they show, as the database has them; ``last``: the last number in there.
        """
        self._notebook = notebook
        self._numbers = count(last + 1)
        chats: dict[int, list[Owed]] = {}
        for each in sorted(owed, key=lambda each: not is_final(each.post)):
            chats.setdefault(each.chat, []).append(each)
        for chat, own in chats.items():
            own.sort(key=lambda each: each.number)
            self.owe(own, kept.get(own[0].key, (None, "")))
            if chat in self._chats:
                self._chats[chat].place.sure = False  # the last process may have ended between an edit and its note

    # --- what is known of a chat ----------------------------------------------------------------------------------

    def card(self, chat: int, kept: int | None) -> int | None:
        """The chat's live card; ``kept`` is what the database knows, which may be behind."""
        return self._chats[chat].place.card if chat in self._chats else kept

    def front(self, chat: int, kept: str) -> Front:
        """What the person in this chat has in front of them; ``kept``: as the database knows it."""
        state = self._chats.get(chat)
        return state.front if state else front_of(kept)

    def has_arrived(self, chat: int) -> bool:
        """Whether the chat's newest card is there, as far as we know.

        Telegram may show a message, and hand over what is answered to it, before it has told us that it was sent.
        """
        return chat not in self._chats or self._chats[chat].front.seen

    def is_owed(self, chat: int) -> bool:
        """Whether something is on its way to the chat."""
        return chat in self._chats

    @property
    def owed(self) -> tuple[int, float | None]:
        """How much is owed, and since when (epoch seconds) the oldest of it."""
        since = [each.at for chat in self._chats.values() for each in chat.waiting]
        return len(since), min(since, default=None)

    # --- owing ----------------------------------------------------------------------------------------------------

    def draft(
        self, chat: int, key: str, language: str, posts: Iterable[Post], arrived: float | None = None
    ) -> list[Owed]:
        """These posts as they will be owed to a chat. ``arrived``: as in `Owed`. Nothing happens yet."""
        at = self._clock()
        return [
            Owed(chat, key, language, post, at, 0 if isinstance(post, Toast) else next(self._numbers), arrived)
            for post in gathered(posts)
        ]

    def sends_anew(self, chat: int) -> bool:
        """Whether a card of this chat waits that is a new message: what takes its place has to be one, too."""
        return chat in self._chats and self._chats[chat].sends_anew

    def owe(self, owed: Sequence[Owed], kept: tuple[int | None, str]) -> None:
        """Send this, all of one chat. ``kept``: its card and what that shows, as the database has them."""
        rest = [each for each in owed if not isinstance(each.post, Toast)]
        for each in owed:
            if isinstance(each.post, Toast):  # no tap waits behind messages
                self._spawn(self._beside(each, kept))
        if not rest:
            return
        number = rest[0].chat
        chat = self._chats.get(number)
        if chat is None:
            chat = self._chats[number] = Chat(Place(number, rest[0].key, *kept))
            self._spawn(self._work(number, chat))
        self._pay(chat.add(rest))

    def tell(self, chat: int, note: Note) -> None:
        """Send a note beside everything else, when nothing is known of the chat."""
        self._spawn(self._beside(Owed(chat, "", "", note, self._clock()), (None, "")))

    async def drain(self, seconds: float) -> bool:
        """Send what is owed, for at most so long; returns whether all of it went out. The rest stays owed."""
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

    async def _work(self, number: int, chat: Chat) -> None:
        try:
            while chat or await self._has_more(chat):
                await self._in_turn(chat, chat.next())
        finally:
            del self._chats[number]

    async def _has_more(self, chat: Chat) -> bool:
        """Whether more comes before it is written down what was sent, and where the card is now.

        Until then only we know: a transaction that is under way has read where it was before.
        """
        while not chat and (unwritten := {each for each in (chat.moved, chat.place.noted) if each and not each.done()}):
            await asyncio.wait({*unwritten, chat.more()}, return_when=asyncio.FIRST_COMPLETED)
        return bool(chat)

    async def _in_turn(self, chat: Chat, owed: Owed) -> None:
        """Send something; where it takes long and something more important comes, that goes first."""
        post = self._looked_at(owed)
        if post is None:
            self._metrics.given_up("expired")
            self._pay([owed])
            return
        chat.sending = owed
        sending = asyncio.create_task(self._send(chat, owed, post))
        try:
            await self._wait(sending, chat, owed.post)
        finally:
            if not sending.done():
                sending.cancel()
                await asyncio.wait({sending})
            chat.sending = None
        if sending.cancelled():
            _log.info("something waited too long and made way (%s)", type(owed.post).__name__)
            self._pay(chat.made_way(owed))
        elif chat.wait and chat:
            await self._pause(chat)

    def _looked_at(self, owed: Owed) -> Post | None:
        try:
            return self._late.still_wanted(owed)
        except Exception as error:  # noqa: BLE001 - a mistake there must not keep a message from anybody
            _log.error("it could not be said that a message is late: %s", place_of(error))
            return owed.post

    async def _pause(self, chat: Chat) -> None:
        """After a failure, wait; what waits then makes way for something more important at once."""
        until = self._now() + chat.wait
        chat.wait = 0.0
        first = chat.sending = chat.next()  # it counts as being sent, so that nobody takes it for not owed
        while (left := until - self._now()) > 0 and not chat.presses(first.post):
            await asyncio.wait({chat.more()}, timeout=left)
        chat.sending = None
        if chat.presses(first.post):
            self._pay(chat.made_way(first))
        else:
            chat.take_back(first)

    async def _wait(self, sending: asyncio.Task[None], chat: Chat, post: Post) -> None:
        """Wait until it is sent, or until something that presses has waited long enough."""
        while not sending.done() and not chat.presses(post):
            await asyncio.wait({sending, chat.more()}, return_when=asyncio.FIRST_COMPLETED)
        if not sending.done():
            await asyncio.wait({sending}, timeout=GRACE)

    async def _send(self, chat: Chat, owed: Owed, post: Post) -> None:
        place = chat.place
        before = (place.card, place.shown)
        try:
            rest = await self._sender.send(place, post)
        except Forbidden:  # blocked, or put out of the group: nobody is there to read it
            self._lost(chat, owed)
        except TelegramError as error:
            self._failed(chat, owed, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the chat's other messages go out
            self._give_up(owed, error)
        else:
            chat.pause = 0.0
            self._arrived(chat, owed, rest, before)

    def _arrived(self, chat: Chat, owed: Owed, rest: Bare | None, before: tuple[int | None, str]) -> None:
        change, place = Change(), chat.place
        change.pay([owed])
        if (place.card, place.shown) != before:
            change.places[owed.key] = (place.card, place.shown)
        if rest is not None:
            (left,) = self.draft(owed.chat, owed.key, owed.language, [rest])
            change.owed.append(left)
            chat.take_back(left)
        if owed.arrived is not None and not isinstance(owed.post, Bare):
            self._metrics.visible(self._now() - owed.arrived)
        noted = self._record(change)
        if change.places:
            chat.moved = noted
        edited = isinstance(owed.post, Card) and place.card == before[0]
        if not edited and not isinstance(owed.post, Bare):
            place.noted = noted

    def _failed(self, chat: Chat, owed: Owed, error: TelegramError) -> None:
        """It is tried again where that may help; a refusal is final, but for what must arrive whatever happens."""
        owed.tries += 1
        if owed.tries >= self._tries(owed.post, error):
            self._give_up(owed, error)
            return
        if owed.tries == 1:
            _log.warning("a message could not be sent yet (%s): %s", type(owed.post).__name__, place_of(error))
        chat.take_back(owed)
        chat.pause = min(
            max(2 * chat.pause, _FIRST_PAUSE), _LONGEST_OF_FINAL if is_final(owed.post) else _LONGEST_PAUSE
        )
        chat.wait = max(chat.pause, seconds_of(error) if isinstance(error, RetryAfter) else 0.0)

    def _tries(self, post: Post, error: TelegramError) -> float:
        """In how many rounds this is tried at most."""
        if isinstance(post, Bare):
            return _BARE_TRIES
        if may_be_better_later(error):
            return inf
        return _FINAL_TRIES if is_final(post) else 1

    def _give_up(self, owed: Owed, error: Exception) -> None:
        tell = _log.error if is_final(owed.post) else _log.warning
        tell("a message could not be sent (%s): %s", type(owed.post).__name__, place_of(error))
        self._metrics.given_up("refused")
        self._pay([owed])

    def _lost(self, chat: Chat, owed: Owed) -> None:
        self._metrics.given_up("forbidden")
        change = Change(gone={owed.key})
        change.pay([owed, *chat.clear()])
        self._record(change)

    def _pay(self, owed: Sequence[Owed]) -> None:
        change = Change()
        change.pay(owed)
        self._record(change)

    def _record(self, change: Change) -> asyncio.Future[None] | None:
        return self._notebook.record(change) if change and self._notebook else None

    async def _beside(self, owed: Owed, kept: tuple[int | None, str]) -> None:
        try:
            await self._sender.send(Place(owed.chat, owed.key, *kept), owed.post)
        except Exception as error:  # noqa: BLE001 - as in `_send`
            _log.warning("a message could not be sent (%s): %s", type(owed.post).__name__, place_of(error))
