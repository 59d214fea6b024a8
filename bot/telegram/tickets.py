"""Updates on their way through the bot: each has a ticket, which says when it may be confirmed to Telegram."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from bot.telegram.incoming import Incoming
from bot.telegram.posts import Toast

_KINDS = ("message", "edited_message", "callback_query", "my_chat_member")


@dataclass(slots=True, eq=False)
class Ticket:
    """An update that is to be settled.

    ``incoming``: what it means, None for nothing; ``kind``: of update, for the metrics; ``arrived``: when, in monotonic
    seconds. ``rides``: the answer to its tap goes back with the answer to the webhook. ``settled`` is done when all
    that it changed is on the disk: with the answer to its tap, where that rides. ``tries``: how often it broke the
    dialogue; ``not_before``: when it is tried again; ``told``: its sender heard that the database fails.
    """

    number: int
    kind: str
    incoming: Incoming | None
    arrived: float
    settled: asyncio.Future[Toast | None]
    rides: bool = False
    tries: int = 0
    not_before: float = 0.0
    told: bool = False

    @property
    def chat(self) -> int:
        """Whose order it stands in; 0 for an update that means nothing."""
        return self.incoming.chat if self.incoming else 0

    def settle(self, toast: Toast | None = None) -> None:
        """It is done with."""
        if not self.settled.done():
            self.settled.set_result(toast)


def kind_of(raw: Any) -> str:  # noqa: ANN401 - whatever a server sends
    """The kind of an update, as the metrics name it."""
    return next((kind for kind in _KINDS if kind in raw), "other") if isinstance(raw, dict) else "other"
