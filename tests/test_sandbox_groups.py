"""Groups as a bot meets them: what privacy mode lets through, threads, being added and removed."""

# ruff: noqa: ARG001 - each script takes what all scripts take

from __future__ import annotations

import contextlib
from collections.abc import Awaitable
from typing import Any

import pytest

from bot.sandbox import Group, NotThereError, Person, Sandbox, SilenceError, What
from bot.sandbox.model import Standing
from tests.test_sandbox_api import Call, play

NAME = "@signpost_test_bot"


async def alone(work: Awaitable[object]) -> None:
    """Do something where no bot runs, so nobody takes what is written."""
    with contextlib.suppress(SilenceError):
        await work


async def updates(call: Call, kind: str = "message") -> list[dict[str, Any]]:
    """The updates of this kind that wait for the bot, but for the first words to it."""
    found = [update[kind] for update in (await call("getUpdates"))["result"] if kind in update]
    return [each for each in found if each.get("text") != "hello"]


async def texts(call: Call) -> list[str]:
    """What is said in them."""
    return [message.get("text", "") for message in await updates(call)]


def impatient(sandbox: Sandbox, *, topics: bool = False) -> Group:
    """A group in a sandbox that does not wait long for a bot that is not there."""
    sandbox.patience = 0.01
    return sandbox.group(topics=topics)


def test_privacy_mode_lets_through_what_is_meant_for_the_bot() -> None:
    """Members' talk stays among them; commands, replies to the bot, and all that an admin bot may read arrive."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        group = impatient(sandbox, topics=True)
        topic = group.topic("Knees")
        sent = (await call("sendMessage", chat_id=group.chat.id, text="line", message_thread_id=topic))["result"]
        for text in ("talk", "/check", f"/check{NAME}", "/check@other", f"hi {NAME}"):
            await alone(group.send(ana, text, topic=topic, silent=True))
        await alone(group.send(ana, "a reply", reply_to=group.chat.messages[sent["message_id"]]))
        await alone(group.send_anonymously("/help"))
        await alone(group.post_from_channel("news"))
        assert await texts(call) == ["/check", f"/check{NAME}", "a reply", "/help"]
        group.chat.standing = Standing.ADMIN
        await alone(group.send(ana, "talk"))
        assert (await texts(call))[-1] == "talk"
        first = (await updates(call))[0]
        assert (first["message_thread_id"], first["is_topic_message"]) == (topic, True)

    play(script)


def test_a_bare_command_is_for_the_bot_that_wrote_last() -> None:
    """After another bot has written, only a command with this bot's name reaches it, until it writes itself."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        group = impatient(sandbox)
        group.send_from_bot("/check")
        await alone(group.send(ana, "/one", silent=True))
        await alone(group.send(ana, f"/two{NAME}"))
        await call("sendMessage", chat_id=group.chat.id, text="here")
        await alone(group.send(ana, "/three"))
        assert await texts(call) == [f"/two{NAME}", "/three"]

    play(script)


def test_mentions_arrive_where_the_group_lets_them() -> None:
    """Telegram's sources differ on mentions in privacy mode, so a group can be either."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        group = impatient(sandbox)
        await alone(group.send(ana, f"one {NAME}", silent=True))
        group.chat.mentions_arrive = True
        await alone(group.send(ana, f"two {NAME.upper()}"))
        await alone(group.send(ana, "three @somebody", silent=True))
        assert await texts(call) == [f"two {NAME.upper()}"]

    play(script)


def test_what_the_bot_cannot_read_is_never_waited_for() -> None:
    """A test that expects an answer to words that privacy mode holds back is told so."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        group = sandbox.group()
        with pytest.raises(SilenceError, match="does not get to read"):
            await group.send(ana, "talk")
        await group.send(ana, "talk", silent=True)

    play(script)


