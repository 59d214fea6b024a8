"""The writer: all that changes the database goes through it, many chats at once, in one transaction after the other.

Updates come in from polling or the webhook, and news of what arrived comes from delivery. Whatever waits when a
transaction ends is taken together in the next one: one fsync for all of it. An update is settled, and may be confirmed
to Telegram, only when all that it changed is on the disk. A failing database delays everything and loses nothing.

The updates of one chat are taken in order. One that has to wait (its question has not arrived yet, or it broke the
dialogue and is tried again) holds up the later ones of its own chat and nobody else's.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from bot.log import get_logger
from bot.metrics import Metrics
from bot.telegram.batch import Batch
from bot.telegram.changes import Change
from bot.telegram.desk import Desk
from bot.telegram.errors import place_of
from bot.telegram.incoming import update_id
from bot.telegram.posts import Toast
from bot.telegram.store import Store
from bot.telegram.tickets import Ticket, kind_of

_log = get_logger("signpost.telegram")

LARGEST = 200
"""Updates that one transaction takes at most."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0
"""Seconds between tries while the database fails."""

_SILENCE = 3.0
"""Seconds that a failing database may keep people waiting without a word."""

_KNOWN = 2000
"""Updates that are known to be settled without a look into the database: what is handed over again at once."""

_A_MOMENT = 0.01
"""Seconds until the next look where an update has to wait."""


