"""Buttons: their data, what is read from it, and that it never means more than it says."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.messages import Choice, Message, Part, Purpose, Restart
from bot.flow.engine import start
from bot.flow.model import Choose, Level
from bot.telegram import buttons
from bot.telegram.buttons import Kind, Tapped, Where
from bot.telegram.posts import Look
from tests.served import FLOW

SESSION = start(FLOW, "0123456789abcdef", "en", 1_000_000).session
HERE = Where(SESSION, "for_whom")


def test_data_says_session_turn_kind_key_and_question() -> None:
    """Data says session turn kind key and question."""
    data = HERE.data(Kind.OPTION, "me")
    assert buttons.read(data) == Tapped("01234567", 0, Kind.OPTION, "me", HERE.mark)


def test_data_fits_for_every_id_that_the_loader_takes() -> None:
    """Data fits for every id that the loader takes."""
    longest = Where(replace(SESSION, turn=999_999), "q" * 40)
    data = longest.data(Kind.COMMAND, "k" * 40)
    assert len(data.encode()) <= buttons.LONGEST_DATA
    assert buttons.read(data) is not None


def test_a_button_is_here_only_with_the_same_session_turn_and_question() -> None:
    """A button is here only with the same session turn and question."""
    button = buttons.read(HERE.data(Kind.OPTION, "me"))
    assert button is not None
    assert button.is_here(HERE)
    assert not button.is_here(Where(SESSION, "age"))
    assert not button.is_here(Where(None))
    later = replace(SESSION, turn=1)
    assert not button.is_here(Where(later, "for_whom"))


@given(st.text(max_size=64))
def test_any_text_as_data_is_read_or_refused(data: str) -> None:
    """Any text as data is read or refused."""
    button = buttons.read(data)
    assert button is None or data.isascii()


@given(st.integers(0, 150), st.integers(0, 5000))
def test_every_number_can_be_reached_by_buttons(smallest: int, span: int) -> None:
    """Going down through the ranges of a random number ends at exactly that number."""
    largest = smallest + span
    wanted = random.Random(span).randint(smallest, largest)
    low, high = smallest, largest
    for _ in range(6):
        rows = buttons.numbers(HERE, low, high)
        assert sum(len(row) for row in rows) <= buttons.MOST_RANGES + 2
        keys = [tapped.key for row in rows for button in row if (tapped := buttons.read(button.data))]
        bounds = [(int(first), int(last or first)) for first, _, last in (key.partition("-") for key in keys)]
        hit = [each for each in bounds if each[0] <= wanted <= each[1]]
        assert len(hit) == 1
        low, high = hit[0]
        if low == high:
            break
    assert (low, high) == (wanted, wanted)


def test_a_seek_care_message_begins_with_a_red_button_that_says_in_words_what_it_does() -> None:
    """A seek care message begins with a red button that says in words what it does."""
    message = Message(Purpose.SEEK_CARE, (), (_command("back"),), level=Level.EMERGENCY, phone=("say this",) * 80)
    (first,), *_ = buttons.keyboard(message, HERE, "Copy what to say")
    assert first.look is Look.DANGER
    assert first.text.endswith("Copy what to say")
    assert len(first.copy) <= 256


def test_what_is_copied_is_cut_between_sentences() -> None:
    """What is copied is cut between sentences, and only a first one that is too long by itself within."""
    assert buttons.to_copy(("a" * 100, "b" * 155, "c")) == f"{'a' * 100} {'b' * 155}"
    assert buttons.to_copy(("a" * 100, "b" * 156)) == "a" * 100
    assert buttons.to_copy(("a" * 256,)) == "a" * 256
    assert buttons.to_copy(("a" * 257, "b")) == f"{'a' * 255}…"


def test_ticks_are_seen_and_short_labels_share_a_row() -> None:
    """Ticks are seen and short labels share a row."""
    options = tuple(
        Choice(name, label, label, Restart(), Part.OPTION, ticked=name == "b")
        for name, label in (("a", "Leg"), ("b", "Arm"), ("c", "A very long label of a choice"))
    )
    rows = buttons.keyboard(Message(Purpose.CARD, (), options, choose=Choose.ANY), HERE, "")
    assert [[button.text for button in row] for row in rows] == [
        ["☐ Leg", "☑ Arm"],
        ["☐ A very long label of a choice"],
    ]


def _command(name: str) -> Choice:
    return Choice(name, name, name, Restart(), Part.COMMAND)
