"""How calls travel: on aiohttp behind the library's own seam, every answer read as if anybody could have sent it.

The library's default client takes long when many calls are under way at once, and logs addresses with the token in
them. And between the bot and Telegram there are proxies; with another `TELEGRAM_API_URL` there is another server. What
is no answer of a Bot API server is a failure of the network, which is tried again; a refusal is told by its number
alone. The library would take the first for a mistake of its own, and some of the second for a failure of the network.
"""

from __future__ import annotations

import json
import re
from functools import cache
from http import HTTPStatus
from time import perf_counter
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram.error import BadRequest, NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.metrics import Metrics

CONNECT, ANSWER, WRITE = 5.0, 15.0, 15.0
"""Seconds to wait for a connection, and for the answer to a call; and what sending it may take in addition."""

_TOLD_APART = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
"""The refusals that the library tells apart; any other one will be the same however often it is tried."""

_PARAMETERS = {"retry_after": re.compile("[0-9]{1,9}"), "migrate_to_chat_id": re.compile("-?[0-9]{1,18}")}
"""What a refusal may say more precisely; anything longer is none of Telegram's, and would overflow further on."""

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}

_RESULTS: dict[int, str] = {
    HTTPStatus.OK: "ok",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.TOO_MANY_REQUESTS: "flood",
}
"""How the metrics name what an answer says; the others are refusals, or failures of the server."""

_TimeLimit = Any  # the library's own type for it is private


class Request(BaseRequest):
    """A client that has at most ``connections`` calls under way, and counts them."""

    def __init__(self, connections: int, metrics: Metrics) -> None:
        self._connections = connections
        self._metrics = metrics
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer where a call does not say it."""
        return ANSWER

    async def initialize(self) -> None:
        """Get ready for calls."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
            )

    async def shutdown(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:  # noqa: ANN401 - as the library has it
        """What stands in the answer."""
        return payload.answer if isinstance(payload, _Read) else BaseRequest.parse_json_payload(payload)

    async def do_request(  # noqa: PLR0913, PLR0917 - how the library calls it
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: _TimeLimit = BaseRequest.DEFAULT_NONE,
        write_timeout: _TimeLimit = BaseRequest.DEFAULT_NONE,
        connect_timeout: _TimeLimit = BaseRequest.DEFAULT_NONE,
        pool_timeout: _TimeLimit = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - who waits for a turn waits in `Api`
    ) -> tuple[int, bytes]:
        """Make a call; the status and the body of the answer, which is one of a Bot API server.

        Raises:
            BadRequest: the call cannot even be written down, whoever is asked.
            TimedOut: no answer came in time.
            NetworkError: no answer came, or something else answered.
        """
        if self._session is None:
            raise RuntimeError("calls are made between initialize() and shutdown()")
        connect, read = _seconds(connect_timeout, CONNECT), _seconds(read_timeout, ANSWER)
        limits = aiohttp.ClientTimeout(
            total=connect + read + _seconds(write_timeout, WRITE), sock_connect=connect, sock_read=read
        )
        began, result = perf_counter(), "network"
        try:
            async with (
                self._session.request(
                    method,
                    url,
                    data=_body(request_data),
                    headers=None if request_data is None or request_data.multipart_data else _FORM,
                    timeout=limits,
                    allow_redirects=False,  # nobody's messages are taken elsewhere
                    proxy=_proxy_for(*url.split("/", 3)[:3:2]),
                ) as response
            ):
                code, payload = response.status, await response.read()
            code, payload = _checked(code, payload)
            result = _RESULTS.get(code, "refused" if code < HTTPStatus.INTERNAL_SERVER_ERROR else "network")
        except UnicodeError:  # half a character, which no server can be told
            result = "refused"
            raise BadRequest("the call holds text that cannot be encoded") from None
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError) as error:  # whose text may hold the address, and that the token
            raise NetworkError(type(error).__name__) from None
        finally:
            self._metrics.call(url.rpartition("/")[2], result, perf_counter() - began)
        return code, payload


@cache
def _proxy_for(scheme: str, host: str) -> str | None:
    """The proxy that the environment names for this host, looked up once; the library would do it at each call."""
    return None if proxy_bypass(host) else getproxies().get(scheme.removesuffix(":"))


class _Read(bytes):
    """The body of an answer, with what has been read in it, so that it is not read twice."""

    answer: dict[str, Any]


def _read(payload: bytes, answer: dict[str, Any]) -> bytes:
    body = _Read(payload)
    body.answer = answer
    return body


def _seconds(given: _TimeLimit, default: float) -> float:
    return float(given) if isinstance(given, int | float) else default


def _body(data: RequestData | None) -> aiohttp.FormData | bytes | None:
    if data is None:
        return None
    if not data.multipart_data:
        return _form(data.json_parameters)
    form = aiohttp.FormData(data.json_parameters)
    for name, (filename, content, kind) in (data.multipart_data or {}).items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form


def _form(parameters: dict[str, str]) -> bytes:
    """A form, as `urllib.parse.urlencode` writes it, but written by yarl, which takes a tenth of the time."""
    for value in parameters.values():
        value.encode()  # half a character would be left out, and nobody told; this raises
    return URL.build(path="/", query=parameters).raw_query_string.encode()


def _checked(code: int, payload: bytes) -> tuple[int, bytes]:
    """The answer as the library takes it. Raises `NetworkError` for what is none of a Bot API server."""
    answer = _answer(payload)
    if answer is None or (code < HTTPStatus.MULTIPLE_CHOICES and not _is_good(answer)):
        raise NetworkError(f"the answer is none of a Bot API server ({code})")
    if code < HTTPStatus.MULTIPLE_CHOICES:
        return code, _read(payload, answer)
    if HTTPStatus.BAD_REQUEST <= code < HTTPStatus.INTERNAL_SERVER_ERROR and code not in _TOLD_APART:
        code = HTTPStatus.BAD_REQUEST
    said = answer.get("description")
    told = {"description": said} if isinstance(said, str) else {}
    return code, json.dumps({"ok": False, **told, "parameters": _parameters(answer)}).encode()


def _answer(payload: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) and "ok" in answer else None


def _is_good(answer: dict[str, Any]) -> bool:
    return answer["ok"] is True and answer.get("result") is not None


def _parameters(answer: dict[str, Any]) -> dict[str, int]:
    """What a refusal says more precisely, as far as it is a number that can be one."""
    given = answer.get("parameters")
    if not isinstance(given, dict):
        return {}
    found = {name: str(given.get(name, "")) for name in _PARAMETERS}
    return {name: int(value) for name, value in found.items() if _PARAMETERS[name].fullmatch(value)}
