"""The conversation on a real terminal: a person presses keys and reads, leaves, and comes back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.terminal.chat import KEY
from tests.test_terminal_kit import Place, without_codes


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder with the small library."""
    return Place(tmp_path)


def test_a_whole_conversation(place: Place) -> None:
    """One answer, a number, nothing of these, several ticks: a result with causes, and more about one of them."""
    screen = place.screen()
    screen.sees("Who is this about?")
    screen.menu()
    screen.press("1")
    screen.sees("How old are you?")
    screen.menu()
    screen.press("4", "5", "\r")
    screen.sees("Is any of this new?")
    screen.menu()
    screen.press("3")
    screen.sees("Can you pull your foot up?")
    screen.menu()
    screen.press("2")
    screen.sees("Which of these fit?")
    screen.menu()
    screen.press("1")
    screen.sees("[x] Pain below the knee")
    screen.press("\x1b[B", "\x1b[B", " ")
    screen.sees("[x] A stiff hip")
    screen.press("\r")
    screen.sees("One last look")
    screen.menu()
    screen.press("\r")
    screen.sees("NO RUSH: Make an appointment")
    screen.menu()
    screen.press("1")
    screen.sees("The nerve drives the muscles that lift the leg.")
    screen.menu()
    screen.press("q")

    assert "The result is saved" in screen.leaves()


def test_a_danger_sign_ends_it_at_the_tick(place: Place) -> None:
    """The seek-care message comes at the tick, without Enter, in a frame of its own; back takes the tick away."""
    place.chat("1", "30")
    screen = place.screen()
    screen.sees("Go on with it")
    screen.menu()
    screen.press("1")
    screen.sees("Is any of this new?")
    screen.menu()
    screen.press(" ")
    screen.sees("EMERGENCY: Go to hospital now")
    screen.menu()
    screen.press("b")
    screen.sees("Please read this before you go on")
    screen.sees("Is any of this new?")
    screen.menu()
    screen.press("q")
    screen.sees("Stopped. Your answers are kept")
    screen.sees("it goes numb between the legs")

    assert "┏" in screen.leaves()


def test_back_change_why_and_unsure(place: Place) -> None:
    """The letters do what their names say."""
    screen = place.screen()
    screen.menu()
    screen.press("?")
    screen.sees("So that we use the right words.")
    screen.menu()
    screen.press("1")
    screen.sees("How old are you?")
    screen.menu()
    screen.press("b")
    screen.sees("Who is this about?")
    screen.menu()
    screen.press("2")
    screen.sees("How old are they?")
    screen.menu()
    screen.press("u")
    screen.sees("A rough age is enough.")
    screen.sees("-  16 or older")
    screen.menu()
    screen.press("\x1b[B", "\r")
    screen.sees("✓ Age: 16 or older")
    screen.menu()
    screen.press("u")
    screen.sees("Which of these are you not sure about?")
    screen.menu()
    screen.press("c")
    screen.sees("Which answer do you want to change?")
    screen.menu()
    screen.press("2")
    screen.sees("Changing an earlier answer")
    screen.menu()
    screen.press("/", *"16", "\r")
    screen.sees("✓ Age: 16")
    screen.menu()
    screen.press("h")
    screen.sees("q, Ctrl-D or Ctrl-C: leave")
    screen.press("q")
    screen.leaves()


@pytest.mark.parametrize(("key", "code"), [("\x03", 130), ("\x04", 0)])
def test_leaving_loses_nothing(place: Place, key: str, code: int) -> None:
    """Ctrl-C and Ctrl-D leave at once; the next time the person can go on, and their ticks are there."""
    place.chat("1", "30", "none", "2")
    screen = place.screen()
    screen.menu()
    screen.press("\r")
    screen.sees("Which of these fit?")
    screen.menu()
    screen.press("2")
    screen.sees("[x] Pain in the groin")
    screen.menu()
    screen.press(key)
    assert "Your answers are saved." in screen.leaves(code)

    screen = place.screen()
    screen.sees("You have a check from")
    screen.menu()
    screen.press("\r")
    screen.sees("[x] Pain in the groin")
    screen.menu()
    screen.press("q")
    screen.leaves()


def test_a_new_check_instead(place: Place) -> None:
    """Who does not want to go on begins anew; who leaves at that question has changed nothing."""
    place.chat("1", "30")
    screen = place.screen()
    screen.sees("Begin a new check")
    screen.menu()
    screen.press("q")
    screen.leaves()
    assert "Is any of this new?" in place.chat()

    screen = place.screen()
    screen.menu()
    screen.press("2")
    screen.sees("Who is this about?")
    screen.press("q")
    screen.leaves()


