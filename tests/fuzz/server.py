"""A Telegram behind the HTTP client's seam: it answers at once, and each call is held against the Bot API.

Which calls fail, and how, is drawn from the seed, the round, the chat and the number of the call there, so that it does
not depend on the order in which chats get their turn. It looks at nothing else, and remembers only the newest buttons
of those that the bot meets again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

from telegram.error import BadRequest, NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.sandbox.errors import ApiError
from bot.sandbox.spec import Upload, spec
from bot.telegram.markup import LONGEST, length, without_tags
from tests.fuzz.marks import BOT, USERNAME, Json, betrayed

_PARTS = 10_000
_FAILURES = (("refused", 60), ("forbidden", 80), ("flood", 140), ("server", 200), ("network", 270), ("lost", 340))
"""Up to which part of ten thousand each failure goes. ``lost``: it was done, and the answer never came."""

_TO_WHOM = ("chat_id", "callback_query_id", "message_id", "message_thread_id", "reply_parameters")


class Server(BaseRequest):
    """Answers calls. ``complain`` is told what no call may be; ``fails``: whether any call fails."""

    def __init__(self, seed: int, complain: Callable[[str], None], *, fails: bool = True) -> None:
        self._seed = seed
        self._complain = complain
        self._fails = fails
        self._round = 0
        self._counts: Counter[str] = Counter()
        self.known: set[int] = set()
        """Those whose buttons are remembered."""
        self.screens: dict[int, tuple[int, list[tuple[str, str]]]] = {}
        """Of each of them, the message with the newest buttons: its number, and their words and data."""
        self.answered: set[str] = set()
        """The taps that were answered in this round, with success or not."""
        self.calls: Counter[tuple[str, str]] = Counter()
        """Calls by method and how they ended."""

    def begin(self, number: int) -> None:
        """A new round."""
        self._round = number
        self._counts.clear()
        self.answered.clear()

    @property
    def read_timeout(self) -> float | None:
        """Nothing takes time here."""
        return 1.0

    async def initialize(self) -> None:
        """There is nothing to open."""

    async def shutdown(self) -> None:
        """There is nothing to close."""

    async def do_request(
        self,
        url: str,
        method: str,  # noqa: ARG002 - always POST
        request_data: RequestData | None = None,
        *_: Any,  # noqa: ANN401 - how long to wait for what, in all the ways that the library has for it
        **__: Any,  # noqa: ANN401
    ) -> tuple[int, bytes]:
        """The answer to a call."""
        name = url.rpartition("/")[2]
        given = self._given(request_data)
        chat = str(given.get("chat_id", given.get("callback_query_id", "")))
        self._counts[chat] += 1
        number = self._counts[chat]
        if name == "answerCallbackQuery":
            self.answered.add(chat)
        failure = self._failure(name, chat, number)
        self.calls[name, failure or "ok"] += 1
        match failure:
            case "network":
                raise NetworkError("reset")
            case "refused" if _is_group(chat) and number % 2:
                return _refused(400, "group chat was upgraded", migrate_to_chat_id=int(chat) * 10 - 1)
            case "refused":
                return _refused(400, "Bad Request: it is drawn at random")
            case "forbidden":
                return _refused(403, "Forbidden: bot was blocked by the user")
            case "flood":
                return _refused(429, "Too Many Requests: retry after 1", retry_after=1)
            case "server":
                return _refused(502, "Bad Gateway")
        result = self._done(name, given, self._round * 1000 + number)
        if failure == "lost":
            raise TimedOut
        return 200, json.dumps({"ok": True, "result": result}).encode()

    def _given(self, data: RequestData | None) -> Json:
        if data is None:
            return {}
        texts = data.json_parameters
        try:
            urlencode(texts).encode()
        except UnicodeError:
            self._complain("a call holds half a character")
            raise BadRequest("the call holds text that cannot be encoded") from None
        files = {name: Upload(file, b"", kind) for name, (file, _, kind) in (data.multipart_data or {}).items()}
        return {**texts, **files}

    def _failure(self, name: str, chat: str, number: int) -> str | None:
        if not self._fails or name == "getMe":
            return None
        words = f"{self._seed}.{self._round}.{name}.{chat}.{number}".encode("utf-8", "surrogatepass")
        part = crc32(words) % _PARTS
        return next((failure for failure, end in _FAILURES if part < end), None)

    # --- what a call does -----------------------------------------------------------------------------------------

    def _done(self, name: str, given: Json, number: int) -> Any:  # noqa: ANN401 - the result of any method
        if name == "getMe":
            return {"id": BOT, "is_bot": True, "first_name": "Signpost", "username": USERNAME}
        try:
            read = spec().read(name, given)
        except ApiError as error:
            self._complain(f"{name}: {error}")
            return True
        if name == "answerCallbackQuery":
            return True
        self._look_at(name, read)
        message = read.get("message_id", number)
        if name in {"sendMessage", "editMessageText", "editMessageReplyMarkup"} and read["chat_id"] in self.known:
            self._note(read["chat_id"], message, read.get("reply_markup"))
        return {"message_id": message, "date": 1, "chat": {"id": read["chat_id"], "type": "private"}}

    def _look_at(self, name: str, read: Json) -> None:
        """No message may be longer than Telegram takes, or repeat what somebody wrote."""
        text = str(read.get("text", ""))
        if name in {"sendMessage", "editMessageText"} and not 0 < length(without_tags(text)) <= LONGEST:
            self._complain(f"{name}: a text of {length(text)} characters")
        for key, value in read.items():
            if key not in _TO_WHOM and betrayed(str(value)):
                self._complain(f"{name}: its {key} repeats what somebody wrote, or who they are")

    def _note(self, chat: int, message: int, markup: Json | None) -> None:
        rows = (markup or {}).get("inline_keyboard", [])
        found = [
            (button["text"], button["callback_data"]) for row in rows for button in row if "callback_data" in button
        ]
        if found:
            self.screens[chat] = (message, found)
        elif message == self.screens.get(chat, (None,))[0]:
            del self.screens[chat]


def _is_group(chat: str) -> bool:
    return chat.startswith("-") and len(chat) < 18


def _refused(code: int, words: str, **parameters: int) -> tuple[int, bytes]:
    answer = {"ok": False, "error_code": code, "description": words, "parameters": parameters}
    return code, json.dumps(answer).encode()
