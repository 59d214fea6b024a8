"""In groups the bot is a good guest: one line with the way into the private chat when it is called, else silence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from bot.sandbox import Group, Person, Sandbox
from bot.sandbox.model import Standing
from tests.telegram_kit import check, running

LINK = "https://t.me/signpost_test_bot?start=leg_lift"
Act = Callable[[Group, Person], Awaitable[None]]


def group_chat(
    tmp_path: Path,
    talk: Callable[[Sandbox, Group, Person], Awaitable[None]],
    *,
    topics: bool = False,
    refusals: Sequence[str] = (),
) -> None:
    """A talk in a group that the bot is in. ``refusals``: as in `check`."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db", refusals=refusals) as database:
            group, ana = sandbox.group(topics=topics), sandbox.person("Ana")
            await talk(sandbox, group, ana)
            await sandbox.quiet()
            check(sandbox, refusals)
            async with database.transaction() as transaction:
                assert await transaction.load([f"telegram:{group.chat.id}"]) == {}  # nothing is kept about a group

    asyncio.run(main())


@pytest.mark.parametrize(
    "words", ["/check", "/help", "/start", "/check leg_lift", "/check@signpost_test_bot", "/CHECK"]
)
def test_a_call_gets_one_line_and_the_way_into_the_private_chat(tmp_path: Path, words: str) -> None:
    """A call gets one line and the way into the private chat."""

    async def talk(_: Sandbox, group: Group, ana: Person) -> None:
        await group.send(ana, words)
        (line,) = group.messages
        assert "\n" not in line.text
        assert "in private only" in line.text
        assert line.reply_to is not None
        assert line.reply_to.text == words
        ((button,),) = line.keyboard
        assert button == {"text": "Open the private chat", "url": LINK}
        assert ana.messages == []

    group_chat(tmp_path, talk)


@pytest.mark.parametrize(
    "words", ["my leg is weak", "/mydata", "/forget", "/back", "/check@other_bot", "None of these"]
)
def test_everything_else_is_left_alone(tmp_path: Path, words: str) -> None:
    """Talk, answers, and commands for private chats or other bots get no word from the bot in a group."""

    async def talk(sandbox: Sandbox, group: Group, ana: Person) -> None:
        sandbox.world.privacy_mode = False  # even where it gets to read everything
        await group.send(ana, words, silent=True)
        assert group.messages == []

    group_chat(tmp_path, talk)


def test_a_mention_is_a_call_where_it_can_be_read(tmp_path: Path) -> None:
    """Whoever mentions the bot in a group that lets it read everything gets the line with the way in."""

    async def talk(sandbox: Sandbox, group: Group, ana: Person) -> None:
        await group.send(ana, "what about @signpost_test_bot ?", silent=True)
        assert group.messages == []  # privacy mode keeps it from the bot
        sandbox.world.privacy_mode = False
        await group.send(ana, "what about @Signpost_Test_Bot ?")
        assert len(group.messages) == 1

    group_chat(tmp_path, talk)


def test_a_mention_is_a_call_where_privacy_mode_lets_it_through(tmp_path: Path) -> None:
    """Telegram's sources differ on whether mentions reach a bot in privacy mode; one that does is answered."""

    async def talk(_: Sandbox, group: Group, ana: Person) -> None:
        group.chat.mentions_arrive = True
        await group.send(ana, "what about @signpost_test_bot ?")
        (line,) = group.messages
        assert line.keyboard[0][0]["url"] == LINK

    group_chat(tmp_path, talk)


def test_the_answer_stays_in_the_topic(tmp_path: Path) -> None:
    """The answer stays in the topic."""

    async def talk(_: Sandbox, group: Group, ana: Person) -> None:
        topic = group.topic("Knees")
        await group.send(ana, "/check", topic=topic)
        await group.send(ana, "/check")
        assert [line.thread for line in group.messages] == [topic, None]

    group_chat(tmp_path, talk, topics=True)


def test_an_anonymous_admin_is_answered_and_a_linked_channel_is_not(tmp_path: Path) -> None:
    """An admin who writes in the group's name is answered as anybody is; a channel's post that says /check is not."""

    async def talk(_: Sandbox, group: Group, __: Person) -> None:
        await group.post_from_channel("/check this out", silent=True)
        assert group.messages == []
        await group.send_anonymously("/check")
        assert len(group.messages) == 1

    group_chat(tmp_path, talk)