def test_a_finished_check_can_be_seen_again(place: Place) -> None:
    """The result of a finished check is one key away."""
    place.chat("1", "30", "1")
    screen = place.screen()
    screen.sees("See its result again")
    screen.menu()
    screen.press("1")
    screen.sees("EMERGENCY: Go to hospital now")
    screen.menu()
    screen.press("n")
    screen.sees("Who is this about?")
    screen.menu()
    screen.press("q")
    screen.leaves()


def test_keys_pressed_ahead_are_not_lost(place: Place) -> None:
    """Who knows the questions can press faster than they appear."""
    screen = place.screen()
    screen.menu()
    screen.press("145\r32")
    screen.sees("Which of these fit?")
    screen.menu()
    screen.press("q")
    screen.leaves()


def test_pasted_text_is_typed_not_pressed(place: Place) -> None:
    """A pasted line is text to look at and send, never a row of keys."""
    screen = place.screen()
    screen.menu()
    screen.press("\x1b[200~another adult\nq\x1b[201~")
    screen.sees("> another adult")
    screen.press("\r")
    screen.sees("How old are they?")
    screen.menu()
    screen.press("q")
    screen.leaves()


def test_what_cannot_be_done_is_said(place: Place) -> None:
    """Enter with nothing ticked, and words that mean nothing, are refused kindly, with the lines still there."""
    place.chat("1", "30", "none", "2")
    screen = place.screen()
    screen.menu()
    screen.press("\r")
    screen.sees("Which of these fit?")
    screen.menu()
    screen.press("\r")
    screen.sees("Nothing is chosen yet.")
    screen.menu()
    screen.press("/", *"foo", "\r")
    screen.sees("I could not make out what that means")
    screen.sees("Pain below the knee")
    screen.menu()
    screen.press("q")
    screen.leaves()


def test_a_damaged_session_is_asked_about(place: Place) -> None:
    """The person decides whether a new check begins; the damaged one is kept either way."""
    place.chat("1")
    place.keep("{")
    screen = place.screen()
    screen.sees("begin a new check? [y/N]")
    screen.press("n\r")
    screen.leaves(1)
    assert place.kept() == "{"

    screen = place.screen()
    screen.sees("begin a new check? [y/N]")
    screen.press("y\r")
    screen.sees("Who is this about?")
    screen.menu()
    screen.press("q")
    screen.leaves()
    assert place.kept(f"{KEY}.damaged-1") == "{"


def test_a_file_that_cannot_be_used_is_asked_about(place: Place) -> None:
    """The person decides whether to have a check that is not saved; the file is left as it is either way."""
    place.chat("1")
    place.file.write_text("{")
    screen = place.screen()
    screen.sees("Begin a new check that is not saved? [y/N]")
    screen.press("n\r")
    screen.leaves(1)

    screen = place.screen()
    screen.sees("Begin a new check that is not saved? [y/N]")
    screen.press("y\r")
    screen.sees("Who is this about?")
    screen.menu()
    screen.press("1")
    screen.menu()
    screen.press("q")
    assert "the answers are not saved" in screen.leaves(1)
    assert place.file.read_text() == "{"


@pytest.mark.parametrize("columns", [40, 200])
def test_without_colour_at_any_width(place: Place, columns: int) -> None:
    """`NO_COLOR` is respected, and narrow and wide screens show the same."""
    place.chat("1", "30")
    screen = place.screen(columns=columns, NO_COLOR="1")
    screen.menu()
    screen.press("1")
    screen.menu()
    screen.press("1")
    screen.sees("EMERGENCY: Go to hospital now")
    screen.menu()
    screen.press("q")
    raw = screen.leaves()

    assert not re.search(r"\x1b\[[0-9;]*\b(?:3[0-7]|9[0-7]|4[0-7]|38|48)[0-9;]*m", raw)
    assert max(map(len, re.split(r"[\r\n]+", without_codes(raw)))) <= columns


def test_a_terminal_that_can_do_little(place: Place) -> None:
    """On a terminal without cursor control the conversation is plain text, line by line."""
    screen = place.screen(TERM="dumb")
    screen.sees("Who is this about?")
    screen.sees("Or type:")
    screen.press("1\r")
    screen.sees("How old are you?")
    screen.press("\x04")

    assert "\x1b" not in screen.leaves()
