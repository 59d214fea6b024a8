"""People in a hurry: quick ticks, double taps, words while something else is in front, stops, changes, new checks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.flow.engine import standing
from bot.flow.events import Effect
from bot.flow.model import Flow
from bot.flow.session import Answered, Session
from bot.sandbox import Person, Sandbox
from bot.storage.database import Database
from tests.tapping import session_of
from tests.telegram_kit import running
from tests.test_telegram_chat import to_dangers, to_emergency

Talk = Callable[[Person, Database], Awaitable[None]]


def hurry(tmp_path: Path, talk: Talk) -> Sandbox:
    """One person's talk with a fresh bot, and a look into its database; what the sandbox saw of it."""

    async def main() -> Sandbox:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db", refusals=["not modified"]) as database:
            await talk(sandbox.person("Ana"), database)
        return sandbox

    return asyncio.run(main())


def datas(person: Person) -> dict[str, str]:
    """The data of each button of the newest message, by its words."""
    return {button["text"]: button["callback_data"] for row in person.last.keyboard for button in row}


def test_a_second_tick_on_a_card_that_was_not_redrawn_yet_counts(tmp_path: Path) -> None:
    """On a slow line two signs are ticked within one round trip; the second one, a danger, must not get lost."""

    async def talk(ana: Person, _: Database) -> None:
        await to_dangers(ana)
        card, data = ana.last, datas(ana)
        await ana.tap_stale(card, data["☐ Sexual feeling changed"])
        await ana.tap_stale(card, data["☐ Bladder changed"])
        assert "☑ Sexual feeling changed" in ana.buttons
        assert "☑ Bladder changed" in ana.buttons
        await ana.tap_stale(card, data["☐ Numb between the legs"])
        assert ana.last.text.startswith("EMERGENCY")

    hurry(tmp_path, talk)


def test_a_sign_is_never_taken_away_by_a_late_tap(tmp_path: Path) -> None:
    """Ticking late counts, unticking late does not, and denying late does not either: look, and tap again."""

    async def talk(ana: Person, database: Database) -> None:
        await to_dangers(ana)
        await ana.tap("☐ Sexual feeling changed")
        card, data = ana.last, datas(ana)
        await ana.tap("☐ Bladder changed")
        before = await session_of(database, ana)
        for late in ("☑ Sexual feeling changed", "None of these", "Done"):
            await ana.tap_stale(card, data[late], silent=True)
            assert ana.toasts[-1] == "The card had just changed. Please look at it, and tap again."
        assert await session_of(database, ana) == before
        await ana.tap("☑ Sexual feeling changed")
        assert "☐ Sexual feeling changed" in ana.buttons

    hurry(tmp_path, talk)


def test_a_decisive_tick_tapped_twice_gives_one_warning(tmp_path: Path) -> None:
    """Also when both taps arrive together."""

    async def talk(ana: Person, _: Database) -> None:
        await to_dangers(ana)
        card, data = ana.last, datas(ana)
        for _again in range(3):
            await ana.tap_stale(card, data["☐ Numb between the legs"], wait=False)
        await ana.until(lambda: len(ana.toasts) == 8)

    sandbox = hurry(tmp_path, talk)
    warnings = [call for call in sandbox.journal if "Do this now" in str(call.parameters)]
    assert [call.method for call in warnings] == ["sendMessage"]


def test_the_first_button_tapped_twice_asks_the_first_question(tmp_path: Path) -> None:
    """A double tap on the topic is no puzzle about a check to go on with."""

    async def talk(ana: Person, _: Database) -> None:
        await ana.send("/start")
        card, data = ana.last, datas(ana)["Hard to lift a leg"]
        await ana.tap_stale(card, data, wait=False)
        await ana.tap_stale(card, data)
        assert "Who is this about?" in ana.last.text
        assert not ana.sees("There is a check to go on with")
        assert len(ana.keyboards) == 1

    hurry(tmp_path, talk)


