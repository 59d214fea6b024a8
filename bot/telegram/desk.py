"""The desk: what people did is looked up, answered and saved, many chats in one transaction; what is owed follows.

An update that was seen before changes nothing. One that breaks the dialogue changes nothing either, and is tried again
by itself a moment later; when that does not help, it is marked as seen, and in the same transaction its sender is owed
the fixed words that are always right.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bot.conversation.conversation import Conversation
from bot.load import Library
from bot.log import get_logger
from bot.metrics import Metrics
from bot.telegram.api import Api
from bot.telegram.batch import Batch
from bot.telegram.delivery import Delivery
from bot.telegram.dialogue import Dialogue, Person
from bot.telegram.errors import place_of
from bot.telegram.incoming import Command, GroupCall, Incoming, StrayTap, Tap, Typed, Unreadable, read
from bot.telegram.owed import Owed
from bot.telegram.pages import Operator, Pages
from bot.telegram.posts import Card, Post, Toast
from bot.telegram.store import Row, Transaction
from bot.telegram.tickets import Ticket

_log = get_logger("signpost.telegram")

TRIES = 3
"""How often an update that breaks the dialogue is tried before it is parked."""

_AGAIN = 0.2
"""Seconds before it is tried again; twice as many the next time."""

_ARRIVING = 0.5
"""Seconds to wait for Telegram's word that the card which is being answered was sent."""

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


