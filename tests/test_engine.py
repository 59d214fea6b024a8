"""The engine, one behaviour at a time, as a person would notice it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from bot.flow.causes import rank
from bot.flow.engine import advice, audience_of, is_stopped, outcome_of, resume, standing, start
from bot.flow.events import (
    Answer,
    Ask,
    Asking,
    Back,
    Change,
    ChangeList,
    Cleared,
    Confirm,
    Continue,
    Done,
    Event,
    Explain,
    Finish,
    Hear,
    NotSure,
    Number,
    Reason,
    Reject,
    Review,
    Say,
    Stop,
    Tick,
    Topic,
    Turn,
    Why,
)
from bot.flow.model import Audience, Flow, Level
from bot.flow.replay import replay
from bot.flow.session import Answered, Session
from tests.served import FLOW

HOUR = 3600
DAY = 24 * HOUR
T0 = 1_000_000


class Person:
    """Somebody who answers; every call returns the turn."""

    def __init__(self, flow: Flow = FLOW) -> None:
        self.flow = flow
        self.at = T0
        self.turn = start(flow, "s", "en", T0)

    @property
    def session(self) -> Session:
        return self.turn.session

    @property
    def last(self) -> object:
        return self.turn.effects[-1]

    @property
    def asked(self) -> str:
        assert isinstance(self.last, Ask), self.last
        return self.last.question

    def does(self, event: Event, after: int = 5) -> Turn:
        self.at += after
        self.turn = resume(self.flow, self.session, event, self.at)
        return self.turn

    def says(self, *options: str) -> Turn:
        return self.does(Answer(self.asked, options))

    def until(self, question: str, **answers: str) -> Person:
        """Answer as a healthy adult until ``question`` is asked."""
        usual = {"about": "me", "injury": "nothing", "feel": "stiff", "side": "one", "speed": "days"}
        usual |= {"since": "fortnight", "course": "better"} | answers
        while self.asked != question:
            if self.asked == "age":
                self.does(Number("age", int(usual.get("age", "40"))))
            else:
                self.says(usual.get(self.asked, "none"))
        return self

    def to_review(self, **answers: str) -> Person:
        while not isinstance(self.last, Review):
            self.until(self.asked, **answers)
            usual = {"about": "me", "injury": "nothing", "feel": "stiff", "side": "one", "speed": "days"}
            usual |= {"since": "fortnight", "course": "better"} | answers
            if self.asked == "age":
                self.does(Number("age", int(usual.get("age", "40"))))
            else:
                self.says(usual.get(self.asked, "none"))
        return self

    def level(self) -> Level:
        outcome = outcome_of(self.flow, self.session)
        assert outcome is not None
        return outcome.level


def topics(turn: Turn) -> list[Topic]:
    """What the turn says beside its card."""
    return [effect.topic for effect in turn.effects if isinstance(effect, Say)]


def refused(turn: Turn) -> Reason:
    """The reason of a refused event."""
    first = turn.effects[0]
    assert isinstance(first, Reject), first
    return first.reason


def test_a_dangerous_tick_ends_the_talk_at_once() -> None:
    """One tick on a decisive sign, without Done, is answered by the seek-care message."""
    person = Person().until("pelvis_signs")
    turn = person.does(Tick("pelvis_signs", "saddle"))
    assert isinstance(turn.effects[0], Finish)
    assert turn.effects[0].outcome.level is Level.EMERGENCY
    assert [fired.rule for fired in turn.effects[0].outcome.rules] == ["saddle_numbness"]


def test_several_rules_stand_in_one_message() -> None:
    """Two dangerous answers on one card are both named."""
    person = Person().until("body_signs")
    person.says("chest", "breathing")
    outcome = outcome_of(FLOW, person.session)
    assert outcome is not None
    assert {fired.rule for fired in outcome.rules} == {"chest_pain", "breathing_or_swallowing"}


def test_ticks_are_kept_and_can_be_taken_off() -> None:
    """A tick shows on the card, a second one takes it off, and Done needs at least one."""
    person = Person().until("pain")
    turn = person.does(Tick("pain", "knee"))
    assert isinstance(turn.effects[-1], Ask)
    assert turn.effects[-1].ticked == ("knee",)
    turn = person.does(Tick("pain", "knee"))
    assert isinstance(turn.effects[-1], Ask)
    assert turn.effects[-1].ticked == ()
    assert refused(person.does(Done("pain"))) is Reason.NOTHING_CHOSEN


def test_done_denies_what_is_not_ticked() -> None:
    """After Done the ticked place is a yes and every other one a no."""
    person = Person().until("pain")
    person.does(Tick("pain", "knee"))
    person.does(Done("pain"))
    state = replay(FLOW, person.session.inputs)
    assert state.yes & FLOW.bits["pain_knee"]
    assert state.no & FLOW.bits["pain_back"]


def test_none_stands_alone() -> None:
    """*None of these* together with a sign is refused, and so is more than one answer to a single choice."""
    person = Person().until("body_signs")
    assert refused(person.says("none", "chest")) is Reason.NONE_EXCLUDES
    person.until("side")
    assert refused(person.says("one", "both")) is Reason.ONE_ONLY


def test_not_sure_asks_which_then_asks_again_once() -> None:
    """Only the doubted signs are asked again, once; still not sure about a bladder change is an emergency."""
    person = Person().until("pelvis_signs")
    turn = person.does(NotSure("pelvis_signs"))
    assert isinstance(turn.effects[-1], Ask)
    assert turn.effects[-1].asking is Asking.DOUBTING
    person.does(Tick("pelvis_signs", "saddle"))
    turn = person.does(Done("pelvis_signs"))
    assert isinstance(turn.effects[-1], Ask)
    assert turn.effects[-1].asking is Asking.AGAIN
    assert turn.effects[-1].options == ("saddle", "none", "unsure")
    turn = person.does(NotSure("pelvis_signs"))
    last = turn.effects[-1]
    assert isinstance(last, Finish)
    assert last.outcome.level is Level.EMERGENCY
    assert last.outcome.rules[0].undecided
    assert last.outcome.rules[0].unsure == ("saddle_numbness",)


def test_a_sign_and_not_sure_together() -> None:
    """Who knows one sign and doubts another says so in one answer, and is asked about the other again."""
    person = Person().until("pain", illness_signs="fever")  # with a fever, pain in the back would be an emergency
    turn = person.says("knee", "unsure")
    last = turn.effects[-1]
    assert isinstance(last, Ask)
    assert last.asking is Asking.DOUBTING
    assert "knee" not in last.options
    person.says("back")
    assert isinstance(person.last, Ask)
    assert person.last.asking is Asking.AGAIN
    person.says("none")
    state = replay(FLOW, person.session.inputs)
    assert state.yes & FLOW.bits["pain_knee"]
    assert state.no & FLOW.bits["pain_back"]


def test_not_sure_then_sure_goes_on() -> None:
    """Who is sure at the second asking goes on as if they had been sure at once."""
    person = Person().until("pelvis_signs")
    person.does(NotSure("pelvis_signs", ("saddle",)))
    person.says("none")
    assert person.asked == "illness_signs"


def test_not_sure_where_no_danger_hangs_on_it_is_not_asked_again() -> None:
    """A doubt that only separates causes is simply left open."""
    person = Person().until("pattern")
    person.does(NotSure("pattern", ("moving",)))
    assert isinstance(person.last, Review)


def test_sudden_onset_that_stays_open_is_an_emergency() -> None:
    """True weakness with an unknown start counts as sudden."""
    person = Person().until("speed", feel="weak")
    person.does(NotSure("speed"))
    person.does(NotSure("speed"))
    person.until("course", feel="weak", since="week")
    person.says("steady")
    assert person.level() is Level.EMERGENCY


def test_age_can_be_told_in_bands() -> None:
    """Who does not know the age is shown bands; a baby of 0 years is a child."""
    person = Person().until("age")
    turn = person.does(NotSure("age"))
    last = turn.effects[-1]
    assert isinstance(last, Ask)
    assert last.asking is Asking.AGAIN
    person.says("from_50")
    assert replay(FLOW, person.session.inputs).yes & FLOW.bits["over_50"]
    baby = Person().until("age")
    baby.does(Number("age", 0))
    assert replay(FLOW, baby.session.inputs).yes & FLOW.bits["child"]


@pytest.mark.parametrize("value", [-1, 121, 4000])
def test_an_impossible_age_is_refused(value: int) -> None:
    """A number out of range leaves everything as it was."""
    person = Person().until("age")
    before = person.session
    assert refused(person.does(Number("age", value))) is Reason.OUT_OF_RANGE
    assert person.session == before


def test_back_walks_to_the_beginning() -> None:
    """Back reopens one card after the other, and says so kindly on the first."""
    person = Person().until("pelvis_signs")
    for question in ("body_signs", "stroke_signs", "age", "about"):
        person.does(Back())
        assert person.asked == question
    assert refused(person.does(Back())) is Reason.NOTHING_BEFORE


def test_back_from_an_emergency_names_the_warning() -> None:
    """Taking a dangerous tick back shows the former warning first (S10)."""
    person = Person().until("pelvis_signs")
    person.does(Tick("pelvis_signs", "saddle"))
    turn = person.does(Back())
    assert turn.effects[0] == Cleared(("saddle_numbness",), "pelvis_signs")
    assert person.asked == "pelvis_signs"


def test_changing_an_answer_that_clears_an_emergency_names_the_warning() -> None:
    """The warning comes with the new answer, together with the question that was changed (S10)."""
    person = Person().until("stroke_signs")
    person.says("face")
    assert person.level() is Level.EMERGENCY
    person.does(Change("stroke_signs"))
    assert person.asked == "stroke_signs"
    turn = person.says("none")
    assert turn.effects[0] == Cleared(("stroke_signs",), "stroke_signs")
    assert person.asked == "body_signs"


def test_an_emergency_that_still_holds_is_repeated() -> None:
    """Changing one of two dangers repeats the seek-care message for the other."""
    person = Person().until("pelvis_signs")
    person.says("saddle", "shooting")
    person.does(Change("pelvis_signs"))
    turn = person.says("shooting")
    last = turn.effects[-1]
    assert isinstance(last, Finish)
    assert [fired.rule for fired in last.outcome.rules] == ["shooting_both_legs"]
    assert not any(isinstance(effect, Cleared) for effect in turn.effects)


def test_a_change_can_be_called_off() -> None:
    """Back while changing keeps the old answer."""
    person = Person().until("pain")
    before = person.session.inputs
    person.does(Change("side"))
    assert person.asked == "side"
    person.does(Back())
    assert person.asked == "pain"
    assert person.session.inputs == before


def test_only_what_depended_on_a_change_is_asked_again() -> None:
    """The injury card goes with the injury, its loss is told, and all other answers stay."""
    person = Person().until("pain", injury="fall")
    turn = person.does(Change())
    assert isinstance(turn.effects[-1], ChangeList)
    assert "injury_signs" in turn.effects[-1].questions
    person.does(Change("injury"))
    turn = person.says("nothing")
    assert Say(Topic.DROPPED, ("injury_signs",)) in turn.effects
    assert person.asked == "pain"


def test_a_change_can_bring_new_questions() -> None:
    """Changing to an injury asks about its signs, then returns to where the person was."""
    person = Person().until("pain")
    person.does(Change("injury"))
    person.says("fall")
    assert person.asked == "injury_signs"
    person.says("none")
    assert person.asked == "pain"


def test_what_was_never_answered_cannot_be_changed() -> None:
    """A change of a later question is refused."""
    person = Person().until("body_signs")
    assert refused(person.does(Change("pain"))) is Reason.NOT_ANSWERED


def test_the_review_comes_before_every_calm_result() -> None:
    """Nobody gets a calm result without having seen what they denied."""
    person = Person().to_review()
    assert isinstance(person.last, Review)
    denied = {finding for _, findings in person.last.denied for finding in findings}
    assert {"saddle_numbness", "face_droop", "weak"} <= denied
    assert refused(person.does(Why())) is Reason.NOT_CURRENT
    turn = person.does(Confirm())
    assert isinstance(turn.effects[-1], Finish)


def test_a_change_after_the_review_asks_for_it_again() -> None:
    """A confirmed review does not outlive a changed answer."""
    person = Person().to_review()
    person.does(Confirm())
    person.does(Change("course"))
    person.says("steady")
    assert isinstance(person.last, Review)


def test_why_tells_and_keeps_the_place() -> None:
    """Asking why changes nothing."""
    person = Person().until("side")
    before = person.session
    assert person.does(Why()).effects == (Explain("side"),)
    assert person.session == before


def test_stop_and_continue() -> None:
    """After a stop nothing is asked until the person goes on, at the same card."""
    person = Person().until("side")
    assert person.does(Stop()).effects == (Say(Topic.STOPPED),)
    assert standing(FLOW, person.session) == (Say(Topic.STOPPED),)
    assert is_stopped(FLOW, person.session)
    assert advice(FLOW, person.session) is None
    assert refused(person.does(Answer("side", ("one",)))) is Reason.STOPPED
    person.does(Continue())
    assert person.asked == "side"


def test_a_stop_tells_what_the_answers_call_for_already() -> None:
    """Somebody who has said enough to be seen today hears that when they stop, not only at the end."""
    person = Person().until("illness_signs")
    person.says("swollen_leg")
    assert advice(FLOW, person.session) == "same_day"
    assert person.does(Stop()).effects == (Say(Topic.STOPPED, ("same_day",)),)
    assert standing(FLOW, person.session) == (Say(Topic.STOPPED, ("same_day",)),)
    turn = person.does(Number("age", 40))
    assert turn.effects == (Reject(Reason.STOPPED), Say(Topic.STOPPED, ("same_day",)))


@pytest.mark.parametrize("changed", ["age", "pelvis_signs"])
def test_an_emergency_stands_while_an_answer_is_changed_even_when_stopped_there(changed: str) -> None:
    """Opening an answer for a change, be it another one, takes nothing back; neither does stopping halfway."""
    person = Person().until("pelvis_signs")
    person.says("saddle")
    turn = person.does(Change(changed))
    assert turn.effects[0] == Say(Topic.WARNED, ("saddle_numbness",))
    assert person.asked == changed
    assert person.does(Stop()).effects == (Say(Topic.STOPPED, ("emergency_department",)),)
    assert advice(FLOW, person.session) == "emergency_department"
    turn = person.does(Continue())
    assert turn.effects[0] == Say(Topic.WARNED, ("saddle_numbness",))
    person.does(Number("age", 41) if changed == "age" else Answer(changed, ("saddle",)))
    assert isinstance(person.last, Finish)
    assert person.level() is Level.EMERGENCY


def test_a_finished_check_takes_no_more_answers() -> None:
    """A tap on a card of a finished check repeats the result."""
    person = Person().until("stroke_signs")
    person.says("face")
    turn = person.does(Answer("body_signs", ("none",)))
    assert refused(turn) is Reason.FINISHED
    assert isinstance(turn.effects[-1], Finish)
    assert refused(person.does(Stop())) is Reason.FINISHED


def test_a_tap_on_an_earlier_card_is_told_kindly() -> None:
    """An answer to a question that is not on the table changes nothing and shows the current card."""
    person = Person().until("side")
    before = person.session
    turn = person.does(Answer("age", ("from_3",)))
    assert refused(turn) is Reason.NOT_CURRENT
    assert person.session == before
    assert person.asked == "side"


def test_danger_answers_grow_stale_after_twelve_hours() -> None:
    """After a night the danger cards are asked again from scratch; who it is about is not."""
    person = Person().until("side")
    turn = person.does(Answer("side", ("one",)), after=13 * HOUR)
    assert Topic.STALE in topics(turn)
    assert person.asked == "stroke_signs"
    assert {entry.question for entry in person.session.inputs if isinstance(entry, Answered)} == {
        "about",
        "age",
        "side",
    }


def test_answers_of_eleven_hours_still_count() -> None:
    """A pause below twelve hours costs nothing."""
    person = Person().until("side")
    turn = person.does(Answer("side", ("one",)), after=11 * HOUR)
    assert topics(turn) == []
    assert person.asked == "speed"


def test_a_week_later_the_check_starts_anew() -> None:
    """After seven days nothing of the old check is left."""
    person = Person().until("side")
    turn = person.does(Answer("side", ("one",)), after=8 * DAY)
    assert topics(turn) == [Topic.EXPIRED]
    assert person.asked == "about"
    assert person.session.inputs == ()


def test_a_live_session_survives_an_edited_flow() -> None:
    """Answers to questions and options that are gone are dropped and named; the rest is kept."""
    person = Person().until("pain")
    gone = tuple(
        replace(question, options=tuple(option for option in question.options if option.id != "stiff"))
        for question in FLOW.questions
        if question.id != "course"
    )
    person.flow = replace(FLOW, version="edited", questions=gone)
    turn = person.does(Continue())
    said = turn.effects[0]
    assert isinstance(said, Say)
    assert said.topic is Topic.UPDATED
    assert {"feel", "course", "stroke_signs"} <= set(said.names)
    assert person.session.version == "edited"
    kept = {entry.question for entry in person.session.inputs if isinstance(entry, Answered)}
    assert {"about", "age", "since"} <= kept
    person.until("feel")
    person.says("pain")
    assert person.asked == "side"


def test_a_danger_sign_added_by_an_edit_is_asked() -> None:
    """An answer from before the edit cannot deny a sign that was not on the card yet."""
    person = Person().until("side")
    old = replace(person.session, version="before the edit")
    turn = resume(FLOW, old, Answer("side", ("one",)), T0 + 500)
    assert isinstance(turn.effects[-1], Ask)
    assert turn.effects[-1].question == "stroke_signs"


def test_time_that_clears_an_emergency_says_so() -> None:
    """After a night, and after a week, the former warning is named without blaming the person for a change."""
    for pause in (13 * HOUR, 8 * DAY):
        person = Person().until("pelvis_signs")
        person.says("saddle")
        turn = person.does(Continue(), after=pause)
        assert Cleared(("saddle_numbness",), None) in turn.effects


def test_a_danger_that_no_rule_names_is_told_as_well() -> None:
    """A bladder change ticked beside numbness is part of the message although its time was not asked any more."""
    person = Person().until("pelvis_signs")
    person.says("saddle", "bladder")
    outcome = outcome_of(FLOW, person.session)
    assert outcome is not None
    assert outcome.also == ("bladder_change",)


def test_children_are_told_to_get_an_adult() -> None:
    """A child alone is told so once, in the turn in which the age is known."""
    person = Person().until("age")
    turn = person.does(Number("age", 12))
    assert turn.effects[0] == Say(Topic.NOTICE, ("child_alone",))
    assert Topic.NOTICE not in topics(person.says("none"))


@pytest.mark.parametrize(
    ("about", "audience"), [("me", Audience.ME), ("adult", Audience.THEY), ("child", Audience.CHILD)]
)
def test_texts_follow_the_audience(about: str, audience: Audience) -> None:
    """Whose wording is used follows the first answer."""
    person = Person()
    person.says(about)
    assert audience_of(FLOW, person.session) is audience


def test_a_heard_danger_stops_and_can_be_denied() -> None:
    """A finding heard in passing ends the talk; saying it was not meant goes back to the same card."""
    person = Person().until("side")
    person.does(Hear(("heard_suicidal",)))
    outcome = outcome_of(FLOW, person.session)
    assert outcome is not None
    assert outcome.action == "crisis_line"
    turn = person.does(Hear(("heard_suicidal",), denied=True))
    assert isinstance(turn.effects[0], Cleared)
    assert person.asked == "side"


def test_a_heard_danger_outweighs_a_no() -> None:
    """What was heard counts even where the card said no."""
    person = Person().until("illness_signs")
    person.does(Hear(("saddle_numbness",)))
    assert person.level() is Level.EMERGENCY


@pytest.mark.parametrize("finding", ["better", "pull", "limp", "no_such_finding"])
def test_typed_words_cannot_calm(finding: str) -> None:
    """Of what somebody types in passing only danger is believed; the rest takes an answer to its own question."""
    person = Person().until("illness_signs")
    before = person.session
    assert refused(person.does(Hear((finding,)))) is Reason.NO_SUCH_OPTION
    assert person.session == before


def test_what_would_make_a_cause_fit_better_never_speaks_against_it() -> None:
    """Signs that speak strongly against a cause do not stand in the list of what it would fit better with."""
    chance = random.Random(1)
    weights = {cause.id: {each.id: each.weight for each in cause.evidence} for cause in FLOW.causes}
    listed = against = 0
    for _ in range(300):
        yes = sum(bit for bit in FLOW.bits.values() if chance.random() < 0.3)
        for fit in rank(FLOW, yes, 0):
            assert all(weights[fit.cause][name] > 0 for name in fit.would_change)
            listed += len(fit.would_change)
            against += any(weight < 0 for weight in weights[fit.cause].values())
    assert listed
    assert against


def test_standing_changes_nothing() -> None:
    """Looking at a session twice shows the same card twice."""
    person = Person().until("side")
    assert standing(FLOW, person.session) == standing(FLOW, person.session) == person.turn.effects[-1:]


def test_an_answer_that_is_an_emergency_with_doubts_can_be_changed() -> None:
    """Where the first answer ends the check while some doubt about it is open, it can be changed like any other."""
    person = Person().until("numb", feel="numb")
    for place in ("sock", "other"):
        person.does(Tick("numb", place))
    turn = person.does(NotSure("numb", ("thigh",)))
    assert isinstance(turn.effects[-1], Finish)
    turn = person.does(Change("numb"))
    assert any(isinstance(effect, Cleared) for effect in turn.effects)
    last = turn.effects[-1]
    assert isinstance(last, Ask)
    assert (last.question, last.asking, last.ticked) == ("numb", Asking.FIRST, ())


def test_a_stale_button_shows_no_old_result() -> None:
    """Half a day after a calm result an old button does not show it again: the danger signs are asked again."""
    person = Person()
    person.to_review()
    assert isinstance(person.does(Confirm()).effects[-1], Finish)
    turn = person.does(Answer("pain", ("back",)), after=13 * HOUR)
    assert not any(isinstance(effect, Finish) for effect in turn.effects)
    assert any(isinstance(effect, Say) and effect.topic is Topic.STALE for effect in turn.effects)
