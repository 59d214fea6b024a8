"""One chat that is owed something: what goes next, and what makes way for it.

A chat's card is kept as it is wanted: what is wanted anew before it was sent replaces it, unless it is final. And
nothing holds up what is final (a seek-care message, a result): where Telegram is slow with something else of the same
chat, that makes way.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from bot.telegram.owed import Owed, belongs_to_a_card
from bot.telegram.posts import Bare, Card, Front, Note, Post, is_final
from bot.telegram.sender import Place, front_of, shown


class Chat:
    """What a chat is owed, in order.

    ``sending`` is on its way. ``pause``: seconds of the last wait after a failure; ``wait``: of the next one.
    ``moved``: done when it is written down where the card is and what it shows; None where nothing has changed.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.sending: Owed | None = None
        self.pause = self.wait = 0.0
        self._queue: deque[Owed] = deque()
        self.moved: asyncio.Future[None] | None = None
        self._more: asyncio.Future[None] | None = None

    def __bool__(self) -> bool:
        return bool(self._queue)

    # --- what comes in --------------------------------------------------------------------------------------------

    def add(self, owed: Iterable[Owed]) -> list[Owed]:
        """Owe this as well. Returns what is superfluous by it."""
        dropped: list[Owed] = []
        own: list[Owed] = []  # the beginning of the card that comes next
        for each in owed:
            if isinstance(each.post, Note) and each.post.lead:
                own.append(each)
                continue
            if isinstance(each.post, Card):
                dropped += self._superseded(each)
            self._queue.extend([*own, each])
            own = []
        self._queue.extend(own)
        self.wake()
        return dropped

    def _superseded(self, card: Owed) -> list[Owed]:
        """Take out what waits of older cards; where one of them was to be sent anew, so is this one."""
        old = [each for each in self._queue if belongs_to_a_card(each.post) and not is_final(each.post)]
        if any(isinstance(each.post, Card) and each.post.below for each in old):
            card.post = _below(card.post)
        self._queue = deque(each for each in self._queue if each not in old)
        return old

    def take_back(self, owed: Owed) -> None:
        """It is to be sent before everything else."""
        self._queue.appendleft(owed)

    @property
    def waiting(self) -> list[Owed]:
        """All that is owed, in order, with what is on its way."""
        return [*([self.sending] if self.sending else []), *self._queue]

    def clear(self) -> list[Owed]:
        """Owe nothing any more. Returns what was owed."""
        dropped = list(self._queue)
        self._queue.clear()
        return dropped

    # --- what is in front -----------------------------------------------------------------------------------------

    @property
    def front(self) -> Front:
        """What the person has in front of them, or will have as soon as it has arrived."""
        cards = [each.post for each in self._queue if isinstance(each.post, Card)]
        if self.sending and isinstance(self.sending.post, Card) and self.place.shown != shown(self.sending.post):
            cards.insert(0, self.sending.post)
        return front_of(self.place.shown).after(cards)

    @property
    def sends_anew(self) -> bool:
        """Whether a card waits, or is on its way, that is a new message rather than an edit of the old one."""
        cards = [each.post for each in self.waiting if isinstance(each.post, Card)]
        return any(card.below and not card.final for card in cards)

    # --- what goes out --------------------------------------------------------------------------------------------

    def next(self) -> Owed:
        """Take what goes next."""
        owed = self._queue.popleft()
        if isinstance(owed.post, Bare) and owed.post.message is None and self.place.card:
            owed.post = Bare(self.place.card)  # the one that is live now
        return owed

    def presses(self, sending: Post) -> bool:
        """Whether something waits that what is being sent must not hold up."""
        if isinstance(sending, Card):
            return not sending.final and any(isinstance(each.post, Card) for each in self._queue)
        if isinstance(sending, Bare):
            return any(not isinstance(each.post, Bare) for each in self._queue)
        return not is_final(sending) and any(is_final(each.post) for each in self._queue)

    def made_way(self, owed: Owed) -> list[Owed]:
        """What was being sent makes way. It is owed all the same: notes and files at once, buttons to take off later.

        A card is not: a newer one is wanted. Returns what is superfluous.
        """
        dropped: list[Owed] = []
        if isinstance(owed.post, Bare):
            self._queue.append(owed)
        elif not isinstance(owed.post, Card) or owed.post.final:
            self._queue.appendleft(owed)
        else:
            dropped = [owed]
            if owed.post.below:
                newer = next(each for each in self._queue if isinstance(each.post, Card))
                newer.post = _below(newer.post)
        self._put_final_first()
        return dropped

    def _put_final_first(self) -> None:
        """Let what is final go next, with the rest after it."""
        finals = [each for each in self._queue if is_final(each.post)]
        rest = [each for each in self._queue if not is_final(each.post)]
        for each in rest:
            if isinstance(each.post, Bare) and each.post.message is None and self.place.card:
                each.post = Bare(self.place.card)
        self._queue = deque([*finals, *rest])

    # --- waiting --------------------------------------------------------------------------------------------------

    def wake(self) -> None:
        """More is owed."""
        if self._more is not None and not self._more.done():
            self._more.set_result(None)

    def more(self) -> asyncio.Future[None]:
        """Done when more is owed."""
        if self._more is None or self._more.done():
            self._more = asyncio.get_running_loop().create_future()
        return self._more


def _below(post: Post) -> Post:
    return replace(post, below=True) if isinstance(post, Card) else post
