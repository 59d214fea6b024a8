"""The sandbox refuses what Telegram refuses, in its words, and tells a bot's fault from the world's."""

# ruff: noqa: ARG001 - each script takes what all scripts take

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import aiohttp
import pytest

from bot.sandbox import TOKEN, Person, Sandbox
from bot.sandbox.model import Standing
from bot.sandbox.record import MOST_MESSAGES
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


def wide(count: int) -> dict[str, object]:
    """A keyboard with so many buttons in one row."""
    return {"inline_keyboard": [[{"text": "A", "callback_data": "a"}] * count]}


def tall(count: int) -> dict[str, object]:
    """A keyboard with so many rows."""
    return {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]] * count}


def keys(**button: object) -> dict[str, object]:
    """A keyboard with one button."""
    return {"inline_keyboard": [[{"text": "A", **button}]]}


@pytest.mark.parametrize(
    ("method", "given", "says"),
    [
        ("sendMessage", {"text": "x"}, "chat_id is empty"),
        ("sendMessage", {"chat_id": 1001}, "message text is empty"),
        ("sendMessage", {"chat_id": 1001, "text": " \n "}, "message text is empty"),
        ("sendMessage", {"chat_id": 1001, "text": "\u200b\u200f \ufeff\u00a0\u2800\ufffc"}, "message text is empty"),
        ("sendMessage", {"chat_id": 5, "text": "x"}, "Bad Request: chat not found"),
        ("sendMessage", {"chat_id": 1001, "text": "x", "message_thread_id": 9}, "message thread not found"),
        ("sendMessage", {"chat_id": 1001, "text": "x", "reply_parameters": {"message_id": 9}}, "replied not found"),
        (
            "sendMessage",
            {"chat_id": 1001, "text": "x", "reply_parameters": {"message_id": 9, "allow_sending_without_reply": True}},
            "message to be replied not found",
        ),
        (
            "sendMessage",
            {"chat_id": 1001, "text": "x", "reply_parameters": {"allow_sending_without_reply": True}},
            'Can\'t find field "message_id"',
        ),
        (
            "sendMessage",
            {"chat_id": 1001, "text": "x", "reply_parameters": {"message_id": None}},
            "reply_parameters.message_id is null",
        ),
        ("sendMessage", {"chat_id": 1001, "text": "x", "parse_mode": None}, "parse_mode is null"),
        ("sendMessage", {"chat_id": 1001, "text": "x", "reply_markup": wide(9)}, "too wide: 9 buttons in a row"),
        ("sendMessage", {"chat_id": 1001, "text": "x", "reply_markup": tall(101)}, "reply markup is too long"),
        (
            "sendMessage",
            {"chat_id": 1001, "text": "x", "reply_markup": keys(text="\u200b", callback_data="a")},
            "text of a button must be non-empty",
        ),
        ("sendMessage", {"chat_id": 1001, "text": "x" * 4097}, "message is too long"),
        ("sendMessage", {"chat_id": 1001, "text": "😀" * 2049}, "message is too long"),
        ("sendMessage", {"chat_id": 1001, "text": "x", "txet": "y"}, 'unknown parameter "txet"'),
        ("sendMessage", {"chat_id": 1001, "text": ["x"]}, "can't parse text"),
        ("sendMessage", {"chat_id": 1001, "text": "<b>x", "parse_mode": "HTML"}, "can't parse entities"),
        ("sendMessage", {"chat_id": 1001, "text": "x", "reply_markup": keys(callback_data="")}, "Text buttons are"),
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
            {"chat_id": 1001, "text": "x", "reply_markup": keys(copy_text={"text": "😀" * 129})},
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
        ("editMessageText", {"chat_id": 1001, "message_id": 9, "text": "x"}, "message to edit not found"),
        ("editMessageText", {"chat_id": 1001, "message_id": 1, "text": "x"}, "message can't be edited"),
        ("deleteMessage", {"chat_id": 1001, "message_id": 9}, "message to delete not found"),
        ("deleteMessages", {"chat_id": 1001, "message_ids": []}, "message identifiers are not specified"),
        ("deleteMessages", {"chat_id": 1001, "message_ids": list(range(101))}, "too many message identifiers"),
        ("answerCallbackQuery", {"callback_query_id": "1"}, "query is too old and response timeout expired"),
        ("setMessageReaction", {"chat_id": 1001, "message_id": 9}, "message to react not found"),
        ("setMessageReaction", {"chat_id": 1001, "message_id": 1, "reaction": [{"type": "paid"}]}, "paid reactions"),
        (
            "setMessageReaction",
            {"chat_id": 1001, "message_id": 1, "reaction": [{"type": "emoji", "emoji": "🦵"}]},
            "REACTION_INVALID",
        ),
        ("getUpdates", {"allowed_updates": ["mesage"]}, 'unknown kind of updates "mesage"'),
        (
            "setMyCommands",
            {"commands": [{"command": "a", "description": "x"}], "scope": {"type": "chat", "chat_id": 5}},
            "chat not found",
        ),
        ("setMyCommands", {"commands": [{"command": "a", "description": "😀" * 129}]}, "DESCRIPTION_INVALID"),
        ("setMyName", {"name": "😀" * 33}, "too long"),
        ("setChatMenuButton", {"menu_button": {"type": "commands"}, "chat_id": None}, "chat_id is null"),
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
    """A bot author reads in Telegram's words what the bot did wrong; nothing of it reaches anybody."""

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


def _gone(method: str, **given: object) -> Callable[[Sandbox, Person, Call], Awaitable[dict[str, Any]]]:
    async def try_it(sandbox: Sandbox, ana: Person, call: Call) -> dict[str, Any]:
        await call("sendMessage", chat_id=1001, text="x")
        assert (await call("deleteMessage", chat_id=1001, message_id=2))["ok"]
        return await call(method, chat_id=1001, message_id=2, **given)

    return try_it


async def _reply_to_gone(sandbox: Sandbox, ana: Person, call: Call) -> dict[str, Any]:
    ana.own()[0].deleted = True
    reply = {"message_id": 1, "allow_sending_without_reply": True}
    sent = await call("sendMessage", chat_id=1001, text="x", reply_parameters=reply)
    assert "reply_to_message" not in sent["result"]
    return await call("sendMessage", chat_id=1001, text="x", reply_parameters={"message_id": 1})


async def _dropped(sandbox: Sandbox, ana: Person, call: Call) -> dict[str, Any]:
    for _ in range(MOST_MESSAGES):
        sandbox.world.write(ana.chat, ana.user, ("x", []))
    assert len(ana.chat.messages) < MOST_MESSAGES
    return await call("deleteMessage", chat_id=1001, message_id=1)


async def _old_tap(sandbox: Sandbox, ana: Person, call: Call) -> dict[str, Any]:
    await ana.forge_tap("x", wait=False)
    name = sandbox.unanswered[0].id
    sandbox.world.taps.clear()  # as after very many more
    return await call("answerCallbackQuery", callback_query_id=name)


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
        (_gone("editMessageText", text="y"), 400, "Bad Request: message to edit not found"),
        (_gone("editMessageReplyMarkup"), 400, "Bad Request: message to edit not found"),
        (_gone("deleteMessage"), 400, "Bad Request: message to delete not found"),
        (_gone("setMessageReaction"), 400, "Bad Request: message to react not found"),
        (_reply_to_gone, 400, "Bad Request: message to be replied not found"),
        (_dropped, 400, "Bad Request: message to delete not found"),
        (_old_tap, 400, "Bad Request: query is too old and response timeout expired or query ID is invalid"),
    ],
)
def test_what_the_world_refuses_is_no_fault_of_the_bot(
    attempt: Callable[[Sandbox, Person, Call], Awaitable[dict[str, Any]]], code: int, says: str
) -> None:
    """Where somebody blocked the bot, deleted a message or moved a group meanwhile, no rule counts as broken."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        answer = await attempt(sandbox, ana, call)
        assert answer["error_code"] == code
        assert answer["description"].startswith(says)
        assert sandbox.violations == []
        assert len(sandbox.refusals) == 1

    play(script)


def test_lengths_count_after_parsing() -> None:
    """A text of 4,096 characters arrives whole, however many its tags and escapes take."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        text = "<b>" + "&lt;" * 4096 + "</b>"
        assert (await call("sendMessage", chat_id=1001, text=text, parse_mode="HTML"))["ok"]
        assert ana.last.text == "<" * 4096
        assert ana.last.entities == [{"type": "bold", "offset": 0, "length": 4096}]

    assert play(script).violations == []


