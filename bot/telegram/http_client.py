"""How calls travel: the library's HTTP client, with every answer read as if anybody could have sent it.

Between the bot and Telegram there are proxies, and with another `TELEGRAM_API_URL` there is another server. What is no
answer of a Bot API server is a failure of the network, which is tried again; a refusal is told by its number alone.
The library would take the first for a mistake of its own, and some of the second for a failure of the network.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from telegram.error import BadRequest, NetworkError
from telegram.request import BaseRequest, HTTPXRequest, RequestData

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

_TimeLimit = Any  # the library's own type for it is private


class Request(HTTPXRequest):
    """The library's client, for one kind of calls."""

    async def do_request(  # noqa: PLR0913, PLR0917 - how the library calls it
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: _TimeLimit = BaseRequest.DEFAULT_NONE,
        write_timeout: _TimeLimit = BaseRequest.DEFAULT_NONE,
        connect_timeout: _TimeLimit = BaseRequest.DEFAULT_NONE,
        pool_timeout: _TimeLimit = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make a call; the status and the body of the answer, which is one of a Bot API server.

        Raises:
            BadRequest: the call cannot even be written down, whoever is asked.
            NetworkError: no answer came, or something else answered.
        """
        try:
            code, payload = await super().do_request(
                url, method, request_data, read_timeout, write_timeout, connect_timeout, pool_timeout
            )
        except UnicodeError:  # half a character, which no server can be told
            raise BadRequest("the call holds text that cannot be encoded") from None
        answer = _answer(payload)
        if answer is None or (code < HTTPStatus.MULTIPLE_CHOICES and not _is_good(answer)):
            raise NetworkError(f"the answer is none of a Bot API server ({code})")
        if code < HTTPStatus.MULTIPLE_CHOICES:
            return code, payload
        if HTTPStatus.BAD_REQUEST <= code < HTTPStatus.INTERNAL_SERVER_ERROR and code not in _TOLD_APART:
            code = HTTPStatus.BAD_REQUEST
        return code, json.dumps(answer | {"parameters": _parameters(answer)}).encode()


def _answer(payload: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) and "ok" in answer else None


def _is_good(answer: dict[str, Any]) -> bool:
    return answer["ok"] is True and answer.get("result") is not None


def _parameters(answer: dict[str, Any]) -> dict[str, int]:
    """What a refusal says more precisely, as far as it is of the right type."""
    given = answer.get("parameters")
    if not isinstance(given, dict):
        return {}
    names = ("retry_after", "migrate_to_chat_id")
    return {name: int(given[name]) for name in names if str(given.get(name, "")).lstrip("-").isdecimal()}
