"""What a key does on a card, and what stands there: at any width, for any number of lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from bot.conversation.messages import Block, Choice, Message, Part, Purpose, Restart, Style
from bot.flow.events import Answer, Back, Change, Confirm, Continue, Done, NotSure, Number, Reason, Stop, Tick, Why
from bot.flow.model import Level
from bot.load import Library
from bot.terminal.chat import Chat
from bot.terminal.input import Command, Parsed, Words, parse
from bot.terminal.menu import ROW_KEYS, Menu, foot, press, rows
from bot.terminal.screen import Screen
from bot.terminal.view import View
from tests.test_terminal_kit import TO_THE_REVIEW, begun, small_library


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The small library."""
    return small_library(tmp_path_factory.mktemp("menu"))


@pytest.fixture
def chat(small: Library) -> Iterator[Chat]:
    """A conversation on its first card."""
    with begun(small) as chat:
        yield chat


def menu(chat: Chat, *lines: str) -> Menu:
    """The menu after these lines were typed."""
    for line in lines:
        parsed = parse(line, chat.view)
        assert isinstance(parsed, tuple)
        chat.do(parsed)
    return Menu(chat.view)


def pressed(menu: Menu, *keys: str) -> Menu | Parsed:
    """What comes of these keys, pressed one after the other."""
    for key in keys[:-1]:
        state = press(menu, key)
        assert isinstance(state, Menu), (key, state)
        menu = state
    return press(menu, keys[-1])


def drawn(menu: Menu, width: int = 80) -> str:
    """The menu as it stands on a screen."""
    return "".join(text for _, text in (*rows(menu, width)[0], ("", "\n"), *foot(menu, width)))


def test_one_of_several(chat: Chat) -> None:
    """On a card with one answer its number, or Enter on its line, is the answer at once."""
    card = menu(chat)

    assert pressed(card, "2") == (Answer("about", ("adult",)),)
    assert pressed(card, "enter") == (Answer("about", ("me",)),)
    assert pressed(card, "down", "down", "enter") == (Answer("about", ("child",)),)
    assert pressed(card, "up", " ") == (Answer("about", ("child",)),)
    assert pressed(card, "end", "down", "enter") == (Answer("about", ("me",)),)
    assert pressed(card, "4") == card


def test_several_can_be_ticked(chat: Chat) -> None:
    """On a card with several answers a number or Space ticks and Enter is done, but for the lines that stand alone."""
    card = menu(chat, "1", "30")

    assert pressed(card, "2") == (Tick("pelvis", "bladder"),)
    assert pressed(card, "down", " ") == (Tick("pelvis", "bladder"),)
    assert pressed(card, "enter") == (Done("pelvis"),)
    assert pressed(card, "3") == (Answer("pelvis", ("none",)),)
    assert pressed(card, "down", "down", "enter") == (Answer("pelvis", ("none",)),)
    assert pressed(card, "end", "enter") == (NotSure("pelvis"),)


def test_letters(chat: Chat) -> None:
    """Each command has its letter, in either case; a letter that means nothing does nothing."""
    card = menu(chat, "1", "30")

    assert pressed(card, "b") == pressed(card, "B") == (Back(),)
    assert pressed(card, "c") == (Change(),)
    assert pressed(card, "?") == (Why(),)
    assert pressed(card, "u") == (NotSure("pelvis"),)
    assert pressed(card, "g") == (Continue(),)
    assert pressed(card, "h") is Command.HELP
    assert pressed(card, "q") is Command.QUIT
    for key in ("n", "z", "9", "left", "\t", "é"):
        assert pressed(card, key) == card


def test_a_number_is_typed(chat: Chat) -> None:
    """On a card that asks for a number digits are collected until Enter, and no digit chooses a line."""
    card = menu(chat, "1")

    assert pressed(card, "4", "5", "enter") == (Number("age", 45),)
    assert pressed(card, "4", "backspace", "7", "enter") == (Number("age", 7),)
    assert pressed(card, "4", "escape") == card
    assert pressed(card, "a") == card
    again = menu(chat, "unsure")
    assert pressed(again, "4", "5", "enter") == (Number("age", 45),)
    assert pressed(again, "2", "enter") == (Number("age", 2),)
    assert pressed(again, "down", "enter") == (Answer("age", ("adult",)),)


def test_words_are_typed(chat: Chat) -> None:
    """After a slash everything is text, spaces and letters of commands included, and means what it means on a pipe."""
    card = menu(chat, "1", "30")

    assert pressed(card, "/", *"unsure 2", "enter") == (NotSure("pelvis", ("bladder",)),)
    assert pressed(card, "/", *"qb", "enter") == Words("qb", Reason.NO_SUCH_OPTION)
    assert pressed(card, "/", "enter") == card
    assert pressed(card, "/", " ", "enter") == card
    assert pressed(card, "/", "backspace") == card
    assert pressed(card, "/", "x", "up", "\x07") == replace(card, typing=True, typed="x")


