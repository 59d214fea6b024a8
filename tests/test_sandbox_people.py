"""People as the sandbox plays them: they do only what a phone can, wait for the bot, and remember what they saw."""

# ruff: noqa: ARG001 - each script takes what all scripts take

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox import TOKEN, NotThereError, Person, Sandbox, Sight, SilenceError, What, record
from bot.sandbox.errors import ApiError, Blame
from bot.sandbox.sending import answer_callback_query
from bot.sandbox.spec import Upload
from tests.telegram_kit import running
from tests.test_sandbox_api import KEYS, Call, Clock, play

Answer = Callable[[Call, dict[str, Any]], Coroutine[Any, Any, None]]


@asynccontextmanager
async def answered(answer: Answer, kinds: list[str] | None = None) -> AsyncIterator[tuple[Sandbox, Person]]:
    """A sandbox, somebody who has not written yet, and a small bot that does this with each update."""
    async with Sandbox(patience=0.5, settle=0.02) as sandbox, aiohttp.ClientSession() as session:

        async def call(method: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - what a bot may send
            async with session.post(f"{sandbox.url}/bot{TOKEN}/{method}", json=given) as reply:
                made: dict[str, Any] = await reply.json()
                return made

        begun: set[asyncio.Task[None]] = set()

        async def bot() -> None:
            offset = 0
            while True:
                polled = await call("getUpdates", offset=offset, timeout=30, allowed_updates=kinds or [])
                for update in polled["result"]:
                    offset = update["update_id"] + 1
                    begun.add(asyncio.create_task(answer(call, update)))

        running = asyncio.create_task(bot())
        await sandbox.polled()
        yield sandbox, sandbox.person("Ana")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _slow(call: Call, update: dict[str, Any]) -> None:
    """Stop the waiting sign of a button at once, and write after a while."""
    if "callback_query" in update:
        await call("answerCallbackQuery", callback_query_id=update["callback_query"]["id"])
    chat = (update.get("message") or update["callback_query"]["message"])["chat"]["id"]

    await asyncio.sleep(0.1)
    await call("sendMessage", chat_id=chat, text="x", reply_markup=KEYS)


async def _mute(call: Call, update: dict[str, Any]) -> None:
    """Only stop the waiting sign."""
    if "callback_query" in update:
        await call("answerCallbackQuery", callback_query_id=update["callback_query"]["id"])


def test_nothing_returns_before_the_bot_has_done_what_can_be_seen() -> None:
    """A tap that the bot answers without words goes on until something is to be seen, and so does a group's message."""

    async def main() -> None:
        async with answered(_slow) as (sandbox, ana):
            await ana.send("hello")
            assert len(ana.messages) == 1
            await ana.tap("A")
            assert len(ana.messages) == 2
            await ana.tap_stale(ana.last, "a")
            assert len(ana.messages) == 3
            await ana.forge_tap("b", ana.last)
            assert len(ana.messages) == 4
            group = sandbox.group()
            await group.send(ana, "/check")
            assert len(group.messages) == 1
            await group.tap(ana, "a", group.messages[0])
            assert len(group.messages) == 2

    asyncio.run(main())


def test_silence_has_to_be_expected() -> None:
    """Where the bot shows nothing, a test fails unless it says that it expects nothing."""

    async def main() -> None:
        async with answered(_mute) as (sandbox, ana):
            sandbox.patience = 0.1
            group = sandbox.group()
            card = sandbox.world.write(ana.chat, sandbox.world.bot, ("x", []), KEYS["inline_keyboard"])
            with pytest.raises(SilenceError, match="did not answer"):
                await ana.tap("A")
            with pytest.raises(SilenceError, match="did not answer"):
                await group.send(ana, "/check")
            with pytest.raises(SilenceError, match="did not answer"):
                await group.tap(ana, "a")
            await ana.tap("A", silent=True)
            await ana.tap_stale(card, "a", silent=True)
            await ana.forge_tap("b", silent=True)
            await group.send(ana, "/check", silent=True)
            await group.tap(ana, "a", silent=True)
            assert sandbox.violations == sandbox.refusals == []
            assert sandbox.unanswered == []

    asyncio.run(main())


def test_what_the_bot_does_not_ask_for_is_not_waited_for() -> None:
    """A test that taps where the bot takes only messages is told so at once."""

    async def main() -> None:
        async with answered(_mute, ["message"]) as (sandbox, ana):
            sandbox.world.write(ana.chat, sandbox.world.bot, ("x", []), KEYS["inline_keyboard"])
            with pytest.raises(SilenceError, match="does not ask for updates of this kind"):
                await ana.tap("A", silent=True)
            await ana.tap("A", wait=False)
            sandbox.world.queue.allow(["callback_query"])
            with pytest.raises(SilenceError, match="does not ask for updates of this kind"):
                await ana.send("x", silent=True)

    asyncio.run(main())


def test_only_buttons_on_the_screen_can_be_tapped() -> None:
    """A button is there until an edit or a deletion takes it away; a phone that is behind may still show it."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        bo = sandbox.person("Bo")
        await bo.send("hello", wait=False)
        await call("sendMessage", chat_id=1001, text="x", reply_markup=KEYS)
        await call("sendMessage", chat_id=1002, text="x", reply_markup=KEYS)
        with pytest.raises(NotThereError, match="no button 'B'"):
            await ana.tap("B", wait=False)
        with pytest.raises(NotThereError, match="not on their screen"):
            await ana.tap("A", bo.last, wait=False)
        with pytest.raises(NotThereError, match="ever showed such a button"):
            await ana.tap_stale(bo.last, "a", wait=False)
        card = ana.last
        await call("editMessageReplyMarkup", chat_id=1001, message_id=2)
        with pytest.raises(NotThereError, match="no button 'A'"):
            await ana.tap("A", wait=False)
        with pytest.raises(NotThereError, match="ever showed such a button"):
            await ana.tap_stale(card, "b", wait=False)
        assert sandbox.world.taps == {}
        await ana.tap_stale(card, "a", wait=False)
        await call("editMessageReplyMarkup", chat_id=1001, message_id=2, reply_markup=KEYS)
        await call("deleteMessage", chat_id=1001, message_id=2)
        with pytest.raises(NotThereError, match="not on their screen"):
            await ana.tap("A", card, wait=False)
        assert len(sandbox.unanswered) == 1

    play(script)


def test_a_tap_on_a_deleted_message_says_nothing_of_it() -> None:
    """A bot gets the number of a message that is gone, with date 0, and neither its text nor its buttons."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await call("sendMessage", chat_id=1001, text="x", reply_markup=KEYS)
        card = ana.last
        await ana.tap("A", wait=False)
        card.deleted = True
        await ana.tap_stale(card, "a", wait=False)
        shown, gone = (update["callback_query"]["message"] for update in (await call("getUpdates"))["result"][1:])
        assert shown["text"] == "x"
        assert gone == {"chat": ana.chat.api(), "message_id": 2, "date": 0}

    play(script)


def test_a_forged_tap_names_a_message_that_is_gone() -> None:
    """A bot that takes the buttons off whatever was tapped breaks no rule by it."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await ana.forge_tap("x" * 64, wait=False)
        query = (await call("getUpdates"))["result"][-1]["callback_query"]
        assert (query["message"]["date"], query["data"]) == (0, "x" * 64)
        number = query["message"]["message_id"]
        stripped = await call("editMessageReplyMarkup", chat_id=1001, message_id=number)
        assert stripped["description"] == "Bad Request: message to edit not found"
        assert sandbox.violations == []
        assert ana.messages == []

    play(script)


def test_who_has_blocked_the_bot_can_do_nothing_with_it() -> None:
    """Blocking reaches the bot as its new standing; nothing can be written or tapped until it is undone."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await call("sendMessage", chat_id=1001, text="x", reply_markup=KEYS)
        await ana.block(wait=False)
        for act in (
            ana.send("x", wait=False),
            ana.tap("A", wait=False),
            ana.tap_stale(ana.last, "a", wait=False),
            ana.edit(ana.own()[0], "y"),
        ):
            with pytest.raises(NotThereError, match="they have blocked the bot"):
                await act
        blocked = await call("sendMessage", chat_id=1001, text="x")
        assert blocked["description"] == "Forbidden: bot was blocked by the user"
        await ana.unblock(wait=False)
        assert (await call("sendMessage", chat_id=1001, text="x"))["ok"]
        moves = [update["my_chat_member"] for update in (await call("getUpdates"))["result"][1:]]
        assert [move["new_chat_member"]["status"] for move in moves] == ["kicked", "member"]
        assert [move["old_chat_member"]["status"] for move in moves] == ["member", "kicked"]
        assert moves[0]["from"]["id"] == moves[0]["chat"]["id"] == 1001

    play(script)


def test_people_change_only_what_they_wrote() -> None:
    """Nobody can edit what the bot wrote."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await call("sendMessage", chat_id=1001, text="x")
        with pytest.raises(NotThereError, match="what they wrote themselves"):
            await ana.edit(ana.last, "y")

    play(script)


def test_a_silent_bot_is_told_with_the_screen() -> None:
    """Where no bot answers, the failing test shows what the person saw last."""

    async def main() -> None:
        async with Sandbox(patience=0.05) as sandbox:
            ana = sandbox.person("Ana")
            with pytest.raises(SilenceError, match="Ana: hello"):
                await ana.send("hello")
            with pytest.raises(SilenceError, match="no bot asks for updates"):
                await sandbox.polled()

    asyncio.run(main())


def test_long_texts_become_several_messages() -> None:
    """A text that is too long for one message arrives whole in several, as apps send it."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await ana.send("x" * 5000, wait=False)
        texts = [update["message"]["text"] for update in (await call("getUpdates"))["result"][1:]]
        assert "".join(texts) == "x" * 5000
        assert all(len(text) <= 4096 for text in texts)

    play(script)


def test_what_somebody_saw_can_be_read_in_order() -> None:
    """Each new message, edit, deletion, reaction, toast and alert is there with its time, its words and its buttons."""
    clock = Clock()
    began = clock.now

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await call("sendMessage", chat_id=1001, text="x", reply_markup=KEYS)
        for text, alert in (("", False), ("hi", False), ("no", True)):
            clock.now += 1
            await ana.tap("A", wait=False)
            name = sandbox.unanswered[0].id
            await call("answerCallbackQuery", callback_query_id=name, text=text, show_alert=alert)
        await call("editMessageText", chat_id=1001, message_id=2, text="y")
        await call("editMessageText", chat_id=1001, message_id=2, text="y")  # refused, so not seen
        await call("setMessageReaction", chat_id=1001, message_id=1, reaction=[{"type": "emoji", "emoji": "👍"}])
        clock.now += 1
        await call("deleteMessage", chat_id=1001, message_id=2)
        assert ana.saw == [
            Sight(began, What.MESSAGE, 2, "x", ("A",)),
            Sight(began + 2, What.TOAST, 2, "hi"),
            Sight(began + 3, What.ALERT, 2, "no"),
            Sight(began + 3, What.EDIT, 2, "y"),
            Sight(began + 3, What.REACTION, 1, "👍"),
            Sight(began + 4, What.DELETION, 2, "y"),
        ]
        assert ana.toasts == ["", "hi", "no"]

    play(script, clock)


def test_a_sandbox_can_run_for_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is kept has an end: beyond it the oldest goes, and what is new stays."""
    for name in ("MOST_TOLD", "MOST_MESSAGES", "MOST_VERSIONS", "MOST_SIGHTS", "MOST_TAPS", "MOST_TAPS_OF_ONE"):
        monkeypatch.setattr(record, name, 10)
    monkeypatch.setattr(record, "MOST_CALLS", 10)
    monkeypatch.setattr(record, "MOST_FILES", 10)
    monkeypatch.setattr(record, "LARGEST_FILES", 20)

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        world = sandbox.world
        await call("sendMessage", chat_id=1001, text="x", reply_markup=KEYS)
        card = ana.last
        for number in range(50):
            await call("editMessageText", chat_id=1001, message_id=2, text=str(number), reply_markup=KEYS)
            await ana.tap("A", wait=False)
            world.tell(Blame.VIOLATION, str(number))
            world.tell(Blame.REFUSAL, str(number))
        for number in range(50):
            world.write(ana.chat, ana.user, (str(number), []))
            world.store(Upload(str(number), b"x", "text/plain"))
        lists = (sandbox.violations, sandbox.refusals)
        assert all(5 <= len(each) <= 10 for each in lists)
        assert 5 <= len(sandbox.journal) <= 10
        assert 5 <= len(ana.saw) <= 10
        assert 5 <= len(ana.user.taps) <= 10
        assert 5 <= len(card.history) <= 10
        assert 5 <= len(sandbox.unanswered) <= len(world.taps) <= 10
        assert 5 <= len(world.files) <= 10
        assert 5 <= len(ana.chat.messages) <= 10
        assert sandbox.violations[-1] == ana.saw[-1].text == "49"
        assert list(ana.chat.messages.values())[-1].text == "49"
        world.store(Upload("large", b"x" * 20, "text/plain"))
        assert [each.name for each in world.files.values()] == ["large"]

    play(script)


def test_how_long_a_tap_waits_can_be_set() -> None:
    """Where hundreds tap at once a bot may take longer; a second too late is late all the same."""
    clock = Clock()

    async def main() -> None:
        async with Sandbox(clock=clock, answer_within=60) as sandbox:
            ana = sandbox.person("Ana")
            await ana.send("hello", wait=False)
            message = sandbox.world.write(
                ana.chat, sandbox.world.bot, ("x", []), [[{"text": "A", "callback_data": "a"}]]
            )
            for _ in range(2):
                await ana.tap("A", message, wait=False)
            first, second = sandbox.unanswered
            clock.now += 59
            assert answer_callback_query(sandbox.world, {"callback_query_id": first.id})
            clock.now += 2
            with pytest.raises(ApiError, match="query is too old"):
                answer_callback_query(sandbox.world, {"callback_query_id": second.id})
            assert sandbox.unanswered == [second]

    asyncio.run(main())


def test_what_is_sent_while_the_bot_ends_is_held_against_the_rules(tmp_path: Path) -> None:
    """A rule that is broken after the last step of a test still fails it."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db"):
            sandbox.violations.append("sent while it ended")

    with pytest.raises(AssertionError, match="sent while it ended"):
        asyncio.run(main())
