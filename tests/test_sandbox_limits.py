"""How many messages the sandbox takes, once a test wants its limits, and what does not count."""

# ruff: noqa: ARG001 - each script takes what all scripts take

from __future__ import annotations

import asyncio

from bot.sandbox import Limits, Person, Sandbox
from tests.test_sandbox_api import KEYS, Call, Clock, play

TOO_MANY = "sendMessage: 429 Too Many Requests: retry after {}"


def test_without_limits_everything_is_taken() -> None:
    """A test that is about something else is not slowed down."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        answers = await asyncio.gather(*(call("sendMessage", chat_id=1001, text="x") for _ in range(60)))
        assert all(answer["ok"] for answer in answers)

    play(script)


def test_one_person_gets_a_short_burst_and_then_one_message_a_second() -> None:
    """The sixth message at once is refused until a second has passed; a refused one costs nothing."""
    clock = Clock()

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        limiter = sandbox.limit()
        for _ in range(5):
            assert (await call("sendMessage", chat_id=1001, text="x"))["ok"]
        for _ in range(3):
            answer = await call("sendMessage", chat_id=1001, text="x")
            assert (answer["error_code"], answer["parameters"]) == (429, {"retry_after": 1})
        assert sandbox.refusals == [TOO_MANY.format(1)] * 3
        assert limiter.refused == {1001: 3}
        clock.now += 1
        assert (await call("sendMessage", chat_id=1001, text="x"))["ok"]
        assert not (await call("sendMessage", chat_id=1001, text="x"))["ok"]
        clock.now += 60
        answers = [await call("sendMessage", chat_id=1001, text="x") for _ in range(6)]
        assert [answer["ok"] for answer in answers] == [True] * 5 + [False]
        assert len(ana.messages) == 11
        assert sandbox.violations == []

    play(script, clock)


def test_only_what_is_sent_counts() -> None:
    """Edits, deletions and answers to taps are taken however many there are."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        limiter = sandbox.limit(Limits(burst=1))
        number = (await call("sendMessage", chat_id=1001, text="x", reply_markup=KEYS))["result"]["message_id"]
        for text in "abcdefgh":
            await ana.tap("A", wait=False)
            given = {"chat_id": 1001, "message_id": number, "text": text, "reply_markup": KEYS}
            assert (await call("editMessageText", **given))["ok"]
            assert (await call("answerCallbackQuery", callback_query_id=sandbox.unanswered[0].id))["ok"]
        assert (await call("deleteMessage", chat_id=1001, message_id=number))["ok"]
        assert not limiter.refused

    play(script)


def test_a_group_gets_twenty_messages_a_minute() -> None:
    """The twenty-first is refused, for as long as the first of them is no minute ago."""
    clock = Clock()

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        sandbox.limit()
        given = {"chat_id": sandbox.group().chat.id, "text": "x"}
        for _ in range(20):
            clock.now += 1
            assert (await call("sendMessage", **given))["ok"]
        assert (await call("sendMessage", **given))["parameters"] == {"retry_after": 41}
        clock.now += 41
        assert (await call("sendMessage", **given))["ok"]

    play(script, clock)


def test_all_together_get_thirty_messages_a_second() -> None:
    """With many people at once the thirty-first message has to wait, whoever it is for."""
    clock = Clock()

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        limiter = sandbox.limit()
        people = [sandbox.person() for _ in range(40)]
        for person in people:
            await person.send("hello", wait=False)
        for person in people:
            await call("sendMessage", chat_id=person.user.id, text="x")
        assert [len(person.messages) for person in people] == [1] * 30 + [0] * 10
        assert limiter.refused.total() == 10
        clock.now += 1
        for person in people[30:]:
            assert (await call("sendMessage", chat_id=person.user.id, text="x"))["ok"]

    play(script, clock)


def test_the_oldest_of_many_taps_of_a_tests_own_making_are_forgotten() -> None:
    """A sandbox that runs for days keeps the ids of made-up taps only for a while."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        for number in range(10_001):
            sandbox.world.keep_old_tap(f"tap{number}")
        assert len(sandbox.world.old_taps) == 5_000
        await call("answerCallbackQuery", callback_query_id="tap10000")
        assert len(sandbox.refusals) == 1
        await call("answerCallbackQuery", callback_query_id="tap0")
        assert len(sandbox.violations) == 1

    play(script)