def test_where_nothing_is_listed(chat: Chat) -> None:
    """After a stop Enter goes on and n begins anew; after an emergency Enter does nothing."""
    stopped = menu(chat, "stop")
    assert pressed(stopped, "enter") == pressed(stopped, "g") == (Continue(),)
    assert pressed(stopped, "n") == (Restart(),)
    assert pressed(stopped, "down") == pressed(stopped, " ") == stopped

    emergency = menu(chat, "continue", "1", "30", "1")
    assert pressed(emergency, "enter") == emergency
    assert pressed(emergency, "b") == (Back(),)


def test_the_list_and_the_last_look(chat: Chat) -> None:
    """The list of answers and the review are menus like any other."""
    listed = menu(chat, "1", "30", "change")
    assert pressed(listed, "2") == (Change("age"),)
    assert pressed(listed, "b") == (Continue(),)

    review = menu(chat, "continue", "none", "2", "1")
    assert pressed(review, "enter") == (Confirm(),)
    assert pressed(review, "2") == (Change(),)


def test_no_key_has_two_meanings() -> None:
    """The keys of the lines and the letters of the commands are different ones."""
    assert len(set(ROW_KEYS)) == len(ROW_KEYS)
    assert not set(ROW_KEYS) & set("bcguhqn?/ ")


def many(count: int) -> Menu:
    """A menu with that many lines."""
    options = tuple(
        Choice(f"o{place}", f"Line {place}", f"Line {place}", Stop(), Part.OPTION) for place in range(count)
    )
    return Menu(View(card=Message(Purpose.CARD, (), options)))


def test_more_lines_than_keys() -> None:
    """Lines beyond the last key are there all the same, for the arrow keys."""
    menu = many(50)
    text = drawn(menu)

    assert "\n   a  Line 9\n   d  Line 10\n" in text
    assert "\n      Line 49\n" in text
    assert pressed(menu, "up") == replace(menu, cursor=49)
    assert rows(replace(menu, cursor=49), 80)[1] == 49


def test_what_stands_there(chat: Chat) -> None:
    """The pointer, the keys, the ticks and the names of the commands can be read without any colour."""
    chat.do((Answer("about", ("me",)),))
    chat.do((Number("age", 30),))
    chat.do((Answer("pelvis", ("none",)),))
    chat.do((Answer("foot", ("fine",)),))
    chat.do((Tick("pain", "groin"),))

    assert drawn(replace(Menu(chat.view), cursor=1)) == (
        "   1  [ ] Pain below the knee\n"
        "→  2  [x] Pain in the groin\n"
        "   3  [ ] A stiff hip\n"
        "   4  None of these\n"
        "Space: tick · Enter: Done · b: Back · c: Change an answer · ?: Why do you ask?\n"
        "· q: Stop · /: type words · h: help"
    )


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_nothing_is_wider_than_the_screen(chat: Chat, width: int) -> None:
    """Long lines are broken, and go on below their beginning; the cursor's place counts the broken ones."""
    card = replace(menu(chat, "1", "30"), cursor=1)
    lines = drawn(card, width).splitlines()

    assert max(map(len, lines)) < width
    pieces, at = rows(card, width)
    assert pieces[at][1].startswith("→  2")
    if width == 40:
        assert "          the bottom or genitals" in lines


def test_typing_is_seen(chat: Chat) -> None:
    """What is being typed stands below the lines."""
    state = pressed(menu(chat, "1"), "4", "5")

    assert isinstance(state, Menu)
    assert "> 45" in drawn(state)


def screened(message: Message, view: View, width: int, **options: bool) -> str:
    """A message as drawn on a screen of this width."""
    out = StringIO()
    Screen(Console(file=out, width=width, force_terminal=True, highlight=False, **options)).message(message, view)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.mark.parametrize("width", [40, 80, 200])
def test_messages_fit_the_screen(chat: Chat, width: int) -> None:
    """Cards, results and details are never wider than the screen, nor than can be read well."""
    for line in (*TO_THE_REVIEW, "1", "more 1", "change", "3", "1", "foo"):
        parsed = parse(line, chat.view)
        for message in chat.refuse(parsed) if isinstance(parsed, Reason) else chat.do(parsed):  # type: ignore[arg-type]
            text = screened(message, chat.view, width, no_color=True)
            assert max(map(len, text.splitlines())) <= min(width, 100) + len("\x1b[1m\x1b[0m") * 4


@pytest.mark.parametrize(("level", "corner"), [(Level.EMERGENCY, "┏"), (Level.URGENT, "╔"), (Level.ROUTINE, "╭")])
def test_levels_differ_without_colour(level: Level, corner: str) -> None:
    """How urgent a result is can be seen from its words and its frame; colour only adds to that."""
    message = Message(Purpose.SEEK_CARE, (Block(Style.TITLE, "EMERGENCY: Go"),), level=level)
    colourless = screened(message, View(), 80, no_color=True)

    assert corner in colourless
    assert "EMERGENCY: Go" in colourless
    assert "\x1b[31m" not in colourless
    assert ("\x1b[1;31m" in screened(message, View(), 80)) == (level is Level.EMERGENCY)