class Desk:
    """Answers updates. ``clocks``: one that gives the seconds since the epoch, one that gives monotonic ones."""

    def __init__(
        self,
        api: Api,
        delivery: Delivery,
        talk: Talk,
        metrics: Metrics,
        clocks: tuple[Callable[[], float], Callable[[], float]],
    ) -> None:
        self._api = api
        self._delivery = delivery
        self._talk = talk
        self._metrics = metrics
        self._clock, self._now = clocks
        self._albums: OrderedDict[tuple[int, str], int] = OrderedDict()
        self._called: OrderedDict[int, deque[tuple[float, int]]] = OrderedDict()

    def read(self, raw: object) -> Incoming | None:
        """What an update means; None for nothing."""
        return read(raw, self._api)

    def has_to_wait(self, ticket: Ticket, now: float) -> bool:
        """Whether it may answer a card of which we do not know yet that it was sent. ``now``: monotonic seconds."""
        typed = ticket.incoming is not None and isinstance(ticket.incoming.what, Typed)
        return typed and now - ticket.arrived < _ARRIVING and not self._delivery.has_arrived(ticket.chat)

    def is_owed(self, chat: int) -> bool:
        """Whether something is on its way to the chat."""
        return self._delivery.is_owed(chat)

    def is_hopeless(self, ticket: Ticket) -> bool:
        """Note that an update broke everything; whether even the fixed words cannot be owed for it."""
        self._broke(ticket)
        if ticket.tries <= TRIES + 1:
            return False
        _log.error("an update could not even be parked")
        if ticket.incoming and ticket.chat:
            self._delivery.tell(ticket.chat, self._talk.pages(ticket.incoming.language).broken())
        return True

    def tell_later(self, tickets: Iterable[Ticket]) -> None:
        """Nobody who waits for a failing database is left with silence."""
        for ticket in tickets:
            incoming = ticket.incoming
            if incoming and not ticket.told and isinstance(incoming.what, Tap | Typed | Command | Unreadable):
                self._delivery.tell(incoming.chat, self._talk.pages(incoming.language).later())
            ticket.told = True

    # --- in the transaction ---------------------------------------------------------------------------------------

    async def apply(self, transaction: Transaction, tickets: Sequence[Ticket], at: int) -> Batch:
        """Answer these updates, in order, and write down all that follows. ``at``: epoch seconds."""
        if not tickets:
            return Batch({})
        chats = {_key(ticket.chat) for ticket in tickets if ticket.incoming}
        fresh, rows = await transaction.take([ticket.number for ticket in tickets], chats, at)
        batch = Batch(rows)
        held: set[int] = set()
        for ticket in tickets:
            if ticket.chat and ticket.chat in held:
                continue
            if not await self._take(ticket, batch, fresh, at):
                held.add(ticket.chat)
        await transaction.unmark(fresh - {ticket.number for ticket in batch.done})
        await self._write(transaction, batch, at)
        return batch

    async def _write(self, transaction: Transaction, batch: Batch, at: int) -> None:
        if batch.erased:
            await transaction.erase(batch.erased)
        if batch.sessions:
            await transaction.save(batch.sessions, at)
        without_cards = []
        rows = []
        for chat, answers in batch.posts.items():
            batch.owed[chat] = owed = self._drafted(chat, answers)
            below, card = self._delivery.sends_anew(chat), self._delivery.card(chat, batch.card(_key(chat)))
            rows += [each.row(below=below, card=card) for each in owed if each.number]
            if any(isinstance(each.post, Card) and each.post.final for each in owed):
                without_cards.append(chat)
        if rows or without_cards:
            await transaction.owe(rows, without_cards)

    def _drafted(self, chat: int, answers: Sequence[tuple[Ticket, list[Post]]]) -> list[Owed]:
        first = answers[0][0]
        language = self._talk.spoken(first.incoming.language if first.incoming else "")
        posts = [post for _, posts in answers for post in posts]
        return self._delivery.draft(chat, _key(chat), language, posts, first.arrived)

    def publish(self, batch: Batch) -> Mapping[int, Toast]:
        """It is on the disk: what is owed goes out. Returns the answers to taps that ride, by update."""
        for chat, owed in batch.owed.items():
            row = batch.rows.get(_key(chat))
            try:
                self._delivery.owe(owed, (row.card, row.shown) if row else (None, ""))
            except Exception as error:  # noqa: BLE001 - a mistake of ours in one chat must not silence the others
                _log.error("what is owed to a chat waits for the next start: %s", place_of(error))
                self._delivery.tell(chat, self._talk.pages("").broken())
        for note in batch.notes:
            note()
        return batch.toasts

    # --- one update -----------------------------------------------------------------------------------------------

    async def _take(self, ticket: Ticket, batch: Batch, fresh: set[int], at: int) -> bool:
        """Answer one update; False where it has to be tried again, and the later ones of its chat after it."""
        incoming = ticket.incoming
        if ticket.number not in fresh:
            batch.notes.append(partial(self._metrics.update, ticket.kind, "repeated"))
            # It may be here again because we died before its tap was answered.
            batch.owe(ticket, [Toast(incoming.what.query)] if incoming and isinstance(incoming.what, Tap) else [])
            return True
        if incoming is None or self._is_more_of_an_album(incoming):
            batch.notes.append(partial(self._metrics.update, ticket.kind, "ignored"))
            batch.owe(ticket, [])
            return True
        began = time.perf_counter()
        result = "applied"
        undo = batch.mark(_key(incoming.chat))
        posts: list[Post] = []
        if ticket.tries < TRIES:
            try:
                posts = await self._answer(incoming, batch, at)
            except Exception as error:  # noqa: BLE001 - whatever it is, the person gets an answer
                undo()
                _log.error("an update broke the dialogue: %s", place_of(error))
                self._broke(ticket)
                if ticket.tries < TRIES:
                    return False
        if ticket.tries >= TRIES:
            result, posts = "parked", await self._after_breaking(incoming, batch, at)
        batch.notes.append(partial(self._metrics.turn, time.perf_counter() - began))
        batch.notes.append(partial(self._metrics.update, ticket.kind, result))
        batch.owe(ticket, posts)
        return True

    def _broke(self, ticket: Ticket) -> None:
        ticket.tries += 1
        ticket.not_before = self._now() + _AGAIN * 2 ** (ticket.tries - 1)

    async def _answer(self, incoming: Incoming, batch: Batch, at: int) -> list[Post]:
        match incoming.what:
            case StrayTap(query):
                return [Toast(query)]
            case GroupCall(message, thread, topic):
                if self._is_too_often(incoming.chat, incoming.update):
                    return []
                pages = self._talk.pages("")  # whoever called it, the group reads it
                return [pages.group_line(thread, message, self._api.username, topic)]
        return await self._turn(incoming, batch, at)

    async def _after_breaking(self, incoming: Incoming, batch: Batch, at: int) -> list[Post]:
        """The fixed seek-care fallback; but the ways out lead out, even where what is kept is what breaks."""
        pages = self._talk.pages(incoming.language)
        if isinstance(incoming.what, Command) and incoming.what.name in _WAYS_OUT:
            undo = batch.mark(_key(incoming.chat))
            batch.sessions[_key(incoming.chat)] = None
            try:
                posts = await self._turn(incoming, batch, at)
            except Exception as error:  # noqa: BLE001 - as in `_take`
                _log.error("it breaks without what was kept, too: %s", place_of(error))
                undo()
            else:
                return posts if _key(incoming.chat) in batch.erased else [pages.line("begun_anew"), *posts]
        toasts: list[Post] = [Toast(incoming.what.query)] if isinstance(incoming.what, Tap) else []
        return [*toasts, pages.broken()]

    async def _turn(self, incoming: Incoming, batch: Batch, at: int) -> list[Post]:
        key = _key(incoming.chat)
        row = batch.row(key)
        dialogue = Dialogue(
            Conversation(self._talk.library, batch), self._person(incoming, row, batch), self._talk.operator, at
        )
        posts = await dialogue.answer(incoming.what)  # type: ignore[arg-type]
        if dialogue.forgotten:
            batch.erased.add(key)
            batch.forgotten.add(incoming.chat)
            batch.sessions.pop(key, None)
        elif not (row and row.unreadable):  # which would be lost; a new check takes its place only when one is begun
            batch.sessions.setdefault(key, await batch.load(key))
        if dialogue.reached:
            batch.notes.append(partial(self._metrics.outcome, dialogue.reached.value))
        session = batch.sessions.get(key)
        batch.notes.append(partial(_log.info, "turn", session=session and session.id, flow=session and session.flow))
        return posts

    def _person(self, incoming: Incoming, row: Row | None, batch: Batch) -> Person:
        """Whose chat it is, with what is on its way to them, from earlier batches and from this one."""
        chat = incoming.chat
        owed = [post for _, posts in batch.posts.get(chat, ()) for post in posts]
        cards = [post for post in owed if isinstance(post, Card)]
        return Person(
            _key(chat),
            self._talk.spoken(incoming.language),
            row,
            self._delivery.card(chat, row.card if row else None),
            self._delivery.front(chat, row.shown if row else "").after(cards),
            self._delivery.is_owed(chat) or any(not isinstance(post, Toast) for post in owed),
        )

    def _is_too_often(self, group: int, update: int) -> bool:
        """Whether a group has called more often than a guest should answer; Telegram takes 20 messages a minute."""
        now = self._clock()
        times = self._called.setdefault(group, deque(maxlen=_CALLS))
        if any(known == update for _, known in times):  # the same one, tried again
            return False
        self._called.move_to_end(group)
        if len(self._called) > _GROUPS:
            self._called.popitem(last=False)
        if len(times) == _CALLS and abs(now - times[0][0]) < _MINUTE:
            return True
        times.append((now, update))
        return False

    def _is_more_of_an_album(self, incoming: Incoming) -> bool:
        """Whether another photo of the same album has been taken already (and not this very update, tried again)."""
        if not incoming.album or (isinstance(incoming.what, Unreadable) and incoming.what.words):
            return False  # words are always read
        first = self._albums.setdefault((incoming.chat, incoming.album), incoming.update)
        if len(self._albums) > _ALBUMS:
            self._albums.popitem(last=False)
        return first != incoming.update


def _key(chat: int) -> str:
    return f"telegram:{chat}"
