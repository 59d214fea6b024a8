"""The other side of a webhook: posts updates to the bot, many at once, and reads what rides in its answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

_AT_ONCE = 40
"""Posts under way at once; what Telegram does where a bot wishes nothing else."""

_AGAIN = 0.5
"""Seconds until what was not taken is posted once more."""


class Hook:
    """Posts to ``url``; ``ridden`` is told of a call that comes in an answer's body.

    ``listens``: ``host:port`` that is posted to instead, for the proxy that the address may be of.
    """

    def __init__(
        self, url: str, listens: str, secret: str, latency: float, ridden: Callable[[dict[str, Any]], None]
    ) -> None:
        self.url = url
        self.failed = 0
        """How many posts were not answered 200."""
        parts = urlsplit(url)
        where = urlsplit(f"//{listens}") if listens else parts
        self._address = (where.hostname or "", where.port or 80)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        named = f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\n" if secret else ""
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n{named}Content-Length: "
        )
        self._each_way = latency / 2
        self._ridden = ridden
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._workers = [asyncio.create_task(self._work()) for _ in range(_AT_ONCE)]

    def post(self, update: str) -> None:
        """Hand over an update."""
        self._queue.put_nowait(update)

    def stop(self) -> None:
        """Post nothing any more."""
        for worker in self._workers:
            worker.cancel()

    async def _work(self) -> None:
        line = _Line(self._address)
        while True:
            update = await self._queue.get()
            await asyncio.sleep(self._each_way)
            body = update.encode()
            while True:
                status, answer = await line.ask(f"{self._head}{len(body)}\r\n\r\n".encode() + body)
                await asyncio.sleep(self._each_way)
                if status == b"200":
                    break
                self.failed += 1
                await asyncio.sleep(_AGAIN)
            if answer.startswith(b"{") and b'"method"' in answer:
                self._ridden(json.loads(answer))


class _Line:
    """A connection that is opened when it is needed, and kept."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """Status and body of the answer; no status where there is none."""
        try:
            if self._ends is None:
                self._ends = await asyncio.open_connection(*self._address)
            reader, writer = self._ends
            writer.write(request)
            return await _answer(reader)
        except (OSError, asyncio.IncompleteReadError):
            if self._ends is not None:
                self._ends[1].close()
                self._ends = None
            return b"", b""


async def _answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = head.split(b" ", 2)[1]
    if b"transfer-encoding: chunked" in head:
        body = b""
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
        return status, body
    at = head.find(b"content-length:")
    size = int(head[at + 15 : head.find(b"\r\n", at)]) if at >= 0 else 0
    return status, await reader.readexactly(size)
