"""What people can be shown fits Telegram's limits: the shipped texts do, and grown ones fail at the right place."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from bot import settings
from bot.conversation.conversation import Conversation
from bot.flow.engine import outcome_of, standing
from bot.flow.events import Finish
from bot.flow.model import Audience, Level
from bot.flow.outcome import Fired, Outcome
from bot.load import CauseText, FlowTexts, Issue, Library, OptionText, QuestionText, RuleText, Text, Texts, load_library
from bot.load.library import Key
from bot.sandbox import Sandbox
from bot.telegram import limits, longest
from bot.telegram.limits import LimitRule, too_long
from bot.telegram.longest import Shown, of_flow
from bot.telegram.markup import LONGEST, length, texts, without_tags
from bot.telegram.pages import Operator, Pages, Told
from bot.telegram.posts import Card, Note
from tests.people import straight, wandering
from tests.scripted import _NoStore
from tests.served import FLOW, LIBRARY
from tests.telegram_kit import running
from tests.test_telegram_chat import to_emergency

SMALL = load_library(Path(__file__).parent / "fixtures/small/flows", Path(__file__).parent / "fixtures/small/content")
"""A toy library, in which growing a text and measuring everything takes a moment."""

TOY = SMALL.flows["leg"]
EN = SMALL.texts["en"]
LEG = EN.flows[TOY.id]
RULE, QUESTION, CAUSE = "pelvic_signs", "pelvis", "sciatica"


def with_texts(**groups: object) -> Library:
    """The toy library with other texts."""
    return replace(SMALL, texts={"en": replace(EN, **groups)})  # type: ignore[arg-type]


def with_flow_texts(**groups: object) -> Library:
    """The toy library with other texts of its flow."""
    return with_texts(flows={TOY.id: replace(LEG, **groups)})  # type: ignore[arg-type]


def same(text: str) -> Text:
    """A text that is the same for every audience."""
    return Text(text, text, text)


def ui(key: str) -> Callable[[str], Library]:
    """A library with this text in place of a fixed one."""
    return lambda text: with_texts(ui={**EN.ui, key: same(text)})


def rule(**changes: Callable[[str], object]) -> Callable[[str], Library]:
    """A library with this text in a rule."""

    def grown(text: str) -> Library:
        changed: RuleText = replace(LEG.rules[RULE], **{name: make(text) for name, make in changes.items()})  # type: ignore[arg-type]
        return with_flow_texts(rules={**LEG.rules, RULE: changed})

    return grown


def question(**changes: Callable[[str], object]) -> Callable[[str], Library]:
    """A library with this text in a question."""

    def grown(text: str) -> Library:
        asked: QuestionText = replace(LEG.questions[QUESTION], **{name: make(text) for name, make in changes.items()})  # type: ignore[arg-type]
        return with_flow_texts(questions={**LEG.questions, QUESTION: asked})

    return grown


def option(text: str) -> Library:
    """A library with this text on an option's button."""
    options = LEG.questions[QUESTION].options
    return question(options=lambda text: {**options, "saddle": OptionText(same(text), options["saddle"].text)})(text)


def cause(name: str) -> Callable[[str], Library]:
    """A library with this text for a cause."""

    def grown(text: str) -> Library:
        changed: CauseText = replace(EN.causes[CAUSE], **{name: same(text)})  # type: ignore[arg-type]
        return with_texts(causes={**EN.causes, CAUSE: changed})

    return grown


def action(name: str) -> Callable[[str], Library]:
    """A library with this text as the last thing to do (or not to do) of an action."""

    def grown(text: str) -> Library:
        told = EN.actions["hospital"]
        changed = replace(told, **{name: (*getattr(told, name)[:-1], same(text))})  # type: ignore[arg-type]
        return with_texts(actions={**EN.actions, "hospital": changed})

    return grown


def for_child(text: str) -> Text:
    """A text that is long for one audience only."""
    return Text("short", "short", text)


UI: Key = ("text", "en", "ui")
IN_RULE: Key = ("text", "en", TOY.id, "rule", RULE)
IN_QUESTION: Key = ("text", "en", TOY.id, "question", QUESTION)
IN_CAUSE: Key = ("text", "en", "cause", CAUSE)
IN_FLOW: Key = ("text", "en", TOY.id)
HEADED = LONGEST - 3
"""What a list leaves of a message for the words of one item and its heading: a line end, a point and a space."""

