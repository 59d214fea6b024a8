"""The desk: updates come in, and in one transaction they are looked up, answered and saved; then what is owed goes out.

Nothing is confirmed to Telegram before that transaction is on the disk, and an update that was seen before is not
taken a second time. A failing database delays everything and loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.conversation.conversation import Conversation
from bot.flow.session import Session
from bot.load import Library
from bot.telegram.api import Api
from bot.telegram.delivery import Delivery
from bot.telegram.dialogue import Dialogue, Person
from bot.telegram.errors import place_of
from bot.telegram.incoming import (
    Command,
    GroupCall,
    Incoming,
    StrayTap,
    Tap,
    Typed,
    Unreadable,
    read,
    update_id,
)
from bot.telegram.pages import Operator, Pages
from bot.telegram.posts import Card, Post, Toast
from bot.telegram.store import Row, Store, Transaction

_log = logging.getLogger("signpost.telegram")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
"""Seconds between tries while the database fails."""

_ARRIVING = 0.5
"""Seconds to wait for Telegram's word that the card which is being answered was sent."""

_SILENCE = 3.0
"""Seconds that a failing database may keep people waiting without a word."""

_WAYS_OUT = frozenset({"check", "forget"})
"""The commands that have to work even where the check that is kept is what breaks everything."""

_CALLS, _MINUTE, _GROUPS = 10, 60.0, 1000
"""How often a group is answered in how many seconds, and how many groups are remembered for that."""

_ALBUMS = 1000
"""Albums that are remembered, so that each gets one answer rather than one for each photo."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What the bot talks from: the flows and texts, the language of people whose own has none, and who runs it."""

    library: Library
    language: str
    operator: Operator

    def spoken(self, code: str) -> str:
        """The language to use for somebody whose Telegram speaks ``code``, such as ``en-GB``."""
        known = self.library.texts
        return next((name for name in (code, code.partition("-")[0]) if name in known), self.language)

    def pages(self, code: str) -> Pages:
        """The pages in that language."""
        return Pages(self.library, self.spoken(code), self.operator)


@dataclass(slots=True)
class _Batch:
    """The sessions of one transaction (the use case's store), and what is owed at its end."""

    rows: dict[str, Row]
    sessions: dict[str, Session | None] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    owed: list[tuple[int, str, list[Post]]] = field(default_factory=list)

    async def load(self, key: str) -> Session | None:
        if key in self.sessions:
            return self.sessions[key]
        row = self.row(key)
        return row.session if row else None

    async def save(self, key: str, session: Session) -> None:
        self.sessions[key] = session

    def row(self, key: str) -> Row | None:
        return None if key in self.erased else self.rows.get(key)


