"""The web server beside the bot: Telegram's posts to the webhook, and how the bot is, for those who run it.

    POST  the webhook's path    an update; 200 only after it has been settled, so that Telegram keeps it until then
    GET   /healthz              200 "ok", or 503 with one line for each complaint
    GET   /metrics              the page of metrics

Whoever finds the webhook's path may post to it, so nothing of a post is read before its secret has been found right,
and nothing that arrives may stop or swell the bot. There is no log of who asks for what: paths may hold secrets.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import ClientError, web

from bot.log import get_logger
from bot.metrics import Metrics
from bot.telegram.errors import StartError, place_of
from bot.telegram.incoming import update_id

_log = get_logger("signpost.telegram")

HEALTH, METRICS = "/healthz", "/metrics"
"""Paths that a webhook cannot have."""

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - its name
LARGEST_BODY = 1024 * 1024
"""Bytes. An update is a few kilobytes; the longest texts and the most entities stay far below this."""

PATIENCE = 20.0
"""Seconds in which the body of a post has to arrive."""

_IDLE = 75.0
"""Seconds for which an idle connection is kept, and within which the head of a request has to arrive; longer than
proxies keep theirs, so that the proxy closes it and not we while it sends."""

_LINGER = 2.0
"""Seconds for which the rest of a refused body is thrown away, so that whoever sends it gets to read the answer."""

_LAST = 1.0
"""Seconds for which answers may still be under way at the end."""

# The server's library tells of bad requests with what stood in them. Strangers send those at any time, and what goes
# wrong on our side is told here; so it speaks to nobody.
_nobody = logging.Logger("nobody", logging.CRITICAL + 1)  # noqa: LOG001 - it belongs to no tree of loggers


@dataclass(frozen=True)
class Taken:
    """What became of an update.

    ``settled``: it need not be posted again; without it the answer is 503, and Telegram posts it again.
    ``reply``: a call of the Bot API (``{"method": …}``) that rides in the answer, whose result nobody learns.
    ``repeated``: it had been settled before.
    """

    settled: bool
    reply: Mapping[str, object] | None = None
    repeated: bool = False


@dataclass(frozen=True)
class Hook:
    """A webhook: the path that Telegram posts to, the secret that it sends along, and what settles an update.

    ``take`` gets the update as plain data, with a whole number in it; whatever it raises counts as not settled. It runs
    to its end, also when the other side has gone away meanwhile.
    """

    path: str
    secret: str = field(repr=False)
    take: Callable[[object], Awaitable[Taken]]

    def __post_init__(self) -> None:
        if not self.secret:
            raise ValueError("without a secret everybody could post updates")
        if not self.path.startswith("/") or self.path in {HEALTH, METRICS}:
            raise ValueError("a webhook needs a path of its own")


class Web:
    """The server. ``listen``: host and port, 0 for any free one; ``health`` gives what is wrong now, a line each.

    ``patience``: seconds in which the body of a post has to arrive.
    """

    def __init__(
        self,
        listen: tuple[str, int],
        metrics: Metrics,
        health: Callable[[], Sequence[str]],
        hook: Hook | None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._listen = listen
        self._metrics = metrics
        self._health = health
        self._hook = hook
        self._patience = patience
        self._taking = True
        self._under_way: set[asyncio.Task[Taken]] = set()
        self._runner: web.ServerRunner | None = None

    async def open(self) -> int:
        """Listen from now on; the port.

        Raises:
            StartError: it cannot listen there.
        """
        server = web.Server(
            self._answer,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=_IDLE,
            lingering_time=_LINGER,
            logger=_nobody,
        )
        runner = web.ServerRunner(server, shutdown_timeout=_LAST)
        await runner.setup()
        host, port = self._listen
        try:
            await web.TCPSite(runner, host, port).start()
        except (OSError, UnicodeError) as error:
            await runner.cleanup()
            raise StartError(_cannot_listen(host, port, error)) from None
        self._runner = runner
        return int(runner.addresses[0][1])

    async def stop_taking(self) -> None:
        """From now on posts get 503, so Telegram keeps the updates; returns when those under way are settled."""
        self._taking = False
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    async def close(self) -> None:
        """Close everything; what has not been settled by now is left, and nobody is told that it was."""
        self._taking = False
        left = set(self._under_way)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await self._page(request)
        except Exception as error:  # noqa: BLE001 - its text may repeat what was sent
            _log.error("the web server broke: %s", place_of(error))
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR)

    async def _page(self, request: web.BaseRequest) -> web.StreamResponse:
        hook = self._hook
        if hook is not None and request.path == hook.path:
            return await self._posted(hook, request) if request.method == "POST" else _wrong_method("POST")
        if request.path not in {HEALTH, METRICS}:
            return _plain(HTTPStatus.NOT_FOUND)
        if request.method not in {"GET", "HEAD"}:
            return _wrong_method("GET, HEAD")
        if request.path == METRICS:
            body, kind = self._metrics.page()
            return web.Response(body=body, headers={"Content-Type": kind})
        complaints = self._health()
        if complaints:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text="".join(f"{line}\n" for line in complaints))
        return web.Response(text="ok\n")

    async def _posted(self, hook: Hook, request: web.BaseRequest) -> web.Response:
        """Answer a post to the webhook, and count what became of it."""
        try:
            body = await self._received(hook, request)
            update = _update(body)
            taken = Taken(settled=True) if update is None else await self._taken(hook, update)
        except _RefusedError as refused:
            self._metrics.post(refused.result)
            return _plain(refused.status)
        # What is no update is accepted too, or Telegram would send it without end.
        self._metrics.post("unreadable" if update is None else "repeated" if taken.repeated else "taken")
        return web.Response() if taken.reply is None else web.json_response(dict(taken.reply))

    async def _received(self, hook: Hook, request: web.BaseRequest) -> bytes:
        """The body of a post that comes from Telegram. Raises `_RefusedError`."""
        if not _is_telegram(request, hook.secret):
            raise _RefusedError("forged", HTTPStatus.FORBIDDEN)
        if not self._taking:
            raise _RefusedError("unavailable", HTTPStatus.SERVICE_UNAVAILABLE)
        if _is_encoded(request):
            raise _RefusedError("oversized", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        try:
            async with asyncio.timeout(self._patience):
                body = await _body(request)
        except TimeoutError:
            raise _RefusedError("broken", HTTPStatus.REQUEST_TIMEOUT) from None
        except (ClientError, web.RequestPayloadError, OSError):
            raise _RefusedError("broken", HTTPStatus.BAD_REQUEST) from None
        if body is None:
            raise _RefusedError("oversized", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return body

    async def _taken(self, hook: Hook, update: object) -> Taken:
        """What became of an update that is settled now. Raises `_RefusedError` when it is not."""
        if not self._taking:  # the end came while the body arrived
            raise _RefusedError("unavailable", HTTPStatus.SERVICE_UNAVAILABLE)
        task = asyncio.create_task(_take(hook, update))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.wait({task})  # which leaves it running when this is cancelled
        if task.cancelled() or not (taken := task.result()).settled:
            raise _RefusedError("unavailable", HTTPStatus.SERVICE_UNAVAILABLE)
        return taken


class _RefusedError(Exception):
    """A post is not taken. ``result``: as what it counts (`bot.metrics.POSTS`); ``status``: of the answer."""

    def __init__(self, result: str, status: HTTPStatus) -> None:
        super().__init__(result)
        self.result = result
        self.status = status


async def _take(hook: Hook, update: object) -> Taken:
    try:
        return await hook.take(update)
    except Exception as error:  # noqa: BLE001 - whatever it is, Telegram still has the update
        _log.error("an update could not be taken: %s", place_of(error))
        return Taken(settled=False)


def _is_telegram(request: web.BaseRequest, secret: str) -> bool:
    """Whether the secret came along, once; how long the comparison takes tells nothing about it."""
    given = request.headers.getall(SECRET_HEADER, [])
    if len(given) != 1:
        return False
    return hmac.compare_digest(given[0].encode("utf-8", "surrogateescape"), secret.encode())


def _is_encoded(request: web.BaseRequest) -> bool:
    """Whether the body is compressed. Telegram sends none that is, and a small one could grow without bounds."""
    return any(value.strip().lower() != "identity" for value in request.headers.getall("Content-Encoding", []))


async def _body(request: web.BaseRequest) -> bytes | None:
    """The body; `None` when it is too large, which is found out before it is read where it says so itself."""
    if (request.content_length or 0) > LARGEST_BODY:
        return None
    body = bytearray()
    while chunk := await request.content.readany():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _update(body: bytes) -> object | None:
    """The update in a body; `None` when there is none in it."""
    try:
        update: object = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):  # no text, no JSON, a number of thousands of digits; brackets without end
        return None
    return None if update_id(update) is None else update


def _plain(status: HTTPStatus) -> web.Response:
    return web.Response(status=status, text=f"{status.phrase}\n")


def _wrong_method(allowed: str) -> web.Response:
    status = HTTPStatus.METHOD_NOT_ALLOWED
    return web.Response(status=status, text=f"{status.phrase}\n", headers={"Allow": allowed})


def _cannot_listen(host: str, port: int, error: OSError | UnicodeError) -> str:
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    number = error.errno if isinstance(error, OSError) else None
    why = os.strerror(number).lower() if number and number > 0 else "there is no such host here"
    return f"HTTP_LISTEN: the bot cannot listen at {where} ({why}); name another host:port, or end what listens there"
