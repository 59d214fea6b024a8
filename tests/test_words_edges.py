"""Typed words at both edges: in a chat with buttons, and in the terminal with numbers."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.flow.events import Answer, Guess, Number
from bot.flow.session import Heard
from bot.load import Library
from bot.sandbox import Person, Sandbox
from bot.storage.database import Database
from bot.terminal.chat import Start
from bot.terminal.input import Words, read
from bot.terminal.menu import Menu, press
from bot.terminal.plain import JsonPrinter, TextPrinter, run
from tests.served import LIBRARY
from tests.tapping import session_of
from tests.telegram_kit import check, running
from tests.test_terminal_kit import Memory, at
from tests.words_kit import Written, reading

READER = Written(
    clear={"cant wee": "saddle_numbness", "leg is swollen": "leg_swollen"},
    possible={"her face": "face_droop"},
    replies={
        "for mum": ((Answer("about", ("adult",)),),),
        "late thirties": ((Number("age", 38),), (Number("age", 39),)),
        "me or my boy": ((Answer("about", ("me",)),), (Answer("about", ("child",)),)),
    },
    fills={"stiff for three weeks": (Guess("since", ("month",)), Guess("feel", ("stiff",)))},
    foreign=frozenset({"bonjour"}),
)
READS = reading(LIBRARY, READER)


def chatting(tmp_path: Path, *talks: Callable[[Person, Database], Awaitable[None]]) -> None:
    """One person's talk with the bot; each further one after a restart."""

    async def main() -> None:
        async with Sandbox() as sandbox:
            ana = sandbox.person("Ana")
            for talk in talks:
                async with running(sandbox, tmp_path / "s.db", READS) as database:
                    await talk(ana, database)
                    await sandbox.quiet()
                    check(sandbox)

    asyncio.run(main())


async def begun(ana: Person) -> None:
    """The check has begun, and it is about the person."""
    await ana.start("leg_lift")
    await ana.tap("Me")


# --- a chat ---------------------------------------------------------------------------------------------------------


def test_a_danger_in_a_chat_and_not_what_i_meant(tmp_path: Path) -> None:
    """The seek-care message is the next one; its button leads back to the same card, where the denial is kept."""

    async def talk(ana: Person, database: Database) -> None:
        await begun(ana)
        await ana.send("help i cant wee")
        assert "EMERGENCY" in ana.last.text
        assert "You wrote:" in ana.last.text
        await ana.tap("That's not what I meant")
        assert ana.sees("From what you wrote, my advice was")
        assert "How old" in ana.last.text
        session = await session_of(database, ana)
        assert [entry.denied for entry in session.inputs if isinstance(entry, Heard)] == [False, True]

    chatting(tmp_path, talk)


def test_a_check_back_survives_a_restart(tmp_path: Path) -> None:
    """The yes/no card stands there after a restart, its buttons work, and *no* leads to the card."""

    async def asks(ana: Person, _: Database) -> None:
        await begun(ana)
        await ana.send("it is her face")
        assert "One question first" in ana.last.text
        assert ana.buttons == ["Yes, that is so", "No, it is not"]

    async def goes_on(ana: Person, _: Database) -> None:
        await ana.send("/back")
        assert ana.sees("Please answer this one question first")
        await ana.tap("No, it is not")
        assert "How old" in ana.last.text
        await ana.send("it is her face")
        await ana.send("yes")
        assert "EMERGENCY" in ana.last.text

    chatting(tmp_path, asks, goes_on)


def test_a_first_message_survives_a_restart(tmp_path: Path) -> None:
    """What was understood is shown, with the introduction, and confirmed after a restart."""

    async def asks(ana: Person, _: Database) -> None:
        await ana.send("stiff for three weeks")
        assert ana.sees("I ask short questions")
        assert "What I understood" in ana.last.text

    async def goes_on(ana: Person, _: Database) -> None:
        await ana.tap("Yes, that is right")
        assert "Who is this about" in ana.last.text

    chatting(tmp_path, asks, goes_on)


def test_a_first_message_with_a_danger_or_nothing(tmp_path: Path) -> None:
    """A danger before any check is answered with the seek-care message; noise with the welcome."""

    async def talk(ana: Person, _: Database) -> None:
        await ana.send("hello")
        assert ana.sees("I could not make out what that means")
        await ana.send("bonjour")
        assert ana.sees("I understand: English")
        await ana.send("i cant wee")
        assert "EMERGENCY" in ana.last.text

    chatting(tmp_path, talk)


def test_an_answer_in_words_and_either_or(tmp_path: Path) -> None:
    """One match is taken and shown; of two only those are offered, for options and for numbers."""

    async def talk(ana: Person, _: Database) -> None:
        await ana.start("leg_lift")
        await ana.send("me or my boy")
        assert ana.buttons == ["Me", "A child", "Something else"]
        await ana.tap("Something else")
        assert "Another adult" in ana.buttons
        await ana.send("for mum")
        assert "Got it: " in ana.last.text
        assert "How old" in ana.last.text
        await ana.send("late thirties")
        assert ana.buttons == ["38", "39", "Something else"]
        await ana.tap("39")
        assert "Age: 39" in ana.last.text

    chatting(tmp_path, talk)


