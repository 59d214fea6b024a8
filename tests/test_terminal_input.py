"""A typed line is understood as what it says, and as nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.matching import plain
from bot.conversation.messages import Details, Request, Restart
from bot.flow.events import (
    Answer,
    Back,
    Change,
    Confirm,
    Continue,
    Done,
    NotSure,
    Number,
    Reason,
    Stop,
    Tick,
    Why,
)
from bot.flow.session import Answered
from bot.load import Library
from bot.terminal.chat import Chat
from bot.terminal.input import Command, Parsed, parse
from tests.test_terminal_kit import NOW, TO_THE_REVIEW, begun, small_library


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The small library."""
    return small_library(tmp_path_factory.mktemp("input"))


@pytest.fixture
def chat(small: Library) -> Iterator[Chat]:
    """A conversation on its first card."""
    with begun(small) as chat:
        yield chat


def after(chat: Chat, *lines: str) -> Chat:
    """The conversation after these lines, all of which were understood."""
    for line in lines:
        parsed = parse(line, chat.view)
        assert isinstance(parsed, tuple), (line, parsed)
        chat.do(parsed)
    return chat


def asks(chat: Chat, line: str, *requests: Request) -> None:
    """Check what a line asks for."""
    assert parse(line, chat.view) == requests


@pytest.mark.parametrize("line", ["2", " 2 ", "2.", "2)", "adult", "ADULT", "another adult", "Another adult!", "anoth"])
def test_an_option_by_number_or_words(chat: Chat, line: str) -> None:
    """An option is its number, its id, its label or how that begins; case and punctuation do not matter."""
    asks(chat, line, Answer("about", ("adult",)))


@pytest.mark.parametrize(
    "line", ["4", "0", "99999999999999999999", "-1", "2.5", "a", "m", "mee", "2 x", "²", "ad ch", "!"]
)
def test_what_is_no_option(chat: Chat, line: str) -> None:
    """Numbers outside the list, single letters, and words that no option begins with are not guessed at."""
    assert parse(line, chat.view) is Reason.NO_SUCH_OPTION


def test_a_beginning_of_two_options_is_neither(chat: Chat) -> None:
    """Where 'Pain below the knee' and 'Pain in the groin' are offered, 'pain' could be either."""
    after(chat, "1", "30", "none", "2")

    assert parse("pain", chat.view) is Reason.NO_SUCH_OPTION
    asks(chat, "pain b", Answer("pain", ("below_knee",)))


@pytest.mark.parametrize(
    "line", ["1 3", "1,3", "1, 3", "3 1 3", "1;3", "pain below the knee, stiff", "stiff, below knee,"]
)
def test_several_options_answer_a_whole_card(chat: Chat, line: str) -> None:
    """Several numbers, or words with commas, are all ticked at once, each once."""
    after(chat, "1", "30", "none", "2")
    parsed = parse(line, chat.view)

    assert isinstance(parsed, tuple)
    (answer,) = parsed
    assert isinstance(answer, Answer)
    assert sorted(answer.options) == ["below_knee", "stiff"]


@pytest.mark.parametrize("line", ["1 9", "1 0", "1 2 99999999999", "stiff, foo"])
def test_one_wrong_option_spoils_the_line(chat: Chat, line: str) -> None:
    """Half a line is never an answer."""
    after(chat, "1", "30", "none", "2")

    assert parse(line, chat.view) is Reason.NO_SUCH_OPTION


def test_one_tick_answers_a_card_from_a_line(chat: Chat) -> None:
    """A line is a whole answer, so one number on a card with several choices is that and nothing else."""
    after(chat, "1", "30")

    asks(chat, "2", Answer("pelvis", ("bladder",)))


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("back", Back()),
        ("BACK", Back()),
        ("change", Change()),
        ("Change an answer", Change()),
        ("change 1", Change("about")),
        ("change age", Change("age")),
        ("change Who", Change("about")),
        ("continue", Continue()),
        ("done", Done("pelvis")),
        ("new", Restart()),
        ("none", Answer("pelvis", ("none",))),
        ("None of these.", Answer("pelvis", ("none",))),
        ("not sure", NotSure("pelvis")),
        ("restart", Restart()),
        ("stop", Stop()),
        ("unsure", NotSure("pelvis")),
        ("unsure 1 2", NotSure("pelvis", ("saddle", "bladder"))),
        ("unsure 2,", NotSure("pelvis", ("bladder",))),
        ("why", Why()),
        ("?", Why()),
    ],
)
def test_commands(chat: Chat, line: str, request_: Request) -> None:
    """Each word of the contract, and each for convenience, asks for what it says."""
    asks(after(chat, "1", "30"), line, request_)


