"""The Bot API over HTTP: ``/bot<token>/<method>`` and ``/file/bot<token>/<path>``, on loopback only."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.sandbox.errors import ApiError, Blame, Json, bad, not_played
from bot.sandbox.methods import METHODS
from bot.sandbox.model import Chat
from bot.sandbox.spec import Upload, spec
from bot.sandbox.world import Call, World

HOST = "127.0.0.1"
LARGEST_BODY = 50 * 1024 * 1024
MOST_JOURNAL = 200_000
"""Calls that the journal keeps; older ones are dropped, so that a sandbox can run for days."""

Fault = Callable[[str, Json, Callable[[], Awaitable[web.Response]]], Awaitable[web.Response]]
"""A fault on the way: gets method, parameters, and what handles the call; may refuse, delay, or lose the answer."""

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")


class Server:
    """Serves one bot's world. ``fault``, when set, stands between every call and the world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fault: Fault | None = None
        self.app = web.Application(client_max_size=LARGEST_BODY)
        self.app.router.add_route("*", "/bot{token}/{method}", self._bot)
        self.app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> int:
        """Listen; returns the port. Raises `OSError` when it is taken."""
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        await site.start()
        address: tuple[str, int] = self._runner.addresses[0]
        return address[1]

    async def stop(self) -> None:
        """Stop listening; a waiting poll ends."""
        self.world.queue.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # --- calls ----------------------------------------------------------------------------------------------------

    async def _bot(self, request: web.Request) -> web.Response:
        try:
            self._check_token(request)
            method = self._method(request.match_info["method"])
            given = await _parameters(request)
        except ApiError as error:
            return self._refused(error, request.match_info["method"], {})

        async def handle() -> web.Response:
            return await self._handled(method, given)

        return await (self.fault(method, given, handle) if self.fault else handle())

    def _check_token(self, request: web.Request) -> None:
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            raise ApiError(404, "Not Found", Blame.REFUSAL)
        if token != self.world.token:
            raise ApiError(401, "Unauthorized", Blame.REFUSAL)

    def _method(self, name: str) -> str:
        method = spec().method(name)
        if method is None:
            raise ApiError(404, "Not Found: method not found")
        if method not in METHODS:
            raise not_played(method)
        return method

    async def _handled(self, method: str, given: Json) -> web.Response:
        world = self.world
        chat: Chat | None = None
        counted = method != "getUpdates"
        if counted:
            world.activity.begin()
        try:
            read = spec().read(method, given)
            chat = self._chat_of(method, read)
            if chat is not None:
                chat.activity.begin()
            done = METHODS[method](world, read)
            result = await done if inspect.isawaitable(done) else done
        except ApiError as error:
            return self._refused(error, method, given)
        else:
            self._note(method, given, "")
            return web.json_response({"ok": True, "result": result})
        finally:
            if chat is not None:
                chat.activity.end()
            if counted:
                world.activity.end()

    def _chat_of(self, method: str, read: Json) -> Chat | None:
        if method == "answerCallbackQuery":
            tap = self.world.taps.get(read["callback_query_id"])
            return tap.chat if tap else None
        chat_id = read.get("chat_id")
        return self.world.chats.get(chat_id) if isinstance(chat_id, int) else None

    def _refused(self, error: ApiError, method: str, given: Json) -> web.Response:
        self._note(method, given, error.description)
        what = f"{method}: {error.code} {error.description}"
        (self.world.violations if error.blame is Blame.VIOLATION else self.world.refusals).append(what)
        return web.json_response(error.api(), status=error.code)

    def _note(self, method: str, given: Json, error: str) -> None:
        if method == "getUpdates" and not error:
            return
        journal = self.world.journal
        plain = {name: value.name if isinstance(value, Upload) else value for name, value in given.items()}
        journal.append(Call(self.world.clock(), method, plain, error))
        if len(journal) > MOST_JOURNAL:
            del journal[: MOST_JOURNAL // 2]

    async def _file(self, request: web.Request) -> web.Response:
        try:
            self._check_token(request)
        except ApiError as error:
            return self._refused(error, "file", {})
        upload = self.world.files.get(request.match_info["path"].rpartition("/")[2])
        if upload is None:
            return web.json_response(ApiError(404, "Not Found").api(), status=404)
        return web.Response(body=upload.content, content_type=upload.mime)


async def _parameters(request: web.Request) -> Json:
    """What a call brings: in the query, and in the body as JSON, as a form, or in parts.

    Raises:
        ApiError: the body is none of these.
    """
    given: dict[str, Any] = dict(request.query)
    kind = request.content_type
    if kind == "application/json":
        try:
            body = json.loads(await request.read())
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise bad("can't parse JSON object")
        return given | body
    if kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        try:
            form = await request.post()
        except ValueError:
            raise bad("can't parse the form") from None
        for name, value in form.items():
            if isinstance(value, web.FileField):
                content = await asyncio.to_thread(value.file.read)
                given[name] = Upload(value.filename, content, value.content_type)
            else:
                given[name] = value
    return given