def test_an_old_topic_button_never_wipes_a_result(tmp_path: Path) -> None:
    """After a result it leads to that, with the way to a new check."""

    async def talk(ana: Person, _: Database) -> None:
        await ana.send("/start")
        first, data = ana.last, datas(ana)["Hard to lift a leg"]
        await to_emergency(ana)
        await ana.tap_stale(first, data)
        assert "Its advice was: EMERGENCY" in ana.last.text
        assert "New check" in ana.buttons

    hurry(tmp_path, talk)


def test_words_never_answer_a_question_that_is_not_to_be_seen(tmp_path: Path) -> None:
    """With the list of answers, or a page, in front, "none of these" denies nothing behind it."""

    async def talk(ana: Person, database: Database) -> None:
        await to_dangers(ana)
        await ana.tap("Change an answer")
        before = await session_of(database, ana)
        await ana.send("none of these")
        assert ana.sees("I could not make out what that means")
        assert "Is any of this new" in ana.last.text
        assert await session_of(database, ana) == before
        await ana.send("/check")
        assert "There is a check to go on with" in ana.last.text
        await ana.send("none of these")
        assert await session_of(database, ana) == before
        await ana.send("/change")
        await ana.send("age")
        assert "How old" in ana.last.text
        assert "Your answer until now: 34" in ana.last.text
        await ana.send("/check")
        await ana.send("go on")
        assert "How old" in ana.last.text
        await ana.send("35")
        await ana.send("none of these")
        assert "✓ Bladder and between the legs: None of these" in ana.last.text

    hurry(tmp_path, talk)


def test_the_list_knows_what_it_is_after_a_restart(tmp_path: Path) -> None:
    """What is in front is kept with the card."""

    async def main() -> None:
        async with Sandbox() as sandbox:
            ana = sandbox.person()
            async with running(sandbox, tmp_path / "s.db"):
                await to_dangers(ana)
                await ana.tap("Change an answer")
            async with running(sandbox, tmp_path / "s.db") as database:
                before = await session_of(database, ana)
                await ana.send("none of these")
                assert await session_of(database, ana) == before

    asyncio.run(main())


def test_a_stop_names_what_was_said_already(tmp_path: Path) -> None:
    """A swollen leg is to be seen today, also for somebody who has had enough of questions."""

    async def talk(ana: Person, _: Database) -> None:
        await to_dangers(ana)
        await ana.tap("None of these")
        await ana.tap("☐ One leg swollen and warm")
        await ana.send("/check")
        assert ana.last.text.startswith("From your answers so far, my advice is already: ")
        await ana.send("/cancel")
        first = ana.last.text.splitlines()[0]
        assert "today" in first
        assert "get help at once" in ana.last.text

    hurry(tmp_path, talk)


def test_a_standing_emergency_outlives_a_change_of_something_else_and_a_stop(tmp_path: Path) -> None:
    """Nothing calmer than its advice is the newest message, and a new check names it first."""

    async def talk(ana: Person, _: Database) -> None:
        await to_emergency(ana)
        await ana.tap("Change an answer")
        await ana.tap("Age")
        assert "this advice stands: Go to an emergency department now" in ana.last.text
        await ana.tap("Stop")
        assert "my advice is already: Go to an emergency department now" in ana.last.text
        assert "If it gets worse" not in ana.last.text
        for words in ("hello", "/check"):
            await ana.send(words)
            assert "my advice is already: Go to an emergency department now" in ana.last.text
        await ana.tap("New check")
        assert ana.sees("Your last check said: Go to an emergency department now. A new check does not take that back")
        assert "Who is this about?" in ana.last.text

    hurry(tmp_path, talk)


