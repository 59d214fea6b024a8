"""`signpost understand`: what people and scripts read, from one text or from thousands of lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from bot.cli.understand import _answer, _day, _Ear, _lines
from bot.flow.events import Answer, Back, Change, Event, NotSure, Number
from bot.flow.model import Question
from bot.flow.understand.answers import Replies
from bot.flow.understand.reply import Day, Reply
from bot.load import load_library
from tests.test_terminal_kit import Place, small_folders


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder with the small library."""
    return Place(tmp_path)


def lines(place: Place, *arguments: str) -> list[str]:
    """What is said about a text."""
    done = place.run("understand", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_clear_danger(place: Place) -> None:
    """The verdict stands first, then the level, then each finding with its words."""
    assert lines(place, "oh no. I can't PEE and my foot hangs") == [
        "danger: clear",
        "level: emergency",
        "heard:",
        "  bladder_change: clear, emergency, from 'cant pee'",
        "  foot_weak: clear, urgent, from 'foot hangs'",
    ]


def test_what_is_not_taken_for_a_danger(place: Place) -> None:
    """What was dismissed stands there with the reason in words."""
    assert lines(place, "he collapsed years ago") == [
        "danger: none",
        "not taken for a danger:",
        "  heard_collapse: it is long past, from 'collapsed'",
    ]


def test_a_possible_danger(place: Place) -> None:
    """What has to be asked about says so, and why it is not clear."""
    assert lines(place, "maybe my bottom is numb") == [
        "danger: possible",
        "level: emergency",
        "heard:",
        "  saddle_numbness: possible, emergency, from 'bottom is numb' (it is only supposed or asked)",
    ]


@pytest.mark.parametrize("text", ["", "hello", "😢", "\u200b"])
def test_nothing(place: Place, text: str) -> None:
    """A text without danger gets its verdict, too."""
    assert lines(place, text) == ["danger: none"]


@pytest.mark.parametrize("text", ["ich kann nicht mehr laufen und habe Angst", "لا"])
def test_a_foreign_text(place: Place, text: str) -> None:
    """A text in another language says so."""
    assert lines(place, text) == ["danger: none", "hardly a word of it is in English"]


def test_json(place: Place) -> None:
    """The same for scripts, on one line."""
    (line,) = lines(place, "my foot hangs. he collapsed years ago", "--json")

    assert json.loads(line) == {
        "danger": "clear",
        "level": "urgent",
        "findings": [
            {"finding": "foot_weak", "certainty": "clear", "level": "urgent", "words": "foot hangs", "why": None}
        ],
        "noted": [],
        "dismissed": [{"finding": "heard_collapse", "why": "past", "words": "collapsed"}],
        "foreign": False,
        "answer": None,
    }


def test_one_line_is_one_text(place: Place) -> None:
    """Every line of standard input gives one line of JSON, empty and odd ones included, in order."""
    typed = "I cant pee\n\nhello\r\nfoo\rbar\x0b\x0c\x85\u2028 he collapsed\n😢\nmy pee is odd"
    done = place.pipe(typed, "understand", "-", "--json")
    found = [json.loads(line)["danger"] for line in done.stdout.splitlines()]

    assert (done.returncode, done.stderr) == (0, "")
    assert found == ["clear", "none", "none", "clear", "none", "possible"]


def test_lines_for_people(place: Place) -> None:
    """Without --json each text has its paragraph."""
    done = place.pipe("my foot hangs\nhello\n", "understand", "-")

    assert done.stdout.split("\n\n")[1] == "danger: none\n"


def test_thousands_of_lines(place: Place) -> None:
    """A script that judges thousands of messages starts the command once."""
    done = place.pipe("my foot hangs, and since yesterday he cannot pee\n" * 3000, "understand", "-", "--json")

    assert done.stdout.count('"danger": "clear"') == 3000


def test_nothing_is_kept(place: Place) -> None:
    """What was typed is in no file and in no log."""
    before = {path for path in place.folder.rglob("*") if path.suffix != ".pyc"}
    done = place.run("understand", "he collapsed", LOG_LEVEL="DEBUG")

    assert done.stderr == ""
    assert {path for path in place.folder.rglob("*") if path.suffix != ".pyc"} == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "the following arguments are required: TEXT"),
        (("hello", "--question", "arm"), "there is no question 'arm' in 'leg'; there is: about, age, pelvis, foot"),
        (("hello", "--flow", "arm"), "there is no flow 'arm'; there is: leg"),
        (("hello", "--language", "xx"), "there is no language 'xx'; there is: en (English)"),
        (("hello", "--at", "tuesday"), "argument --at: write a date as 2026-11-26"),
    ],
)
def test_asked_in_a_wrong_way(place: Place, arguments: tuple[str, ...], says: str) -> None:
    """What is not there is told in one line, with what there is, and exit code 2."""
    done = place.run("understand", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_phrases_that_do_not_pass_the_check_yet(place: Place) -> None:
    """It helps to write phrases, so it asks for no proof; files that cannot be read are told."""
    dangers = Path(place.environment["CONTENT_DIR"]) / "en" / "dangers" / "signs.yaml"
    dangers.write_text(dangers.read_text("utf-8").replace("my foot drags", "nothing of it"), "utf-8")
    assert lines(place, "my foot drags")[0] == "danger: clear"
    dangers.write_text("findings: {}\nfinding: {}\n", "utf-8")
    done = place.run("understand", "my foot drags")

    assert done.returncode == 1
    assert "content/en/dangers/signs.yaml:2: unknown-key" in done.stderr


# --- answers ----------------------------------------------------------------------------------------------------------


class Scripted:
    """Understands what a test says, and remembers what it was asked."""

    def __init__(self, *ways: tuple[Event, ...]) -> None:
        self.said = Reply(ways, "my words" if ways else "")
        self.asked: tuple[object, ...] = ()

    def reply(
        self,
        text: str,
        question: Question,
        options: tuple[str, ...],
        before: Question | None,
        day: Day,
        *,
        danger: bool = False,
    ) -> Reply:
        assert isinstance(danger, bool)
        self.asked = (text, question.id, options, before.id if before else None, day)
        return self.said


def ear(tmp_path: Path, question: str, replies: Scripted | None) -> _Ear:
    """The small library, listening to answers."""
    library = load_library(*small_folders(tmp_path))
    texts, flow = replace(library.texts["en"], replies=cast("Replies | None", replies)), library.flows["leg"]
    return _Ear(texts, flow, flow.question(question), _day(date(2026, 11, 26)))


@pytest.mark.parametrize(
    ("question", "ways", "data", "said"),
    [
        ("pelvis", [], {"nothing": True}, "nothing"),
        ("pelvis", [(Answer("pelvis", ("saddle", "bladder")),)], {"options": ["saddle", "bladder"]},
         "options saddle + bladder"),
        ("pelvis", [(NotSure("pelvis"),)], {"options": ["unsure"]}, "options unsure"),
        ("age", [(Number("age", 34),)], {"number": 34}, "number 34"),
        ("foot", [(Answer("foot", ("weak",)),), (Answer("foot", ("fine",)),)], {"either": ["weak", "fine"]},
         "either weak + fine"),
        ("foot", [(Back(),)], {"back": True}, "back"),
        ("foot", [(Change("pelvis"), Answer("pelvis", ("none",)))],
         {"correct": {"question": "pelvis", "options": ["none"]}}, "correct 'pelvis' to none"),
    ],
)  # fmt: skip
def test_an_answer(
    tmp_path: Path, question: str, ways: list[tuple[Event, ...]], data: Mapping[str, Any], said: str
) -> None:
    """What words answer comes as options, a number, either, back, a correction or nothing."""
    listening = ear(tmp_path, question, Scripted(*ways))
    answer = _answer(listening, "some words") or {}

    assert answer.pop("words") == ("my words" if ways else "")
    assert answer == data
    ending = ", from 'my words'" if ways else ""
    assert list(_lines(listening, "some words"))[-1] == f"as an answer to '{question}': {said}{ending}"


def test_what_reads_answers_knows_where_it_stands(tmp_path: Path) -> None:
    """It gets the question, its options, the question before and the day of the message."""
    replies = Scripted()
    _answer(ear(tmp_path, "foot", replies), "it hangs")

    assert replies.asked == ("it hangs", "foot", ("weak", "fine", "unsure"), "pelvis", Day(2026, 11, 26, 3, 20783))


def test_answers_that_cannot_be_read_yet(tmp_path: Path) -> None:
    """A language whose answers cannot be read says so, and gives scripts no answer."""
    listening = ear(tmp_path, "foot", None)

    assert _answer(listening, "it hangs") is None
    assert list(_lines(listening, "it hangs"))[-1] == "as an answer to 'foot': answers in words cannot be read yet"
