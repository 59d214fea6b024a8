"""The conversation over a pipe: lines in, plain text or JSON lines out, and each run goes on where the last ended."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.flow.events import Answer, Number, Reason, Tick
from bot.flow.session import EXPIRED_AFTER
from bot.terminal.chat import Chat, Start
from bot.terminal.transcript import written
from tests.test_terminal_kit import COMMAND, NOW, TO_THE_REVIEW, Memory, Place, at, begun, small_library

SAVED = "Your answers are saved. The same command goes on from here."
CALM = (*TO_THE_REVIEW, "1")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder with the small library."""
    return Place(tmp_path)


def events(said: str) -> list[dict[str, Any]]:
    """What was said as JSON, every line of it."""
    return [json.loads(line) for line in said.splitlines()]


def test_looking_in_does_not_erase_a_result(place: Place) -> None:
    """A run without any line shows a first question, and the finished check before it is still there."""
    place.chat("1", "30", "1")
    before = place.kept()
    place.chat()
    assert place.kept() == before


def test_a_conversation_from_beginning_to_end(place: Place) -> None:
    """The lines are answered in order, and the last line names the level."""
    said = place.chat(*CALM)

    assert said.index("Who is this about?") < said.index("How old are you?") < said.index("Is any of this new?")
    assert "\n1. Me\n2. Another adult\n3. A child\n" in said
    assert "\n3. None of these\n4. Not sure\n" in said
    assert "\nSciatica (fits partly)\n- For: pain below the knee" in said
    assert said.endswith("\n\nlevel: routine\n")
    assert "\x1b" not in said


def test_the_end_of_the_lines_is_no_end(place: Place) -> None:
    """When the lines run out the check is saved, and the next run goes on with the same question."""
    said = place.chat("1", "30")
    assert said.endswith(f"{SAVED}\n")
    assert "level:" not in said

    said = place.chat()

    assert said.startswith("You have a check from 20")
    assert "Who is this about?" not in said
    assert "Is any of this new?" in said


def test_one_line_in_each_run(place: Place) -> None:
    """A whole check can be had one run at a time; a finished one gives way to a new one."""
    said = ["", *(place.chat(line) for line in CALM)]

    assert said[-1].endswith("\nlevel: routine\n")
    assert "Who is this about?" in place.chat()


def test_a_new_check_when_asked_for(place: Place) -> None:
    """`--new` begins anew although there is a check to go on with."""
    place.chat("1", "30")

    assert "Who is this about?" in place.chat(options=("--new",))
    assert "Is any of this new?" not in place.chat()


def test_a_check_in_a_file(place: Place) -> None:
    """`--session` keeps the check in that file and nowhere else."""
    options = ("--session", "mine.db")
    place.chat("1", options=options)

    assert "How old are you?" in place.chat(options=options)
    assert (place.folder / "mine.db").stat().st_mode & 0o777 == 0o600
    assert not place.file.exists()


def test_a_danger_sign_ends_it_at_once(place: Place) -> None:
    """The seek-care message comes next, what was meant for later questions changes nothing, and the level is last."""
    said = place.chat("1", "30", "1", "2", "none")

    assert "EMERGENCY: Go to hospital now" in said
    assert "Can you pull your foot up?" not in said
    assert said.endswith("\nlevel: emergency\n")


def test_two_answers_at_once_of_which_one_is_dangerous(place: Place) -> None:
    """A tick that ends the check ends it, and what stands behind it in the line does no harm."""
    said = place.chat("1", "30", "1 unsure 2")

    assert said.count("EMERGENCY: Go to hospital now") == 1
    assert said.endswith("\nlevel: emergency\n")


@pytest.mark.parametrize("nonsense", ["foo", "99", "-", "1 1 1 9", "unsure 9", "x" * 100_000, "\0", "’"])
def test_nonsense_keeps_the_place(place: Place, nonsense: str) -> None:
    """A line that means nothing is refused kindly, the question comes again, and nothing was answered."""
    said = place.chat("1", "30", nonsense, "none")

    assert said.count("Is any of this new?") == 2
    assert any(
        words in said for words in ("I could not find that among the answers.", "I could not make out what that means")
    )
    assert "Can you pull your foot up?" in said


def test_empty_lines_say_nothing(place: Place) -> None:
    """Empty lines, line ends of other systems and a byte order mark are passed over."""
    said = place.chat("\ufeff1\r", "", "  ", "30\r")

    assert said.count("How old are you?") == 1
    assert "Is any of this new?" in said


