"""What people type, as it is loaded: the net of the small library, its words, and any text at all."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow.model import Kind
from bot.flow.understand.context import Cue
from bot.flow.understand.heard import Sure, Why
from bot.flow.understand.text import LONGEST
from bot.load import Library, LoadError, Place, Texts, load_library
from bot.load.schema import schemas

SMALL = Path(__file__).parent / "fixtures" / "small"
LIBRARY = load_library(SMALL / "flows", SMALL / "content")
NET = LIBRARY.texts["en"].net
HEARD = {name for name, kind in LIBRARY.flows["leg"].kinds.items() if kind in {Kind.DANGER, Kind.HEARD}}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the small library that a test may edit."""
    return Path(shutil.copytree(SMALL, tmp_path / "library"))


def texts_of(library: Path) -> Texts:
    """The English texts of a copy."""
    return load_library(library / "flows", library / "content").texts["en"]


# --- what comes out ---------------------------------------------------------------------------------------------------


def test_phrases_are_compiled() -> None:
    """Each finding has its patterns, what it adds, and how sure it is when it has been so for long."""
    phrases = {each.finding: each for each in NET.phrases}

    assert list(phrases) == ["saddle_numbness", "bladder_change", "foot_weak", "heard_collapse"]
    assert [each.text for each in phrases["bladder_change"].possible] == ["<pee> .. odd"]
    assert phrases["heard_collapse"].adds == ("foot_weak",)
    assert [each.long for each in phrases.values()] == [Sure.POSSIBLE, Sure.POSSIBLE, None, Sure.CLEAR]


def test_examples_remember_where_they_stand() -> None:
    """Each example, check-back and near miss comes with what it has to show, its file and its line."""
    trials = {trial.text: trial for trial in LIBRARY.texts["en"].trials}

    assert trials["I can't pee"].wanted is Sure.CLEAR
    assert trials["my pee is odd"].wanted is Sure.POSSIBLE
    assert trials["numb tooth in a bottom row"].wanted is None
    assert trials["my pee is odd"].place == Place("content/en/dangers/signs.yaml", 13)
    assert LIBRARY.place("phrases", "en", "bladder_change") == Place("content/en/dangers/signs.yaml", 9)
    assert LIBRARY.place("phrases", "en") == Place("content/en/dangers")


def test_added_findings_are_noticed_along() -> None:
    """What is true with a finding is noticed with it, because of the same words."""
    assert [(each.finding, each.words) for each in NET.listen("he collapsed").noticed] == [
        ("heard_collapse", "collapsed"),
        ("foot_weak", "collapsed"),
    ]


def test_known_words_are_left_as_they_are(copy: Path) -> None:
    """A word of words.txt is not taken for a mistyped one; accents, apostrophes and capitals do not matter there."""
    assert texts_of(copy).net.listen("my bottom is numbs, my foot drops").clear == ("saddle_numbness", "foot_weak")
    assert texts_of(copy).net.listen("the foot drons").clear == ("foot_weak",)
    (copy / "content/en/words.txt").write_text("# our own\nDrons\nnaïve # as it is written\ndon't\n", encoding="utf-8")
    assert texts_of(copy).net.listen("the foot drons").clear == ()


def test_words_are_optional_and_bounded(copy: Path) -> None:
    """A language may have no words.txt; one that is too large, or no text, is refused in one line."""
    words = copy / "content/en/words.txt"
    assert not words.exists()
    words.write_bytes(b"word\n" * 120_000)
    with pytest.raises(LoadError) as caught:
        texts_of(copy)
    assert str(caught.value).startswith("content/en/words.txt:1: too-large: is larger than 512 KiB")
    words.write_bytes(b"caf\xe9\n")
    with pytest.raises(LoadError) as caught:
        texts_of(copy)
    assert str(caught.value) == "content/en/words.txt:1: not-utf8: is not UTF-8: save the file as UTF-8"


def test_every_cue_is_needed(copy: Path) -> None:
    """A language without one of the cues is refused, each named with its file."""
    path = copy / "content/en/concepts.yaml"
    path.write_text(path.read_text("utf-8").partition("cues:\n")[0] + "cues: {}\n", encoding="utf-8")
    with pytest.raises(LoadError) as caught:
        texts_of(copy)

    missing = {line for line in str(caught.value).splitlines() if "missing-key" in line}
    assert missing == {
        f"content/en/concepts.yaml:7: missing-key: key '{cue}' is missing in 'cues': add it" for cue in Cue
    }


