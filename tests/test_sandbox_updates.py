"""Updates as Telegram hands them out: confirmed by the offset, and to one poller only."""

# ruff: noqa: ARG001 - each script takes what all scripts take

from __future__ import annotations

import asyncio

from bot.sandbox import Person, Sandbox
from bot.sandbox.queue import Queue
from tests.test_sandbox_api import KEYS, Call, Clock, play


def test_an_update_comes_again_until_the_offset_confirms_it() -> None:
    """A bot that crashes before it asks for the next update gets the same one again."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await ana.send("two", wait=False)
        first = (await call("getUpdates"))["result"]
        assert [update["message"]["text"] for update in first] == ["hello", "two"]
        assert (await call("getUpdates", limit=1))["result"] == first[:1]
        assert (await call("getUpdates", offset=first[0]["update_id"] + 1))["result"] == first[1:]
        assert (await call("getUpdates"))["result"] == first[1:]
        assert (await call("getUpdates", offset=first[1]["update_id"] + 1))["result"] == []

    play(script)


def test_a_long_poll_waits_and_a_newer_one_ends_the_older() -> None:
    """Of two bots that wait for updates the older is told that there is another, and the newer gets what comes."""

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
    """A bot that asked for taps once gets only taps, also when it does not say so again."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        offset = (await call("getUpdates", allowed_updates=["callback_query"]))["result"][-1]["update_id"] + 1
        await ana.send("not wanted", wait=False)
        await call("sendMessage", chat_id=1001, text="x", reply_markup=KEYS)
        await ana.tap("A", wait=False)
        (update,) = (await call("getUpdates", offset=offset))["result"]
        assert update["callback_query"]["data"] == "a"

    play(script)


def test_what_nobody_fetches_for_a_day_is_gone() -> None:
    """What people wrote more than a day before a bot came back never reaches it."""
    clock = Clock()

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        clock.now += 24 * 3600 + 1
        assert (await call("getUpdates"))["result"] == []

    play(script, clock)


def test_dropping_pending_updates_is_possible() -> None:
    """A bot can begin anew without what waited for it."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        assert (await call("getWebhookInfo"))["result"]["pending_update_count"] == 1
        await call("deleteWebhook", drop_pending_updates=True)
        assert (await call("getUpdates"))["result"] == []

    play(script)


def test_a_negative_offset_keeps_the_newest_and_forgets_the_others() -> None:
    """Offset -2 hands out the newest two of four, and the older two never come again."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        for text in ("two", "three", "four"):
            await ana.send(text, wait=False)
        newest = (await call("getUpdates", offset=-2))["result"]
        assert [update["message"]["text"] for update in newest] == ["three", "four"]
        assert (await call("getUpdates"))["result"] == newest
        assert (await call("getUpdates", offset=-50))["result"] == newest

    play(script)


def test_an_offset_far_beyond_confirms_nothing() -> None:
    """A bot that counts wrongly by more than ten loses nothing; within ten, what comes before the offset is done."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        (first,) = (await call("getUpdates"))["result"]
        after = first["update_id"] + 1
        assert (await call("getUpdates", offset=after + 11))["result"] == [first]
        assert (await call("getUpdates", offset=after + 10))["result"] == []
        assert sandbox.world.queue.pending == {}

    play(script)


def test_a_poll_that_does_not_wait_ends_no_other() -> None:
    """Somebody who only looks for updates does not throw out the bot that waits for them."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        offset = (await call("getUpdates"))["result"][-1]["update_id"] + 1
        waiting = asyncio.create_task(call("getUpdates", offset=offset, timeout=30))
        await sandbox.polled()
        await asyncio.sleep(0.01)
        assert (await call("getUpdates", timeout=0))["result"] == []
        assert not waiting.done()
        await ana.send("two", wait=False)
        assert [update["message"]["text"] for update in (await waiting)["result"]] == ["two"]
        assert sandbox.refusals == []

    play(script)


def test_with_a_webhook_set_nobody_can_poll() -> None:
    """A bot that polls although a webhook is set is told so, until it deletes the webhook."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        sandbox.world.queue.webhook = {"url": "https://example.org/"}
        answer = await call("getUpdates")
        says = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        assert (answer["error_code"], answer["description"]) == (409, f"Conflict: {says}")
        assert (await call("deleteWebhook"))["ok"]
        assert len((await call("getUpdates"))["result"]) == 1
        assert len(sandbox.refusals) == 1

    play(script)


def test_some_kinds_come_only_when_they_are_asked_for() -> None:
    """Reactions and other members' moves reach only a bot that names them; everything else comes by itself."""
    queue = Queue(Clock())
    assert not any(queue.wants(kind) for kind in ("chat_member", "message_reaction", "message_reaction_count"))
    assert all(queue.wants(kind) for kind in ("message", "edited_message", "callback_query", "my_chat_member"))
    queue.allow(["chat_member"])
    assert queue.wants("chat_member")
    assert not queue.wants("message")
    queue.allow([])
    assert queue.wants("message")


def test_no_poll_is_longer_than_the_longest() -> None:
    """A bot that wants to wait for an hour gets an empty answer after fifty seconds, here made shorter."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        assert sandbox.world.queue.longest_poll == 50
        sandbox.world.queue.longest_poll = 0.05
        offset = (await call("getUpdates"))["result"][-1]["update_id"] + 1
        async with asyncio.timeout(2):
            assert (await call("getUpdates", offset=offset, timeout=3600))["result"] == []

    play(script)


def test_the_number_of_updates_at_once_is_bounded() -> None:
    """A bot gets at most a hundred updates at once, and at least one, whatever it asks for."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        for _ in range(120):
            await ana.send("x", wait=False)
        assert len((await call("getUpdates", limit=500))["result"]) == 100
        assert len((await call("getUpdates", limit=0))["result"]) == 1

    play(script)