def test_a_tap_is_answered_once_and_in_time() -> None:
    """A second answer to a tap is the bot's mistake; one after fifteen seconds only comes too late."""
    clock = Clock()

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await call("sendMessage", chat_id=1001, text="x", reply_markup=KEYS)
        for _ in range(3):
            await ana.tap("A", wait=False)
        first, second, third = (tap.id for tap in sandbox.world.taps.values())
        assert (await call("answerCallbackQuery", callback_query_id=first, text="x" * 201))["ok"] is False
        assert (await call("answerCallbackQuery", callback_query_id=first, text="x" * 200))["ok"]
        assert (await call("answerCallbackQuery", callback_query_id=first))["ok"] is False
        assert ANSWER_WITHIN == 15
        clock.now += 15.1
        assert "query is too old" in (await call("answerCallbackQuery", callback_query_id=second))["description"]
        assert [tap.id for tap in sandbox.unanswered] == [second, third]
        assert len(sandbox.violations) == 2

    play(script, clock)


def test_edits_are_state_and_old_messages_cannot_be_deleted() -> None:
    """An edit shows at once and takes the buttons along; after two days a message can be edited but not deleted."""
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
    """What a bot sends as a form or in parts arrives as it does in JSON, files included."""

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
    """Whoever mistypes the token is told so before anything else, and gets at nothing."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        async with aiohttp.ClientSession() as session, session.get(f"{sandbox.url}/bot{token}/getMe") as answer:
            assert answer.status == code

    play(script)


def test_what_is_at_the_limit_is_taken() -> None:
    """Full rows, a full keyboard, a full caption, and the longest of all texts arrive."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        for markup in (wide(8), tall(100), {}, "{}"):
            assert (await call("sendMessage", chat_id=1001, text="x", reply_markup=markup))["ok"]
        assert [len(message.labels) for message in ana.messages] == [8, 100, 0, 0]
        assert (await call("sendMessage", chat_id=1001, text="x", reply_parameters={}))["ok"]
        assert (await call("deleteMessages", chat_id=1001, message_ids=[2, 3, 77]))["ok"]
        assert [message.id for message in ana.messages] == [4, 5, 6]
        assert (await call("setMyName", name="😀" * 32))["ok"]
        for emoji in ("👍", "❤", "❤\ufe0f", "🤷\u200d♀"):
            reaction = [{"type": "emoji", "emoji": emoji}]
            assert (await call("setMessageReaction", chat_id=1001, message_id=1, reaction=reaction))["ok"]
            assert ana.own()[0].reaction == emoji
        assert (await call("setMyCommands", commands=[], scope={"type": "chat", "chat_id": 1001}))["ok"]

    assert play(script).violations == []


