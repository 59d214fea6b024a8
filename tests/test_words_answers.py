"""Answers in words: what is taken, what is asked again, and that nothing is ever answered that was not asked."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.answers import day_of, read_replies
from bot.flow.conditions import ALWAYS
from bot.flow.events import Answer, Back, Change, Event, Mark, NotSure, Number, Stop, Why
from bot.flow.model import Choose, Option, Question
from bot.flow.understand.answers import Replies
from bot.flow.understand.asked import Labels
from bot.flow.understand.reply import Guess, Reply
from bot.load.answers_examples import check_examples
from bot.load.answers_file import AnswersFile
from tests.counting import calls

REPLIES, FLOW = read_replies()
TODAY = day_of("2026-11-26")

Way = tuple[Event, ...]


def reply(question_id: str, text: str, before: str | None = None, options: tuple[str, ...] | None = None) -> Reply:
    """What a text answers, on the 26th of November 2026."""
    question = FLOW.question(question_id)
    offered = tuple(option.id for option in question.options) if options is None else options
    return REPLIES.reply(text, question, offered, FLOW.question(before) if before else None, TODAY)


ONE = [
    ("about", "it's for myself", "me"),
    ("about", "the wife", "adult"),
    ("about", "my son hes 34", "adult"),
    ("about", "my 6 year old", "child"),
    ("side", "both, mostly the left", "both"),
    ("side", "Rigth", "one"),
    ("side", "not the left, the right", "one"),
    ("side", "left arm and leg", "half"),
    ("side", "left, no wait, both", "both"),
    ("speed", "all of a sudden", "seconds"),
    ("speed", "over the last 3 weeks", "weeks_new"),
    ("speed", "bit by bit over several years", "years"),
    ("since", "since tuesday", "two_days"),
    ("since", "about 3 wks", "month"),
    ("since", "not sure, maybe 2 weeks", "fortnight"),
    ("since", "all my life", "longer"),
    ("since", "option 3", "fortnight"),
    ("since", "the second one", "week"),
    ("course", "about the same, doctor says its arthritis", "steady_checked"),
    ("course", "about the same", "steady"),
    ("course", "neither better nor worse", "steady"),
    ("course", "good days and bad days", "comes_goes"),
    ("injury", "no", "nothing"),
    ("injury", "fell off a ladder", "accident"),
    ("pelvis_time", "5 years ago, unchanged", "long"),
    ("pelvis_time", "had it for years but it got worse this week", "recent"),
]


@pytest.mark.parametrize(("question", "text", "option"), ONE)
def test_one_is_chosen(question: str, text: str, option: str) -> None:
    """One clear match is taken."""
    assert reply(question, text).ways == ((Answer(question, (option,)),),)


ANY = [
    ("pain", "not the knee, the back", ("back",)),
    ("pain", "lower back and my left bum cheek", ("back", "buttock")),
    ("pain", "back of my left thigh", ("thigh_back",)),
    ("feel", "stiff as a board and sore when i try", ("pain", "stiff")),
    ("feel", "no pain just weak", ("weak",)),
    ("stroke_signs", "no but my arm is weak", ("side",)),
    ("body_signs", "no chest pain but im breathless", ("breathing",)),
    ("illness_signs", "none apart from swollen calf", ("swollen_leg",)),
    ("pelvis_signs", "cant feel when i wipe", ("saddle",)),
    ("medicines", "atorvastatin, dose was doubled last month", ("statin", "changed")),
]


@pytest.mark.parametrize(("question", "text", "options"), ANY)
def test_several_are_ticked(question: str, text: str, options: tuple[str, ...]) -> None:
    """All that is named, and nothing that is denied."""
    assert reply(question, text).ways == ((Mark(question, options),),)


def test_all_and_all_but() -> None:
    """The whole list, and the list without one."""
    feel = FLOW.question("feel")
    every = tuple(option.id for option in feel.choices)
    assert reply("feel", "all of them").ways == ((Mark("feel", every),),)
    assert reply("feel", "everything except numb").ways == (
        (Mark("feel", tuple(each for each in every if each != "numb")),),
    )


@pytest.mark.parametrize(
    "text", ["no", "None", "nope, none of these thanks", "no nothing like that", "all fine", "nah"]
)
@pytest.mark.parametrize("question", ["stroke_signs", "body_signs", "pelvis_signs", "illness_signs", "injury_signs"])
def test_a_clear_no_is_none(question: str, text: str) -> None:
    """A whole message that says no."""
    assert reply(question, text).ways == ((Answer(question, ("none",)),),)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("illness_signs", "no fever"),
        ("stroke_signs", "just my leg"),
        ("stroke_signs", "no idea what you want but hello"),
        ("body_signs", "no blurgh"),
        ("body_signs", "a bit dizzy"),
        ("pelvis_signs", "no numbness"),
        ("pelvis_signs", "no my wotsit is funny"),
        ("health", "no diabetes, no cancer"),
    ],
)
def test_a_no_in_passing_denies_nothing(question: str, text: str) -> None:
    """A no to one thing, or with words that nobody understands, is not a no to the card."""
    assert not any(isinstance(event, Answer) for way in reply(question, text).ways for event in way)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("body_signs", "no its hard to breathe"),
        ("body_signs", "no not ok"),
        ("stroke_signs", "no i cant smile"),
        ("stroke_signs", "no she cant talk"),
        ("stroke_signs", "no smile"),
        ("stroke_signs", "no balance"),
        ("pelvis_signs", "nothing works down there"),
        ("pelvis_signs", "none of it works"),
        ("pelvis_signs", "no it doesnt work"),
        ("pelvis_signs", "no, its not the same as before"),
        ("pelvis_signs", "no feeling when we have sex"),
        ("pelvis_signs", "no urge to pee"),
        ("pelvis_signs", "no good down there"),
        ("illness_signs", "no pulse in my foot"),
        ("daily_life", "nothing is as usual"),
        ("daily_life", "no strength to stand"),
        ("injury_signs", "no movement"),
        ("whole_body", "no reason to live"),
    ],
)
def test_a_no_that_names_a_loss_is_no_denial(question: str, text: str) -> None:
    """What is missing is the danger; it may be ticked or asked again, never denied."""
    assert not any(isinstance(event, Answer) for way in reply(question, text).ways for event in way)


@pytest.mark.parametrize(
    ("question", "text", "calm"),
    [
        ("course", "the same", "steady_checked"),
        ("course", "the doctor has seen it", "steady_checked"),
        ("course", "its better, saw the gp", "better_checked"),
        ("pelvis_time", "for years", "long"),
        ("daily_life", "in a wheelchair since monday", "long"),
        ("numb", "since yesterday", "old"),
    ],
)
def test_what_calms_has_to_be_said_whole(question: str, text: str, calm: str) -> None:
    """Half of what an option says does not choose it alone."""
    chosen = [event for way in reply(question, text).ways for event in way if isinstance(event, Answer | Mark)]
    assert len(chosen) != 1 or calm not in chosen[0].options


def test_several_ways_are_offered() -> None:
    """At most three, for a person to choose from."""
    assert reply("pain", "hip").ways == ((Mark("pain", ("groin",)),), (Mark("pain", ("buttock",)),))
    assert reply("course", "getting worse").ways == (
        (Answer("course", ("worse_lately",)),),
        (Answer("course", ("worse_slowly",)),),
    )
    assert reply("feel", "dont know if its weak or if its the pain stopping me").ways == (
        (Mark("feel", ("weak",)),),
        (Mark("feel", ("pain",)),),
    )


@pytest.mark.parametrize("text", ["not sure", "dunno", "hard to tell", "i really couldnt say", "no idea", "maybe"])
@pytest.mark.parametrize("question", ["side", "since", "stroke_signs", "feel"])
def test_not_sure(question: str, text: str) -> None:
    """Many ways to say that one does not know."""
    assert reply(question, text).ways == ((NotSure(question),),)


AGES = [
    ("45", 45),
    ("forty-five", 45),
    ("a hundred and one", 101),
    ("mid 40s", 45),
    ("early seventies", 72),
    ("in my sixties", 65),
    ("18 months", 1),
    ("8 months old", 0),
    ("2 and a half", 2),
    ("nearly 50", 49),
    ("turned 50 last week", 50),
    ("he turned 6 in march", 6),
    ("50 next month", 49),
    ("sixteen, 17 in may", 16),
    ("born in 1980", 46),
    ("born 27 november 1980", 45),
    ("born 26 november 1980", 46),
    ("born 29 feb 2024", 2),
    ("dob 3.4.58", 68),
    ("1956", 70),
    ("im 7o", 70),
    ("well i retired at 65 and that was 2 years ago, so 67 now", 67),
    ("45 no sorry 46", 46),
]


@pytest.mark.parametrize(("text", "age"), AGES)
def test_ages(text: str, age: int) -> None:
    """Number words, decades, months, birthdays and years of birth."""
    assert reply("age", text).ways == ((Number("age", age),),)


@pytest.mark.parametrize("text", ["old enough", "150", "in my forties", "mind your own business", "im 5 foot 9", "-"])
def test_no_age(text: str) -> None:
    """What names none, or one that is not clear."""
    assert reply("age", text).ways == ()


def test_two_ages_are_either_or() -> None:
    """Whose is meant is asked."""
    assert reply("age", "im 67 and he is 70").ways == ((Number("age", 67),), (Number("age", 70),))


def test_yes_alone() -> None:
    """On a card with several choices a yes says nothing; where one is left, it is that one."""
    assert reply("body_signs", "yes").ways == ()
    assert reply("body_signs", "yes", options=("chest", "none", "unsure")).ways == ((Mark("body_signs", ("chest",)),),)


def test_only_what_is_offered() -> None:
    """A second asking offers fewer."""
    assert reply("body_signs", "chest pain", options=("faint", "none", "unsure")).ways == ()


def test_corrections_go_to_the_question_before() -> None:
    """*No wait, the left one*, said on the card after."""
    expected = ((Change("side"), Answer("side", ("one",))),)
    assert reply("speed", "no wait, the left one", "side").ways == expected
    assert reply("speed", "sorry i meant the right leg", "side").ways == expected
    assert reply("body_signs", "no but my arm is weak", "stroke_signs").ways == (
        (Change("stroke_signs"), Mark("stroke_signs", ("side",))),
    )
    assert reply("side", "no", "numb").ways == ()


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("go back", Back()),
        ("oops go back pls", Back()),
        ("undo", Back()),
        ("previous question please, pressed wrong", Back()),
        ("change an answer", Change()),
        ("stop", Stop()),
        ("why do you ask", Why()),
    ],
)
def test_commands_in_words(text: str, event: Event) -> None:
    """What a whole message asks for."""
    assert reply("since", text).ways == ((event,),)


def test_back_is_a_place_where_it_hurts() -> None:
    """An option of the card comes first."""
    assert reply("pain", "back").ways == ((Mark("pain", ("back",)),),)
    assert reply("pain", "go back").ways == ((Back(),),)


@pytest.mark.parametrize("text", ["can i take ibuprofen", "hello", "🙂", "", "   ", "?!", "is it my back?"])
def test_no_answer_is_asked_again(text: str) -> None:
    """Off topic, a question back, or nothing at all."""
    assert reply("pain", text).ways == ()


@pytest.mark.parametrize(
    ("text", "answer"),
    [("yes", True), ("yeah it is", True), ("nope", False), ("no it isnt", False), ("no thanks", False), ("ok", None),
     ("yes but not now", None), ("not sure", None), ("", None), ("no yes", None)],
)  # fmt: skip
def test_yes_or_no(text: str, answer: bool | None) -> None:
    """Of cards that ask for no more."""
    assert REPLIES.yes_no(text) is answer


def test_a_first_message_fills_in() -> None:
    """What was understood, for confirmation; and the flow it is about."""
    text = "my thighs have been stiff for three weeks and I sit all day"
    assert REPLIES.topic(text) == "leg_lift"
    assert REPLIES.topic("what is the capital of france") is None
    assert REPLIES.fill(text, FLOW, TODAY) == (
        Guess("feel", ("stiff",)),
        Guess("side", ("both",)),
        Guess("since", ("month",)),
        Guess("lately", ("sitting",)),
    )
    assert Guess("age", number=62) in REPLIES.fill("hi im 62, my left knee gives way", FLOW, TODAY)
    assert REPLIES.fill("no pain, no numbness", FLOW, TODAY) == ()


def test_a_question_without_words_of_its_own_is_read_by_its_labels() -> None:
    """So that a new flow understands the words on its buttons."""
    question = Question("meal", Choose.ONE, (Option("soup"), Option("cake"), Option("unsure", unsure=True)), ALWAYS)
    stems = {"soup": ("soup", "vegetable"), "cake": ("cake", "chocolate")}
    labels = {"meal": {name: Labels(frozenset({(name,)}), frozenset(found)) for name, found in stems.items()}}
    replies = Replies(REPLIES.vocabulary, {}, labels, REPLIES.time_words)
    offered = ("soup", "cake", "unsure")
    assert replies.reply("cake please", question, offered, None, TODAY).ways == ((Answer("meal", ("cake",)),),)
    assert replies.reply("not soup, cake", question, offered, None, TODAY).ways == ((Answer("meal", ("cake",)),),)
    assert replies.reply("a newspaper", question, offered, None, TODAY).ways == ()
    assert replies.reply("dunno", question, offered, None, TODAY).ways == ((NotSure("meal"),),)


def _fits(event: Event, question: Question, offered: tuple[str, ...]) -> bool:
    match event:
        case Answer(name, options):
            choices = [option for option in options if option in offered]
            return name == question.id and len(choices) == len(options) == 1
        case Mark(name, options):
            special = {option.id for option in question.options if option.rest or option.unsure}
            fitting = all(option in offered and option not in special for option in options)
            return name == question.id and question.choose is Choose.ANY and bool(options) and fitting
        case Number(name, value):
            return name == question.id and question.smallest <= value <= question.largest
        case NotSure(name, options):
            return name == question.id and not options and question.unsure is not None
    return isinstance(event, Back | Change | Why | Stop)


WORDS = (
    *("no", "not", "none", "yes", "maybe", "sorry", "wait", "i meant", "all", "except", "left", "right", "both", "hip"),
    *(
        "back",
        "thigh",
        "numb",
        "weak",
        "pain",
        "worse",
        "same",
        "better",
        "since",
        "tuesday",
        "3",
        "weeks",
        "ago",
        "or",
    ),
    *("last", "month", "forty", "five", "over", "half", "a year", "and", ",", ".", "?", "cant feel", "1980", "born"),
)
PIECES = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(WORDS),
        max_size=30,
    ).map(" ".join),
)


NOT_TAKEN = [
    # of another person
    ("health", "my dad had cancer"),
    ("health", "mum has diabetes"),
    ("health", "diabetes runs in the family but i dont have it"),
    ("medicines", "husband takes warfarin"),
    ("lately", "my son had flu"),
    ("injury", "my dad fell not me"),
    # over
    ("medicines", "stopped my statin two years ago"),
    ("medicines", "used to take prednisolone years ago"),
    ("illness_signs", "had a fever last month"),
    ("body_signs", "my wife had chest pain last year"),
    # always so
    ("illness_signs", "cold feet but always have"),
    ("stroke_signs", "just dizzy when i stand up quick, always have been"),
    ("pelvis_signs", "leak when i cough, since the kids, years"),
    # only feared, tested or thought
    ("health", "they tested me for ms but it was clear"),
    ("health", "they thought it was ms but it isn't"),
    ("health", "worried it might be cancer"),
    # said to be normal
    ("pelvis_signs", "everything feels normal when i wipe"),
    ("stroke_signs", "smile is straight, talking normally, arms both go up"),
    # in the label, but as what does not count
    ("body_signs", "sore throat thats all"),
    ("stroke_signs", "only the leg is weak, nothing else"),
    # asked back
    ("illness_signs", "can a fever come later?"),
    ("stroke_signs", "is this a stroke?"),
    # nobody looked, after something that may be so
    ("illness_signs", "feel a bit hot but havent checked"),
    # no command
    ("side", "my back"),
    ("daily_life", "managing, just about"),
    # a topic beside something fuller, or with more said than that
    ("stroke_signs", "my face when i saw the bill"),
    ("body_signs", "i put my hand on my chest and laughed"),
    # hoped for
    ("course", "i hope it gets better"),
    ("lately", "lost weight on a diet"),
    # a number that is no age
    ("age", "im in year 6"),
    ("age", "have had it 3 years"),
    ("since", "after the wedding"),
]


@pytest.mark.parametrize(("question", "text"), NOT_TAKEN)
def test_what_does_not_answer_is_asked_again(question: str, text: str) -> None:
    """Of another person, over, always so, feared, normal, asked back: nothing is ticked, and nothing is denied."""
    assert reply(question, text).ways == ()


STILL_TAKEN = [
    ("health", "had breast cancer in 2011", ("cancer",)),
    ("pain", "my back doesn't hurt, only the knee", ("knee",)),
    ("pain", "used to be my back now its my groin", ("groin",)),
    ("stroke_signs", "arm is fine but my vision doubled", ("sight",)),
    ("stroke_signs", "mums words came out all jumbled", ("speech",)),
    ("feel", "strength is fine, it's stiffness", ("stiff",)),
    ("pelvis_signs", "takes ages to get my wee going", ("bladder",)),
    ("lately", "epidural 2 weeks ago when i had my son", ("birth",)),
    ("medicines", "started atorvastatin a month ago", ("statin", "changed")),
    ("medicines", "prednisolone for years", ("steroid",)),
    ("body_signs", "stabbing pain in chest when i breathe in", ("chest",)),
    ("stroke_signs", "my face", ("face",)),
]


@pytest.mark.parametrize(("question", "text", "options"), STILL_TAKEN)
def test_what_stands_is_still_ticked(question: str, text: str, options: tuple[str, ...]) -> None:
    """What is over, normal or of others takes back only its own part of the message."""
    assert reply(question, text).ways == ((Mark(question, options),),)


@pytest.mark.parametrize(
    ("question", "text", "options"),
    [
        ("since", "2 or 3 days", ("two_days", "week")),
        ("since", "7-8 days", ("week", "fortnight")),
        ("since", "3-4 days", ("week",)),
        ("since", "2-3 weeks", ("month",)),
        ("course", "it was getting better but now worse again", ("worse_lately", "worse_slowly")),
        ("injury", "she either fell or that knee went pop", ("fall", "pop")),
    ],
)
def test_a_range_over_two_options_is_asked(question: str, text: str, options: tuple[str, ...]) -> None:
    """What straddles options is offered as each of them; what nearly all lies in one is that one."""
    assert reply(question, text).ways == tuple((Answer(question, (option,)),) for option in options)


def test_a_first_message_fills_in_only_what_is_so() -> None:
    """Not being able to lift the leg is no injury from lifting; a numbness that is denied has no place."""
    text = "hi i cant lift my right leg since tuesday, my thigh is stiff, no numbness, im 45"
    assert {guess.question for guess in REPLIES.fill(text, FLOW, TODAY)} >= {"age", "side", "since"}
    assert not {guess.question for guess in REPLIES.fill(text, FLOW, TODAY)} & {"injury", "numb"}


def test_the_examples_are_taken_and_the_near_misses_are_not() -> None:
    """As `signpost check` finds it."""
    path = Path(__file__).parent.parent / "content" / "en" / "answers.yaml"
    file = AnswersFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert check_examples(REPLIES, file, FLOW.questions) == []

    part = file.questions["side"].model_copy(
        update={"examples": {"one": ["left", "both", "what"]}, "near_misses": ["hello", "right leg"]}
    )
    wrong = file.model_copy(update={"questions": {"side": part}})
    assert [str(each) for each in check_examples(REPLIES, wrong, FLOW.questions)] == [
        "side.one: 'both' should be taken as it: both",
        "side.one: 'what' should be taken as it: asked again",
        "side.both: '' should be taken as it: it has 0 examples, 3 are needed",
        "side.half: '' should be taken as it: it has 0 examples, 3 are needed",
        "side: 'right leg' must not be taken, but is: one",
    ]


@settings(max_examples=400, deadline=None)
@given(PIECES, st.data())
def test_whatever_is_typed_the_answer_fits(text: str, data: st.DataObject) -> None:
    """Any Unicode: never a crash, and never an answer that the card does not offer."""
    place = data.draw(st.integers(0, len(FLOW.questions) - 1))
    question = FLOW.questions[place]
    every = tuple(option.id for option in question.options)
    offered = tuple(data.draw(st.lists(st.sampled_from(every), unique=True)))
    before = FLOW.questions[place - 1] if place else None
    found = REPLIES.reply(text, question, offered, before, TODAY)
    assert len(found.ways) <= 3
    for way in found.ways:
        if len(way) > 1 and before is not None:
            assert way[0] == Change(before.id)
            assert _fits(way[1], before, tuple(option.id for option in before.options))
        else:
            assert _fits(way[0], question, offered)
    REPLIES.fill(text, FLOW, TODAY)
    REPLIES.topic(text)
    REPLIES.yes_no(text)


@pytest.mark.parametrize(
    "piece",
    [
        "numb not weak since 3 weeks or ",
        "not ",
        "left right ",
        "over ",
        "hundred five ",
        "not sure ",
        "worse today ",
        "? a",
    ],
)
def test_work_grows_with_the_length_only(piece: str) -> None:
    """Eight times the text is about eight times the work, even where words repeat."""
    short, long_ = (piece * 500)[:500], (piece * 4096)[:4000]
    for question in ("side", "course", "pain"):
        reply(question, long_, "stroke_signs")  # what is looked up once is not counted
        few, many = (calls(lambda: reply(question, text, "stroke_signs")) for text in (short, long_))  # noqa: B023
        assert many < 12 * few + 2000
