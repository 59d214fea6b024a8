"""The longest that typed words can bring: see `bot.telegram.longest`."""

from __future__ import annotations

from collections.abc import Iterator

from bot.conversation.asides import either, got_it
from bot.conversation.messages import Message
from bot.conversation.wording import Wording
from bot.flow.events import (
    Answer,
    Ask,
    Asking,
    CheckBack,
    Confirming,
    Effect,
    Event,
    Guess,
    Number,
    Say,
    Topic,
)
from bot.flow.model import Choose, Question
from bot.load.library import Key
from bot.telegram.markup import length


def at_card(question: Question, wording: Wording) -> Iterator[tuple[str, list[Message]]]:
    """What words were taken for, at greatest length; and the card of which answer is meant, with all of them."""
    choices = tuple(option.id for option in question.choices)
    if question.choose is Choose.NUMBER:
        whole: Event = Number(question.id, question.largest)
        ways: list[Event] = [Number(question.id, question.smallest), whole]
    else:
        whole = Answer(question.id, choices)
        ways = [Answer(question.id, (name,)) for name in choices]
    if taken := got_it((whole,), wording):
        yield "what words were taken for", [taken]
    extras = tuple(option.id for option in (question.none, question.unsure) if option)
    ask = Ask(question.id, question.choose, (*choices, *extras), (), Asking.FIRST, done=1, left=1)
    if which := either(tuple((way,) for way in ways), ask, wording):
        yield "the card of which answer is meant", [which]


def of_words(wording: Wording) -> Iterator[tuple[str, Key, Effect]]:
    """Whether each danger is meant, all that a first message can say, and every danger heard at once."""
    flow = wording.flow
    names = flow.names(flow.danger | flow.heard)
    for name in names:
        yield f"whether '{name}' is meant", ("finding", name), CheckBack(name)
    guesses = tuple(Guess(question.id, (_longest(question, wording),)) for question in flow.questions)
    yield "what a first message was understood to say", (), Confirming(guesses)
    yield "what was heard", (), Say(Topic.HEARD, names)
    yield "what was not meant", (), Say(Topic.UNHEARD, names)


def _longest(question: Question, wording: Wording) -> str:
    names = [option.id for option in question.choices]
    return max(names, key=lambda name: length(wording.options(question.id, (name,))))