def test_photos_and_captions() -> None:
    """A photo comes with its caption; more than 1,024 characters of it are refused, and it has no text to edit."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        parts = aiohttp.FormData({"chat_id": "1001", "caption": " <b>knee</b>\n", "parse_mode": "HTML"})
        parts.add_field("photo", b"jpeg", filename="a.jpg", content_type="image/jpeg")
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{sandbox.url}/bot{TOKEN}/sendPhoto", data=parts) as answer,
        ):
            sent = (await answer.json())["result"]
        assert (sent["caption"], sent["caption_entities"][0]["type"]) == ("knee", "bold")
        name = sent["photo"][0]["file_id"]
        assert (await call("sendPhoto", chat_id=1001, photo=name, caption="😀" * 512))["ok"]
        assert (await call("sendPhoto", chat_id=1001, photo=name, caption="\u200b"))["result"].get("caption") is None
        assert sandbox.violations == []
        long = await call("sendPhoto", chat_id=1001, photo=name, caption="x" * 1025)
        assert long["description"] == "Bad Request: message caption is too long"
        edit = await call("editMessageText", chat_id=1001, message_id=2, text="y")
        assert edit["description"] == "Bad Request: there is no text in the message to edit"
        assert len(sandbox.violations) == 2

    play(script)


def test_in_groups_only_own_messages_can_be_deleted() -> None:
    """A bot without rights that tries to delete what a member wrote breaks a rule, and nothing is deleted at all."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        chat = sandbox.group().chat
        theirs = sandbox.world.write(chat, ana.user, ("x", []))
        mine = (await call("sendMessage", chat_id=chat.id, text="y"))["result"]["message_id"]
        one = await call("deleteMessage", chat_id=chat.id, message_id=theirs.id)
        several = await call("deleteMessages", chat_id=chat.id, message_ids=[mine, theirs.id])
        assert one["description"] == several["description"] == "Bad Request: message can't be deleted for everyone"
        assert [message.id for message in chat.shown()] == [theirs.id, mine]
        assert len(sandbox.violations) == 2

    play(script)


