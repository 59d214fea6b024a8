"""What is heard in typed words, in a small language of its own: spelling, patterns, and what surrounds words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow.understand.heard import Sure, Why
from bot.flow.understand.net import Net, Phrases, lexicon
from bot.flow.understand.patterns import PatternError, parse
from bot.flow.understand.text import LONGEST, Break, words
from bot.flow.understand.vocabulary import Range, Vocabulary
from tests.counting import calls
from tests.served import LIBRARY

CONCEPTS: Mapping[str, tuple[str, ...]] = {
    "leg": ("leg", "thigh"),
    "numb": ("numb", "numbness", "no feeling", "cant feel"),
    "pee": ("pee", "pass water", "wee!"),
    "cannot": ("cant!", "cannot", "not able", "unable"),
    "pain": ("pain", "hurts"),
    "fever": ("fever", "burning up"),
    "cancer": ("cancer",),
    "gym": ("gym",),
    # What surrounds words
    "deny": ("no!", "not!", "dont!", "never!", "without"),
    "not_denying": ("not only", "no idea"),
    "deny_after": ("no!", "none!"),
    "contrast": ("but!", "now!"),
    "join": ("and!", "so!"),
    "listing": ("or!", "nor!"),
    "subject": ("i!", "my!", "he!", "the!", "it!"),
    "pronoun": ("i!", "its!", "my!"),
    "opinion": ("think!", "feel like"),
    "past": ("years ago", "used to"),
    "while_ago": ("weeks ago",),
    "recent": ("yesterday", "today"),
    "began": ("started",),
    "long": ("for years", "always"),
    "unchanged": ("nothing new",),
    "unreal": ("my dog", "film"),
    "suppose": ("what if", "signs of"),
    "doubt": ("if i",),
    "opener": ("can!", "does!"),
    "asking": ("is!",),
    "person": ("i!", "my!", "he!"),
    "first_person": ("i!", "my!"),
    "ever": ("ever!",),
    "owned": ("its me!",),
    "cleared": ("ruled out",),
    "refers_back": ("that was",),
    "in": ("in!",),
    "since": ("since!",),
}
KNOWN = frozenset({"week", "dumb", "the", "and", "was", "when", "have", "walk", "queue", "can", "went"})


@cache
def net() -> Net:
    """A small language: a numb leg, a bladder, and what surrounds words."""
    phrases = (
        Phrases(
            "numbness",
            (parse("<leg> .. <numb>"), parse("<numb> .. <leg>")),
            unless=(parse("<numb> leg of lamb"), parse("~ after <gym>")),
            earlier="earlier",
        ),
        Phrases("bladder", (parse("<cannot> <pee>"),), (parse("<pee> & odd"),), adds=("recent",), long=None),
        Phrases("both", (parse("<fever> + <pain>"), parse("<cancer> + <pain>"))),
        Phrases("heat", (parse("temperature <hot_number>"),)),
        Phrases("stroke", (parse("having stroke"),), alone=(parse("stroke"),)),
    )
    patterns = [pattern for each in phrases for pattern in (*each.clear, *each.possible, *each.alone, *each.unless)]
    vocabulary = Vocabulary(
        lexicon(CONCEPTS, patterns),
        fillers=("a", "the", "my", "really", "is", "to"),
        known=KNOWN,
        ranges=(Range("hot_number", 38, 43), Range("past_year", 1900, 2020)),
    )
    return Net(vocabulary, phrases, frozenset({"cancer"}))


def heard(text: str) -> dict[str, str]:
    """Each finding with how surely it is heard."""
    return {each.finding: each.sure.value for each in net().listen(text).noticed}


def why(text: str) -> dict[str, Why]:
    """Each finding that is dismissed, with the reason."""
    return {each.finding: each.why for each in net().listen(text).dismissed}


def test_words_leave_out_what_does_not_matter() -> None:
    """Case, accents, invisible characters, look-alikes and held keys do not matter; breaks and questions do."""
    found = words(
        "I CAN’T f\u200be\u0301el… nu\u043cb?! 3wks, sooooo",
    )
    assert [word.text for word in found] == ["i", "cant", "feel", "nuмb", "3", "wks", "soo"]
    assert [word.before for word in found] == [
        Break.NONE,
        Break.NONE,
        Break.NONE,
        Break.STOP,
        Break.STOP,
        Break.NONE,
        Break.COMMA,
    ]
    assert [word.asked for word in found] == [False, False, False, True, False, False, False]


def test_a_letter_of_another_script_is_read_as_it_looks() -> None:
    """A Cyrillic letter in a Latin word is the Latin letter that it looks like; a word of one script stays."""
    assert [word.text for word in words("n\u0443mb p\u0435\u0435")] == ["nymb", "pee"]
    assert [word.text for word in words("\u043d\u043e\u0433\u0430")] == ["\u043d\u043e\u0433\u0430"]


@pytest.mark.parametrize(
    "text",
    [
        "my leg is numb",
        "MY LEG IS NUMB!!",
        "my leg is n\u200bu\u200bm\u200bb",
        "my legs are really numb",
        "numbness in the thigh",
        "my thigh is nubm",
        "myleg isnumb",
        "the leg, it is numb",
        "cant feel my leg",
        "i can’t feel my leg",
        "my leg is numbbbb",
    ],
)
def test_one_thing_said_in_many_ways(text: str) -> None:
    """Endings, swapped letters, run-together words, apostrophes and held keys are all understood."""
    assert heard(text)["numbness"] == "clear"


@pytest.mark.parametrize("text", ["a dumb leg", "my leg last week", "leg. numb", "the wees", ""])
def test_other_words_are_other_words(text: str) -> None:
    """A word that is spelled right stands for itself, and two statements are two."""
    assert heard(text) == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("my leg is not numb", Why.DENIED),
        ("no numbness in my leg", Why.DENIED),
        ("no pain, tingling or numbness in the leg", Why.DENIED),
        ("numb leg: no", Why.DENIED),
        ("i dont think i have a numb leg", Why.DENIED),
        ("my leg was numb years ago", Why.PAST),
        ("my leg was numb. that was years ago", Why.PAST),
        ("my leg used to go numb", Why.PAST),
        ("my leg was numb in 2011", Why.PAST),
        ("my dog has a numb leg", Why.OTHERS),
        ("the film where he has a numb leg", Why.OTHERS),
        ("what if my leg goes numb", Why.SUPPOSED),
        ("can sitting cause a numb leg", Why.SUPPOSED),
        ("if i ever have a numb leg", Why.SUPPOSED),
        ("they ruled out the numb leg thing", Why.REASSURED),
        ("my leg has been numb for years, nothing new", Why.LONG),
        ("a numb leg of lamb", Why.MEANT_OTHERWISE),
        ("my leg is numb after the gym", Why.MEANT_OTHERWISE),
    ],
)
def test_what_surrounds_words_takes_them_back(text: str, reason: Why) -> None:
    """Denied, past, of others, supposed, cleared, long-standing or meant otherwise: dismissed, with the reason."""
    assert "numbness" not in heard(text)
    assert why(text)["numbness"] is reason


@pytest.mark.parametrize(
    "text",
    [
        "no pain but my leg is numb",
        "no pain and my leg is numb",
        "no pain, my leg is numb",
        "no pain its numb in my leg",
        "not only is my leg numb",
        "no idea why my leg is numb",
        "no i have a numb leg",
        "i used to run and now my leg is numb",
        "my leg was fine years ago but today the leg is numb",
        "it started weeks ago, a numb leg",
        "my dog is fine. my leg is numb",
        "what if someone had a numb leg? its me",
        "my leg is numb. no fever",
    ],
)
def test_what_is_about_something_else_takes_nothing_back(text: str) -> None:
    """A *no*, a past, an *if* reach only as far as they are meant."""
    assert heard(text)["numbness"] == "clear"


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("if i have a numb leg", "possible"),
        ("is a numb leg bad", "possible"),
        ("my leg has been numb for years", "possible"),
        ("always a numb leg since yesterday", "clear"),
    ],
)
def test_what_is_unsure_is_asked(text: str, sure: str) -> None:
    """What is only supposed of oneself, or has been so for long, is asked about; what is new counts."""
    assert heard(text)["numbness"] == sure


def test_some_weeks_ago_is_something_else() -> None:
    """What was so some weeks ago is not so now, but may be another finding."""
    assert heard("my leg went numb weeks ago") == {"earlier": "possible"}


def test_a_finding_brings_others() -> None:
    """What a phrase adds is heard with it; for how long it has been so can take both back."""
    assert heard("i cant pee") == {"bladder": "clear", "recent": "clear"}
    assert heard("i cant pee, that has been so for years") == {}
    assert heard("odd pee") == {"bladder": "possible"}
    assert net().listen("odd pee").groups == (("bladder", "recent"),)


def test_two_things_together_may_stand_anywhere() -> None:
    """Parts may stand in any statement; what is denied of one takes back both, and a cancer counts however long ago."""
    assert heard("burning up all night. then came the pain") == {"both": "clear"}
    assert heard("pain but no fever") == {}
    assert heard("cancer years ago. now pain") == {"both": "clear"}


def test_numbers_name_concepts() -> None:
    """A number in a range is a concept; one outside it is none."""
    assert heard("temperature 39.4") == {"heat": "clear"}
    assert heard("temperature 36.6") == {}
    assert heard("temperature 38:30") == {}


def test_a_call_of_one_word_is_asked_about() -> None:
    """What is hardly more than a cry, or of another language, is asked about by one word alone."""
    assert heard("stroke") == {"stroke": "possible"}
    assert heard("mi padre tuvo ayer un stroke") == {"stroke": "possible"}
    assert heard("the stroke of the queue and the walk") == {}
    assert net().listen("mi padre tuvo ayer un stroke").foreign
    assert net().listen("\u043d\u043e\u0433\u0430").foreign
    assert not net().listen("i have pain when i walk").foreign
    assert not net().listen("45").foreign


@pytest.mark.parametrize("text", ["<leg", "<leg> && <numb>", "", "<leg> + ", "a & ", "a||b", "leg>"])
def test_a_pattern_that_cannot_be_read_says_so(text: str) -> None:
    """A slip in a pattern is told with the pattern, not guessed over."""
    with pytest.raises(PatternError, match=re.escape(text.strip()) or "empty"):
        parse(text)


@given(st.text(max_size=600))
def test_any_text_is_heard_without_stumbling(text: str) -> None:
    """Whatever Unicode is typed: an answer, and only of what there is."""
    hearing = net().listen(text)
    known = {"numbness", "bladder", "recent", "both", "heat", "stroke", "earlier"}
    assert {each.finding for each in hearing.noticed} | {each.finding for each in hearing.dismissed} <= known
    assert set(hearing.clear) & set(hearing.possible) == set()


@given(st.text(max_size=200), st.sampled_from(["i cant pee", "my leg is numb"]))
def test_a_danger_stands_beside_any_other_statement(noise: str, danger: str) -> None:
    """What is said in a statement of its own is heard whatever was said before it, unless that is about a film."""
    if any(cue in noise.lower() for cue in ("film", "dog", "gym")):
        return
    hearing = net().listen(f"{noise}\n. \n{danger}")
    assert any(each.sure is Sure.CLEAR for each in hearing.noticed)


@pytest.mark.parametrize(
    "piece",
    ["a the of ", "the ", "1 2 3 ", "numb leg my a ", "cant pee ", "no pain, ", "if i have a numb leg ", "legnumb"],
)
def test_work_grows_with_the_length_only(piece: str) -> None:
    """Eight times the text is about eight times the work, also in the shipped language, whatever is repeated."""
    shipped = LIBRARY.texts["en"].net
    short, long_ = (piece * 500)[:500], (piece * 4096)[:4000]
    shipped.listen(long_)  # what is looked up once is not counted
    few, many = (calls(lambda: shipped.listen(text)) for text in (short, long_))  # noqa: B023
    assert many < 12 * few + 2000


def test_only_so_much_is_read() -> None:
    """A text longer than any message is read up to the length of one."""
    assert heard("x " * LONGEST + "i cant pee") == {}
