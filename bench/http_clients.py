"""HTTP clients behind the Telegram library's own seam: calls a second and the slowest of a hundred, by calls in flight.

    python -m bench.http_clients [--seconds 3] [--json]

Each client is a `BaseRequest` of python-telegram-bot and edits messages with a keyboard, as the bot does for each tap,
so that the library's own part is in every figure. The server runs in a process of its own. pyreqwest is no package of
ours: it is measured where it is installed, such as with ``pip install --target DIR pyreqwest`` and DIR on PYTHONPATH.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlencode

import httpcore
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, HTTPXRequest, RequestData

from bench.pipeline.contestants import ROOT
from bench.pipeline.server import TOKEN
from bot.metrics import Metrics
from bot.telegram.http_client import Request

LATENCIES, IN_FLIGHT = (0, 50), (1, 16, 64, 256)
_MOST = 256
_TEXT = "Does the leg feel weak, or does it only hurt when you lift it? " * 15
_LABELS = ("Yes", "No", "Not sure", "Why do you ask?", "Back", "Change an answer", "Stop")
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}

Row = dict[str, Any]


class _Bare(BaseRequest):
    """A client by what it takes to post a form."""

    @property
    def read_timeout(self) -> float | None:
        """Seconds."""
        return 30.0

    async def initialize(self) -> None:
        """Nothing needs to be made ready."""

    async def shutdown(self) -> None:
        """Nothing is left."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, **_: object
    ) -> tuple[int, bytes]:
        """Make a call."""
        return await self._post(method, url, urlencode(request_data.json_parameters if request_data else {}).encode())

    async def _post(self, method: str, url: str, body: bytes) -> tuple[int, bytes]:
        raise NotImplementedError


class HttpcoreRequest(_Bare):
    """What httpx stands on, without httpx."""

    def __init__(self) -> None:
        self._pool = httpcore.AsyncConnectionPool(max_connections=_MOST, max_keepalive_connections=_MOST)

    async def shutdown(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def _post(self, method: str, url: str, body: bytes) -> tuple[int, bytes]:
        answer = await self._pool.request(method, url, headers=_FORM, content=body)
        return answer.status, answer.content


class PyreqwestRequest(_Bare):
    """A client in Rust."""

    async def initialize(self) -> None:
        """Open it."""
        from pyreqwest.client import ClientBuilder  # noqa: PLC0415 - it may not be there

        self._client = ClientBuilder().max_connections(_MOST).build()
        await self._client.__aenter__()

    async def shutdown(self) -> None:
        """Close it."""
        await self._client.__aexit__(None, None, None)

    async def _post(self, method: str, url: str, body: bytes) -> tuple[int, bytes]:  # noqa: ARG002 - all are POST
        answer = await self._client.post(url).headers(_FORM).body_bytes(body).build().send()
        return answer.status, bytes(await answer.bytes())


CLIENTS: dict[str, Callable[[], BaseRequest]] = {
    "httpx, the library's default": HTTPXRequest,
    f"httpx, a pool of {_MOST}": lambda: HTTPXRequest(connection_pool_size=_MOST, pool_timeout=30.0),
    "aiohttp, ours": lambda: Request(_MOST, Metrics()),
    "httpcore": HttpcoreRequest,
    "pyreqwest": PyreqwestRequest,
}
_NEEDS = {"pyreqwest": "pyreqwest"}


@contextmanager
def server(latency: int) -> Iterator[str]:
    """The server's address. ``latency``: milliseconds."""
    command = [sys.executable, "-m", "bench.pipeline.serve", "--latency", str(latency / 1000)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - for the types
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def measured(url: str, client: Callable[[], BaseRequest], in_flight: int, seconds: float) -> Row:
    """Calls with one client."""
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data="x" * 40)] for label in _LABELS])
    took: list[float] = []
    failed = 0
    # The library opens its second client at the start, too, although nobody polls here.
    async with Bot(TOKEN, f"{url}/bot", request=client(), get_updates_request=client()) as bot:
        began = time.perf_counter()

        async def calls(chat: int) -> None:
            nonlocal failed
            while (before := time.perf_counter()) < began + seconds:
                try:
                    await bot.edit_message_text(_TEXT, chat, 1, reply_markup=keyboard)
                except TelegramError:
                    failed += 1
                else:
                    took.append(time.perf_counter() - before)

        work: list[Awaitable[None]] = [calls(chat + 1) for chat in range(in_flight)]
        await asyncio.gather(*work)
        lasted = time.perf_counter() - began
    took.sort()
    p99 = took[int(len(took) * 0.99)] * 1000 if took else None
    return {"calls": len(took) / lasted, "p99": p99, "failed": failed}


def compared(seconds: float) -> list[Row]:
    """Every client that is there, with every latency and number of calls in flight."""
    rows: list[Row] = []
    for latency in LATENCIES:
        with server(latency) as url:
            for in_flight in IN_FLIGHT:
                for name, client in CLIENTS.items():
                    row: Row = {"client": name, "latency": latency, "in_flight": in_flight}
                    if find_spec(_NEEDS.get(name, "telegram")):
                        try:
                            row |= asyncio.run(measured(url, client, in_flight, seconds))
                        except (NetworkError, AttributeError, TypeError) as error:
                            row["broken"] = type(error).__name__
                        print(
                            f"  {name}, {latency} ms, {in_flight} in flight: {_cell(row)}", file=sys.stderr, flush=True
                        )
                        rows.append(row)
    return rows


def table(rows: list[Row]) -> str:
    """As lines of a Markdown table: calls a second, and p99."""
    heads = [(latency, number) for latency in LATENCIES for number in IN_FLIGHT]
    found = {(row["client"], row["latency"], row["in_flight"]): row for row in rows}
    lines = [
        "| client | " + " | ".join(f"{latency} ms, {number} in flight" for latency, number in heads) + " |",
        "| --- |" + " --- |" * len(heads),
    ]
    for name in dict.fromkeys(row["client"] for row in rows):
        cells = [_cell(found.get((name, *head), {})) for head in heads]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(row: Row) -> str:
    if not row.get("p99"):
        return "–"
    lost = f", {row['failed']} failed" if row["failed"] else ""
    return f"{row['calls']:.0f}/s, {row['p99']:.0f} ms{lost}"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each figure")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    asked = parser.parse_args()
    rows = compared(asked.seconds)
    print(json.dumps(rows) if asked.json else table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
