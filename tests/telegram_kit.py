"""What the tests of the Telegram edge share: the bot, running in this process against a sandbox."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bot.load import Library
from bot.sandbox import Person, Sandbox
from bot.storage.database import Database
from bot.telegram.desk import Talk
from bot.telegram.pages import Operator
from bot.telegram.run import Edge, run_bot
from bot.telegram.webhook import Address
from tests.served import LIBRARY

OPERATOR = Operator("Bo, bo@example.org", "https://example.org/privacy", 30)


@asynccontextmanager
async def running(
    sandbox: Sandbox,
    file: Path,
    library: Library = LIBRARY,
    operator: Operator = OPERATOR,
    *,
    refusals: Sequence[str] | None = (),
    webhook: bool = False,
) -> AsyncIterator[Database]:
    """The bot, polling or with a webhook; ended at the end, with everything sent and saved, and held against the rules.

    ``refusals``: as in `check`; None leaves the rules alone.
    """
    database = await Database.open(f"sqlite:///{file}")
    ended = asyncio.Event()
    talk = Talk(library, "en", operator)
    edge = edge_of(sandbox, webhook=webhook)
    bot = asyncio.create_task(run_bot(edge, talk=talk, database=database, ended=ended))
    try:
        await sandbox.polled()
        await sandbox.quiet()
        yield database
    finally:
        ended.set()
        code = await bot
        await database.close()
    assert code == 0
    if refusals is not None:
        check(sandbox, refusals)


def edge_of(sandbox: Sandbox, *, webhook: bool = False) -> Edge:
    """How the bot reaches a sandbox, and, with a webhook, how that reaches the bot. No limits hold tests up."""
    edge = Edge(sandbox.url, sandbox.token, per_second=0, each_chat=False)
    if not webhook:
        return edge
    port = free_port()
    return replace(edge, listen=("127.0.0.1", port), webhook=Address(f"http://127.0.0.1:{port}/hook"))


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    return number


@asynccontextmanager
async def chatting(file: Path, refusals: Sequence[str] = ()) -> AsyncIterator[tuple[Sandbox, Person]]:
    """A sandbox with the bot and one person; at the end everything has to be as Telegram wants it."""
    async with Sandbox() as sandbox, running(sandbox, file, refusals=refusals):
        yield sandbox, sandbox.person("Ana")
        await sandbox.quiet()
        check(sandbox, refusals)


def check(sandbox: Sandbox, refusals: Sequence[str] = ()) -> None:
    """No rule of the Bot API was broken, every tap answered, and no chat has more than one live keyboard.

    ``refusals``: words of those that belong to the test; there may be no others.
    """
    unexpected = [line for line in sandbox.refusals if not any(words in line for words in refusals)]
    assert sandbox.violations == [], sandbox.violations
    assert unexpected == [], unexpected
    assert sandbox.unanswered == [], sandbox.unanswered
    for chat in sandbox.world.chats.values():
        assert len(sandbox.world.keyboards(chat)) <= 1
