"""A Bot API server that costs next to nothing: it answers what bots call with valid objects, and checks nothing.

The sandbox (`bot.sandbox`) is the strict one. This one has the API's latency, and tells the crowd what is to be seen.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter, deque
from collections.abc import Callable
from functools import lru_cache
from html import unescape
from typing import Any

from bench.pipeline.hook import Hook
from bench.pipeline.wire import Connection, Params, Reply

TOKEN = "4242424242:AAH-signpost-bench-token-000000000000"  # noqa: S105 - it opens nothing but this server
_BOT = '{"id":4242424242,"is_bot":true,"first_name":"Signpost","username":"signpost_bench_bot"'
_MOST = 100
"""Updates that one answer holds at most."""

_PROFILE = {
    "getMe": _BOT + ',"can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":false}',
    "getMyCommands": "[]",
    "getMyName": '{"name":""}',
    "getMyDescription": '{"description":""}',
    "getMyShortDescription": '{"short_description":""}',
}
_TAG = re.compile(r"<[^>]*>")

Buttons = list[tuple[str, str]]
"""Labels, each with the data of its button."""

Shown = Callable[[int, int, Buttons], None]
"""Takes a chat, a message in it, and the buttons that it has now."""


@lru_cache(4096)
def _spelled(text: str) -> str:
    """A text without its tags, as JSON. Real servers send entities along; nobody here reads them."""
    return json.dumps(unescape(_TAG.sub("", text)))


class BotApi:
    """The server. ``latency``: seconds before each answer; ``shown``: told of every message that has buttons now."""

    def __init__(self, latency: float, shown: Shown) -> None:
        self.calls: Counter[str] = Counter()
        self.called: Callable[[str, Params], None] | None = None
        """Told of every call, where somebody wants to know."""
        self.polled = asyncio.Event()
        """Set when somebody has asked for updates for the first time, or has named an address for them."""
        self.url = ""
        self.listens = ""
        """Where a bot takes what is posted to its address, as ``host:port``; in earnest a proxy stands in between."""
        self._latency = latency
        self._shown = shown
        self._hook: Hook | None = None
        self._updates: deque[str] = deque()
        self._first = int(time.time() * 1000)  # a bot that is started again has seen those before
        self._message = 0
        self._live: dict[int, tuple[int, str]] = {}
        self._open: set[Connection] = set()
        self._waiting: list[tuple[Params, Reply]] = []
        self._woken = False
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self._take, self._open), "127.0.0.1", 0, backlog=1024
        )
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """End everything."""
        if self._hook is not None:
            self._hook.stop()
        if self._server is not None:
            self._server.close()
        for connection in list(self._open):
            connection.close()

    # --- updates ------------------------------------------------------------------------------------------------------

    def write(self, chat: int, text: str) -> None:
        """Somebody writes a command in their chat."""
        self._message += 1
        command = len(text.split(" ", 1)[0])
        self._hand_over(
            f'"message":{{"message_id":{self._message},"date":{int(time.time())},{_place(chat)},{_sender(chat)},'
            f'"text":{json.dumps(text)},"entities":[{{"type":"bot_command","offset":0,"length":{command}}}]}}'
        )

    def tap(self, chat: int, data: str, query: int) -> None:
        """Somebody taps a button of the newest message with buttons in their chat."""
        _, message = self._live[chat]
        self._hand_over(
            f'"callback_query":{{"id":"{query}",{_sender(chat)},"chat_instance":"{chat}","message":{message},'
            f'"data":{json.dumps(data)}}}'
        )

    def forget(self, chat: int) -> None:
        """Nobody looks at this chat any more."""
        self._live.pop(chat, None)

    def _hand_over(self, body: str) -> None:
        update = f'{{"update_id":{self._first + len(self._updates)},{body}}}'
        if self._hook is not None:
            self._first += 1
            self._hook.post(update)
            return
        self._updates.append(update)
        if self._waiting and not self._woken:  # what comes in the same moment goes out in one answer
            self._woken = True
            asyncio.get_running_loop().call_soon(self._wake)

    def _wake(self) -> None:
        self._woken = False
        waiting, self._waiting = self._waiting, []
        for params, reply in waiting:
            self._poll(params, reply)

    def _poll(self, params: Params, reply: Reply) -> None:
        offset = int(params.get("offset") or 0)
        while self._updates and self._first < offset:
            self._updates.popleft()
            self._first += 1
        if self._updates:
            most = min(int(params.get("limit") or _MOST), _MOST, len(self._updates))
            reply(f'{{"ok":true,"result":[{",".join(self._updates[at] for at in range(most))}]}}')
            return
        self._waiting.append((params, reply))
        seconds = float(params.get("timeout") or 0)
        asyncio.get_running_loop().call_later(seconds, self._give_up, params, reply)

    def _give_up(self, params: Params, reply: Reply) -> None:
        if any(other is params for other, _ in self._waiting):
            self._waiting = [each for each in self._waiting if each[0] is not params]
            reply('{"ok":true,"result":[]}')

    # --- calls --------------------------------------------------------------------------------------------------------

    def _take(self, method: str, params: Params, reply: Reply) -> None:
        if self._latency:
            asyncio.get_running_loop().call_later(self._latency, self._answer, method, params, reply)
        else:
            self._answer(method, params, reply)

    def _answer(self, method: str, params: Params, reply: Reply) -> None:
        self.calls[method] += 1
        if method == "getUpdates":
            self.polled.set()
            self._poll(params, reply)
        else:
            reply(f'{{"ok":true,"result":{self._done(method, params)}}}')

    def ridden(self, call: dict[str, Any]) -> None:
        """A call that came in the answer to a webhook's post; nobody hears what became of it."""
        method = call.pop("method")
        self.calls[method] += 1
        self._done(method, {name: _as_form(value) for name, value in call.items()})

    def _done(self, method: str, params: Params) -> str:
        """Do it; the result as JSON."""
        if self.called is not None:
            self.called(method, params)
        if method.startswith(("send", "editMessage")):
            return self._show(method, params)
        if method == "setWebhook":
            self._hook = Hook(params["url"], self.listens, params.get("secret_token", ""), self._latency, self.ridden)
            while self._updates:
                self._first += 1
                self._hook.post(self._updates.popleft())
            self.polled.set()
        elif method == "deleteWebhook" and self._hook is not None:
            self._hook.stop()
            self._hook = None
        elif method == "getWebhookInfo":
            url = json.dumps(self._hook.url if self._hook else "")
            return f'{{"url":{url},"has_custom_certificate":false,"pending_update_count":0}}'
        return _PROFILE.get(method, "true")

    def _show(self, method: str, params: Params) -> str:
        chat = int(params["chat_id"])
        if method.startswith("send"):
            self._message += 1
            number, edited = self._message, ""
        else:
            number, edited = int(params["message_id"]), f'"edit_date":{int(time.time())},'
        markup = params.get("reply_markup", "")
        buttons = _buttons(markup)
        body = f'"text":{_spelled(params.get("text", params.get("caption", "–")))}'
        if markup.startswith("{") and '"inline_keyboard"' in markup:
            body = f'{body},"reply_markup":{markup}'
        message = f'{{"message_id":{number},"date":{int(time.time())},{edited}{_place(chat)},"from":{_BOT}}},{body}}}'
        if buttons:
            self._live[chat] = (number, message)
            self._shown(chat, number, buttons)
        return message


def _buttons(markup: str) -> Buttons:
    if '"callback_data"' not in markup:
        return []
    rows = json.loads(markup)["inline_keyboard"]
    return [(each["text"], each["callback_data"]) for row in rows for each in row if "callback_data" in each]


def _place(chat: int) -> str:
    return f'"chat":{{"id":{chat},"type":"private","first_name":"Somebody"}}'


def _sender(chat: int) -> str:
    return f'"from":{{"id":{chat},"is_bot":false,"first_name":"Somebody","language_code":"en"}}'


def _as_form(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
