"""Everything else a person does: stale and forged taps, photos and voices, edits, floods, and bugs of ours."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import Person, Sandbox
from bot.telegram.dialogue import Dialogue
from tests.tapping import session_of
from tests.telegram_kit import chatting, check, running
from tests.test_telegram_chat import chat, to_dangers, to_emergency

Act = Callable[[Person], Awaitable[None]]

# A tap on an old card makes the bot take its buttons away, which may be gone already.
STRIPPED = ["message is not modified"]


async def _edit(ana: Person) -> None:
    await ana.edit(ana.own()[0], "something else")


async def _reply(ana: Person) -> None:
    await ana.reply(ana.messages[0], "what does this mean?")


@pytest.mark.parametrize(
    ("act", "answer"),
    [
        (Person.send_photo, "I cannot look at or listen to this"),
        (Person.send_voice, "I cannot look at or listen to this"),
        (Person.send_sticker, "I cannot look at or listen to this"),
        (Person.send_location, "I cannot look at or listen to this"),
        (Person.send_contact, "I cannot look at or listen to this"),
        (Person.send_poll, "I cannot look at or listen to this"),
        (Person.send_document, "I cannot look at or listen to this"),
        (Person.send_dice, "I cannot look at or listen to this"),
        (_edit, "What is edited in a message changes no answer"),
        (_reply, "I could not make out what that means"),
        (lambda ana: ana.forward("see you on Sunday"), "I do not take forwarded words"),
        (lambda ana: ana.send("a" * 5000), "I could not make out what that means"),
        (lambda ana: ana.send("/nonsense"), "I do not know that command"),
        (lambda ana: ana.send("/CHECK@somebody_else_bot"), "I do not know that command"),
        (lambda ana: ana.send("\u202e<b>&amp;\x00 \U0001d54f"), "I could not make out what that means"),
        (lambda ana: ana.send("!!!"), "I could not make out what that means"),
        (lambda ana: ana.send("\uff19\uff19\uff19"), "That number does not fit here"),
    ],
)
def test_whatever_is_sent_gets_a_helpful_answer_and_the_place_is_kept(tmp_path: Path, act: Act, answer: str) -> None:
    """Whatever is sent gets a helpful answer and the place is kept."""

    async def talk(ana: Person) -> None:
        await ana.start("leg_lift")
        await ana.tap("Me")
        await act(ana)
        assert ana.sees(answer)
        assert "How old" in ana.last.text
        assert "30–39" in ana.buttons
        assert len(ana.keyboards) == 1

    chat(tmp_path, talk)


@pytest.mark.parametrize("act", [Person.send_photo, _edit, lambda ana: ana.send("hello")])
def test_before_any_check_it_leads_to_the_topics(tmp_path: Path, act: Act) -> None:
    """Before any check it leads to the topics."""

    async def talk(ana: Person) -> None:
        await ana.send("/privacy")
        await act(ana)
        assert ana.buttons == ["Hard to lift a leg"]
        assert len(ana.keyboards) == 1

    chat(tmp_path, talk)


def test_an_album_gets_one_answer(tmp_path: Path) -> None:
    """An album gets one answer."""

    async def main() -> None:
        async with chatting(tmp_path / "s.db") as (sandbox, ana):
            await ana.start("leg_lift")
            before = len(ana.messages)
            for _ in range(4):
                await ana.send_content(
                    {"photo": [ana._file() | {"width": 1, "height": 1}], "media_group_id": "7"}, wait=False
                )
            await sandbox.quiet()
            assert len(ana.messages) == before + 2  # the kind word, and the card below it

    asyncio.run(main())


def test_a_stale_tap_is_told_so_and_changes_nothing(tmp_path: Path) -> None:
    """Whoever taps a button of an earlier question is told that it is one, and stays at the question they were at."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db", refusals=STRIPPED) as database:
            ana = sandbox.person()
            await ana.start("leg_lift")
            old = ana.last
            data = old.keyboard[0][0]["callback_data"]
            await ana.send("another adult")
            before = await session_of(database, ana)
            await ana.tap_stale(old, data)
            assert "earlier question" in ana.toasts[-1]
            assert await session_of(database, ana) == before
            assert "How old" in ana.last.text
            check(sandbox, STRIPPED)

    asyncio.run(main())


