"""HTTP/1.1 as little as a Bot API server needs: requests come in, answers go out, no more than one of each at a time.

Written on a bare protocol, since what is measured is the bot: the server must never be what it waits for.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from email import message_from_bytes
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

Params = dict[str, str]
Reply = Callable[[str], None]
Handle = Callable[[str, Params, Reply], None]
"""Takes a method, its parameters and what to call with the answer; the answer may come later."""

_END = b"\r\n\r\n"
_LONG = 64
"""Characters from which on a value is worth remembering how it is decoded: texts repeat from chat to chat."""

_remembered = lru_cache(4096)(unquote_plus)


class Connection(asyncio.Protocol):
    """One connection of a bot."""

    def __init__(self, handle: Handle, calls: set[Connection]) -> None:
        self._handle = handle
        self._open = calls
        self._data = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers go."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the types
        self._transport = transport
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - how asyncio calls it
        """Forget it; an answer that is still to come goes nowhere."""
        self._transport = None
        self._open.discard(self)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take a request as soon as it is whole."""
        self._data = self._data + data if self._data else data
        while (whole := _whole(self._data)) is not None:
            head, body, self._data = whole
            line, _, fields = head.partition(b"\r\n")
            path = line.split(b" ", 2)[1].decode()
            path, _, query = path.partition("?")
            params = _params(fields, body)
            if query:
                params |= _form(query)
            self._handle(path.rpartition("/")[2], params, self._reply)

    def _reply(self, payload: str) -> None:
        if self._transport is not None:
            body = payload.encode()
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            )


def _whole(data: bytes) -> tuple[bytes, bytes, bytes] | None:
    """Head and body of the first request, and what comes after it; `None` while it is not whole."""
    end = data.find(_END)
    if end < 0:
        return None
    head, start = data[:end], end + len(_END)
    size = _field(head, b"content-length")
    if size is not None:
        stop = start + int(size)
        return None if len(data) < stop else (head, data[start:stop], data[stop:])
    if (_field(head, b"transfer-encoding") or b"").lower() != b"chunked":
        return head, b"", data[start:]
    parts = []
    while True:
        line = data.find(b"\r\n", start)
        if line < 0:
            return None
        size_of = int(data[start:line].split(b";")[0], 16)
        start = line + 2 + size_of + 2
        if len(data) < start:
            return None
        if not size_of:
            return head, b"".join(parts), data[start:]
        parts.append(data[line + 2 : start - 2])


def _field(head: bytes, name: bytes) -> bytes | None:
    at = head.lower().find(b"\r\n" + name + b":")
    if at < 0:
        return None
    start = at + len(name) + 3
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else None].strip()


def _params(fields: bytes, body: bytes) -> Params:
    if not body:
        return {}
    kind = _field(b"\r\n" + fields, b"content-type") or b""
    if kind.startswith(b"application/json"):
        return {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in json.loads(body).items()
        }
    if kind.startswith(b"multipart/"):
        return _multipart(kind, body)
    return _form(body.decode())


def _form(text: str) -> Params:
    pairs = (pair.partition("=") for pair in text.split("&"))
    return {
        name: value if value.isalnum() else _remembered(value) if len(value) > _LONG else unquote_plus(value)
        for name, _, value in pairs
    }


def _multipart(kind: bytes, body: bytes) -> Params:
    message: Any = message_from_bytes(b"Content-Type: " + kind + _END + body)
    found = {}
    for part in message.get_payload():
        name = part.get_param("name", header="content-disposition")
        found[name] = part.get_filename() or (part.get_payload(decode=True) or b"").decode(errors="replace")
    return found
