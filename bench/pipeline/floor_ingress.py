"""What the floor shares with our bot: its HTTP client and its way to get updates. All that knows how they are made."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from bot.metrics import Metrics
from bot.telegram.api import Api
from bot.telegram.polling import Poller

__all__ = ["Api", "opened", "polled"]


@asynccontextmanager
async def opened() -> AsyncIterator[Api]:
    """The client, ready for calls."""
    api = Api(os.environ["TELEGRAM_API_URL"], os.environ["TELEGRAM_TOKEN"])
    await api.initialize()
    try:
        yield api
    finally:
        await api.shutdown()


async def polled(api: Api, take: Callable[[Sequence[object]], Awaitable[None]]) -> None:
    """Get updates until the end, and have them taken."""
    await Poller(api, lambda raw: asyncio.ensure_future(take([raw])), Metrics(), time.monotonic).run()
