"""What arrives, and is done, while the database is still busy with something else of the same chat."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox import Failure, Rule, Sandbox
from bot.storage.database import Database
from bot.storage.transaction import Transaction
from bot.telegram.incoming import Tap
from bot.telegram.owed import Owed
from bot.telegram.posts import Card
from tests.chaos.plan import Memory, turn
from tests.tapping import session_of
from tests.telegram_kit import running
from tests.test_telegram_chat import to_dangers


def test_a_card_that_arrives_while_a_later_tap_is_being_saved_is_the_live_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to that tap is shown there, and not on the message before, whose buttons are gone."""

    async def main() -> None:
        async with (
            Sandbox() as sandbox,
            running(sandbox, tmp_path / "s.db", refusals=["not modified"]) as database,
        ):
            ana = sandbox.person()
            await to_dangers(ana)
            before = ana.last
            none = next(button for row in before.keyboard for button in row if button["text"] == "None of these")
            works, pause = database.transaction, asyncio.Event()

            @asynccontextmanager
            async def slowly() -> AsyncIterator[Transaction]:
                async with works() as transaction:
                    yield transaction
                    if pause.is_set():
                        pause.clear()
                        await asyncio.sleep(0.6)

            monkeypatch.setattr(database, "transaction", slowly)
            sandbox.fail(Rule(Failure.SLOW, ("sendMessage",), seconds=0.3))
            await ana.send("/change", wait=False)  # the list of answers is sent anew, below
            await asyncio.sleep(0.1)
            pause.set()
            await ana.tap_stale(before, none["callback_data"])
            await sandbox.quiet()
            assert before.keyboard == []
            assert ana.keyboards == [ana.last]
            assert "Bladder and between the legs: None of these" in ana.last.text

    asyncio.run(main())


def test_a_card_is_put_right_after_an_edit_whose_answer_never_came(tmp_path: Path) -> None:
    """Telegram may have done what it never said it did: what the bot knew of the card before is no longer sure."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db", refusals=["not modified"]):
            ana = sandbox.person()
            await ana.start("leg_lift")
            me = next(button["callback_data"] for row in ana.last.keyboard for button in row if button["text"] == "Me")
            await ana.tap("Me")
            await ana.tap("30–39")
            assert "34" in ana.buttons
            sandbox.fail(Rule(Failure.LOST, ("editMessageText",), times=1, seconds=30))
            await ana.tap_stale(ana.last, me, wait=False)  # tapped twice, a while ago
            await ana.until(lambda: "30–39" in ana.buttons)  # she sees it, and the bot does not know
            await ana.tap("30–39", wait=False)
            await ana.until(lambda: "34" in ana.buttons)

    asyncio.run(main())


def test_after_a_crash_the_card_is_put_right_whatever_was_noted_of_it(tmp_path: Path) -> None:
    """The last process had made an edit and died before it was written down; what is owed says what is wanted."""

    async def main() -> None:
        async with Sandbox() as sandbox:
            ana = sandbox.person()
            async with running(sandbox, tmp_path / "s.db") as database:
                await ana.start("leg_lift")
                await ana.tap("Me")
                await ana.tap("30–39")
                ranges, session = ana.last.history[-1], await session_of(database, ana)
            tens = next(
                button["callback_data"] for row in ranges.keyboard for button in row if button["text"] == "30–39"
            )
            posts = await turn(Memory(session), Tap("1", tens, 1))
            card = next(post for post in posts if isinstance(post, Card))
            database = await Database.open(f"sqlite:///{tmp_path / 's.db'}")
            async with database.transaction() as transaction:
                await transaction.owe([Owed(ana.chat.id, f"telegram:{ana.chat.id}", "en", card, time.time(), 1).row()])
            await database.close()
            sandbox.world.change(ana.last, ranges.text, list(ranges.entities), ranges.keyboard)
            async with running(sandbox, tmp_path / "s.db"):
                await ana.until(lambda: "34" in ana.buttons)

    asyncio.run(main())