def test_being_added_is_told_twice_and_leaving_once() -> None:
    """A bot that is added gets its new standing and the group's own message of it; one that leaves its standing."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        group = impatient(sandbox)
        await call("leaveChat", chat_id=group.chat.id)
        (left,) = await updates(call, "my_chat_member")
        assert (left["old_chat_member"]["status"], left["new_chat_member"]["status"]) == ("member", "left")
        assert left["from"]["username"] == NAME[1:]
        assert await texts(call) == []
        for standing in (Standing.MEMBER, Standing.ADMIN, Standing.KICKED, Standing.RESTRICTED):
            await alone(group.set_standing(ana, standing))
        members = await updates(call, "my_chat_member")
        assert [each["new_chat_member"]["status"] for each in members[1:]] == [
            "member",
            "administrator",
            "kicked",
            "restricted",
        ]
        joined = [message["new_chat_members"][0]["username"] for message in await updates(call)]
        assert joined == [NAME[1:]] * 2
        assert "not enough rights" in (await call("sendMessage", chat_id=group.chat.id, text="x"))["description"]

    play(script)


def test_a_new_group_says_that_it_was_made() -> None:
    """A bot that is in a group from its beginning gets the message that the group was made."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        sandbox.patience = 0.01
        await alone(sandbox.group(supergroup=False).create(ana))
        (made,) = await updates(call)
        assert made["group_chat_created"] is True
        assert len(await updates(call, "my_chat_member")) == 1

    play(script)


def test_an_upgrade_gives_the_group_a_new_number() -> None:
    """The bot is told both numbers, and a call with the old one is answered with the new one."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        sandbox.patience = 0.01
        old = sandbox.group(supergroup=False)
        await alone(old.upgrade())
        new = old.chat.moved_to
        assert new is not None
        to, origin = await updates(call)
        assert (to["chat"]["id"], to["migrate_to_chat_id"]) == (old.chat.id, new.id)
        assert (origin["chat"]["type"], origin["migrate_from_chat_id"]) == ("supergroup", old.chat.id)
        refused = await call("sendMessage", chat_id=old.chat.id, text="x")
        assert refused["parameters"] == {"migrate_to_chat_id": new.id}
        assert (await call("sendMessage", chat_id=new.id, text="x"))["ok"]
        assert sandbox.violations == []

    play(script)


def test_replies_in_a_plain_supergroup_make_a_thread_that_is_no_topic() -> None:
    """A reply carries the number of the first message, but a bot that takes it for a topic is refused."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        group = impatient(sandbox)
        await alone(group.send(ana, "/check"))
        (root,) = group.chat.shown()
        answer = {"chat_id": group.chat.id, "text": "x", "reply_parameters": {"message_id": root.id}}
        sent = (await call("sendMessage", **answer))["result"]
        assert (sent["message_thread_id"], sent.get("is_topic_message")) == (root.id, None)
        await alone(group.send(ana, "thanks", reply_to=group.messages[0]))
        (_, reply) = await updates(call)
        assert (reply["message_thread_id"], reply.get("is_topic_message")) == (root.id, None)
        topic = await call("sendMessage", chat_id=group.chat.id, text="x", message_thread_id=root.id)
        assert topic["description"] == "Bad Request: message thread not found"

    play(script)


def test_topics_begin_above_the_general_one() -> None:
    """The number 1 belongs to the general topic; replies stay in the topic of what they answer."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        group = impatient(sandbox, topics=True)
        topic = group.topic("Knees")
        assert topic == 2
        await alone(group.send(ana, "/check", topic=topic))
        (root,) = group.chat.shown()
        answer = {"chat_id": group.chat.id, "text": "x", "reply_parameters": {"message_id": root.id}}
        assert (await call("sendMessage", **answer))["result"]["is_topic_message"] is True
        assert group.messages[0].thread == topic
        with pytest.raises(NotThereError):
            await group.send(ana, "/check", topic=99)

    play(script)


def test_a_group_remembers_what_the_bot_showed() -> None:
    """What the bot wrote and changed in a group can be read in order; a toast is seen only by who tapped."""

    async def script(sandbox: Sandbox, ana: Person, call: Call) -> None:
        group = impatient(sandbox)
        given = {"chat_id": group.chat.id, "text": "x"}
        await call("sendMessage", **given)
        await alone(group.tap(ana, "forged", group.messages[0]))
        await call("answerCallbackQuery", callback_query_id=sandbox.unanswered[0].id, text="no", show_alert=True)
        await call("editMessageText", **(given | {"text": "y"}), message_id=1)
        assert [sight.what for sight in group.saw] == [What.MESSAGE, What.EDIT]
        assert [(sight.what, sight.text) for sight in ana.saw] == [(What.ALERT, "no")]

    play(script)
