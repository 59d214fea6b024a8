"""What may happen to calls and updates on the way: what the bot notices, what was done all the same, what counts it."""

# ruff: noqa: ARG001 - each script takes what all scripts take

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.sandbox import TOKEN, Failure, Mishap, Person, Rule, Sandbox, Shares
from bot.sandbox.faults import parse
from bot.sandbox.queue import FIRST_ID
from tests.test_sandbox_api import Call, Clock, play
from tests.test_sandbox_calls import until

SEND = ("sendMessage",)


async def send(call: Call, text: str) -> str:
    """Write to Ana; what the bot knows of it then: nothing but an answer tells it that it worked."""
    try:
        answer = await call("sendMessage", chat_id=1001, text=text)
    except aiohttp.ClientConnectionError as error:
        return type(error).__name__
    return "sent" if answer["ok"] else str(answer["description"])


async def outcomes(call: Call, count: int) -> list[str]:
    """So many messages, one after the other."""
    return [await send(call, f"{number}") for number in range(count)]


@pytest.mark.parametrize(
    ("failure", "status", "kind", "says"),
    [
        (Failure.ERROR, 500, "application/json", '"description": "Internal Server Error"'),
        (Failure.BUSY, 503, "application/json", '"error_code": 503'),
        (Failure.PROXY, 502, "text/html", "<h1>502 Bad Gateway</h1>"),
        (Failure.FLOOD, 429, "application/json", '"parameters": {"retry_after": 7}'),
    ],
)
def test_a_server_that_fails(failure: Failure, status: int, kind: str, says: str) -> None:
    """The bot gets the refusal as Telegram or a server in front of it words it, nobody sees anything, once only."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        faults = sandbox.fail(Rule(failure, SEND, times=1, retry_after=7))
        url = f"{sandbox.url}/bot{TOKEN}/sendMessage"
        async with aiohttp.ClientSession() as session, session.post(url, data={"chat_id": 1001, "text": "x"}) as answer:
            assert (answer.status, answer.content_type) == (status, kind)
            assert says in await answer.text()
        assert ana.messages == []
        assert await send(call, "x") == "sent"
        assert faults.count(failure) == faults.count(failure, "sendMessage", 1001) == 1
        assert sandbox.violations == sandbox.refusals == []
        assert sandbox.journal[0].error.endswith("(a fault)")

    play(script)


def test_a_connection_that_breaks_before_or_after() -> None:
    """Both ways the bot sees a connection reset; only of the one that broke afterwards is the message there."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        sandbox.fail(Rule(Failure.RESET, SEND, times=1), Rule(Failure.LOST, SEND, times=1))
        assert await outcomes(call, 3) == ["ClientOSError", "ClientOSError", "sent"]
        assert [message.text for message in ana.messages] == ["1", "2"]

    play(script)


def test_duplicates_are_as_many_as_answers_were_lost() -> None:
    """A bot that sends again after each lost answer writes twice exactly as often as answers to that chat were lost."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        faults = sandbox.fail(Rule(Failure.LOST, share=0.3), seed=11)
        for number in range(30):
            while await send(call, f"{number}") != "sent":
                pass
        lost = faults.count(Failure.LOST, chat_id=1001)
        assert lost > 5
        assert len(ana.messages) == 30 + lost
        assert faults.count(Failure.LOST, chat_id=5) == faults.count(Failure.RESET) == 0

    play(script)


def test_a_call_that_hangs_is_never_done() -> None:
    """The bot waits in vain, and the message is not there; a short hang ends with a broken connection."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        sandbox.fail(Rule(Failure.HANG, SEND))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(send(call, "x"), 0.1)
        sandbox.fail(Rule(Failure.HANG, SEND, seconds=0.01))
        assert await send(call, "x") == "ClientOSError"
        assert ana.messages == []

    play(script)


