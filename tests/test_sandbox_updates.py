"""Updates as Telegram hands them out: confirmed by the offset, to one poller only; and what groups let through."""

# ruff: noqa: ARG001 - each script takes what all scripts take

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.sandbox import NotThereError, Person, Sandbox, SilenceError
from bot.sandbox.model import Standing
from tests.test_sandbox_api import KEYS, Call, Clock, play


def test_an_update_comes_again_until_the_offset_confirms_it() -> None:
    """An update comes again until the offset confirms it."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await ana.send("two", wait=False)
        first = (await call("getUpdates"))["result"]
        assert [update["message"]["text"] for update in first] == ["hello", "two"]
        assert (await call("getUpdates", limit=1))["result"] == first[:1]
        assert (await call("getUpdates", offset=first[0]["update_id"] + 1))["result"] == first[1:]
        assert (await call("getUpdates"))["result"] == first[1:]
        assert (await call("getUpdates", offset=-1))["result"] == first[1:]
        assert (await call("getUpdates", offset=first[1]["update_id"] + 1))["result"] == []

    play(script)


def test_a_long_poll_waits_and_a_newer_one_ends_the_older() -> None:
    """A long poll waits and a newer one ends the older."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        last = (await call("getUpdates"))["result"][-1]["update_id"]
        older = asyncio.create_task(call("getUpdates", offset=last + 1, timeout=30))
        await sandbox.polled()
        newer = asyncio.create_task(call("getUpdates", offset=last + 1, timeout=30))
        answer = await older
        assert answer["error_code"] == 409
        assert "terminated by other getUpdates request" in answer["description"]
        await ana.send("two", wait=False)
        assert [update["message"]["text"] for update in (await newer)["result"]] == ["two"]

    play(script)


def test_only_allowed_kinds_come_and_the_choice_is_remembered() -> None:
    """Only allowed kinds come and the choice is remembered."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        offset = (await call("getUpdates", allowed_updates=["callback_query"]))["result"][-1]["update_id"] + 1
        await ana.send("not wanted", wait=False)
        await call("sendMessage", chat_id=1001, text="x", reply_markup=KEYS)
        await ana.tap("A", wait=False)
        (update,) = (await call("getUpdates", offset=offset))["result"]
        assert update["callback_query"]["data"] == "a"

    play(script)


def test_what_nobody_fetches_for_a_day_is_gone() -> None:
    """What nobody fetches for a day is gone."""
    clock = Clock()

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        clock.now += 24 * 3600 + 1
        assert (await call("getUpdates"))["result"] == []

    play(script, clock)


def test_dropping_pending_updates_is_possible() -> None:
    """Dropping pending updates is possible."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        assert (await call("getWebhookInfo"))["result"]["pending_update_count"] == 1
        await call("deleteWebhook", drop_pending_updates=True)
        assert (await call("getUpdates"))["result"] == []

    play(script)


async def _texts(call: Call) -> list[str]:
    updates = (await call("getUpdates"))["result"]
    return [update["message"].get("text", "") for update in updates if "message" in update]


def test_privacy_mode_lets_through_what_is_meant_for_the_bot() -> None:
    """Privacy mode lets through what is meant for the bot."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        sandbox.patience = 0.01
        group = sandbox.group(topics=True)
        topic = group.topic("Knees")
        sent = (await call("sendMessage", chat_id=group.chat.id, text="line", message_thread_id=topic))["result"]
        for text in ("talk", "/check", "/check@signpost_test_bot", "/check@other", "hi @signpost_test_bot"):
            await _ignoring_silence(group.send(ana, text, topic=topic))
        await _ignoring_silence(group.send(ana, "a reply", reply_to=group.chat.messages[sent["message_id"]]))
        await _ignoring_silence(group.send_anonymously("/help"))
        await _ignoring_silence(group.post_from_channel("news"))
        await _ignoring_silence(group.send_from_bot("/check"))
        expected = ["hello", "/check", "/check@signpost_test_bot", "a reply", "/help"]
        assert await _texts(call) == expected
        group.chat.standing = Standing.ADMIN
        await _ignoring_silence(group.send(ana, "talk"))
        assert await _texts(call) == [*expected, "talk"]
        first = (await call("getUpdates"))["result"][1]["message"]
        assert first["message_thread_id"] == topic
        assert first["is_topic_message"] is True

    play(script)


async def _ignoring_silence(work: Any) -> None:  # noqa: ANN401 - any step of a person
    """No bot runs here, so nobody takes what is written."""
    try:
        await work
    except SilenceError:
        return


def test_only_visible_buttons_can_be_tapped() -> None:
    """Only visible buttons can be tapped."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await call("sendMessage", chat_id=1001, text="x", reply_markup=KEYS)
        with pytest.raises(NotThereError, match="no button 'B'"):
            await ana.tap("B", wait=False)
        await call("editMessageReplyMarkup", chat_id=1001, message_id=2)
        with pytest.raises(NotThereError, match="no button 'A'"):
            await ana.tap("A", wait=False)
        assert sandbox.world.taps == {}

    play(script)


def test_a_silent_bot_is_told_with_the_screen() -> None:
    """A silent bot is told with the screen."""

    async def main() -> None:
        async with Sandbox(patience=0.05) as sandbox:
            ana = sandbox.person("Ana")
            with pytest.raises(SilenceError, match="Ana: hello"):
                await ana.send("hello")
            with pytest.raises(SilenceError, match="no bot asks for updates"):
                await sandbox.polled()

    asyncio.run(main())


def test_a_forged_tap_names_a_message_that_cannot_be_read() -> None:
    """A forged tap names a message that cannot be read."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await ana.forge_tap("x" * 64, wait=False)
        query = (await call("getUpdates"))["result"][-1]["callback_query"]
        assert query["message"]["date"] == 0
        assert query["data"] == "x" * 64

    play(script)


def test_long_texts_become_several_messages() -> None:
    """Long texts become several messages."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await ana.send("x" * 5000, wait=False)
        assert sum(len(text) for text in (await _texts(call))[1:]) == 5000
        assert all(len(text) <= 4096 for text in await _texts(call))

    play(script)