CASES: dict[str, tuple[Callable[[str], Library], int, LimitRule, Key]] = {
    "a fixed text": (ui("forgotten"), LONGEST, LimitRule.TEXT, (*UI, "forgotten")),
    "the line in a group": (ui("group_line"), LONGEST, LimitRule.TEXT, (*UI, "group_line")),
    "a word on a tap": (ui("no_check"), 200, LimitRule.TOAST, (*UI, "no_check")),
    "a refusal": (ui("out_of_range"), 200, LimitRule.TOAST, (*UI, "out_of_range")),
    "the words below a file": (ui("mydata_file"), 1024, LimitRule.CAPTION, (*UI, "mydata_file")),
    "a command's button": (ui("why"), 64, LimitRule.LABEL, (*UI, "why")),
    "the button that copies": (ui("copy_phone"), 64 - length("🚨 "), LimitRule.LABEL, (*UI, "copy_phone")),
    "the button of a group": (ui("group_button"), 64, LimitRule.LABEL, (*UI, "group_button")),
    "the button of a number": (ui("other_numbers"), 64, LimitRule.LABEL, (*UI, "other_numbers")),
    "the button of a page": (ui("show_result"), 64, LimitRule.LABEL, (*UI, "show_result")),
    "an option's button": (option, 64 - length("☐ "), LimitRule.LABEL, IN_QUESTION),
    "a cause's button": (cause("name"), 64 - length("ℹ️ "), LimitRule.LABEL, IN_CAUSE),  # noqa: RUF001
    "a topic's button": (lambda text: with_flow_texts(title=same(text)), 64, LimitRule.LABEL, IN_FLOW),
    "what is copied": (rule(phone=for_child), 256, LimitRule.COPY, IN_RULE),
    "a reason": (
        rule(title=lambda _: same("Numb"), because=for_child),
        HEADED - len(EN.ui["because"].me + "Numb. "),
        LimitRule.TEXT,
        IN_RULE,
    ),
    "a do-not": (rule(dont=lambda text: (same(text),)), HEADED - len(EN.ui["do_not"].me), LimitRule.TEXT, IN_RULE),
    "more about a cause": (cause("summary"), LONGEST, LimitRule.TEXT, IN_CAUSE),
    "what to watch for": (
        lambda text: with_flow_texts(watch=(same(text),)),
        HEADED - max(len(EN.ui[key].me) for key in ("watch", "stopped_care")),
        LimitRule.TEXT,
        IN_FLOW,
    ),
    "a denied sign": (
        lambda text: with_texts(denied={**EN.denied, "saddle_numbness": same(text)}),
        HEADED - len(LEG.questions["pelvis"].short.me),
        LimitRule.TEXT,
        ("text", "en", "denied", "saddle_numbness"),
    ),
    "why a question is asked": (question(why=same), LONGEST, LimitRule.TEXT, IN_QUESTION),
    "a notice": (
        lambda text: with_flow_texts(notices={**LEG.notices, "child_alone": for_child(text)}),
        LONGEST,
        LimitRule.TEXT,
        ("text", "en", TOY.id, "notice", "child_alone"),
    ),
    "the bot's name": (ui("bot_name"), 64, LimitRule.PROFILE, (*UI, "bot_name")),
    "its short description": (ui("bot_short"), 120, LimitRule.PROFILE, (*UI, "bot_short")),
    "its description": (ui("bot_description"), 512, LimitRule.PROFILE, (*UI, "bot_description")),
    "a command": (ui("command_forget"), 256, LimitRule.COMMAND, (*UI, "command_forget")),
}


def told(issues: tuple[Issue, ...]) -> list[tuple[str, int, str]]:
    """Where which limits are broken."""
    return [(issue.file, issue.line, issue.rule) for issue in issues]


def at(key: Key, broken: LimitRule) -> list[tuple[str, int, str]]:
    """One limit broken at this place."""
    place = SMALL.place(*key)
    return [(place.file, place.line, broken.value)]


