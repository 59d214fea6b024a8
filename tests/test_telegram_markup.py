"""HTML for Telegram: escaped, within its limits, danger signs never folded away."""

from __future__ import annotations

import random
from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import example, given
from hypothesis import strategies as st

from bot.conversation.conversation import Conversation
from bot.conversation.messages import Block, Message, Purpose, Style
from bot.flow.engine import outcome_of, standing, start
from bot.flow.session import Answered
from bot.telegram.markup import LONGEST, cut, length, note, texts, without_tags
from tests.people import straight
from tests.scripted import _NoStore, walk
from tests.served import FLOW, LIBRARY
from tests.test_patients import PATIENTS

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


class _Reader(HTMLParser):
    """The words of a text, and what is open at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        assert tag in {"b", "i", "blockquote"}, tag
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def words(text: str) -> str:
    """What somebody reads of a text in HTML."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader.words


@given(st.lists(st.tuples(st.sampled_from(list(Style)), ANY_TEXT, st.lists(ANY_TEXT, max_size=3), st.booleans())))
def test_any_words_become_html_that_says_just_them(parts: list[tuple[Style, str, list[str], bool]]) -> None:
    """Any words become html that says just them."""
    blocks = tuple(Block(style, text, tuple(items), fold=fold) for style, text, items, fold in parts)
    for text in texts(Message(Purpose.NOTICE, blocks)):
        assert length(words(text)) <= LONGEST
        assert without_tags(text) == words(text)


@given(st.text(max_size=50), st.integers(1, 20))
def test_a_cut_text_is_as_short_as_asked(text: str, longest: int) -> None:
    """A cut text is as short as asked."""
    short = cut(text, longest)
    assert length(short) <= longest
    assert short == text or short.endswith("…")


@given(st.lists(st.text("ab🦵<&", max_size=1500), max_size=12), st.booleans())
@example(["🦵" * 700, "b" * 1500] * 6, True)
@example(["a" * 1363] * 3 + ["b" * 4000], False)
def test_a_list_of_any_length_arrives_whole_each_part_under_its_heading(items: list[str], fold: bool) -> None:
    """A list of any length arrives whole, in order, in as many messages as it needs, each part under its heading."""
    block = Block(Style.LIST, "Do not:", tuple(items), fold=fold)
    parts = [words(text) for text in texts(Message(Purpose.NOTICE, (block,)))]
    assert all(part.startswith("Do not:\n") and length(part) <= LONGEST for part in parts)
    assert "\n".join(part.removeprefix("Do not:\n") for part in parts) == "\n".join(f"• {item}" for item in items)


def test_a_block_fits_up_to_the_last_unit() -> None:
    """A block of just the longest length is one message with what stands before it in another."""
    blocks = (Block(Style.TITLE, "Title"), Block(Style.TEXT, "🦵" * (LONGEST // 2)))
    first, second = texts(Message(Purpose.NOTICE, blocks))
    assert (words(first), length(second)) == ("Title", LONGEST)
    together = (Block(Style.TITLE, "Title"), Block(Style.TEXT, "x" * (LONGEST - 7)))
    assert len(texts(Message(Purpose.NOTICE, together))) == 1


def test_notices_that_leave_no_room_for_a_card_stand_above_it() -> None:
    """Notices that leave no room for a card stand above it in a message of their own."""
    card = Message(Purpose.CARD, (Block(Style.TITLE, "Q" * 3000), Block(Style.TEXT, "A" * 1000)))
    notices = [Message(Purpose.NOTICE, (Block(Style.TEXT, "N" * 1000),))]
    above, whole = texts(card, notices)
    assert words(above) == "N" * 1000
    assert words(whole) == f"{'Q' * 3000}\n\n{'A' * 1000}"
    assert len(texts(card, [Message(Purpose.NOTICE, (Block(Style.TEXT, "N" * 50),))])) == 1


def test_nobody_who_is_unsure_about_everything_misses_a_word() -> None:
    """Somebody unsure about everything is told everything: many rules count, and none gets lost at the limit."""
    doubts = [
        Answered(question.id, (), 1, unsure=tuple(option.id for option in question.choices))
        for question in FLOW.questions
        if question.unsure
        for _ in range(2)
    ]
    session = replace(start(FLOW, "p", "en", 0).session, inputs=(Answered("about", ("adult",), 1), *doubts))
    message = Conversation(LIBRARY, _NoStore()).render(standing(FLOW, session), session)[-1]
    sent = "\n".join(words(text) for text in texts(message))
    assert message.purpose is Purpose.SEEK_CARE
    assert len(texts(message)) > 1
    assert [item for block in message.blocks for item in (block.text, *block.items) if item not in sent] == []


def test_lines_of_a_note_are_escaped() -> None:
    """Lines of a note are escaped."""
    assert note("a < b & c") == ("a &lt; b &amp; c",)


def test_every_result_of_the_patients_fits_and_begins_with_what_to_do() -> None:
    """Every result of the patients fits and begins with what to do."""
    conversation = Conversation(LIBRARY, _NoStore())
    for patient in PATIENTS.values():
        session = walk(LIBRARY, FLOW, patient["answers"]).session
        message = conversation.render(standing(FLOW, session), session)[-1]
        first, *more = texts(message)
        assert all(length(words(text)) <= LONGEST for text in (first, *more))
        assert words(first).startswith(message.blocks[0].text)
        assert message.blocks[1].text in words(first)
        outcome = outcome_of(FLOW, session)
        assert outcome is not None
        for cause in outcome.causes:
            for text in texts(conversation.details(session, cause.cause)):
                assert length(words(text)) <= LONGEST


def test_nothing_of_a_seek_care_message_is_folded() -> None:
    """Nothing of a seek care message is folded."""
    conversation = Conversation(LIBRARY, _NoStore())
    for patient in PATIENTS.values():
        session = walk(LIBRARY, FLOW, patient["answers"]).session
        message = conversation.render(standing(FLOW, session), session)[-1]
        if message.purpose is Purpose.SEEK_CARE:
            assert "<blockquote" not in "".join(texts(message))


def test_random_cards_fit_in_one_message() -> None:
    """Random cards fit in one message."""
    conversation = Conversation(LIBRARY, _NoStore())
    for seed in range(60):
        for turn in straight(FLOW, random.Random(seed)):
            message = conversation.render(turn.effects, turn.session)[-1]
            if message.purpose is Purpose.CARD:
                assert len(texts(message)) == 1
