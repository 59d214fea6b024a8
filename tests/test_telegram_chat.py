"""A conversation on Telegram, as a person has it: cards, buttons, words, commands, results."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from bot.sandbox import Person, Sandbox
from tests.tapping import session_of, tap_through
from tests.telegram_kit import chatting, running
from tests.test_patients import PATIENTS

CALM = next(name for name, patient in PATIENTS.items() if patient["level"] == "routine")
URGENT = next(name for name, patient in PATIENTS.items() if patient["level"] == "urgent" and "too_high" not in patient)


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def chat(tmp_path: Path, talk: Callable[[Person], Awaitable[None]], refusals: Sequence[str] = ()) -> Sandbox:
    """One person's talk with a fresh bot; what the sandbox saw of it. ``refusals``: as in `check`."""

    async def main() -> Sandbox:
        async with chatting(tmp_path / "s.db", refusals) as (sandbox, ana):
            await talk(ana)
        return sandbox

    return asyncio.run(main())


async def to_dangers(ana: Person) -> None:
    """Answer up to the card about the bladder and between the legs."""
    await ana.start("leg_lift")
    await ana.tap("Me")
    await ana.tap("30–39")
    await ana.tap("34")
    await ana.tap("None of these")
    await ana.tap("None of these")


async def to_emergency(ana: Person) -> None:
    """Answer so that the check ends at once."""
    await to_dangers(ana)
    await ana.tap("☐ Numb between the legs")


def test_start_says_what_this_is_and_offers_topics(tmp_path: Path) -> None:
    """Start says what this is and offers topics."""

    async def talk(ana: Person) -> None:
        await ana.send("/start")
        for words in ("Signpost", "not for emergencies", "112", "no clinician has reviewed", "No name"):
            assert ana.sees(words)
        assert ana.buttons == ["Hard to lift a leg"]
        await ana.tap("Hard to lift a leg")
        assert ana.sees("Who is this about?")
        assert ana.messages[0].keyboard == []  # the topics can no longer be tapped
        assert len(ana.messages) == 2

    chat(tmp_path, talk)


def test_a_deep_link_says_what_this_is_and_asks_at_once(tmp_path: Path) -> None:
    """A deep link says what this is and asks at once."""

    async def talk(ana: Person) -> None:
        await ana.start("leg_lift")
        assert "not for emergencies" in ana.messages[0].text
        assert "Who is this about?" in ana.last.text
        await ana.start("no_such_topic")
        assert "There is a check to go on with" in ana.last.text

    chat(tmp_path, talk)


def test_a_tap_edits_the_card_in_place_and_shows_progress_and_the_answer_before(tmp_path: Path) -> None:
    """A tap edits the card in place and shows progress and the answer before."""

    async def talk(ana: Person) -> None:
        await ana.start("leg_lift")
        card = ana.last
        await ana.tap("Me")
        assert ana.last is card
        assert card.text.startswith("Question 2 of about")
        assert "✓ Who it is about: Me" in card.text
        kinds = {entity["type"] for entity in card.entities}
        assert kinds == {"bold", "italic"}

    chat(tmp_path, talk)


def test_full_texts_stand_in_the_message_and_buttons_are_short(tmp_path: Path) -> None:
    """Full texts stand in the message and buttons are short."""

    async def talk(ana: Person) -> None:
        await to_dangers(ana)
        assert "• Bladder changed: Bladder: cannot start, weak stream" in ana.last.text
        assert "☐ Bladder changed" in ana.buttons
        assert all(len(label) <= 34 for label in ana.buttons)

    chat(tmp_path, talk)


def test_several_are_ticked_and_unticked_before_done(tmp_path: Path) -> None:
    """Several are ticked and unticked before done."""

    async def talk(ana: Person) -> None:
        await to_dangers(ana)
        assert "Done" not in ana.buttons
        await ana.tap("☐ Sexual feeling changed")
        assert ana.buttons[3] == "☑ Sexual feeling changed"
        assert "Tick all that is true" in ana.toasts[-1]
        assert "Done" in ana.buttons
        await ana.tap("☑ Sexual feeling changed")
        assert "Done" not in ana.buttons
        await ana.tap("None of these")
        assert "✓ Bladder and between the legs: None of these" in ana.last.text

    chat(tmp_path, talk)


def test_numbers_are_tapped_in_two_steps_or_typed(tmp_path: Path) -> None:
    """Numbers are tapped in two steps or typed."""

    async def talk(ana: Person) -> None:
        await ana.start("leg_lift")
        await ana.tap("Me")
        await ana.tap("60–69")
        assert ana.buttons[:10] == [str(number) for number in range(60, 70)]
        await ana.tap("Other numbers")
        assert "30–39" in ana.buttons
        await ana.send("34")
        assert "✓ Age: 34" in ana.last.text
        await ana.send("/back")
        await ana.send("999")
        assert ana.sees("That number does not fit here")
        assert "How old" in ana.last.text

    chat(tmp_path, talk)