def test_commands_of_the_terminal(chat: Chat) -> None:
    """Help and quit are for the terminal, not for the conversation."""
    assert parse("help", chat.view) is Command.HELP
    assert parse("Quit", chat.view) is Command.QUIT


@pytest.mark.parametrize("line", ["change 7", "change 0", "change foo", "change 99999999999999"])
def test_changing_what_was_not_answered(chat: Chat, line: str) -> None:
    """A question that has no answer cannot be changed, and that is said."""
    assert parse(line, after(chat, "1", "30").view) is Reason.NOT_ANSWERED


def test_sure_of_one_and_not_of_another(chat: Chat) -> None:
    """'1 unsure 2' ticks the first and leaves the second open."""
    after(chat, "1", "30")

    asks(chat, "1 unsure 2", Tick("pelvis", "saddle"), NotSure("pelvis", ("bladder",)))
    asks(chat, "1 unsure", Tick("pelvis", "saddle"), NotSure("pelvis"))


def test_a_tick_that_is_there_is_not_taken_away(chat: Chat) -> None:
    """What a line calls true stays true when it was ticked before, on a screen."""
    view = after(chat, "1", "30").view
    assert view.card
    ticked = tuple(replace(choice, ticked=choice.key == "saddle") for choice in view.card.choices)
    view = replace(view, card=replace(view.card, choices=ticked))

    assert parse("1 unsure 2", view) == (NotSure("pelvis", ("bladder",)),)


def test_a_line_adds_to_the_ticks_that_are_there(chat: Chat) -> None:
    """What was ticked before, on a screen, is part of the answer that a line gives."""
    after(chat, "1", "30", "none", "2")
    chat.do((Tick("pain", "groin"),))
    after(chat, "1")

    session = chat.session
    assert session
    assert session.inputs[-1] == Answered("pain", ("groin", "below_knee"), NOW)


@pytest.mark.parametrize("line", ["unsure 3", "unsure 1 4", "3 unsure 1"])
def test_unsure_about_none_means_nothing(chat: Chat, line: str) -> None:
    """'None of these' and 'Not sure' are nothing that one can be unsure about."""
    assert parse(line, after(chat, "1", "30").view) is Reason.NONE_EXCLUDES


@pytest.mark.parametrize("line", ["unsure 8", "8 unsure 1"])
def test_unsure_about_what_is_not_there(chat: Chat, line: str) -> None:
    """A number beyond the list is no option here either."""
    assert parse(line, after(chat, "1", "30").view) is Reason.NO_SUCH_OPTION


def test_which_ones(chat: Chat) -> None:
    """After 'unsure', numbers say which ones; 'all' and 'unsure' again say all."""
    after(chat, "1", "30", "unsure")
    every = NotSure("pelvis", ("saddle", "bladder"))

    asks(chat, "2", Answer("pelvis", ("bladder",)))
    asks(chat, "unsure 2", Answer("pelvis", ("bladder",)))
    asks(chat, "1 2", Answer("pelvis", ("saddle", "bladder")))
    asks(chat, "all", every)
    asks(chat, "unsure", every)
    asks(chat, "3", every)
    assert parse("1 3", chat.view) is Reason.NONE_EXCLUDES


@pytest.mark.parametrize(
    ("line", "years"), [("0", 0), ("1", 1), ("3", 3), ("45", 45), ("045", 45), ("121", 121), ("-3", -3)]
)
def test_an_age_is_itself(chat: Chat, line: str, years: int) -> None:
    """On a card that asks for a number no number means an option."""
    asks(after(chat, "1"), line, Number("age", years))


@pytest.mark.parametrize("line", ["4,5", "4.5", "4 5", "three", "3 months", "45 years", "1e2", "0x10", "half"])
def test_what_is_no_whole_number(chat: Chat, line: str) -> None:
    """Three months must never be read as three years."""
    assert parse(line, after(chat, "1").view) is Reason.NOT_A_NUMBER


