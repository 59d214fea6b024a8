"""What a call brings over HTTP: in the query, and in the body as JSON, as a form, or in parts; all of it in UTF-8."""

from __future__ import annotations

import asyncio
import codecs
import json
from urllib.parse import parse_qsl

from aiohttp import web

from bot.sandbox.errors import ApiError, Json, bad, not_played
from bot.sandbox.spec import Upload

MOST_UNREAD = 1000
"""Characters that are kept of a body that cannot be read."""

_NOT_UTF8 = "strings must be encoded in UTF-8"


def read_answer(kind: str, charset: str | None, body: bytes) -> Json:
    """What the answer of a webhook brings, a call or nothing. ``kind``: its content type.

    Raises:
        ApiError: it cannot be read.
    """
    given: Json = {}
    if charset is not None:
        _check_charset(charset)
    match kind:
        case "application/json" if body.strip():
            _json(body, given)
        case "application/x-www-form-urlencoded":
            _pairs(_decoded(body), given)
        case "multipart/form-data":
            raise not_played("files in the answer of a webhook")
        case _:
            pass  # a page or plain words, which say nothing to Telegram
    return given


async def read_parameters(request: web.Request, given: Json) -> None:
    """Put into ``given`` what a call brings; what could be read before an error stays there.

    Raises:
        ApiError: the body is none of these, too large, broken, or not in UTF-8.
    """
    _pairs(request.rel_url.raw_query_string, given)
    if not request.can_read_body:
        return
    if request.charset is not None:
        _check_charset(request.charset)
    try:
        match request.content_type:
            case "application/json":
                _json(await request.read(), given)
            case "application/x-www-form-urlencoded":
                _pairs(_decoded(await request.read()), given)
            case "multipart/form-data":
                await _parts(request, given)
            case other:
                raise ApiError(415, f"Unsupported Media Type: {other}")
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(413, "Request Entity Too Large") from None


def _check_charset(name: str) -> None:
    try:
        found = codecs.lookup(name).name
    except LookupError:
        found = ""
    if found != "utf-8":
        raise bad(_NOT_UTF8)


def _decoded(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise bad(_NOT_UTF8) from None


def _pairs(text: str, given: Json) -> None:
    try:
        given |= parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError:
        raise bad(_NOT_UTF8) from None


def _json(body: bytes, given: Json) -> None:
    text = _decoded(body)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        given["body"] = text[:MOST_UNREAD]
        raise bad("can't parse JSON object")
    given |= found


async def _parts(request: web.Request, given: Json) -> None:
    try:
        form = await request.post()
    except web.HTTPException:
        raise
    except Exception:  # noqa: BLE001 - aiohttp names no error for a broken body; whatever it trips over is one
        raise bad("can't parse the parts of the body") from None
    for name, value in form.items():
        if isinstance(value, web.FileField):
            with value.file:
                content = await asyncio.to_thread(value.file.read)
            given[name] = Upload(value.filename, content, value.content_type)
        else:
            given[name] = value if isinstance(value, str) else _decoded(bytes(value))
