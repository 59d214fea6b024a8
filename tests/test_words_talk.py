"""Typed words in the one use case: what is heard, asked back, filled in, answered, and what is not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.conversation.conversation import Conversation, Taken
from bot.conversation.messages import Message, Purpose
from bot.conversation.reading import May, Scene, Took
from bot.flow.engine import advice, outcome_of, resume, standing, start
from bot.flow.events import (
    Accept,
    Answer,
    Ask,
    Back,
    Change,
    CheckBack,
    Cleared,
    Confirm,
    Confirming,
    Continue,
    Decline,
    Event,
    Finish,
    Guess,
    Hear,
    Mark,
    NotSure,
    Number,
    Reason,
    Reject,
    Review,
    Say,
    Stop,
    Tick,
    Topic,
    Understand,
    Wonder,
)
from bot.flow.model import Level
from bot.flow.replay import Stage, replay
from bot.flow.session import EXPIRED_AFTER, STALE_AFTER, Answered, Guessed, Heard, Session, Ticked, from_json, to_json
from bot.flow.understand.heard import Hearing, Noticed, Sure
from bot.flow.weigh import weigh
from bot.flow.words import heard, last_heard
from tests.served import FLOW, LIBRARY
from tests.words_kit import Written, reading

READER = Written(
    clear={
        "cant wee": "saddle_numbness",
        "leg is swollen": "leg_swollen",
        "back hurts": "pain_back",
        "fever": "fever",
        "pills": "heard_overdose",
    },
    possible={"face": "face_droop", "calf": "leg_swollen"},
    replies={
        "for mum": ((Answer("about", ("adult",)),),),
        "thirty four": ((Number("age", 34),),),
        "two hundred": ((Number("age", 200),),),
        "no": ((Answer("stroke_signs", ("none",)),),),
        "both eyes": ((Mark("stroke_signs", ("sight", "balance")),),),
        "late thirties": ((Number("age", 38),), (Number("age", 39),)),
        "go back": ((Back(),),),
    },
    fills={
        "stiff for three weeks": (Guess("since", ("month",)), Guess("feel", ("stiff",)), Guess("speed", ("weeks",))),
        "about my mum": (Guess("about", ("adult",)),),
    },
    topics={"my leg": "leg_lift"},
    foreign=frozenset({"bonjour"}),
)


@dataclass
class Talk:
    """One person, a clock, and what is kept; the session goes through JSON at every step."""

    kept: dict[str, str] = field(default_factory=dict)
    now: int = 1_000_000

    def __post_init__(self) -> None:
        self.conversation = Conversation(reading(LIBRARY, READER), self)

    async def load(self, key: str) -> Session | None:
        return from_json(json.loads(self.kept[key])) if key in self.kept else None

    async def save(self, key: str, session: Session) -> None:
        self.kept[key] = json.dumps(to_json(session))

    @property
    def session(self) -> Session:
        return from_json(json.loads(self.kept["ana"]))

    @property
    def stands(self) -> object:
        return standing(FLOW, self.session)[-1]

    @property
    def asked(self) -> str:
        assert isinstance(self.stands, Ask), self.stands
        return self.stands.question

    def begin(self) -> Talk:
        asyncio.run(self.conversation.begin("ana", "leg_lift", "en", "s", self.now))
        return self

    def does(self, *events: Event) -> list[Message]:
        shown: list[Message] = []
        for event in events:
            self.now += 5
            shown = asyncio.run(self.conversation.handle("ana", event, self.now))
        return shown

    def types(self, text: str, may: May = May.ANSWER, *, blind: bool = False) -> Taken:
        self.now += 5
        ask = self.stands if isinstance(self.stands, Ask) and not blind else None
        return asyncio.run(self.conversation.typed("ana", text, Scene(self.now, may, ask)))

    def opens(self, text: str, may: May = May.ANSWER) -> Taken:
        return asyncio.run(self.conversation.opened("ana", text, ("s", "en"), Scene(self.now, may)))


def at_dangers() -> Talk:
    """Somebody at the card of stroke signs."""
    talk = Talk().begin()
    talk.does(Answer("about", ("me",)), Number("age", 34))
    return talk


def said(messages: Sequence[Message]) -> str:
    """All that these messages say."""
    return "\n".join(" ".join((block.text, *block.items)) for message in messages for block in message.blocks)


def keys(message: Message) -> list[str]:
    """What can be chosen."""
    return [choice.key for choice in message.choices]


# --- dangers --------------------------------------------------------------------------------------------------------


def test_a_clear_danger_stops_and_names_what_was_understood() -> None:
    """The next message is the seek-care message; one tap takes it back to the same card, and stays in the record."""
    talk = at_dangers()
    taken = talk.types("i cant wee")
    assert taken.how is Took.DANGER
    assert taken.messages[-1].purpose is Purpose.SEEK_CARE
    assert "You wrote:" in said(taken.messages)
    assert "not_meant" in keys(taken.messages[-1])
    meant = next(choice.request for choice in taken.messages[-1].choices if choice.key == "not_meant")
    assert meant == Hear(("saddle_numbness",), denied=True)
    shown = talk.does(Hear(("saddle_numbness",), denied=True))
    assert "From what you wrote, my advice was" in said(shown)
    assert talk.asked == "stroke_signs"
    denied = [entry.denied for entry in talk.session.inputs if isinstance(entry, Heard)]
    assert denied == [False, True]


def test_a_denied_danger_counts_again_when_typed_again() -> None:
    """The latest word wins."""
    talk = at_dangers()
    talk.types("i cant wee")
    talk.does(Hear(("saddle_numbness",), denied=True))
    assert talk.types("i cant wee").messages[-1].level is Level.EMERGENCY


def test_the_seek_care_message_is_said_again() -> None:
    """Who types the same danger at the result gets the message once more, and no second entry."""
    talk = at_dangers()
    talk.types("i cant wee")
    before = talk.session
    again = talk.types("but i cant wee")
    assert again.messages[-1].purpose is Purpose.SEEK_CARE
    assert talk.session == before


def test_an_urgent_danger_is_told_and_the_card_goes_on() -> None:
    """Below an emergency the card stays, with a notice that lasts and the same one tap."""
    talk = at_dangers()
    taken = talk.types("my leg is swollen")
    notice, card = taken.messages
    assert notice.lasting
    assert "My advice is already" in said([notice])
    assert card.question == "stroke_signs"
    assert "not_meant" in keys(card)
    taken_back = talk.does(Hear(("leg_swollen",), denied=True))
    assert "Taken back" in said(taken_back)
    assert advice(FLOW, talk.session) is None


def test_what_does_not_alarm_is_no_reason_to_stop() -> None:
    """A back that hurts counts only with what makes it dangerous; both in one message are kept."""
    talk = at_dangers()
    assert talk.types("my back hurts").how is Took.NOTED
    assert not any(isinstance(entry, Heard) for entry in talk.session.inputs)
    taken = talk.types("my back hurts and i have a fever")
    assert taken.how is Took.DANGER
    assert {entry.finding for entry in talk.session.inputs if isinstance(entry, Heard)} == {"fever", "pain_back"}


def test_what_is_dangerous_together_may_come_in_two_messages() -> None:
    """What does not alarm by itself is remembered as a finding, and counts with what is typed after it."""
    talk = at_dangers()
    assert talk.types("my back hurts").how is Took.NOTED
    assert talk.types("i have a fever").how is Took.DANGER
    assert {entry.finding for entry in talk.session.inputs if isinstance(entry, Heard)} == {"fever", "pain_back"}


def test_words_answer_no_card_that_is_not_to_be_seen() -> None:
    """Where a list or a page is in front, neither yes nor no answers the card behind it."""
    talk = at_dangers()
    talk.does(Wonder(("face_droop",)))
    before = talk.session.inputs
    for word in ("no", "yes"):
        scene = Scene(talk.now, May.ANSWER, None, visible=False)
        taken = asyncio.run(talk.conversation.typed("ana", word, scene))
        assert taken.how is Took.NOTHING
        assert talk.session.inputs == before


def test_one_tap_takes_back_what_the_last_message_told() -> None:
    """What an earlier message told stays, and its seek-care message is said again."""
    talk = at_dangers()
    talk.does(Hear(("saddle_numbness",)))
    talk.now += 60
    talk.does(Hear(("face_droop",)))
    shown = talk.does(Hear(last_heard(FLOW, talk.session), denied=True))
    assert shown[-1].level is Level.EMERGENCY
    assert heard(FLOW, talk.session) == ("saddle_numbness",)


def test_a_new_check_still_asks_what_words_may_have_meant() -> None:
    """A question about a danger that nobody has answered is not lost with the check that it stood in."""
    talk = at_dangers()
    talk.does(Wonder(("face_droop",)))
    shown = asyncio.run(talk.conversation.begin("ana", "leg_lift", "en", "s2", talk.now))
    assert shown[-1].question == "check_back"


def test_words_mend_a_wrong_no() -> None:
    """A danger sign that was denied on its card and is typed later is kept, although it alone does not alarm."""
    talk = at_dangers()
    talk.does(*(Answer(name, ("none",)) for name in ("stroke_signs", "body_signs", "pelvis_signs", "illness_signs")))
    taken = talk.types("i have a fever")
    assert "I have noted that" in said(taken.messages)
    assert replay(FLOW, talk.session.inputs).yes & FLOW.bits["fever"]


def test_a_possible_danger_is_asked_about_first() -> None:
    """One yes/no card before anything else: a restart, back and other answers do not pass it; no goes on."""
    talk = at_dangers()
    taken = talk.types("something with her face")
    assert taken.how is Took.DANGER
    (card,) = taken.messages
    assert card.question == "check_back"
    assert keys(card) == ["yes", "no"]
    assert talk.stands == CheckBack("face_droop")
    for event in (Back(), Change(), Confirm(), Answer("stroke_signs", ("none",)), Tick("stroke_signs", "face")):
        assert talk.does(event)[0].refused
        assert talk.stands == CheckBack("face_droop")
    talk.does(Stop())
    talk.does(Continue())
    assert talk.stands == CheckBack("face_droop")
    talk.does(Hear(("face_droop",), denied=True))
    assert talk.asked == "stroke_signs"
    assert not replay(FLOW, talk.session.inputs).no & FLOW.bits["face_droop"]
    talk.types("the face again")
    assert talk.does(Hear(("face_droop",)))[-1].level is Level.EMERGENCY


def test_a_possible_danger_waits_for_an_emergency() -> None:
    """An emergency is never hidden by a question."""
    talk = at_dangers()
    talk.does(Wonder(("face_droop",)))
    shown = talk.does(Hear(("heard_overdose",)))
    assert shown[-1].level is Level.EMERGENCY
    talk.does(Hear(("heard_overdose",), denied=True))
    assert talk.stands == CheckBack("face_droop")


def calm() -> Talk:
    """A talk that ended calmly."""
    talk = at_dangers()
    while outcome_of(FLOW, talk.session) is None:
        stands = talk.stands
        if isinstance(stands, Review):
            talk.does(Confirm())
            continue
        assert isinstance(stands, Ask)
        question = FLOW.question(stands.question)
        calm_ones = {"injury": "nothing", "side": "one", "speed": "weeks", "course": "steady"}
        rest = question.none.id if question.none else ""
        talk.does(Answer(question.id, (calm_ones.get(question.id, rest),)))
    outcome = outcome_of(FLOW, talk.session)
    assert outcome is not None
    assert outcome.level.rank < Level.URGENT.rank
    return talk


def test_words_after_a_calm_result() -> None:
    """A danger reopens it; a possible one is asked about, and after a no the result is there again."""
    talk = calm()
    assert talk.types("face").messages[-1].question == "check_back"
    assert outcome_of(FLOW, talk.session) is None
    assert talk.does(Stop())[0].refused
    assert talk.does(Hear(("face_droop",), denied=True))[-1].purpose is Purpose.RESULT
    assert talk.types("cant wee").messages[-1].level is Level.EMERGENCY
    assert talk.types("nothing of it").how is Took.NOTHING


def test_a_danger_in_an_old_check_is_heard() -> None:
    """After seven days the check begins anew, with what was heard; after twelve hours dangers are asked again."""
    talk = at_dangers()
    talk.now += EXPIRED_AFTER + 5
    taken = talk.types("cant wee")
    assert "begin anew" in said(taken.messages)
    assert taken.messages[-1].level is Level.EMERGENCY
    talk = at_dangers()
    talk.does(Answer("stroke_signs", ("none",)))
    talk.now += STALE_AFTER + 5
    talk.types("face")
    talk.does(Hear(("face_droop",), denied=True))
    assert talk.asked == "stroke_signs"


def test_a_danger_typed_after_a_stop() -> None:
    """An emergency is told at once, and a possible danger is asked about: the stop does not hide it."""
    talk = at_dangers()
    talk.does(Stop())
    assert talk.types("face").messages[-1].question == "check_back"
    talk.does(Stop())
    assert talk.types("cant wee").messages[-1].level is Level.EMERGENCY


@pytest.mark.parametrize("text", ["no", "two hundred", "for mum"])
def test_words_that_may_not_answer_do_not(text: str) -> None:
    """In a caption or an edit words are read for dangers only."""
    talk = at_dangers()
    before = talk.session
    assert not talk.types(text, May.WARN, blind=True).messages
    assert talk.session == before
    assert talk.types("cant wee", May.WARN).messages[-1].level is Level.EMERGENCY


def test_forwarded_words_are_at_most_asked_about() -> None:
    """What somebody else may have written is never taken for sure."""
    talk = at_dangers()
    assert talk.types("cant wee", May.SUPPOSE).messages[-1].question == "check_back"


def test_weighing_keeps_what_a_possible_danger_needs() -> None:
    """A possible danger that alarms only with a clear one: the clear one is kept, the other asked about."""
    hearing = Hearing((Noticed("bladder_change", Sure.CLEAR, ""), Noticed("bladder_recent", Sure.POSSIBLE, "")))
    weighed = weigh(FLOW, None, hearing, 0)
    assert weighed.clear == ("bladder_change",)
    assert weighed.possible == (("bladder_recent",),)
    assert not weigh(FLOW, None, Hearing((Noticed("better", Sure.CLEAR, ""), Noticed("x", Sure.CLEAR, ""))), 0).anything


def test_one_question_is_enough_for_what_comes_together() -> None:
    """A possible danger that brings another alarms with it: one card asks, and its *yes* says both."""
    perhaps = Noticed("bladder_change", Sure.POSSIBLE, "", brings=("bladder_recent",))
    weighed = weigh(FLOW, None, Hearing((perhaps,)), 0)
    assert weighed.possible == (("bladder_change", "bladder_recent"),)
    talk = at_dangers()
    talk.does(Wonder(("bladder_change",), ("bladder_recent",)))
    assert talk.does(Hear(("bladder_change", "bladder_recent")))[-1].level is Level.EMERGENCY


# --- answers --------------------------------------------------------------------------------------------------------


def test_one_match_is_taken_and_shown_and_can_be_undone() -> None:
    """What words were taken for is said, and Back undoes exactly that."""
    talk = Talk().begin()
    taken = talk.types("for mum")
    assert taken.how is Took.ANSWER
    assert "Got it: " in said(taken.messages)
    assert talk.asked == "age"
    talk.types("thirty four")
    talk.types("no")
    assert talk.asked == "body_signs"
    talk.types("go back")
    assert talk.asked == "stroke_signs"


def test_a_number_that_does_not_fit_is_told() -> None:
    """A refusal of the engine is shown, and nothing changes."""
    talk = Talk().begin()
    talk.does(Answer("about", ("me",)))
    taken = talk.types("two hundred")
    assert taken.messages[0].refused
    assert talk.asked == "age"


def test_several_boxes_at_once() -> None:
    """Signs in words tick their boxes, never untick them, and a dangerous one stops."""
    talk = at_dangers()
    assert talk.types("both eyes").messages[-1].level is Level.EMERGENCY
    turn = start(FLOW, "s", "en", 0)
    turn = resume(FLOW, turn.session, Understand((Guess("about", ("me",)),)), 1)
    turn = resume(FLOW, turn.session, Accept(), 2)
    assert isinstance(resume(FLOW, turn.session, Mark("age", ("unsure",)), 3).effects[0], Reject)


def test_two_matches_are_a_short_either_or() -> None:
    """Only the answers meant are offered, and something else; nothing has been answered."""
    talk = Talk().begin()
    talk.does(Answer("about", ("me",)))
    before = talk.session
    taken = talk.types("late thirties")
    assert taken.how is Took.EITHER
    assert keys(taken.messages[-1]) == ["38", "39", "continue"]
    assert talk.session == before


def test_words_answer_only_what_is_to_be_seen() -> None:
    """Without the question in front of them, words answer nothing."""
    talk = Talk().begin()
    assert talk.types("for mum", blind=True).how is Took.NOTHING


def test_nothing_understood_and_another_language() -> None:
    """Both are told kindly, never blaming, and with the way out of an emergency."""
    talk = at_dangers()
    assert talk.types("hm").how is Took.NOTHING
    assert "English" in said([talk.conversation.unread(talk.session, talk.types("bonjour").how)])
    assert "emergency number" in said([talk.conversation.unread(talk.session, Took.NOTHING)])


# --- first messages -------------------------------------------------------------------------------------------------


def test_a_first_message_begins_the_flow_and_is_confirmed() -> None:
    """It is shown first, counts for nothing before, and dangers are still asked with what was said ticked."""
    talk = Talk()
    taken = talk.opens("stiff for three weeks")
    assert taken.how is Took.ANSWER
    assert [message.purpose for message in taken.messages] == [Purpose.INTRO, Purpose.CARD]
    guesses = (Guess("feel", ("stiff",)), Guess("speed", ("weeks",)), Guess("since", ("month",)))
    assert talk.stands == Confirming(guesses)
    assert talk.does(Answer("about", ("me",)))[0].refused
    talk.does(Accept())
    assert [type(entry) for entry in talk.session.inputs] == [Ticked, Answered]
    assert talk.asked == "about"
    talk.does(Answer("about", ("me",)), Number("age", 34))
    assert talk.asked == "stroke_signs"
    before = talk.conversation.render(standing(FLOW, talk.session), talk.session)
    assert "How old" not in said(before)
    assert "two to four weeks" not in said(before).lower()
    talk.does(Back())
    assert any(isinstance(entry, Ticked) for entry in talk.session.inputs)
    talk.does(Number("age", 34))
    while talk.asked != "feel":
        question = FLOW.question(talk.asked)
        talk.does(Answer(question.id, (question.none.id if question.none else "nothing",)))
    last = standing(FLOW, talk.session)[-1]
    assert isinstance(last, Ask)
    assert last.ticked == ("stiff",)


@pytest.mark.parametrize("event", [Decline(), Back()])
def test_a_first_message_can_be_declined(event: Event) -> None:
    """Then everything is asked."""
    talk = Talk()
    talk.opens("stiff for three weeks")
    talk.does(event)
    assert talk.session.inputs == ()
    assert talk.asked == "about"


def test_a_first_message_with_a_danger() -> None:
    """The seek-care message comes next, without an introduction; a possible danger is asked about."""
    talk = Talk()
    assert [message.purpose for message in talk.opens("i cant wee").messages] == [Purpose.SEEK_CARE]
    talk = Talk()
    assert talk.opens("his face").messages[-1].question == "check_back"
    talk = Talk()
    assert talk.opens("cant wee", May.SUPPOSE).messages[-1].question == "check_back"


def test_a_first_message_that_names_a_topic_or_nothing() -> None:
    """A topic begins its flow; what says nothing begins nothing."""
    talk = Talk()
    assert talk.opens("my leg").messages[-1].question == "about"
    talk = Talk()
    assert talk.opens("hello").how is Took.NOTHING
    assert talk.opens("bonjour").how is Took.FOREIGN
    assert not talk.opens("my leg", May.WARN).messages
    assert talk.kept == {}


def test_a_first_message_in_a_check_just_begun() -> None:
    """At the first card a message that says much is confirmed, too; one answer is an answer."""
    talk = Talk().begin()
    assert talk.types("stiff for three weeks").messages[-1].question == "understood"
    talk.does(Decline())
    assert talk.types("about my mum").messages[-1].question == "understood"


@pytest.mark.parametrize(
    "guesses",
    [(), (Guess("no_such", ("a",)),), (Guess("age", number=999),), (Guess("side", ("one", "both")),), (Guess("age"),)],
)
def test_a_guess_that_fits_nothing_is_refused(guesses: tuple[Guess, ...]) -> None:
    """The flow knows no such question, option or number."""
    turn = start(FLOW, "s", "en", 0)
    after = resume(FLOW, turn.session, Understand(guesses), 1)
    assert isinstance(after.effects[0], Reject)
    assert after.session == turn.session


def test_guesses_come_first_or_not_at_all() -> None:
    """Once something has been answered, nothing is guessed; and without a guess there is nothing to confirm."""
    talk = at_dangers()
    for event in (Understand((Guess("since", ("month",)),)), Accept(), Decline()):
        effects = resume(FLOW, talk.session, event, talk.now).effects
        assert effects[0] == Reject(Reason.NOT_CURRENT)


def test_an_edited_flow_forgets_guesses_it_does_not_know() -> None:
    """A guess about a question that is gone is dropped without a word."""
    session = Session("s", FLOW.id, FLOW.version, "en", 0, (Guessed("gone", ("a",), 0), Heard("gone", 0)))
    assert replay(FLOW, session.inputs).stage is Stage.ASKING


def test_what_was_heard_is_said_only_while_the_check_goes_on() -> None:
    """A result says itself what was written; a denial that clears a warning says that instead."""
    talk = at_dangers()
    turn = resume(FLOW, talk.session, Hear(("leg_swollen",)), talk.now)
    assert turn.effects[0] == Say(Topic.HEARD, ("leg_swollen",))
    turn = resume(FLOW, talk.session, Hear(("saddle_numbness",)), talk.now)
    assert [type(effect) for effect in turn.effects] == [Finish]
    turn = resume(FLOW, turn.session, Hear(("saddle_numbness",), denied=True), talk.now)
    assert [type(effect) for effect in turn.effects] == [Cleared, Ask]


def test_an_answer_beside_a_danger_that_does_not_stop() -> None:
    """The same words may answer the card as well."""
    reader = Written(
        clear={"swollen": "leg_swollen"},
        replies={"mine, it is swollen": ((Answer("about", ("me",)),),), "swollen?": ((NotSure("about"),),)},
    )
    talk = Talk().begin()
    talk.conversation = Conversation(reading(LIBRARY, reader), talk)
    taken = talk.types("mine, it is swollen")
    assert talk.asked == "age"
    assert "You wrote" in said(taken.messages)
    assert "Got it" in said(taken.messages)
    talk = Talk().begin()
    talk.conversation = Conversation(reading(LIBRARY, reader), talk)
    assert talk.types("swollen?").how is Took.DANGER