def test_a_double_tap_counts_once(tmp_path: Path) -> None:
    """A double tap counts once."""

    async def talk(ana: Person) -> None:
        await to_dangers(ana)
        card, data = ana.last, ana.last.keyboard[3][0]["callback_data"]
        for _ in range(3):
            await ana.tap_stale(card, data, wait=False)
        await ana.until(lambda: len(ana.toasts) == 8)
        await ana.tap_stale(card, data)
        assert "☑ Sexual feeling changed" in ana.buttons

    chat(tmp_path, talk)


def test_a_tap_on_a_finished_check_says_so(tmp_path: Path) -> None:
    """Whoever taps a question of a finished check is told that it is finished, and sees its advice again."""

    async def talk(ana: Person) -> None:
        await to_dangers(ana)
        card, data = ana.last, ana.last.keyboard[0][0]["callback_data"]
        await ana.tap_stale(card, data)
        await ana.tap_stale(card, data)
        assert "This check is finished" in ana.toasts[-1]
        assert "Its advice was: EMERGENCY" in ana.last.text

    chat(tmp_path, talk, STRIPPED)


def _forged() -> list[str]:
    chance = random.Random(7)
    noise = ["".join(chance.choice("abcz019.-_ é😀\n\0<&") for _ in range(chance.randint(1, 14))) for _ in range(20)]
    return [
        *noise,
        "x" * 64,
        "😀" * 16,
        "deadbeef.0.o.me.0000",
        "deadbeef.1.c.restart.0000",
        "-.0.c.restart.0000",
        "-.0.o.me.0000",
        "-.999999.t.leg_lift.ffff",
        "-.0.t.no_such_flow.0000",
        "deadbeef.0.n.99999999999999999999-1.0000",
    ]


def test_forged_data_never_changes_anything(tmp_path: Path) -> None:
    """Forged data never changes anything."""

    async def main() -> None:
        async with (
            Sandbox() as sandbox,
            running(sandbox, tmp_path / "s.db", refusals=["to edit not found"]) as database,
        ):
            ana, bo = sandbox.person("Ana"), sandbox.person("Bo")
            await to_dangers(bo)
            foreign = [button["callback_data"] for row in bo.last.keyboard for button in row]
            await ana.start("leg_lift")
            await ana.tap("Me")
            before, others = await session_of(database, ana), await session_of(database, bo)
            for data in [*_forged(), *foreign]:
                await ana.forge_tap(data, ana.last, silent=True)
            for data in foreign[:3]:
                await ana.forge_tap(data)  # of a message that is gone
                await ana.forge_tap(data, ana.own()[0], silent=True)
            assert await session_of(database, ana) == before
            assert await session_of(database, bo) == others
            assert "30–39" in ana.buttons
            assert not ana.sees("between the legs")

    asyncio.run(main())


def test_own_data_with_another_key_does_only_what_a_button_of_this_card_does(tmp_path: Path) -> None:
    """Own data with another key does only what a button of this card does."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db") as database:
            ana = sandbox.person()
            await ana.start("leg_lift")
            data = ana.last.keyboard[0][0]["callback_data"]
            before = await session_of(database, ana)
            for key in ("saddle", "no_such", "none", "0-9"):
                for kind in "onltyu":
                    parts = data.split(".")
                    await ana.forge_tap(".".join([*parts[:2], kind, key, parts[4]]), ana.last, silent=True)
            assert await session_of(database, ana) == before
            check(sandbox)

    asyncio.run(main())


ODD: list[dict[str, Any]] = [
    {},
    {"message": None},
    {"message": {}},
    {"message": {"message_id": 1, "date": 1, "chat": {"id": "x", "type": "private"}, "text": "x"}},
    {"message": {"message_id": 1, "date": 1, "chat": {"id": 2**80, "type": "private"}, "text": "x"}},
    {"message": {"message_id": 1, "date": 1, "chat": {"id": 1001, "type": "galaxy"}, "text": "x"}},
    {"message": {"message_id": 1, "date": "yesterday", "chat": {"id": 1001, "type": "private"}, "text": []}},
    {"callback_query": {"id": "1"}},
    {"callback_query": {"id": 5, "from": 7}},
    {"some_new_kind": {"a": [1, 2, {"b": None}]}},
    {"message": [[[[[[]]]]]]},
    {"poll_answer": {"poll_id": "1"}},
    {"channel_post": {"message_id": 1, "date": 1, "chat": {"id": -1, "type": "channel"}, "text": "/check"}},
    {"inline_query": {"id": "1", "from": {"id": 1, "is_bot": False, "first_name": "A"}, "query": "", "offset": ""}},
]


def test_updates_of_any_shape_stop_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """After updates that no bot expects, a tap is still answered, and nothing of them crashes the bot."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db", refusals=["query is too old"]):
            ana = sandbox.person()
            await to_dangers(ana)
            for body in ODD:
                await sandbox.raw_update(body)
            await ana.tap("None of these")
            assert "Bladder and between the legs: None of these" in ana.last.text
            assert sandbox.violations == []

    asyncio.run(main())
    assert "Traceback" not in capfd.readouterr().err