def test_why_is_answered_on_the_card_itself(tmp_path: Path) -> None:
    """Why is answered on the card itself."""

    async def talk(ana: Person) -> None:
        await ana.start("leg_lift")
        card = ana.last
        await ana.tap("Why do you ask?")
        assert ana.last is card
        assert card.text.startswith("Why I ask this")
        assert "Who is this about?" in card.text
        await ana.tap("Me")
        assert "Why I ask this" not in card.text

    chat(tmp_path, talk)


def test_back_and_change_by_buttons_and_by_commands(tmp_path: Path) -> None:
    """Back and change by buttons and by commands."""

    async def talk(ana: Person) -> None:
        await to_dangers(ana)
        await ana.tap("Back")
        assert "Is any of this happening" in ana.last.text
        await ana.send("/back")
        assert "Face dropped" in ana.last.text
        await ana.send("/change")
        assert ana.buttons[:2] == ["Who it is about", "Age"]
        assert "• Age: 34" in ana.last.text
        await ana.tap("Age")
        assert "How old" in ana.last.text
        await ana.send("40")
        assert "Face dropped" in ana.last.text
        assert len(ana.keyboards) == 1

    chat(tmp_path, talk)


def test_a_danger_ends_the_questions_at_its_tick_with_a_new_message(tmp_path: Path) -> None:
    """A danger ends the questions at its tick with a new message."""

    async def talk(ana: Person) -> None:
        await to_dangers(ana)
        card = ana.last
        await ana.tap("☐ Numb between the legs")
        assert ana.last is not card
        assert "Is any of this new" in card.text  # what was asked stays to be read, without buttons
        assert card.keyboard == []
        assert ana.last.text.startswith("EMERGENCY: Go to an emergency department now")
        (first,) = ana.last.keyboard[0]
        assert first["style"] == "danger"
        assert first["text"] == "🚨 Copy what to say"
        assert first["copy_text"]["text"].startswith("I have a leg problem and am numb between my legs")
        assert not [entity for entity in ana.last.entities if "blockquote" in entity["type"]]

    chat(tmp_path, talk)


def test_a_seek_care_message_is_never_edited_away(tmp_path: Path) -> None:
    """A seek care message is never edited away."""

    async def talk(ana: Person) -> None:
        await to_emergency(ana)
        warning = ana.last
        await ana.tap("Change an answer")
        await ana.tap("Bladder and between the legs")
        await ana.tap("None of these")
        assert warning.text.startswith("EMERGENCY")
        assert warning.history[1:] == []  # only its buttons went
        assert ana.sees("Please read this before you go on")
        cleared = next(message for message in ana.messages if message.text.startswith("Please read this"))
        assert "If that first answer was ever true" in cleared.text
        assert cleared.keyboard == []

    chat(tmp_path, talk)


