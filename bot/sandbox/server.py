"""The Bot API over HTTP: ``/bot<token>/<method>`` and ``/file/bot<token>/<path>``, on loopback only."""

from __future__ import annotations

import asyncio
import inspect
import re
import socket
import struct
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from aiohttp import web

from bot.sandbox.errors import ApiError, Blame, CutError, Json, bad, not_played
from bot.sandbox.methods import METHODS
from bot.sandbox.model import Chat
from bot.sandbox.posting import Deliverer
from bot.sandbox.reading import read_answer, read_parameters
from bot.sandbox.record import Call
from bot.sandbox.spec import named, spec
from bot.sandbox.world import World

HOST = "127.0.0.1"
LARGEST_BODY = 50 * 1024 * 1024

Fault = Callable[[str, Json, Callable[[], Awaitable[web.Response]]], Awaitable[web.Response]]
"""A fault on the way: gets method, parameters, and what handles the call; may refuse, delay, or lose the answer.

It may raise `CutError`: then the connection breaks. `bot.sandbox.faults` has the usual ones.
"""

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
_NOT_IN_ANSWERS = re.compile("get.*|setwebhook|deletewebhook|close|logout", re.IGNORECASE)
_AT_ONCE = struct.pack("ii", 1, 0)
_HOSTS = {"127.0.0.1", "localhost", "[::1]"}


class Server:
    """Serves one bot's world. ``fault``, when set, stands between every call and the world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.deliverer = Deliverer(world, self._carry_out)
        self.fault: Fault | None = None
        self.app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_only_this_machine])
        self.app.router.add_route("*", "/bot{token}/{method}", self._bot)
        self.app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        self._runner: web.AppRunner | None = None
        self._running: set[asyncio.Task[web.Response | None]] = set()

    async def start(self, port: int = 0) -> int:
        """Listen; returns the port. Raises `OSError` when it is taken."""
        # A handler is cancelled when its client is gone: so ends a poll that nobody waits for.
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.5, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        await site.start()
        self.deliverer.start()
        address: tuple[str, int] = self._runner.addresses[0]
        return address[1]

    async def stop(self) -> None:
        """Stop listening; a waiting poll ends."""
        self.world.queue.close()
        await self.deliverer.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        for task in tuple(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    # --- calls ----------------------------------------------------------------------------------------------------

    async def _bot(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        given: Json = {}
        try:
            self._check_token(request)
            await read_parameters(request, given)
            method = self._method(name, request.method)
        except ApiError as error:
            return self._refused(error, name, given)
        except Exception as error:  # noqa: BLE001 - a mistake of the sandbox is told as one, and fails the test
            return self._refused(_failure(error), name, given)
        handling = self._faulty(method, given)
        answer = await (handling if method == "getUpdates" else self._to_the_end(handling))
        return answer or _cut(request)

    async def _faulty(self, method: str, given: Json) -> web.Response | None:
        """What comes of a call; None when its connection breaks."""

        async def handle() -> web.Response:
            return await self._handled(method, given)

        try:
            return await (self.fault(method, given, handle) if self.fault else handle())
        except CutError:
            return None
        except web.HTTPException:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            return self._refused(_failure(error), method, given)

    async def _to_the_end(self, handling: Coroutine[Any, Any, web.Response | None]) -> web.Response | None:
        """Do what was asked for even when the client does not wait for the answer, as the real server does."""
        return await asyncio.shield(self._begin(handling))

    def _begin(self, handling: Coroutine[Any, Any, web.Response | None]) -> asyncio.Task[web.Response | None]:
        task = asyncio.create_task(handling)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def _carry_out(self, kind: str, charset: str | None, body: bytes) -> None:
        """Do what the answer of a webhook asks for. Nobody hears how it went, but the record has it."""
        name, given = "the answer of a webhook", Json()
        try:
            given = read_answer(kind, charset, body)
            if "method" not in given:
                return
            name = str(given.pop("method"))
            if _NOT_IN_ANSWERS.fullmatch(name):
                raise bad("this method can't be called in the answer of a webhook")
            method = self._method(name, "POST")
        except ApiError as error:
            self._refused(error, name, given)
        else:
            self._begin(self._faulty(method, given))

    def _check_token(self, request: web.Request) -> None:
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            raise ApiError(404, "Not Found", Blame.REFUSAL)
        if token != self.world.token:
            raise ApiError(401, "Unauthorized", Blame.REFUSAL)

    def _method(self, name: str, way: str) -> str:
        if way not in {"GET", "POST"}:
            raise ApiError(405, "Method Not Allowed: use GET or POST")
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
        except Exception as error:  # noqa: BLE001 - as above
            return self._refused(_failure(error), method, given)
        else:
            if counted:
                self._note(method, given, result=result)
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
        self.world.tell(error.blame, f"{method}: {error.code} {error.description}")
        return web.json_response(error.api(), status=error.code)

    def _note(self, method: str, given: Json, error: str = "", result: object = None) -> None:
        told = result["message_id"] if isinstance(result, dict) and "message_id" in result else result
        self.world.note(Call(self.world.clock(), method, named(given), error, told))

    async def _file(self, request: web.Request) -> web.Response:
        try:
            self._check_token(request)
        except ApiError as error:
            return self._refused(error, "file", {})
        upload = self.world.files.get(request.match_info["path"].rpartition("/")[2])
        if upload is None:
            return web.json_response(ApiError(404, "Not Found").api(), status=404)
        return web.Response(body=upload.content, content_type=upload.mime)


def _failure(error: Exception) -> ApiError:
    return ApiError(500, f"Internal Server Error: {type(error).__name__} in the sandbox")


def _cut(request: web.Request) -> web.Response:
    """Break the connection of a call: the caller sees it reset. The response goes nowhere."""
    transport = request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None:  # without waiting for what may still be on the way, closing becomes a reset
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        transport.abort()
    return web.Response(status=502)


@web.middleware
async def _only_this_machine(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Keep other sites' pages out: one that has its own name point to this machine still asks under that name."""
    if request.host.rpartition(":")[0] not in _HOSTS and request.host not in _HOSTS:
        raise web.HTTPForbidden(text="only this machine may ask")
    return await handler(request)