def test_odd_names_reach_nothing(tmp_path: Path) -> None:
    """Odd names reach nothing."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db"):
            for name in ("<b>x</i>", "\u202e\u0000", "😀" * 40, "&amp;&#x;", "a" * 64):
                person = sandbox.person(name, language="xx-\u202e")
                await to_dangers(person)
                assert name not in person.screen().replace(f"{name}: ", "")
            check(sandbox)

    asyncio.run(main())


def test_a_mistake_of_ours_is_answered_and_the_session_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake of ours is answered and the session stays."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db") as database:
            ana, bo = sandbox.person("Ana"), sandbox.person("Bo")
            await to_dangers(ana)
            before = await session_of(database, ana)
            answer = Dialogue.answer

            async def broken(self: Dialogue, what: object) -> object:
                await answer(self, what)  # type: ignore[arg-type]
                raise ValueError("my secret words")

            monkeypatch.setattr(Dialogue, "answer", broken)
            await ana.tap("None of these")
            assert ana.sees("Something went wrong here, and it is not your doing.")
            assert ana.sees("call your local emergency number")
            assert ana.sees("Bo, bo@example.org")
            await bo.send("hello")
            assert bo.sees("Something went wrong")
            monkeypatch.setattr(Dialogue, "answer", answer)
            assert await session_of(database, ana) == before
            await ana.send("/check")
            await ana.tap("Go on")
            assert "Is any of this new" in ana.last.text
            check(sandbox)

    asyncio.run(main())
    assert "ValueError in tests.test_telegram_anything:" in caplog.text
    assert "my secret words" not in caplog.text


def test_somebody_who_blocks_the_bot_is_let_go(tmp_path: Path) -> None:
    """Somebody who blocks the bot is let go."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db"):
            ana = sandbox.person()
            await to_dangers(ana)
            await ana.block()
            await ana.unblock()
            await ana.tap("None of these")
            assert "Bladder and between the legs: None of these" in ana.last.text
            check(sandbox)

    asyncio.run(main())


def test_a_deleted_card_is_sent_anew(tmp_path: Path) -> None:
    """Whoever deletes the card in their app gets it again below when they go on."""

    async def talk(ana: Person) -> None:
        await to_dangers(ana)
        card, data = ana.last, ana.last.keyboard[5][0]["callback_data"]
        card.deleted = True
        await ana.tap_stale(card, data)
        assert ana.last is not card
        assert len(ana.keyboards) == 1

    chat(tmp_path, talk, ["message to edit not found"])


def test_many_words_at_once_do_not_flood_the_chat_with_cards(tmp_path: Path) -> None:
    """Many words at once do not flood the chat with cards."""

    async def main() -> None:
        async with chatting(tmp_path / "s.db") as (sandbox, ana):
            await ana.start("leg_lift")
            for word in ("a", "b", "c", "d", "e", "f"):
                await ana.send(word, wait=False)
            await sandbox.quiet()
            assert len(ana.keyboards) == 1
            assert ana.last is ana.keyboards[0]

    asyncio.run(main())


def test_nothing_is_left_behind_after_an_emergency_in_a_hurry(tmp_path: Path) -> None:
    """Nothing is left behind after an emergency in a hurry."""

    async def talk(ana: Person) -> None:
        await to_emergency(ana)
        await ana.tap("Back")
        await ana.tap("☐ Numb between the legs")
        assert len([message for message in ana.messages if message.text.startswith("EMERGENCY")]) == 2

    chat(tmp_path, talk)
