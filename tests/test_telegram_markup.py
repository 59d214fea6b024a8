"""HTML for Telegram: escaped, within its limits, danger signs never folded away."""

from __future__ import annotations

import random
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.conversation import Conversation
from bot.conversation.messages import Block, Message, Purpose, Style
from bot.flow.engine import outcome_of, standing
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


def test_a_block_longer_than_any_message_is_cut_and_marked() -> None:
    """A block longer than any message is cut and marked."""
    (text,) = texts(Message(Purpose.NOTICE, (Block(Style.TEXT, "🦵" * 5000),)))
    assert length(text) <= LONGEST
    assert text.endswith("…")


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