def test_the_preview_of_links_belongs_to_the_message() -> None:
    """An edit that only says where a link's preview stands is a change; an edit that does not say so takes it away."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        away = {"is_disabled": True}
        given = {"chat_id": 1001, "message_id": 2, "text": "a.org"}
        await call("sendMessage", chat_id=1001, text="a.org")
        edited = await call("editMessageText", **given, link_preview_options=away)
        assert edited["result"]["link_preview_options"] == away
        assert not (await call("editMessageText", **given, link_preview_options=away))["ok"]
        assert "link_preview_options" not in (await call("editMessageText", **given))["result"]
        assert len(sandbox.refusals) == 1

    play(script)


def test_a_text_is_never_a_file() -> None:
    """A text that looks like the name of an attached file is shown as it is written."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        assert (await call("sendMessage", chat_id=1001, text="attach://x"))["ok"]
        assert ana.last.text == "attach://x"
        missing = await call("sendDocument", chat_id=1001, document="attach://x")
        assert missing["description"] == 'Bad Request: file "x" is not attached'

    play(script)


def test_what_can_only_be_true_is_refused_as_false() -> None:
    """A field that Telegram documents as always true tells a bot author that it was set to false."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        markup = {"force_reply": False}
        refused = await call("sendMessage", chat_id=1001, text="x", reply_markup=markup)
        assert "it can only be True" in refused["description"]

    play(script)


def test_labels_are_cleaned_like_texts() -> None:
    """What cannot be seen is cut off a button's label."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await call("sendMessage", chat_id=1001, text="x", reply_markup=keys(text=" A\u202e\tB\n", callback_data="a"))
        assert ana.buttons == ["A B"]

    play(script)


def test_a_call_remembers_what_came_of_it() -> None:
    """The journal tells of each call what with, what came of it, and of a message its id; polls stay out of it."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        await call("getUpdates")
        await call("sendMessage", chat_id=1001, text="x")
        await call("sendChatAction", chat_id=1001, action="typing")
        await call("sendMessage", chat_id=5, text="x")
        assert [(each.method, each.result, each.error) for each in sandbox.journal] == [
            ("sendMessage", 2, ""),
            ("sendChatAction", True, ""),
            ("sendMessage", None, "Bad Request: chat not found"),
        ]
        assert sandbox.journal[2].parameters == {"chat_id": 5, "text": "x"}
        assert sandbox.journal[0].time == 1_800_000_000

    play(script)