class Desk:
    """Takes updates. ``clock`` gives the seconds since the epoch."""

    def __init__(self, api: Api, store: Store, delivery: Delivery, talk: Talk, clock: Callable[[], float]) -> None:
        self._api = api
        self._store = store
        self._delivery = delivery
        self._talk = talk
        self._clock = clock
        self._albums: OrderedDict[tuple[int, str], int] = OrderedDict()
        self._called: OrderedDict[int, deque[float]] = OrderedDict()
        self._unclean = False

    async def take(self, updates: Sequence[object]) -> None:
        """Take these updates, in order. Then what they changed is on the disk, and what is owed is on its way."""
        numbers = [number for raw in updates if (number := update_id(raw)) is not None]
        read_ones = [incoming for raw in updates if (incoming := read(raw, self._api))]
        typed_in = [incoming.chat for incoming in read_ones if isinstance(incoming.what, Typed)]
        await self._delivery.arrive(typed_in, _ARRIVING)
        pause, waited, told = _FIRST_PAUSE, 0.0, False
        while True:
            taking = asyncio.ensure_future(self._take(numbers, read_ones))
            try:
                await asyncio.shield(taking)
            except asyncio.CancelledError:
                await asyncio.gather(taking, return_exceptions=True)  # what is committed has to be owed as well
                raise
            except OSError as error:
                _log.error("the database fails, so messages wait: %s", error)
                if waited >= _SILENCE and not told:
                    self._tell_later(read_ones)
                    told = True
                await asyncio.sleep(pause)
                waited += pause
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                return

    async def _take(self, numbers: Sequence[int], updates: Sequence[Incoming]) -> None:
        async with self._store.transaction() as transaction:
            batch = await self._apply(transaction, numbers, updates)
        for chat, key, posts in batch.owed:
            row = batch.rows.get(key)
            self._delivery.owe(chat, key, posts, (row.card, row.shown) if row else (None, ""))
        if batch.erased or self._unclean:
            await self._empty_log()

    def _tell_later(self, updates: Sequence[Incoming]) -> None:
        """Nobody who waits for a failing database is left with silence."""
        for incoming in updates:
            if isinstance(incoming.what, Tap | Typed | Command | Unreadable):
                self._delivery.tell(incoming.chat, self._talk.pages(incoming.language).later())

    async def _apply(self, transaction: Transaction, numbers: Sequence[int], updates: Sequence[Incoming]) -> _Batch:
        at = int(self._clock())
        fresh = await transaction.unseen(numbers, at)
        by_number = {incoming.update: incoming for incoming in updates}  # one that comes twice at once counts once, too
        found = [incoming for number, incoming in by_number.items() if number in fresh]
        batch = _Batch(dict(await transaction.load({_key(incoming.chat) for incoming in found})))
        for incoming in found:
            if not self._is_more_of_an_album(incoming):
                await self._answer(incoming, batch, at)
        if batch.erased:
            await transaction.erase(batch.erased)
        if batch.sessions:
            await transaction.save(batch.sessions, at)
        return batch

    async def _answer(self, incoming: Incoming, batch: _Batch, at: int) -> None:
        """What is owed for one update. One that breaks something changes nothing, and its sender is told."""
        key = _key(incoming.chat)
        before = dict(batch.sessions)
        match incoming.what:
            case StrayTap(query):
                batch.owed.append((incoming.chat, key, [Toast(query)]))
                return
            case GroupCall(message, thread, topic):
                if self._is_too_often(incoming.chat):
                    return
                pages = self._talk.pages("")  # whoever called it, the group reads it
                line = pages.group_line(thread, message, self._api.username, topic)
                batch.owed.append((incoming.chat, key, [line]))
                return
        posts: list[Post]
        try:
            posts = await self._turn(incoming, batch, at)
        except Exception as error:  # noqa: BLE001 - whatever it is, the person gets an answer
            _log.error("an update broke the dialogue: %s", place_of(error))
            batch.sessions = before
            posts = await self._after_breaking(incoming, batch, at)
        batch.owed.append((incoming.chat, key, posts))

    async def _after_breaking(self, incoming: Incoming, batch: _Batch, at: int) -> list[Post]:
        """The fixed seek-care fallback; but the ways out lead out, even where what is kept is what breaks."""
        pages = self._talk.pages(incoming.language)
        if isinstance(incoming.what, Command) and incoming.what.name in _WAYS_OUT:
            before = dict(batch.sessions)
            batch.sessions[_key(incoming.chat)] = None
            try:
                posts = await self._turn(incoming, batch, at)
            except Exception as error:  # noqa: BLE001 - as in `_answer`
                _log.error("it breaks without what was kept, too: %s", place_of(error))
                batch.sessions = before
            else:
                return posts if _key(incoming.chat) in batch.erased else [pages.line("begun_anew"), *posts]
        toasts: list[Post] = [Toast(incoming.what.query)] if isinstance(incoming.what, Tap) else []
        return [*toasts, pages.broken()]

    async def _turn(self, incoming: Incoming, batch: _Batch, at: int) -> list[Post]:
        key = _key(incoming.chat)
        row = batch.row(key)
        dialogue = Dialogue(
            Conversation(self._talk.library, batch), self._person(incoming, row, batch), self._talk.operator, at
        )
        posts = await dialogue.answer(incoming.what)  # type: ignore[arg-type]
        if dialogue.forgotten:
            batch.erased.add(key)
            batch.sessions.pop(key, None)
        elif not (row and row.unreadable):  # which would be lost; a new check takes its place only when one is begun
            batch.sessions.setdefault(key, await batch.load(key))
        session = batch.sessions.get(key)
        _log.info("turn", extra={"session": session.id, "flow": session.flow} if session else {})
        return posts

    def _person(self, incoming: Incoming, row: Row | None, batch: _Batch) -> Person:
        """Whose chat it is, with what is on its way to them, from earlier batches and from this one."""
        chat = incoming.chat
        owed = [post for other, _, posts in batch.owed if other == chat for post in posts]
        cards = [post for post in owed if isinstance(post, Card)]
        return Person(
            _key(chat),
            self._talk.spoken(incoming.language),
            row,
            self._delivery.card(chat, row.card if row else None),
            self._delivery.front(chat, row.shown if row else "").after(cards),
            self._delivery.is_owed(chat) or any(not isinstance(post, Toast) for post in owed),
        )

    def _is_too_often(self, group: int) -> bool:
        """Whether a group has called more often than a guest should answer; Telegram takes 20 messages a minute."""
        now = self._clock()
        times = self._called.setdefault(group, deque(maxlen=_CALLS))
        self._called.move_to_end(group)
        if len(self._called) > _GROUPS:
            self._called.popitem(last=False)
        if len(times) == _CALLS and abs(now - times[0]) < _MINUTE:
            return True
        times.append(now)
        return False

    def _is_more_of_an_album(self, incoming: Incoming) -> bool:
        """Whether another photo of the same album has been taken already (and not this very update, tried again)."""
        if not incoming.album:
            return False
        first = self._albums.setdefault((incoming.chat, incoming.album), incoming.update)
        if len(self._albums) > _ALBUMS:
            self._albums.popitem(last=False)
        return first != incoming.update

    async def _empty_log(self) -> None:
        """After something was erased. Where it fails, the next time does it."""
        self._unclean = True
        try:
            await self._store.checkpoint()
        except OSError as error:
            _log.warning("what was erased is not gone from the database's log yet: %s", error)
        else:
            self._unclean = False


def _key(chat: int) -> str:
    return f"telegram:{chat}"
