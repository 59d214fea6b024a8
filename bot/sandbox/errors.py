"""How the sandbox refuses a call: in Telegram's words, and with the answer to whose fault it was."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

Json = dict[str, Any]
"""A JSON object of the Bot API."""


class Blame(StrEnum):
    """Whose fault a refused call is.

    ``VIOLATION``: the bot broke the rules of the Bot API; no well-made bot ever does that.
    ``REFUSAL``: the world changed meanwhile (a message is gone, a person blocked the bot); a good bot copes with it.
    """

    VIOLATION = "violation"
    REFUSAL = "refusal"


class ApiError(Exception):
    """A refused call: ``code`` is the HTTP status and error code, ``description`` what Telegram would say."""

    def __init__(
        self, code: int, description: str, blame: Blame = Blame.VIOLATION, parameters: Json | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.blame = blame
        self.parameters = parameters

    def api(self) -> Json:
        """The body of the response."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        return body | ({"parameters": self.parameters} if self.parameters else {})


class CutError(Exception):
    """The connection breaks: whoever called gets no answer at all. A fault raises it."""


def bad(words: str) -> ApiError:
    """A 400 that the bot is to blame for."""
    return ApiError(400, f"Bad Request: {words}")


def refused(words: str, parameters: Json | None = None) -> ApiError:
    """A 400 that a good bot may meet, because the world changed."""
    return ApiError(400, f"Bad Request: {words}", Blame.REFUSAL, parameters)


def forbidden(words: str) -> ApiError:
    """A 403: the bot may not write there, or no longer."""
    return ApiError(403, f"Forbidden: {words}", Blame.REFUSAL)


def conflict(words: str) -> ApiError:
    """A 409: somebody else receives the updates."""
    return ApiError(409, f"Conflict: {words}", Blame.REFUSAL)


def too_many(seconds: int) -> ApiError:
    """A 429: more than Telegram takes at this time; the bot may try again after so many seconds."""
    words = f"Too Many Requests: retry after {seconds}"
    return ApiError(429, words, Blame.REFUSAL, {"retry_after": seconds})


def not_played(what: str) -> ApiError:
    """A 501: part of the Bot API, but not of the sandbox. Counts as a violation, so that no test passes by it."""
    return ApiError(501, f"Not Implemented: the sandbox does not play {what}")