@pytest.mark.parametrize(
    ("act", "sees"),
    [
        (lambda ana: ana.send_photo("i cant wee"), "EMERGENCY"),
        (lambda ana: ana.send_photo("i cant wee", "album"), "EMERGENCY"),
        (lambda ana: ana.send("/help i cant wee"), "EMERGENCY"),
        (lambda ana: ana.send("/nonsense i cant wee"), "EMERGENCY"),
        (lambda ana: ana.send("/start i cant wee"), "EMERGENCY"),
        (lambda ana: ana.send("/check@other_bot i cant wee"), "EMERGENCY"),
        (lambda ana: ana.edit(ana.own()[0], "i cant wee"), "EMERGENCY"),
        (lambda ana: ana.forward("i cant wee"), "One question first"),
        (lambda ana: ana.send("my leg is swollen"), "My advice is already"),
    ],
    ids=["caption", "album", "help", "unknown", "start", "other", "edit", "forward", "urgent"],
)
def test_words_elsewhere_are_read_for_dangers(
    act: Callable[[Person], Awaitable[None]], sees: str, tmp_path: Path
) -> None:
    """In a caption, behind any command, in an edit; forwarded words are asked about."""

    async def talk(ana: Person, _: Database) -> None:
        await begun(ana)
        await act(ana)
        assert ana.sees(sees)

    chatting(tmp_path, talk)


def test_words_elsewhere_without_a_check(tmp_path: Path) -> None:
    """A caption with a danger begins a check with the seek-care message; one without does not."""

    async def talk(ana: Person, _: Database) -> None:
        await ana.send_photo("my knee")
        assert ana.sees("I cannot look at or listen to this")
        await ana.send_photo("i cant wee")
        assert "EMERGENCY" in ana.last.text

    chatting(tmp_path, talk)


def test_forget_with_a_danger_behind_it(tmp_path: Path) -> None:
    """Everything is erased, and the seek-care message is owed before that is said."""

    async def talk(ana: Person, database: Database) -> None:
        await begun(ana)
        await ana.send("/forget i cant wee")
        assert ana.sees("EMERGENCY")
        assert "erased" in ana.last.text
        assert await database.load(f"telegram:{ana.user.id}") is None

    chatting(tmp_path, talk)


# --- a terminal -----------------------------------------------------------------------------------------------------


def typed(sessions: Memory, *lines: str, as_json: bool = False, library: Library = READS) -> str:
    """What a pipe says to these lines."""
    out = io.StringIO()
    with at(library, sessions) as chat:
        printer = JsonPrinter(out) if as_json else TextPrinter(out)
        run(chat, Start("leg_lift", "en", new=False), io.StringIO("".join(f"{line}\n" for line in lines)), printer)
    return out.getvalue()


def test_a_danger_in_a_pipe() -> None:
    """The seek-care message is next, and the last line is its level; one word takes it back."""
    sessions = Memory()
    said = typed(sessions, "1", "i cant wee")
    assert "You wrote:\n- " in said
    assert said.endswith("level: emergency\n")
    assert "not_meant" in said
    said = typed(Memory(), "1", "i cant wee", "not_meant")
    assert said.count("How old") == 2
    assert "level:" not in said


def test_cards_of_words_in_a_pipe_and_after_a_restart() -> None:
    """The yes/no card and the one to confirm are numbered, take words, and stand there in the next run."""
    sessions = Memory()
    said = typed(sessions, "it is her face")
    assert "1. Yes, that is so\n2. No, it is not" in said
    said = typed(sessions, "back", "2")
    assert "One question first" in said
    assert "Please answer this one question first" in said
    assert said.rstrip().count("Who is this about?") == 1
    sessions = Memory()
    said = typed(sessions, "stiff for three weeks")
    assert "1. Yes, that is right\n2. No, ask me everything" in said
    said = typed(sessions, "yes")
    assert "Who is this about?" in said


def test_answers_in_words_in_a_pipe() -> None:
    """One match is taken; of two the numbers choose, also where a number would be an age."""
    said = typed(Memory(), "for mum", "late thirties", "2", "hm", "bonjour")
    assert "Got it: " in said
    assert "1. 38\n2. 39" in said
    assert "✓ Age: 39" in said
    assert "I could not make out what that means" in said
    assert "I understand: English" in said


def test_words_as_json() -> None:
    """The new cards are cards like the others."""
    said = typed(Memory(), "it is her face", "no", "me or my boy", as_json=True)
    events = [json.loads(line) for line in said.splitlines()]
    cards = [event for event in events if event["event"] == "card"]
    assert [card["question"] for card in cards] == ["about", "check_back", "about", "about"]
    assert [option["key"] for option in cards[1]["options"]] == ["yes", "no"]
    assert [option["key"] for option in cards[-1]["options"]] == ["me", "child"]
    assert cards[-1]["commands"] == ["continue"]


def test_a_line_that_is_too_long_is_read_for_dangers() -> None:
    """It is no answer, and a danger in its beginning counts."""
    assert typed(Memory(), "i cant wee " + "x" * 5000).endswith("level: emergency\n")
    assert "I could not make out what that means" in typed(Memory(), "x" * 5000)


def test_exact_words_of_an_option_are_an_answer() -> None:
    """They win over what they might tell of; a number is never read for dangers."""
    reader = Written(clear={"Me": "saddle_numbness", "1": "saddle_numbness"})
    assert "How old" in typed(Memory(), "Me", library=reading(LIBRARY, reader))
    assert "How old" in typed(Memory(), "1", library=reading(LIBRARY, reader))


def test_a_key_takes_back_what_was_heard() -> None:
    """On a screen x says that it was not meant, where that can be said."""
    with at(READS, Memory()) as chat:
        chat.begin(Start("leg_lift", "en", new=True))
        assert isinstance(press(Menu(chat.view), "x"), Menu)
        words = read("leg is swollen", chat.view)
        assert isinstance(words, Words)
        chat.say(words)
        denial = press(Menu(chat.view), "x")
        assert isinstance(denial, tuple)
        assert "Taken back" in chat.do(denial)[0].blocks[0].text