def filled(size: int) -> str:
    """A text of so many UTF-16 units that looks like nothing else; most of it are emoji, which count two."""
    return "x" * (size % 2) + "🦵" * (size // 2)


def test_the_shipped_library_fits_and_is_measured_quickly() -> None:
    """The shipped library fits, and to know that takes no longer than a start may take."""
    begun = time.process_time()
    assert too_long(LIBRARY) == ()
    assert time.process_time() - begun < 4  # a second on a quiet machine


@pytest.mark.parametrize("name", CASES)
def test_each_kind_of_text_fits_up_to_its_last_unit(name: str) -> None:
    """A text of just the longest length passes; one unit more fails, and the issue names the text's place."""
    grown, most, broken, key = CASES[name]
    assert too_long(grown(filled(most))) == ()
    issues = too_long(grown(filled(most + 1)))
    assert told(issues) == at(key, broken), list(map(str, issues))


def spare(shown: Callable[[Library], Iterator[Shown]], name: str, library: Library) -> int:
    """How many units the longest of these messages leaves of one message, for the audience where that is least."""
    sizes = [
        sum(length(without_tags(text)) for text in post.texts) + 2 * (len(post.texts) - 1)
        for each in shown(library)
        if each.what == name
        for post in each.posts
        if isinstance(post, Card)
    ]
    return LONGEST - max(sizes)


def everything(library: Library) -> Iterator[Shown]:
    """What is measured, of all flows and for every audience, in English."""
    for flow in library.flows.values():
        for who in Audience:
            yield from of_flow(library, flow, "en", who)


SUMS = {
    "the card of question 'pelvis'": (question(hint=same), IN_QUESTION),
    "the result 'emergency' with action 'hospital', up to what to do": (
        action("do"),
        ("text", "en", "action", "hospital"),
    ),
}


@pytest.mark.parametrize("name", SUMS)
def test_what_has_to_be_one_message_fits_up_to_its_last_unit(name: str) -> None:
    """A card, and a result up to what to do, may be just as long as one message; one unit more fails."""
    grown, key = SUMS[name]
    most = 1000 + spare(everything, name, grown(filled(1000)))
    assert too_long(grown(filled(most))) == ()
    issues = too_long(grown(filled(most + 1)))
    assert told(issues) == at(key, LimitRule.TEXT)
    assert f"{LONGEST + 1} characters" in issues[0].message


def test_an_issue_says_what_for_whom_and_how_much() -> None:
    """An issue says what is too long, for whom, by how much, and what to do."""
    (issue,) = too_long(rule(phone=for_child)("x" * 300))
    assert issue.message == (
        "what is copied from the result of rule 'pelvic_signs', for 'child':"
        " 300 characters, as Telegram counts, at most 256: shorten it"
    )


def test_of_many_texts_the_one_that_makes_most_of_it_is_named() -> None:
    """Where many texts make one piece, such as all titles of a warning, the one that makes most of it is named."""
    titles = {name: replace(text, title=same(name[0] * 1800)) for name, text in LEG.rules.items()}
    titles["collapse"] = replace(titles["collapse"], title=same("🦵" * 1200))
    issues = too_long(with_flow_texts(rules=titles))
    assert told(issues) == at(("text", "en", TOY.id, "rule", "collapse"), LimitRule.TEXT)
    assert "warning" in issues[0].message or "above the card" in issues[0].message


def test_what_is_said_back_counts_where_all_of_it_comes_together() -> None:
    """What is said back counts with all that somebody can be unsure about, in one sentence for the phone."""
    long = {name: same("🦵" * 1030 + name) for name in EN.said}
    issues = too_long(with_texts(said=long))
    assert {issue.rule for issue in issues} == {"text-too-long"}
    assert {issue.file for issue in issues} == {"content/en/findings.yaml"}


def with_option(name: str) -> Library:
    """The toy library with another id for an option."""
    asked = TOY.question(QUESTION)
    changed = tuple(replace(each, id=name) if each.id == "saddle" else each for each in asked.options)
    questions = tuple(replace(each, options=changed) if each is asked else each for each in TOY.questions)
    options = {name if key == "saddle" else key: text for key, text in LEG.questions[QUESTION].options.items()}
    texts = with_flow_texts(questions={**LEG.questions, QUESTION: replace(LEG.questions[QUESTION], options=options)})
    return replace(texts, flows={TOY.id: replace(TOY, questions=questions)})


def test_the_data_of_a_button_fits_and_is_understood_for_ids_of_up_to_forty_letters() -> None:
    """The data of a button fits, and a tap on it is understood, for ids of up to forty letters and not for longer."""
    place = SMALL.place("question", TOY.id, QUESTION)
    assert too_long(with_option("k" * 40)) == ()
    not_understood, too_big = too_long(with_option("k" * 41)), too_long(with_option("k" * 42))
    assert told(not_understood) == [(place.file, place.line, "callback-not-understood")]
    assert told(too_big) == [(place.file, place.line, "callback-too-long")]
    assert "65 bytes on a button, at most 64" in too_big[0].message


def with_options(count: int) -> Library:
    """The toy library with so many options of a question."""
    asked, written = TOY.question("foot"), LEG.questions["foot"]
    options = tuple(replace(asked.options[0], id=f"o{number}") for number in range(count))
    questions = tuple(replace(each, options=options) if each is asked else each for each in TOY.questions)
    label = OptionText(same("label"), same("label"))
    texts = replace(written, options={option.id: label for option in options})
    library = with_flow_texts(questions={**LEG.questions, "foot": texts})
    return replace(library, flows={TOY.id: replace(TOY, questions=questions)})


def test_a_card_has_at_most_a_hundred_buttons() -> None:
    """A card has at most a hundred buttons, those for commands among them."""
    commands = 4  # why, back, change, stop
    assert too_long(with_options(100 - commands)) == ()
    assert [issue.rule for issue in too_long(with_options(101 - commands))] == ["too-many-buttons"]


def test_a_message_has_at_most_a_hundred_marks() -> None:
    """A message has at most a hundred words in bold, italics or quotes, since Telegram drops the marks of more."""
    marked = "<b>a</b><i>b</i><blockquote expandable>c</blockquote>&lt;b&gt;"
    fits, over = (Shown("", (Note((marked * 33 + "<b>d</b>" * more,)),), ("flow", "leg")) for more in (1, 2))
    assert list(limits._of_shown(fits)) == []
    assert [(excess.rule, excess.size) for excess in limits._of_shown(over)] == [(LimitRule.MARKS, 101)]


def test_the_operator_is_measured_at_greatest_length() -> None:
    """The operator's contact, page and days are measured as long as the settings take them, and that is shown."""
    assert longest.LONGEST_CONTACT == settings._CONTACT_LENGTH
    assert len(longest.OPERATOR.privacy_url) == longest.LONGEST_URL == settings._URL_LENGTH
    with pytest.raises(ValueError, match="3650"):
        settings.Settings(RETENTION_DAYS=longest.OPERATOR.retention_days + 1)
    shown = [post for each in limits._beside(SMALL, "en", ("flow", "leg")) for post in each.posts]
    said = "".join(text for post in shown if isinstance(post, Note) for text in post.texts)
    assert longest.OPERATOR.contact in said
    assert longest.OPERATOR.privacy_url in said


def test_every_word_on_a_tap_is_a_fixed_text() -> None:
    """Every word that a tap can be answered with is a fixed text of every language."""
    assert set(get_args(Told)) <= set(EN.ui)


def test_measuring_needs_nothing_of_telegrams_library() -> None:
    """Measuring needs nothing of Telegram's library, which takes long to load."""
    code = "import sys, bot.telegram.limits; sys.exit('telegram' in sys.modules or 'pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


# --- the measure is right: nobody is shown more -----------------------------------------------------------------------


def pieces(text: str) -> Iterator[tuple[str, list[str]]]:
    """What a message is made of: headings, each with the lines under it."""
    for part in without_tags(text).split("\n\n"):
        heading, *lines = part.split("\n")
        yield heading, lines


@cache
def written() -> tuple[tuple[Shown, str], ...]:
    """Every message text of the shipped library that is measured."""
    return tuple(
        (shown, text)
        for shown in everything(LIBRARY)
        for post in shown.posts
        for text in (post.texts if isinstance(post, Card | Note) else ())
    )


def test_nobody_gets_a_card_that_is_longer_than_what_is_measured() -> None:
    """Of many random people nobody gets a card that is longer than the one that is measured for its question."""
    longest_cards: dict[str, int] = {}
    for shown, text in written():
        if shown.whole:
            longest_cards[shown.what] = max(longest_cards.get(shown.what, 0), length(without_tags(text)))
    conversation, cards = Conversation(LIBRARY, _NoStore()), 0
    for seed in range(30):
        for _, _, after, _ in wandering(FLOW, random.Random(seed), 25):
            message = conversation.render(standing(FLOW, after.session), after.session)[-1]
            if message.question in FLOW.place:
                cards += 1
                (text,) = texts(message)
                assert length(without_tags(text)) <= longest_cards[f"the card of question '{message.question}'"]
    assert cards > 250


def test_nobody_gets_a_result_with_lines_longer_than_what_is_measured() -> None:
    """Of many random people nobody gets a result, or more about its causes, with a longer line under any heading."""
    longest_lines: dict[str, int] = {}
    for _, text in written():
        for heading, lines in pieces(text):
            longest_lines[heading] = max([longest_lines.get(heading, 0), *map(length, lines)])
    conversation = Conversation(LIBRARY, _NoStore())
    for seed in range(100):
        *_, end = straight(FLOW, random.Random(seed), calm=0.9 if seed % 2 else 0.6)
        outcome = outcome_of(FLOW, end.session)
        assert outcome is not None
        messages = [conversation.render(end.effects, end.session)[-1]]
        messages += [conversation.details(end.session, fit.cause) for fit in outcome.causes]
        for heading, lines in (piece for message in messages for text in texts(message) for piece in pieces(text)):
            assert max([0, *map(length, lines)]) <= longest_lines[heading], heading


# --- no emergency text is a fallback ----------------------------------------------------------------------------------


def marked(value: object, mark: str) -> object:
    """The same texts, each wording beginning with the language's mark and its audience."""
    if isinstance(value, Text):
        return Text(*(f"{mark}-{who.value}: {value.to(who)}" for who in Audience))
    if isinstance(value, tuple):
        return tuple(marked(each, mark) for each in value)
    if isinstance(value, dict):
        return {key: marked(each, mark) for key, each in value.items()}
    if isinstance(value, QuestionText | OptionText | RuleText | CauseText | FlowTexts | Texts):
        return replace(value, **{name: marked(getattr(value, name), mark) for name in value.__slots__})  # type: ignore[arg-type]
    if hasattr(value, "headline"):
        return replace(value, **{name: marked(getattr(value, name), mark) for name in ("headline", "do", "dont")})  # type: ignore[type-var]
    return value


def test_every_emergency_speaks_the_persons_language_to_their_audience() -> None:
    """Every word of every emergency is of the person's own language and audience, and never the fixed fallback."""
    own = replace(marked(LIBRARY.texts["en"], "xx"), code="xx")  # type: ignore[type-var]
    library = replace(LIBRARY, texts={"en": LIBRARY.texts["en"], "xx": own})  # type: ignore[dict-item]
    for who in Audience:
        drawing = longest._Longest(library, FLOW, "xx", who)
        for emergency in FLOW.emergencies:
            read = FLOW.names(emergency.when.plain)
            for undecided in (True, False):
                fired = (Fired(emergency.id, Level.EMERGENCY, read, read, undecided),)
                also = FLOW.names(FLOW.danger)
                outcome = Outcome(Level.EMERGENCY, emergency.action, fired, emergency.names, (), also)
                (message,) = drawing._drawn(Finish(outcome))
                said = [words for block in message.blocks for words in (block.text, *block.items)]
                said += [*message.phone, *(choice.label for choice in message.choices)]
                assert all(words.startswith(f"xx-{who.value}: ") for words in said if words)
                assert not any("Something went wrong" in words for words in said)


def test_the_fixed_fallback_says_nothing_but_the_words_for_something_broken() -> None:
    """The fixed fallback is a page of its own, whose title stands in no message of a conversation."""
    title = LIBRARY.texts["en"].ui["broken_title"].me
    (page,) = Pages(LIBRARY, "en", Operator()).broken().texts
    assert title in page
    assert not any(title in text for _, text in written())


# --- and so it arrives ------------------------------------------------------------------------------------------------


def with_reason(text: str) -> Library:
    """The shipped library with another reason for the emergency that `to_emergency` comes to."""
    leg = LIBRARY.texts["en"].flows[FLOW.id]
    rules = {**leg.rules, "saddle_numbness": replace(leg.rules["saddle_numbness"], because=same(text))}
    flows = {FLOW.id: replace(leg, rules=rules)}
    return replace(LIBRARY, texts={"en": replace(LIBRARY.texts["en"], flows=flows)})


@pytest.mark.parametrize("size", [3900, 5000], ids=["long", "too long"])
def test_a_long_emergency_arrives_in_parts_the_buttons_with_the_last(tmp_path: Path, size: int) -> None:
    """A long emergency arrives in parts, first what to do, last the buttons; even a text that is too long, cut."""

    async def main() -> None:
        library = with_reason("R" * size)
        async with Sandbox() as sandbox, running(sandbox, tmp_path / "s.db", library):
            ana = sandbox.person("Ana")
            await to_emergency(ana)
            *_, first, reason, last = ana.messages
            assert first.text.startswith("EMERGENCY")
            assert "Do this now" in first.text
            assert ("R" * size in reason.text) is (size < LONGEST)
            assert "R" * 3900 in reason.text
            assert [bool(message.keyboard) for message in (first, reason, last)] == [False, False, True]
            assert "Say this on the phone" in last.text

    asyncio.run(main())