def test_a_check_that_is_under_way_does_not_show_in_the_group(tmp_path: Path) -> None:
    """A check that is under way does not show in the group."""

    async def talk(_: Sandbox, group: Group, ana: Person) -> None:
        await ana.start("leg_lift")
        await ana.tap("Me")
        await group.send(ana, "/check")
        await group.send(ana, "/help@signpost_test_bot")
        assert [line.text for line in group.messages] == [group.messages[0].text] * 2
        assert "How old" not in group.screen()
        await ana.tap("Why do you ask?")
        assert "How old" in ana.last.text

    group_chat(tmp_path, talk)


def test_foreign_taps_from_a_group_are_answered_and_do_nothing(tmp_path: Path) -> None:
    """A forged tap in a group, even with data of somebody's own card, only stops the button's waiting sign."""

    async def talk(_: Sandbox, group: Group, ana: Person) -> None:
        await ana.start("leg_lift")
        await group.send(ana, "/check")
        for button in (button for row in ana.last.keyboard for button in row):
            await group.tap(ana, button["callback_data"], group.messages[0], silent=True)
        await group.tap(ana, "x" * 64, silent=True)
        assert "Who is this about?" in ana.last.text
        assert len(group.messages) == 1
        assert set(ana.toasts) == {""}

    group_chat(tmp_path, talk)


def test_a_group_cannot_make_it_spam(tmp_path: Path) -> None:
    """Called without end, it answers ten times a minute at most, and other groups do not suffer for it."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db"):
            ana, loud, calm = sandbox.person(), sandbox.group("Loud"), sandbox.group("Calm")
            for _ in range(10):
                await loud.send(ana, "/check")
            for _ in range(5):
                await loud.send(ana, "/check", silent=True)
            await calm.send(ana, "/check")
            assert len(loud.messages) == 10
            assert len(calm.messages) == 1

    asyncio.run(main())


@pytest.mark.parametrize("standing", [Standing.RESTRICTED, Standing.LEFT, Standing.KICKED])
def test_missing_rights_and_removal_are_quiet(
    tmp_path: Path, standing: Standing, caplog: pytest.LogCaptureFixture
) -> None:
    """A group that does not let the bot write costs no warning in the log; when it may again, it answers again."""

    async def talk(sandbox: Sandbox, group: Group, ana: Person) -> None:
        await group.send(ana, "/check")
        group.chat.standing = standing
        update = sandbox.world.write(
            group.chat, ana.user, ("/check", [{"type": "bot_command", "offset": 0, "length": 6}])
        )
        await sandbox.raw_update({"message": update.api()})
        await group.set_standing(ana, Standing.MEMBER, silent=True)
        await group.send(ana, "/check")
        assert len(group.messages) == 2

    group_chat(tmp_path, talk, refusals=["not enough rights", "is not a member", "was kicked"])
    assert [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}] == []


def test_being_added_promoted_and_removed_is_quiet(tmp_path: Path) -> None:
    """A group in which the bot is added, promoted, restricted or removed hears nothing from it, nor does who did it."""

    async def talk(sandbox: Sandbox, group: Group, ana: Person) -> None:
        for standing in (Standing.ADMIN, Standing.RESTRICTED, Standing.KICKED, Standing.MEMBER, Standing.LEFT):
            await group.set_standing(ana, standing, silent=True)
        await sandbox.group(supergroup=False).create(ana, silent=True)
        await sandbox.quiet()
        (joined,) = group.chat.shown()
        assert "new_chat_members" in joined.content
        assert group.messages == []
        assert ana.messages == []

    group_chat(tmp_path, talk)


def test_a_group_that_became_a_supergroup_is_answered_there(tmp_path: Path) -> None:
    """Whoever called the bot just before the group became a supergroup is answered in the new one."""
    moved = ["group chat was upgraded"]

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db", refusals=moved):
            group, ana = sandbox.group(supergroup=False), sandbox.person("Ana")
            call = sandbox.world.write(
                group.chat, ana.user, ("/check", [{"type": "bot_command", "offset": 0, "length": 6}])
            )
            new = await group.upgrade(silent=True)
            await sandbox.raw_update({"message": call.api()})  # it came before the upgrade, and is answered after it
            assert len(new.messages) == 1
            await new.send(ana, "/check")
            assert len(new.messages) == 2
            check(sandbox, moved)

    asyncio.run(main())