class Writer:
    """Takes updates and changes. ``clock`` gives the seconds since the epoch, ``now`` monotonic ones."""

    def __init__(
        self, store: Store, desk: Desk, metrics: Metrics, clock: Callable[[], float], now: Callable[[], float]
    ) -> None:
        self._store = store
        self._desk = desk
        self._metrics = metrics
        self._clock = clock
        self._now = now
        self._tickets: dict[int, Ticket] = {}
        self._known: OrderedDict[int, asyncio.Future[Toast | None]] = OrderedDict()
        self._change = Change()
        self._written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._wake = asyncio.Event()
        self._alone: set[int] = set()
        self._forgotten: set[int] = set()
        self._unclean = False
        self._ending = asyncio.Event()
        self.failing = ""
        """How the database fails at the moment; "" when it does not."""

    # --- what comes in --------------------------------------------------------------------------------------------

    def submit(self, raw: object, *, rides: bool = False) -> asyncio.Future[Toast | None]:
        """Take an update. The result is done when it is settled; ``rides``: with the answer to its tap, if it is one.

        One that is on its way, or was settled a moment ago, is not taken twice; one without a number cannot be
        confirmed, and is dropped.
        """
        number = update_id(raw)
        if number is None:
            self._metrics.update(kind_of(raw), "unreadable")
            dropped: asyncio.Future[Toast | None] = asyncio.get_running_loop().create_future()
            dropped.set_result(None)
            return dropped
        if number in self._known:
            self._metrics.update(kind_of(raw), "repeated")
            return self._known[number]
        ticket = self._tickets.get(number)
        if ticket is None:
            settled: asyncio.Future[Toast | None] = asyncio.get_running_loop().create_future()
            ticket = Ticket(number, kind_of(raw), self._desk.read(raw), self._now(), settled, rides)
            self._tickets[number] = ticket
            self._wake.set()
        return ticket.settled

    def record(self, change: Change) -> asyncio.Future[None]:
        """Write down what happened to what is owed; the result is done when it is on the disk."""
        self._change.add(change)
        self._wake.set()
        return self._written

    # --- the work -------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Write until `stop`. What the database does not take until then is not settled, and comes again."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            ending = self._ending.is_set()
            try:
                await self._step()
            except Exception as error:  # noqa: BLE001 - a mistake of ours here must not end all writing
                _log.error("the writer broke and goes on: %s", place_of(error))
                await self._ends_within(_FIRST_PAUSE)
            if ending:
                return
            if self._tickets or self._change:
                self._wake.set()

    async def _step(self) -> None:
        tickets, held = self._due()
        if tickets or self._change:
            await self._round(tickets)
        elif held:
            await self._ends_within(_A_MOMENT)

    def stop(self) -> None:
        """Let `run` end after the transaction that is under way, and after one more if something waits for it."""
        self._ending.set()
        self._wake.set()

    async def settled(self, seconds: float) -> bool:
        """Wait until all updates that were taken are settled, for so long at most; whether they are."""
        left = [ticket.settled for ticket in self._tickets.values()]
        return not left or not (await asyncio.wait(left, timeout=seconds))[1]

    async def _round(self, tickets: Sequence[Ticket]) -> None:
        if self._alone and self._change:  # something breaks a whole batch, and this must not have to wait for it
            await self._write(())
        await self._write(tickets)

    def _due(self) -> tuple[list[Ticket], bool]:
        """What is taken now, in order of the updates; and whether anything has to wait."""
        held: set[int] = set()
        due: list[Ticket] = []
        now = self._now()
        for number in sorted(self._tickets) if len(self._tickets) > 1 else list(self._tickets):
            ticket = self._tickets[number]
            if ticket.chat in held:
                continue
            if ticket.not_before > now or self._desk.has_to_wait(ticket, now):
                held.add(ticket.chat)
            elif number in self._alone:
                return ([ticket], True) if not due else (due, True)
            else:
                due.append(ticket)
                if len(due) == LARGEST:
                    break
        return due, bool(held)

    async def _write(self, tickets: Sequence[Ticket]) -> None:
        """Write until it is done; people who have to wait for long are told to call for help if need be."""
        began, pause = self._now(), _FIRST_PAUSE
        change, written = self._taken()
        while True:
            try:
                batch = await self._patiently(tickets, change)
            except OSError as error:
                self.failing = str(error)
                self._metrics.database_failure()
                _log.error("the database fails, so messages wait: %s", error)
                if self._now() - began >= _SILENCE:
                    self._tell_later()
                if self._ending.is_set() or await self._ends_within(pause):
                    return
                pause = min(2 * pause, _LONGEST_PAUSE)
                more, told = self._taken()
                change.add(more)
                written = _both(written, told)
            except Exception as error:  # noqa: BLE001 - a mistake of ours in one update must not hold up all others
                _log.error("a batch broke: %s", place_of(error))
                await self._put_apart(tickets, change, written)
                return
            else:
                break
        if self.failing:
            self.failing = ""
            _log.warning("the database works again")
        self._metrics.batch(len(tickets), self._now() - began)
        self._settle(batch)
        written.set_result(None)
        await self._clean(batch, change)

    async def _patiently(self, tickets: Sequence[Ticket], change: Change) -> Batch:
        """One transaction; where the disk neither works nor fails, nobody is left with silence."""
        working = asyncio.ensure_future(self._transact(tickets, change))
        if not (await asyncio.wait({working}, timeout=_SILENCE))[0]:
            self.failing = "it takes long"
            _log.error("the database takes long, so messages wait")
            self._tell_later()
        return await working

    def _tell_later(self) -> None:
        try:
            self._desk.tell_later(self._tickets.values())
        except Exception as error:  # noqa: BLE001 - what waits must not get lost by it
            _log.error("nobody could be told that the database fails: %s", place_of(error))

    def _taken(self) -> tuple[Change, asyncio.Future[None]]:
        taken = (self._change, self._written)
        self._change, self._written = Change(), asyncio.get_running_loop().create_future()
        return taken

    async def _ends_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._ending.wait()
        except TimeoutError:
            return False

    async def _transact(self, tickets: Sequence[Ticket], change: Change) -> Batch:
        at = int(self._clock())
        async with self._store.transaction() as transaction:
            if change:
                await change.write(transaction, at)
            return await self._desk.apply(transaction, tickets, at)

    def _settle(self, batch: Batch) -> None:
        toasts = self._desk.publish(batch)
        self._drop(batch.done, toasts)

    def _drop(self, tickets: Iterable[Ticket], toasts: Mapping[int, Toast] = MappingProxyType({})) -> None:
        for ticket in tickets:
            self._tickets.pop(ticket.number, None)
            self._alone.discard(ticket.number)
            ticket.settle(toasts.get(ticket.number))
            self._known[ticket.number] = ticket.settled
            if len(self._known) > _KNOWN:
                self._known.popitem(last=False)

    async def _put_apart(self, tickets: Sequence[Ticket], change: Change, written: asyncio.Future[None]) -> None:
        """Something breaks the whole of a batch: from now on each update is tried by itself, and so is what arrived."""
        if tickets and not change:
            self._alone.update(ticket.number for ticket in tickets)
            if len(tickets) == 1 and self._desk.is_hopeless(tickets[0]):
                self._metrics.update(tickets[0].kind, "parked")
                self._drop(tickets)
            written.set_result(None)
        elif tickets:
            self._alone.update(ticket.number for ticket in tickets)
            change.add(self._change)
            self._change, self._written = change, _both(written, self._written)
        else:
            for part in change.parts():
                await self._write_alone(part)
            written.set_result(None)
        self._wake.set()

    async def _write_alone(self, part: Change) -> None:
        """Write down one thing that arrived; where that can never be, it may arrive once more after the next start."""
        try:
            await self._transact((), part)
        except OSError:
            self._change.add(part)
        except Exception as error:  # noqa: BLE001 - as in `_write`
            _log.error("that something arrived cannot be written down: %s", place_of(error))

    async def _clean(self, batch: Batch, change: Change) -> None:
        """Leave nothing in the files of people who were erased; that includes the last words that they were owed."""
        paid = {chat for chat, _, _ in change.paid}
        if batch.forgotten or self._unclean or paid & self._forgotten:
            await self._empty_log()
        still = {chat for chat, _, _ in self._change.paid}  # it has arrived, and is written down next
        self._forgotten = {chat for chat in self._forgotten if chat in still or self._desk.is_owed(chat)}
        self._forgotten |= batch.forgotten

    async def _empty_log(self) -> None:
        """After something was erased. Where it fails, the next time does it."""
        self._unclean = True
        try:
            await self._store.checkpoint()
        except OSError as error:
            _log.warning("what was erased is not gone from the database's log yet: %s", error)
        else:
            self._unclean = False


def _both(first: asyncio.Future[None], second: asyncio.Future[None]) -> asyncio.Future[None]:
    """The first one, which makes the second one done as well."""

    def also(_: asyncio.Future[None]) -> None:
        if not second.done():
            second.set_result(None)

    first.add_done_callback(also)
    return first
