"""What the engine's parts raise for an event that is not possible where the person stands."""

from __future__ import annotations

from bot.flow.events import Reason


class RefusedError(Exception):
    """The event does not fit where the person stands: theirs to repeat, nothing has changed."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
