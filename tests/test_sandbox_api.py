"""The sandbox refuses what Telegram refuses, in its words, and tells a bot's fault from the world's."""

# ruff: noqa: ARG001, ARG005 - each script takes what all scripts take

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import aiohttp
import pytest

from bot.sandbox import TOKEN, Person, Sandbox
from bot.sandbox.model import Standing
from bot.sandbox.world import ANSWER_WITHIN

Call = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def play(script: Callable[[Sandbox, Person, Call], Awaitable[None]], clock: Clock | None = None) -> Sandbox:
    """A sandbox with Ana, who has written to the bot, and a way to call the Bot API."""

    async def main() -> Sandbox:
        async with Sandbox(clock=clock or Clock()) as sandbox, aiohttp.ClientSession() as session:

            async def call(method: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - what a bot may send
                async with session.post(f"{sandbox.url}/bot{TOKEN}/{method}", json=given) as answer:
                    made: dict[str, Any] = await answer.json()
                    assert made["ok"] or made["error_code"] == answer.status
                    return made

            ana = sandbox.person("Ana")
            await ana.send("hello", wait=False)
            await script(sandbox, ana, call)
        return sandbox

    return asyncio.run(main())


KEYS = {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}


def keys(**button: object) -> dict[str, object]:
    """A keyboard with one button."""
    return {"inline_keyboard": [[{"text": "A", **button}]]}


@pytest.mark.parametrize(
    ("method", "given", "says"),
    [
        ("sendMessage", {"text": "x"}, "chat_id is empty"),
        ("sendMessage", {"chat_id": 1001}, "message text is empty"),
        ("sendMessage", {"chat_id": 1001, "text": " \n "}, "message text is empty"),
        ("sendMessage", {"chat_id": 1001, "text": "x" * 4097}, "message is too long"),
        ("sendMessage", {"chat_id": 1001, "text": "😀" * 2049}, "message is too long"),
        ("sendMessage", {"chat_id": 1001, "text": "x", "txet": "y"}, 'unknown parameter "txet"'),
        ("sendMessage", {"chat_id": 1001, "text": ["x"]}, "can't parse text"),
        ("sendMessage", {"chat_id": 1001, "text": "<b>x", "parse_mode": "HTML"}, "can't parse entities"),
        ("sendMessage", {"chat_id": 1001, "text": "x", "reply_markup": keys(callback_data="")}, "BUTTON_DATA_INVALID"),
        ("sendMessage", {"chat_id": 1001, "text": "x", "reply_markup": keys(callback_data="é" * 33)}, "BUTTON_DATA"),
        ("sendMessage", {"chat_id": 1001, "text": "x", "reply_markup": keys()}, "Text buttons are unallowed"),
        (
            "sendMessage",
            {"chat_id": 1001, "text": "x", "reply_markup": keys(callback_data="a", url="https://a.org")},
            "exactly one",
        ),
        (
            "sendMessage",
            {"chat_id": 1001, "text": "x", "reply_markup": keys(callback_data="a", style="red")},
            "button style",
        ),
        (
            "sendMessage",
            {"chat_id": 1001, "text": "x", "reply_markup": keys(copy_text={"text": "x" * 257})},
            "COPY_TEXT",
        ),
        (
            "sendMessage",
            {"chat_id": 1001, "text": "x", "reply_markup": keys(callback_data="a", colour="red")},
            'unknown field "colour"',
        ),
        (
            "sendMessage",
            {"chat_id": 1001, "text": "x", "reply_markup": {"keyboard": [[{"text": "A"}]]}},
            "does not play",
        ),
        ("sendDocument", {"chat_id": 1001, "document": "nothing"}, "wrong file identifier"),
        ("editMessageText", {"chat_id": 1001, "text": "x"}, "message identifier is not specified"),
        ("setMyCommands", {"commands": [{"command": "Bad", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "good", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ("setMyName", {"name": "x" * 65}, "too long"),
        ("setMyShortDescription", {"short_description": "x" * 121}, "too long"),
        ("setMyDescription", {"description": "x" * 513}, "too long"),
        ("sendChatAction", {"chat_id": 1001, "action": "sleeping"}, "wrong parameter action"),
        ("sendVideo", {"chat_id": 1001, "video": "x"}, "does not play sendVideo"),
        ("noSuchMethod", {}, "method not found"),
    ],
)
def test_what_breaks_the_rules_is_refused_and_counted(method: str, given: dict[str, Any], says: str) -> None:
    """What breaks the rules is refused and counted."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        answer = await call(method, **given)
        assert says in answer["description"]
        assert ana.messages == []
        assert len(sandbox.violations) == 1
        assert sandbox.refusals == []

    play(script)


async def _blocked(sandbox: Sandbox, ana: Person, call: Call) -> dict[str, Any]:
    ana.chat.standing = Standing.KICKED
    return await call("sendMessage", chat_id=1001, text="x")


async def _stranger(sandbox: Sandbox, ana: Person, call: Call) -> dict[str, Any]:
    return await call("sendMessage", chat_id=sandbox.person("Bo").user.id, text="x")


async def _upgraded(sandbox: Sandbox, ana: Person, call: Call) -> dict[str, Any]:
    group = sandbox.group(supergroup=False)
    group.chat.moved_to = sandbox.group().chat
    answer = await call("sendMessage", chat_id=group.chat.id, text="x")
    assert answer["parameters"] == {"migrate_to_chat_id": group.chat.moved_to.id}
    return answer


def _in_group(standing: Standing) -> Callable[[Sandbox, Person, Call], Awaitable[dict[str, Any]]]:
    async def try_it(sandbox: Sandbox, ana: Person, call: Call) -> dict[str, Any]:
        group = sandbox.group()
        group.chat.standing = standing
        return await call("sendMessage", chat_id=group.chat.id, text="x")

    return try_it


async def _same(sandbox: Sandbox, ana: Person, call: Call) -> dict[str, Any]:
    await call("sendMessage", chat_id=1001, text="<b>x</b>", parse_mode="HTML", reply_markup=KEYS)
    return await call(
        "editMessageText", chat_id=1001, message_id=2, text="<strong>x</strong> ", parse_mode="HTML", reply_markup=KEYS
    )


@pytest.mark.parametrize(
    ("attempt", "code", "says"),
    [
        (_blocked, 403, "Forbidden: bot was blocked by the user"),
        (_stranger, 403, "Forbidden: bot can't initiate conversation with a user"),
        (_upgraded, 400, "Bad Request: group chat was upgraded to a supergroup chat"),
        (_in_group(Standing.KICKED), 403, "Forbidden: bot was kicked from the supergroup chat"),
        (_in_group(Standing.LEFT), 403, "Forbidden: bot is not a member of the supergroup chat"),
        (_in_group(Standing.RESTRICTED), 400, "Bad Request: not enough rights to send text messages to the chat"),
        (_same, 400, "Bad Request: message is not modified: specified new message content"),
        (lambda s, a, call: call("sendMessage", chat_id=5, text="x"), 400, "Bad Request: chat not found"),
        (
            lambda s, a, call: call("sendMessage", chat_id=1001, text="x", message_thread_id=9),
            400,
            "Bad Request: message thread not found",
        ),
        (
            lambda s, a, call: call("sendMessage", chat_id=1001, text="x", reply_parameters={"message_id": 9}),
            400,
            "Bad Request: message to be replied not found",
        ),
        (
            lambda s, a, call: call("editMessageText", chat_id=1001, message_id=9, text="x"),
            400,
            "Bad Request: message to edit not found",
        ),
        (
            lambda s, a, call: call("editMessageText", chat_id=1001, message_id=1, text="x"),
            400,
            "Bad Request: message can't be edited",
        ),
        (
            lambda s, a, call: call("deleteMessage", chat_id=1001, message_id=9),
            400,
            "Bad Request: message to delete not found",
        ),
        (
            lambda s, a, call: call("answerCallbackQuery", callback_query_id="1"),
            400,
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        ),
    ],
)
def test_what_the_world_refuses_is_no_fault_of_the_bot(
    attempt: Callable[[Sandbox, Person, Call], Awaitable[dict[str, Any]]], code: int, says: str
) -> None:
    """What the world refuses is no fault of the bot."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        answer = await attempt(sandbox, ana, call)
        assert answer["error_code"] == code
        assert answer["description"].startswith(says)
        assert sandbox.violations == []
        assert len(sandbox.refusals) == 1

    play(script)


def test_lengths_count_after_parsing() -> None:
    """Lengths count after parsing."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        text = "<b>" + "&lt;" * 4096 + "</b>"
        assert (await call("sendMessage", chat_id=1001, text=text, parse_mode="HTML"))["ok"]
        assert ana.last.text == "<" * 4096
        assert ana.last.entities == [{"type": "bold", "offset": 0, "length": 4096}]

    assert play(script).violations == []


def test_a_tap_is_answered_once_and_in_time() -> None:
    """A tap is answered once and in time."""
    clock = Clock()

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await call("sendMessage", chat_id=1001, text="x", reply_markup=KEYS)
        for _ in range(3):
            await ana.tap("A", wait=False)
        first, second, third = (tap.id for tap in sandbox.world.taps.values())
        assert (await call("answerCallbackQuery", callback_query_id=first, text="x" * 201))["ok"] is False
        assert (await call("answerCallbackQuery", callback_query_id=first, text="x" * 200))["ok"]
        assert (await call("answerCallbackQuery", callback_query_id=first))["ok"] is False
        clock.now += ANSWER_WITHIN + 1
        assert "query is too old" in (await call("answerCallbackQuery", callback_query_id=second))["description"]
        assert [tap.id for tap in sandbox.unanswered] == [second, third]
        assert len(sandbox.violations) == 2

    play(script, clock)


def test_edits_are_state_and_old_messages_cannot_be_deleted() -> None:
    """Edits are state and old messages cannot be deleted."""
    clock = Clock()

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await call("sendMessage", chat_id=1001, text="x", reply_markup=KEYS)
        edited = await call("editMessageText", chat_id=1001, message_id=2, text="y")
        assert edited["result"]["edit_date"] == int(clock.now)
        assert (ana.last.text, ana.buttons, ana.keyboards) == ("y", [], [])
        clock.now += 49 * 3600
        assert "can't be deleted" in (await call("deleteMessage", chat_id=1001, message_id=2))["description"]
        assert (await call("editMessageText", chat_id=1001, message_id=2, text="z"))["ok"]

    play(script, clock)


def test_forms_and_parts_are_read_like_json() -> None:
    """Forms and parts are read like json."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with aiohttp.ClientSession() as session:
            url = f"{sandbox.url}/bot{TOKEN}/sendMessage"
            form = {"chat_id": "1001", "text": "a", "reply_markup": json.dumps(KEYS)}
            async with session.post(url, data=form) as answer:
                assert answer.status == 200
            parts = aiohttp.FormData({"chat_id": "1001"})
            parts.add_field("document", b"all", filename="a.json", content_type="application/json")
            async with session.post(f"{sandbox.url}/bot{TOKEN}/sendDocument", data=parts) as answer:
                sent = (await answer.json())["result"]
            found = await call("getFile", file_id=sent["document"]["file_id"])
            path = found["result"]["file_path"]
            async with session.get(f"{sandbox.url}/file/bot{TOKEN}/{path}") as answer:
                assert await answer.read() == b"all"
        assert ana.messages[0].labels == ["A"]

    assert play(script).violations == []


@pytest.mark.parametrize(("token", "code"), [("1:wrong", 401), ("nonsense", 404)])
def test_a_wrong_token_opens_nothing(token: str, code: int) -> None:
    """A wrong token opens nothing."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with aiohttp.ClientSession() as session, session.get(f"{sandbox.url}/bot{token}/getMe") as answer:
            assert answer.status == code

    play(script)