def test_a_poll_whose_answer_is_lost_loses_no_update() -> None:
    """A bot whose poll breaks asks again with the same offset, and gets the same updates."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        sandbox.fail(Rule(Failure.LOST, ("getUpdates",), times=1))
        with pytest.raises(aiohttp.ClientOSError):
            await call("getUpdates")
        assert len((await call("getUpdates"))["result"]) == 1

    play(script)


def test_a_person_blocks_the_bot_while_it_writes() -> None:
    """The bot meets the 403 before it hears of the block, and the person can let it write again."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        bo = sandbox.person("Bo")
        await bo.send("hello", wait=False)
        faults = sandbox.fail(Rule(Failure.BLOCKED, chats=(1001,)))
        assert await send(call, "x") == "Forbidden: bot was blocked by the user"
        assert (await call("sendMessage", chat_id=bo.chat.id, text="x"))["ok"]
        assert (await call("getUpdates"))["result"][-1]["my_chat_member"]["new_chat_member"]["status"] == "kicked"
        assert await send(call, "x") == "Forbidden: bot was blocked by the user"
        assert faults.count(Failure.BLOCKED) == 1
        sandbox.fail()
        await ana.unblock(wait=False)
        assert await send(call, "x") == "sent"
        assert sandbox.violations == []

    play(script)


def test_a_group_becomes_a_supergroup_while_the_bot_writes() -> None:
    """The bot is told the new id instead of an answer, and then hears of it from the group too."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        group = sandbox.group(supergroup=False)
        faults = sandbox.fail(Rule(Failure.MOVED))
        assert await send(call, "x") == "sent"
        answer = await call("sendMessage", chat_id=group.chat.id, text="x")
        assert (answer["error_code"], list(answer["parameters"])) == (400, ["migrate_to_chat_id"])
        new = answer["parameters"]["migrate_to_chat_id"]
        assert (await call("sendMessage", chat_id=new, text="x"))["ok"]
        told = (await call("getUpdates"))["result"][-1]["message"]
        assert (told["chat"]["id"], told["migrate_from_chat_id"]) == (new, group.chat.id)
        assert faults.count(Failure.MOVED) == faults.count(Failure.MOVED, chat_id=group.chat.id) == 1

    play(script)


def test_slow_calls_are_waited_for() -> None:
    """Whoever waits for the bot to come to rest waits for a call that takes long, too."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        sandbox.settle = 0.02
        await call("getUpdates", offset=FIRST_ID + 1)
        faults = sandbox.fail(Rule(Failure.SLOW, seconds=0.1, jitter=0.1))
        before = asyncio.get_running_loop().time()
        sending = asyncio.create_task(send(call, "x"))
        await until(lambda: faults.count(Failure.SLOW) == 1)
        await sandbox.quiet()
        assert ana.sees("x")
        assert asyncio.get_running_loop().time() - before >= 0.1
        assert await sending == "sent"

    play(script)


def test_the_same_seed_gives_the_same_again() -> None:
    """What befalls the calls of one method is the same for one seed, whatever other calls there are in between."""
    found: list[list[str]] = []

    def tried(seed: int, *, busy: bool) -> list[str]:
        async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
            sandbox.fail(Rule(Failure.ERROR, share=0.3), Rule(Failure.RESET, share=0.2), seed=seed)
            results = []
            for number in range(25):
                results.append(await send(call, f"{number}"))
                if busy:
                    await asyncio.gather(call("getMe"), return_exceptions=True)
            found.append(results)

        play(script)
        return found[-1]

    first = tried(1, busy=False)
    assert set(first) == {"sent", "ClientOSError", "Internal Server Error"}
    assert tried(1, busy=True) == first
    assert tried(2, busy=False) != first