def test_input_that_is_no_text(place: Place) -> None:
    """Bytes that are no UTF-8 are nonsense like any other."""
    done = subprocess.run(
        [*COMMAND, "chat"], input=b"\xff\xfe\n1\n", env=place.environment, capture_output=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert "How old are you?" in done.stdout.decode()


def test_utf8_whatever_the_locale_says(place: Place) -> None:
    """The tick before the last answer arrives as UTF-8 even where the locale knows only ASCII."""
    said = place.chat("1", LANG="C", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")

    assert "✓ Who: Me" in said


def test_not_sure_is_asked_about_and_asked_again(place: Place) -> None:
    """'unsure' leads to which ones, and those come again in other words, as a list with numbers."""
    said = place.chat("1", "30", "unsure", "2", "unsure")

    assert "Which of these are you not sure about?" in said
    assert "\n1. Cannot start, cannot feel or cannot hold\n2. None of these\n3. Still not sure\n" in said
    assert "You were not sure about:\n- a bladder change" in said
    assert said.endswith("\nlevel: emergency\n")


def test_a_number_asked_again_has_letters(place: Place) -> None:
    """A number is always the age; on the second asking the rough answers have letters."""
    said = place.chat("1", "unsure", "b")
    first, second = said.split("How old are you?")[1].split("A rough age is enough.")

    assert "a) Not sure\nType a number" in first
    assert "a) Under 16\nb) 16 or older\nc) Still not sure\nType a number" in second
    assert "✓ Age: 16 or older" in second


def test_back_and_change(place: Place) -> None:
    """Back reopens the last answer, change lists them, and a changed answer counts."""
    said = place.chat("1", "30", "back", "31", "change", "2", "32", "change 2", "33", "change age", "34")

    ages = [line for line in said.splitlines() if line.startswith("✓ Age: ")]
    assert ages == [f"✓ Age: {age}" for age in (30, 31, 32, 33, 34)]
    assert "1. Who: Me\n2. Age: 31\n" in said


def test_why_and_help(place: Place) -> None:
    """Why tells the reason for the question, help what can be typed."""
    said = place.chat("why", "?", "help")

    assert said.count("So that we use the right words.") == 2
    assert "- back: take the last answer back" in said


def test_stop_and_go_on(place: Place) -> None:
    """After a stop nothing is asked until the person goes on, in this run or the next."""
    said = place.chat("1", "stop", "30")
    assert "Stopped. Your answers are kept" in said
    assert "This check is stopped." in said
    assert said.endswith(f"{SAVED}\n")

    assert "How old are you?" in place.chat()
    assert "Is any of this new?" in place.chat("stop", "continue", "30")


def test_quit_ends_the_run(place: Place) -> None:
    """What comes after 'quit' is not read."""
    assert "How old are you?" not in place.chat("quit", "1")


def test_more_about_a_cause(place: Place) -> None:
    """Details come when asked for, and the level is still the last line."""
    said = place.chat(*CALM, "more 1", "more arthritis")

    assert "The nerve drives the muscles that lift the leg." in said
    assert "A stiff joint does not bend far." in said
    assert said.endswith("\nlevel: routine\n")


def test_nonsense_after_the_result(place: Place) -> None:
    """A finished check says what can be done; the result is not said twice, a seek-care message is."""
    assert place.chat(*CALM, "foo").count("NO RUSH") == 1
    assert place.chat("1", "30", "1", "foo").count("EMERGENCY: Go to hospital now") == 2


def test_a_changed_answer_that_clears_a_warning(place: Place) -> None:
    """The former warning is repeated before the next question, and the level is then not the former one."""
    said = place.chat("1", "30", "1", "change bladder", "none")

    assert "Please read this before you go on" in said
    assert said.endswith(f"{SAVED}\n")


def test_a_new_check_in_the_same_run(place: Place) -> None:
    """'new' begins again; the level of the check before is not that of this one."""
    said = place.chat("1", "30", "1", "new")

    assert said.count("Who is this about?") == 2
    assert said.endswith(f"{SAVED}\n")


def test_ticks_from_a_screen_are_shown(tmp_path: Path) -> None:
    """What was ticked before on a screen is marked in the text, and 'done' takes it as the answer."""
    with begun(small_library(tmp_path)) as chat:
        for answer in (
            Answer("about", ("me",)),
            Number("age", 30),
            Answer("pelvis", ("none",)),
            Answer("foot", ("fine",)),
        ):
            chat.do((answer,))
        (message,) = chat.do((Tick("pain", "groin"),))
        text = written(message, chat.view)

    assert "1. Pain below the knee\n2. [x] Pain in the groin\n" in text
    assert "done" in text.splitlines()[-1]


def test_json_is_the_same_conversation(place: Place) -> None:
    """Each line is a JSON object: cards with numbered options, the result with rules and causes, the level last."""
    said = events(place.chat(*CALM, options=("--json",)))

    assert [each["event"] for each in said] == ["intro", *["card"] * 6, "result", "finished"]
    about, age, pelvis = said[1:4]
    assert about["question"] == "about"
    assert (about["choose"], about["asking"]) == ("one", "first")
    assert about["options"][0] == {"number": 1, "key": "me", "label": "Me", "text": "Me", "ticked": False}
    assert about["commands"] == ["why", "stop"]
    assert [option["number"] for option in age["options"]] == [None]
    assert {"style": "title", "text": "Is any of this new?"} in pelvis["text"]
    assert said[-2]["level"] == "routine"
    assert said[-2]["rules"] == []
    assert said[-2]["causes"][0] == {"cause": "sciatica", "band": "partly"}
    assert said[-1] == {"event": "finished", "level": "routine"}


def test_json_of_an_emergency(place: Place) -> None:
    """The rule that fired and what has to be ruled out are named by their ids."""
    seek_care, end = events(place.chat("1", "30", "1", options=("--json",)))[-2:]

    assert (seek_care["event"], seek_care["level"], seek_care["rules"]) == ("seek_care", "emergency", ["pelvic_signs"])
    assert seek_care["rule_out"] == ["cauda_equina_syndrome"]
    assert seek_care["causes"] == []
    assert end == {"event": "finished", "level": "emergency"}


def test_json_of_everything_else(place: Place) -> None:
    """Notices, help, details, second askings and the end of an unfinished check are events, too."""
    lines = ("help", "foo", "1", "unsure", "1", "unsure", "change", "continue", "stop")
    said = events(place.chat(*lines, options=("--json",)))
    again = events(place.chat(options=("--json",)))
    detail = events(place.chat(*CALM, "more 1", options=("--json", "--new")))[-2]

    assert {"doubting", "again", "first"} == {each["asking"] for each in said if "asking" in each}
    assert [each["question"] for each in said if each["event"] == "card"].count("change") == 1
    assert said[-1] == {"event": "saved"}
    assert again[0]["event"] == "notice"
    assert again[0]["text"][0]["text"].startswith("You have a check from")
    assert detail["event"] == "detail"


@pytest.fixture
def sessions() -> Memory:
    """Sessions in memory."""
    return Memory()


@pytest.fixture
def chat(tmp_path: Path, sessions: Memory) -> Iterator[Chat]:
    """A conversation that has just begun."""
    with begun(small_library(tmp_path), sessions) as chat:
        yield chat


def test_a_check_that_is_too_old(tmp_path: Path, sessions: Memory) -> None:
    """After a week going on means beginning anew, and that is said."""
    library = small_library(tmp_path)
    with begun(library, sessions):
        pass
    with at(library, sessions, NOW + EXPIRED_AFTER + 1) as later:
        assert later.expired
        notice, card = later.go_on()

    assert "7 days" in notice.blocks[0].text
    assert card.question == "about"


def test_a_disk_that_fails_and_recovers(chat: Chat, sessions: Memory) -> None:
    """While the disk takes nothing the conversation goes on in memory; once it does again, all of it is kept."""
    sessions.fails = OSError("full")
    chat.do((Answer("about", ("me",)),))
    assert str(chat.trouble) == "full"
    assert sessions.session.inputs == ()

    sessions.fails = None
    (card,) = chat.do((Number("age", 30),))

    assert card.question == "pelvis"
    assert chat.trouble is None
    assert len(sessions.session.inputs) == 2


def test_a_session_that_vanishes_meanwhile(chat: Chat, sessions: Memory) -> None:
    """When somebody deletes the file in the middle of a check, the person notices nothing."""
    sessions.kept.clear()

    assert chat.do((Answer("about", ("me",)),))[0].question == "age"


@pytest.mark.parametrize(("asked", "spoken"), [("xx", "xx"), ("en", "en"), ("yy", "xx")])
def test_another_language_for_the_rest(tmp_path: Path, sessions: Memory, asked: str, spoken: str) -> None:
    """A check goes on in the language asked for; without texts in that, in the one that there is."""
    library = small_library(tmp_path)
    library = replace(library, texts=library.texts | {"xx": replace(library.texts["en"], code="xx")})
    with begun(library, sessions) as chat:
        chat.do((Answer("about", ("me",)),))
        chat.speak(asked, otherwise="xx")
        (card,) = chat.go_on()

    assert card.question == "age"
    assert sessions.session.language == spoken


def test_a_refusal_shows_where_the_person_is(chat: Chat) -> None:
    """A refusal comes with the card it is about, and changes nothing."""
    before = chat.session
    notice, card = chat.refuse(Reason.NO_SUCH_OPTION)

    assert notice.blocks[0].text.startswith("I could not find that")
    assert card.question == "about"
    assert chat.session == before


def test_a_start_that_is_not_new(chat: Chat) -> None:
    """Beginning replaces the check by one with another id."""
    before = chat.session
    chat.begin(Start("leg", "en", new=False))

    assert before
    assert chat.session
    assert chat.session.id != before.id