def test_editors_know_the_cues() -> None:
    """The schemas for editors list the cues and what an entry may hold."""
    assert all(f'"{cue.value}"' in schemas()["concepts.schema.json"] for cue in Cue)
    assert '"near_misses"' in schemas()["dangers.schema.json"]


def test_a_library_can_be_handed_to_another_process() -> None:
    """Part of the check runs in a process of its own, which hears the same."""
    other: Library = pickle.loads(pickle.dumps(LIBRARY))  # noqa: S301 - our own

    assert other.texts["en"].net.listen("i cant pee").clear == ("bladder_change",)


# --- any text at all --------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        "I can't",
        "pee",
        "no",
        "numb",
        "bottom",
        "collapsed",
        "years ago",
        "but",
        ",",
        ".",
        "?",
        "\n",
        "\u200b",
        "🚽",
        "ال",
        "0",
    ]
)


@given(st.one_of(st.text(max_size=300), st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=40).map(" ".join)))
def test_any_text(text: str) -> None:
    """Whatever is typed, listening ends; what is noticed or dismissed is always a danger or heard finding."""
    hearing = NET.listen(text)

    assert {each.finding for each in hearing.noticed} | {each.finding for each in hearing.dismissed} <= HEARD
    assert not set(hearing.clear) & set(hearing.possible)


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\ufeff", "\u2060", "\u0301", "\u202e"])
def test_characters_that_cannot_be_seen(unseen: str) -> None:
    """Zero-width characters and the like inside a danger word change nothing."""
    assert NET.listen(f"he coll{unseen}apsed").clear == ("heard_collapse", "foot_weak")
    assert NET.listen(unseen.join("i cant pee")).clear == ("bladder_change",)


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("", ()),
        (" \t\n", ()),
        ("😢😢🚽❗", ()),
        ("...", ()),
        ("لا أستطيع المشي", ()),
        ("לא יכול, he collapsed", ("heard_collapse", "foot_weak")),
        ("😢he collapsed😢", ("heard_collapse", "foot_weak")),
        ("Не соllарsеd", ("heard_collapse", "foot_weak")),  # noqa: RUF001 - in letters of two scripts
        ("ＨＥ ＣＯＬＬＡＰＳＥＤ", ("heard_collapse", "foot_weak")),  # noqa: RUF001 - in wide letters
        ("he colapsed", ("heard_collapse", "foot_weak")),
        ("hecollapsed", ("heard_collapse", "foot_weak")),
        ("I CAN’T PEEEEEE!!!", ("bladder_change",)),
    ],
)
def test_odd_texts(text: str, heard: tuple[str, ...]) -> None:
    """Nothing, signs only, other scripts, mistakes: never a crash, and the danger in it is heard."""
    assert NET.listen(text).clear == heard


def test_the_longest_message() -> None:
    """A danger is heard at the end of the longest message, between noise; what is beyond it is not read."""
    ending = " he collapsed"
    noise = ("qwzx " * LONGEST)[: LONGEST - len(ending)]

    assert NET.listen(noise + ending).clear == ("heard_collapse", "foot_weak")
    assert NET.listen(noise + " " * len(ending) + ending).clear == ()
    assert NET.listen("\u0301" * LONGEST).noticed == ()
    assert NET.listen("ﷺ" * LONGEST).noticed == ()


def test_another_language_is_told() -> None:
    """A text of which hardly a word is known is foreign; a short one, or one with enough known words, is not."""
    assert NET.listen("ich kann nicht mehr laufen und habe Angst").foreign
    assert not NET.listen("hola").foreign
    assert not NET.listen("my foot is numb").foreign


def test_what_takes_words_back() -> None:
    """Denials, the past and other meanings dismiss, and say why."""
    said = {"my bottom is not numb": Why.DENIED, "he collapsed years ago": Why.PAST, "numb tooth in a bottom row": None}
    reasons = {text: {each.why for each in NET.listen(text).dismissed} for text in said}

    assert reasons == {text: {why or Why.MEANT_OTHERWISE} for text, why in said.items()}