def test_a_calm_result_folds_what_speaks_for_causes_and_tells_more_on_demand(tmp_path: Path) -> None:
    """A calm result folds what speaks for causes and tells more on demand."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db") as database:
            ana = sandbox.person()
            outcome = await tap_through(ana, database, PATIENTS[CALM]["answers"])
            result = ana.last
            quotes = [entity for entity in result.entities if entity["type"] == "expandable_blockquote"]
            assert len(quotes) == min(len(outcome.causes), 4)
            watch = result.text.index("Get emergency help at once if")
            assert all(quote["offset"] + quote["length"] < watch for quote in quotes)
            more = next(label for label in ana.buttons if label.startswith("ℹ️"))  # noqa: RUF001
            await ana.tap(more)
            assert ana.last is not result
            assert result.keyboard == []
            assert "Sources:" in ana.last.text
            assert "No clinician has reviewed it" in ana.last.text
            assert more in ana.buttons
            await ana.tap("New check")
            assert "Who is this about?" in ana.last.text
            assert result.text.startswith("NO RUSH")

    asyncio.run(main())


def test_a_same_day_result_begins_with_what_to_do_and_hides_nothing(tmp_path: Path) -> None:
    """A same day result begins with what to do and hides nothing."""

    async def main() -> None:
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db") as database:
            ana = sandbox.person()
            await tap_through(ana, database, PATIENTS[URGENT]["answers"])
            card = next(message for message in ana.messages if message.text.startswith("TODAY"))
            assert "Do this today" in card.text
            written = [message for message in ana.messages if message.id >= card.id]
            assert not [entity for message in written for entity in message.entities if "quote" in entity["type"]]
            assert sandbox.violations == []

    asyncio.run(main())


def test_the_words_of_an_answer_are_taken_and_the_next_card_comes_below(tmp_path: Path) -> None:
    """The words of an answer are taken and the next card comes below."""

    async def talk(ana: Person) -> None:
        await ana.start("leg_lift")
        first = ana.last
        await ana.send("another ADULT!")
        assert ana.last is not first
        assert first.keyboard == []
        assert "✓ Who it is about: Another adult" in ana.last.text
        await ana.send("50")
        await ana.send("none of these")
        assert "✓ Face, arm, speech, sight: None of these" in ana.last.text

    chat(tmp_path, talk)


def test_words_that_are_no_answer_get_a_kind_word_and_the_place_is_kept(tmp_path: Path) -> None:
    """Words that are no answer get a kind word and the place is kept."""

    async def talk(ana: Person) -> None:
        await ana.start("leg_lift")
        await ana.tap("Me")
        await ana.send("what a lovely morning")
        assert ana.sees("I could not make out what that means")
        assert "How old" in ana.last.text
        assert len(ana.keyboards) == 1

    chat(tmp_path, talk)


def test_stop_and_go_on(tmp_path: Path) -> None:
    """Stop and go on."""

    async def talk(ana: Person) -> None:
        await ana.start("leg_lift")
        await ana.tap("Me")
        await ana.send("/cancel")
        assert "Stopped. Your answers are kept" in ana.last.text
        assert "get help at once" in ana.last.text
        await ana.send("/cancel")
        assert "Go on" in ana.buttons
        await ana.tap("Go on")
        assert "How old" in ana.last.text
        assert ana.sees("Stopped.")

    chat(tmp_path, talk)


def test_check_and_start_offer_to_go_on_or_to_begin_anew(tmp_path: Path) -> None:
    """Check and start offer to go on or to begin anew."""

    async def talk(ana: Person) -> None:
        await ana.send("/check")
        await ana.tap("Me")
        for command in ("/check", "/start"):
            await ana.send(command)
            assert ana.buttons == ["Go on", "New check"]
        await ana.tap("Go on")
        assert "How old" in ana.last.text
        await ana.send("/check")
        await ana.tap("New check")
        assert "Who is this about?" in ana.last.text

    chat(tmp_path, talk)


def test_after_a_result_everything_leads_back_to_it(tmp_path: Path) -> None:
    """After a result everything leads back to it."""

    async def talk(ana: Person) -> None:
        await to_emergency(ana)
        for words in ("/start", "/check", "/cancel", "thank you"):
            await ana.send(words)
            assert "Its advice was: EMERGENCY: Go to an emergency department now" in ana.last.text
            assert ana.buttons == ["Show my result", "Change an answer", "New check"]
        await ana.tap("Show my result")
        assert ana.last.text.startswith("EMERGENCY")

    chat(tmp_path, talk)


def test_help_and_privacy_say_what_there_is(tmp_path: Path) -> None:
    """Help and privacy say what there is."""

    async def talk(ana: Person) -> None:
        await ana.send("/help")
        for words in ("/forget", "/mydata", "not for emergencies", "no clinician", "Bo, bo@example.org"):
            assert ana.sees(words)
        await ana.send("/privacy")
        for words in ("30 days", "/forget", "https://example.org/privacy", "Telegram keeps the messages"):
            assert ana.sees(words)
        assert ana.buttons == ["Hard to lift a leg"]

    chat(tmp_path, talk)


@pytest.mark.parametrize("command", ["/back", "/change", "/cancel"])
def test_commands_without_a_check_are_told_so(tmp_path: Path, command: str) -> None:
    """Commands without a check are told so."""

    async def talk(ana: Person) -> None:
        await ana.send(command)
        assert ana.last.text.startswith("There is no check under way.")
        assert ana.buttons == ["Hard to lift a leg"]

    chat(tmp_path, talk)


def test_mydata_shows_all_that_is_kept_in_words_and_as_a_file(tmp_path: Path) -> None:
    """Mydata shows all that is kept in words and as a file."""

    async def talk(ana: Person) -> None:
        await ana.send("/mydata")
        assert ana.sees("Nothing is kept") or ana.sees("No check, only the number of this chat")
        await to_emergency(ana)
        await ana.send("/mydata")
        assert ana.sees("• Age: 34")
        assert ana.sees("• Bladder and between the legs: Numb between the legs")

    sandbox = chat(tmp_path, talk)
    stored = json.loads(list(sandbox.world.files.values())[-1].content)
    assert stored["key"] == "telegram:1001"
    assert "saddle" in json.dumps(stored["check"])
    assert stored["card"] is not None


def test_forget_erases_everything_at_once_down_to_the_bytes(tmp_path: Path) -> None:
    """Forget erases everything at once down to the bytes."""

    async def main() -> None:
        file = tmp_path / "s.db"
        async with Sandbox() as sandbox, running(sandbox, file) as database:
            ana, bo = sandbox.person("Ana"), sandbox.person("Bo")
            await to_emergency(ana)
            await bo.start("leg_lift")
            name = (await session_of(database, ana)).id
            await ana.send("/forget")
            assert ana.sees("Everything that was kept about you is erased")
            assert ana.keyboards == []
            assert await database.load(f"telegram:{ana.user.id}") is None
            await session_of(database, bo)
            held = _bytes(tmp_path)
            assert name.encode() not in held
            assert f"telegram:{ana.user.id}".encode() not in held
            assert f"telegram:{bo.user.id}".encode() in held
            await ana.send("hello")
            assert ana.buttons == ["Hard to lift a leg"]

    asyncio.run(main())