def test_an_endless_number_fits_no_question(chat: Chat) -> None:
    """A number of any length is refused kindly."""
    assert parse("9" * 10_000, after(chat, "1").view) is Reason.OUT_OF_RANGE


def test_an_age_asked_again_has_letters(chat: Chat) -> None:
    """On the second asking a number is still the age, and the rough answers have letters."""
    after(chat, "1", "unsure")

    asks(chat, "b", Answer("age", ("adult",)))
    asks(chat, "16 or older", Answer("age", ("adult",)))
    asks(chat, "c", NotSure("age"))
    asks(chat, "2", Number("age", 2))
    asks(chat, "4", Number("age", 4))
    asks(chat, "0", Number("age", 0))
    asks(chat, "45", Number("age", 45))
    assert parse("1 2", chat.view) is Reason.NOT_A_NUMBER
    assert parse("9" * 20, chat.view) is Reason.OUT_OF_RANGE


def test_the_last_look(chat: Chat) -> None:
    """The review is confirmed by number or words; two answers to it are none."""
    after(chat, *TO_THE_REVIEW)

    asks(chat, "1", Confirm())
    asks(chat, "yes", Confirm())
    asks(chat, "2", Change())
    asks(chat, "no", Change())
    assert parse("1 2", chat.view) is Reason.ONE_ONLY
    assert parse("none", chat.view) is Reason.NO_SUCH_OPTION


def test_the_list_of_answers(chat: Chat) -> None:
    """On the list of answers a number or a name picks one, and back leads back to the card."""
    after(chat, "1", "30", "change")

    asks(chat, "2", Change("age"))
    asks(chat, "Age", Change("age"))
    asks(chat, "who", Change("about"))
    asks(chat, "back", Continue())
    asks(chat, "Go on", Continue())
    assert parse("1 2", chat.view) is Reason.ONE_ONLY
    assert parse("7", chat.view) is Reason.NO_SUCH_OPTION


@pytest.mark.parametrize(
    "line", ["1", "more 1", "more sciatica", "More about Sciatica", "more about sciatica", "sciatica"]
)
def test_more_about_a_cause(chat: Chat, line: str) -> None:
    """After the result a cause is named by its number or its words."""
    asks(after(chat, *TO_THE_REVIEW, "1"), line, Details("sciatica"))


def test_more_of_what(chat: Chat) -> None:
    """Without a cause that is there, 'more' asks which; before the result it is no word at all."""
    assert parse("more 1", chat.view) is Reason.NO_SUCH_OPTION
    after(chat, *TO_THE_REVIEW, "1")

    assert parse("more", chat.view) is Reason.NO_SUCH_OPTION
    assert parse("more 9", chat.view) is Reason.NO_SUCH_OPTION
    assert parse("more foo", chat.view) is Reason.NO_SUCH_OPTION
    asks(chat, "1 2", Details("sciatica"), Details("hip_arthritis"))


def test_nonsense_after_the_end_and_after_a_stop(chat: Chat) -> None:
    """Where there is no question, nonsense is told what can be done instead."""
    assert parse("foo", after(chat, "stop").view) is Reason.STOPPED
    assert parse("done", chat.view) is Reason.STOPPED
    after(chat, "continue", *TO_THE_REVIEW, "1")

    assert parse("foo", chat.view) is Reason.FINISHED
    assert parse("unsure", chat.view) is Reason.FINISHED


def test_the_plain_form_of_words() -> None:
    """Case, accents of width, apostrophes and punctuation do not matter; letters do."""
    assert plain("  Don’t — KNOW_it!  ") == "dont know it"
    assert plain("\N{FULLWIDTH LATIN CAPITAL LETTER A}") == "a"
    assert plain("Straße") == "strasse"


@given(line=st.one_of(st.text(max_size=60), st.from_regex(r"\A(unsure|change|more|[0-9 ,.]){0,6}\Z")))
def test_no_line_is_too_strange(small: Library, line: str) -> None:
    """Whatever is typed, on every kind of card, it is understood or refused, and never an error."""
    for lines in ((), ("1",), ("1", "unsure"), ("1", "30"), ("1", "30", "unsure"), ("1", "change"), TO_THE_REVIEW):
        with begun(small) as chat:
            parsed: Parsed = parse(line, after(chat, *lines).view)
            if isinstance(parsed, tuple):
                assert parsed
                chat.do(parsed)
            elif isinstance(parsed, Reason):
                assert chat.refuse(parsed)