def test_a_check_that_breaks_everything_can_still_be_left_and_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/check begins anew and says so; /forget erases; whatever else is asked for gets the fixed fallback."""

    def breaks(flow: Flow, session: Session) -> tuple[Effect, ...]:
        if session.turn > 0:
            raise LookupError("what is kept cannot be gone on with")
        return standing(flow, session)

    async def talk(ana: Person, database: Database) -> None:
        await to_dangers(ana)
        monkeypatch.setattr("bot.telegram.screen.standing", breaks)
        await ana.send("hello")
        assert ana.sees("Something went wrong here")
        await ana.send("/check")
        assert ana.sees("Your earlier answers cannot be read any more, so this is a new check.")
        assert "Who is this about?" in ana.last.text
        monkeypatch.setattr("bot.telegram.screen.standing", standing)
        await ana.tap("Me")
        monkeypatch.setattr("bot.telegram.screen.standing", breaks)
        await ana.send("/forget")
        assert ana.last.text.startswith("Everything that was kept about you is erased")
        assert await database.load(f"telegram:{ana.user.id}") is None

    hurry(tmp_path, talk)


def test_mydata_names_a_tick_that_was_not_done_yet(tmp_path: Path) -> None:
    """What is kept is told, also where the card is still open."""

    async def talk(ana: Person, _: Database) -> None:
        await to_dangers(ana)
        await ana.tap("☐ Bladder changed")
        await ana.send("/mydata")
        assert ana.sees("• Bladder and between the legs: Bladder changed")

    hurry(tmp_path, talk)


def test_what_denies_stands_apart_and_done_moves_nothing(tmp_path: Path) -> None:
    """A slip of the thumb must not deny six signs, and a first tick must not shift the buttons under the finger."""

    async def talk(ana: Person, _: Database) -> None:
        await to_dangers(ana)
        before = [[button["text"] for button in row] for row in ana.last.keyboard]
        assert all("☐" not in text for row in before if "None of these" in row for text in row)
        await ana.tap("☐ Bladder changed")
        after = [[button["text"].replace("☑", "☐") for button in row] for row in ana.last.keyboard]
        assert after == [*before, ["Done"]]

    hurry(tmp_path, talk)


def test_a_seek_care_message_ends_as_it_begins(tmp_path: Path) -> None:
    """It is longer than a phone, and the end is what is seen first."""

    async def talk(ana: Person, _: Database) -> None:
        await to_emergency(ana)
        lines = ana.last.text.splitlines()
        assert lines[-1] == f"➜ {lines[0]}"

    hurry(tmp_path, talk)


def test_words_typed_faster_than_the_questions_come_deny_nothing_unread(tmp_path: Path) -> None:
    """Three times "none of these" in a row answers the question that was there, and no other."""

    async def talk(ana: Person, database: Database) -> None:
        await ana.start("leg_lift")
        await ana.tap("Me")
        await ana.send("34")
        for _again in range(3):
            await ana.send("none of these", wait=False)
        await ana.until(lambda: ana.sees("You were quicker than my next question"))
        await ana.send("/help")
        session = await session_of(database, ana)
        answered = [entry.question for entry in session.inputs if isinstance(entry, Answered)]
        assert answered == ["about", "age", "stroke_signs"]
        assert "Is any of this happening" in ana.last.text

    hurry(tmp_path, talk)


def test_a_tick_on_the_question_is_no_doubt_on_the_next_card(tmp_path: Path) -> None:
    """Who taps *not sure* and then a sign, within one round trip, has not doubted that sign."""

    async def talk(ana: Person, database: Database) -> None:
        await to_dangers(ana)
        card, data = ana.last, datas(ana)
        await ana.tap("Not sure")
        before = await session_of(database, ana)
        await ana.tap_stale(card, data["☐ Numb between the legs"], silent=True)
        assert await session_of(database, ana) == before
        assert "Which of these are you not sure about?" in ana.last.text

    hurry(tmp_path, talk)


def test_a_danger_ticked_while_its_answer_is_changed_stands(tmp_path: Path) -> None:
    """Neither *back* nor another change takes it away without its warning."""

    async def talk(ana: Person, _: Database) -> None:
        await to_dangers(ana)
        await ana.tap("None of these")
        for _again in range(2):
            await ana.send("/change")
            await ana.tap("Bladder and between the legs")
            await ana.tap("☐ Numb between the legs")
            assert ana.last.text.startswith("EMERGENCY")
            await ana.tap("Back")
            assert any(message.text.startswith("Please read this before you go on") for message in ana.messages[-2:])
        await ana.send("/change")
        await ana.tap("Bladder and between the legs")
        await ana.tap("☐ Numb between the legs")
        await ana.tap("Change an answer")
        await ana.tap("Age")
        await ana.send("35")
        assert ana.last.text.startswith("EMERGENCY")

    hurry(tmp_path, talk)