def test_a_rule_changes_nothing_for_another() -> None:
    """A call that several rules would hit meets the first; the others have their share of the rest as before."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        sandbox.fail(Rule(Failure.ERROR, SEND, share=0.5), seed=4)
        alone = await outcomes(call, 20)
        faults = sandbox.fail(Rule(Failure.RESET, SEND, times=2), Rule(Failure.ERROR, SEND, share=0.5), seed=4)
        await outcomes(call, 2)
        assert faults.count(Failure.RESET) == 2
        assert faults.count(Failure.ERROR) == 0
        assert "Internal Server Error" in alone

    play(script)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"methods": ("sendMesage",)}, "there is no method 'sendMesage'"),
        ({"share": 1.5}, "a share is a number from 0 to 1"),
        ({"seconds": -1.0}, "times are not negative"),
        ({"retry_after": 0}, "at least 1"),
    ],
)
def test_a_rule_that_makes_no_sense(given: dict[str, Any], says: str) -> None:
    """A test that misspells a method is told so instead of testing nothing."""
    with pytest.raises(ValueError, match=says):
        Rule(Failure.ERROR, **given)


def test_rules_in_short() -> None:
    """The command line has a short way to write the usual rules."""
    assert parse("sendmessage:lost:0.25") == Rule(Failure.LOST, SEND, 0.25)
    assert parse("*:slow:1") == Rule(Failure.SLOW, ("*",), 1.0, seconds=1.0)


# --- updates ------------------------------------------------------------------------------------------------------


def test_an_update_may_come_again_although_it_was_confirmed() -> None:
    """A bot gets some updates once more, with the same id, and that is waited for as for any other."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        mishaps = sandbox.disturb(Shares(again=0.5), seed=2)
        for number in range(20):
            await ana.send(f"{number}", wait=False)
        offset, got = 0, []
        for _ in range(20):
            for update in (await call("getUpdates", offset=offset, limit=3))["result"]:
                offset = update["update_id"] + 1
                got.append(update["update_id"])
        assert sandbox.world.queue.is_done
        again = mishaps.count(Mishap.AGAIN, 1001)
        assert 5 < again < 15
        assert len(got) == 21 + again
        assert sorted(set(got)) == list(range(FIRST_ID, FIRST_ID + 21))

    play(script)


def test_ids_may_jump_up() -> None:
    """Ids of updates grow, but not by one."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        mishaps = sandbox.disturb(Shares(jump=0.5))
        for number in range(20):
            await ana.send(f"{number}", wait=False)
        ids = [update["update_id"] for update in (await call("getUpdates"))["result"]]
        assert ids == sorted(ids)
        assert ids[-1] - ids[0] > 1000
        assert mishaps.count(Mishap.JUMP) > 5

    play(script)


@pytest.mark.parametrize("week", [True, False])
def test_a_new_count_of_ids_begins_lower(*, week: bool) -> None:
    """After a quiet week, or as a mishap, the next id is far below; a bot that waits with its old offset gets it."""
    clock = Clock()

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        (last,) = (await call("getUpdates"))["result"]
        old = last["update_id"] + 1
        waiting = asyncio.create_task(call("getUpdates", offset=old, timeout=30))
        await until(lambda: sandbox.world.queue.is_done)
        if week:
            clock.now += 7 * 24 * 3600 + 1
        else:
            sandbox.disturb(Shares(fresh=1.0))
        await ana.send("two", wait=False)
        (update,) = (await waiting)["result"]
        assert (update["message"]["text"], update["update_id"] < old - 10_000) == ("two", True)
        assert (await call("getUpdates", offset=old))["result"] == [update]
        assert (await call("getUpdates", offset=update["update_id"] + 1))["result"] == []

    play(script, clock)


def test_a_new_count_does_not_begin_while_updates_wait() -> None:
    """Ids that wait together are in the order of time, so that confirming one never confirms a later one."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        sandbox.disturb(Shares(fresh=1.0))
        for number in range(5):
            await ana.send(f"{number}", wait=False)
        got = (await call("getUpdates"))["result"]
        assert [update["message"]["text"] for update in got] == ["hello", *"01234"]
        assert [update["update_id"] for update in got] == sorted(update["update_id"] for update in got)

    play(script)


def test_who_asks_for_the_same_again_at_once_waits_a_little() -> None:
    """A bot that turns in circles is slowed down; one that goes on, or asks for something else, is not."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async def took(**given: int) -> float:
            before = asyncio.get_running_loop().time()
            await call("getUpdates", **given)
            return asyncio.get_running_loop().time() - before

        await ana.send("two", wait=False)
        sandbox.world.queue.repeat_pause = 0.6
        assert await took(offset=FIRST_ID) < 0.6
        assert await took(offset=FIRST_ID) >= 0.6
        assert await took(offset=FIRST_ID + 1) < 0.6
        assert await took(offset=FIRST_ID + 2) < 0.6
        assert await took(offset=FIRST_ID + 2) < 0.6

    play(script)
