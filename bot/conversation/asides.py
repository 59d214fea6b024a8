"""What typed words bring: the cards that ask whether they were understood rightly, and the words for how they were."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.cards import command
from bot.conversation.messages import Block, Choice, Message, Part, Purpose, Style
from bot.conversation.notices import MOST_HEARD
from bot.conversation.wording import Wording
from bot.flow.events import (
    Accept,
    Answer,
    Ask,
    CheckBack,
    Confirming,
    Continue,
    Decline,
    Event,
    Guess,
    Hear,
    Mark,
    NotSure,
    Number,
    Stop,
    Tick,
)
from bot.flow.model import Choose


def check_back(effect: CheckBack, wording: Wording) -> Message:
    """Whether a danger that words may speak of is so: one direct question."""
    ui = wording.ui
    yes, no = ui("check_back_yes"), ui("check_back_no")
    return Message(
        Purpose.CARD,
        (
            Block(Style.TITLE, ui("check_back_title")),
            Block(Style.TEXT, ui("check_back_text", said=wording.said(effect.finding))),
            Block(Style.TEXT, ui("check_back_ask")),
        ),
        (
            Choice("yes", yes, yes, Hear((effect.finding, *effect.brings)), Part.OPTION),
            Choice("no", no, no, Hear((effect.finding,), denied=True), Part.NONE),
        ),
        question="check_back",
        choose=Choose.ONE,
    )


def confirming(effect: Confirming, wording: Wording) -> Message:
    """What was understood from a first message, to be confirmed before it counts."""
    ui = wording.ui
    yes, no = ui("understood_yes"), ui("understood_no")
    items = tuple(f"{wording.short(each.question)}: {_guessed(each, wording)}" for each in effect.guesses)
    return Message(
        Purpose.CARD,
        (
            Block(Style.TITLE, ui("understood_title")),
            Block(Style.LIST, ui("understood_text"), items),
            Block(Style.TEXT, ui("understood_ask")),
        ),
        (
            Choice("yes", yes, yes, Accept(), Part.OPTION),
            Choice("no", no, no, Decline(), Part.OPTION),
            command("stop", Stop(), wording),
        ),
        question="understood",
        choose=Choose.ONE,
    )


def _guessed(guess: Guess, wording: Wording) -> str:
    return str(guess.number) if guess.number is not None else wording.options(guess.question, guess.options)


def got_it(events: tuple[Event, ...], wording: Wording) -> Message | None:
    """What words were taken for; `None` where they answered nothing."""
    answers = [answer for event in events if (answer := _answer(event, wording))]
    if not answers:
        return None
    return Message(Purpose.NOTICE, (Block(Style.TEXT, wording.ui("got_it", answer="; ".join(answers))),))


def _answer(event: Event, wording: Wording) -> str:
    match event:
        case Number():
            return str(event.value)
        case Tick():
            return wording.options(event.question, (event.option,))
        case Answer() | Mark():
            return wording.options(event.question, event.options)
        case NotSure():
            unsure = wording.flow.question(event.question).unsure
            names = "; ".join(part for part in (wording.options(event.question, event.options),) if part)
            special = wording.options(event.question, (unsure.id,)) if unsure else ""
            return f"{special} ({names})" if names else special
    return ""


def either(ways: tuple[tuple[Event, ...], ...], ask: Ask, wording: Wording) -> Message | None:
    """Which of several answers is meant; `None` where they are more than one choice of this card each."""
    choices = [_choice(way, ask, wording) for way in ways]
    meant = tuple({choice.key: choice for choice in choices if choice}.values())
    if len(meant) < 2 or not all(choices):  # noqa: PLR2004 - either one or the other
        return None
    other = wording.ui("something_else")
    title = Block(Style.TITLE, wording.ui("either"))
    return Message(
        Purpose.CARD,
        (Block(Style.NOTE, wording.question(ask.question).ask.to(wording.audience)), title),
        (*meant, Choice("continue", other, other, Continue(), Part.COMMAND)),
        question=ask.question,
        choose=Choose.ANY if ask.choose is Choose.ANY else Choose.ONE,
    )


def _choice(way: tuple[Event, ...], ask: Ask, wording: Wording) -> Choice | None:
    """A way as one thing to choose on this card."""
    if len(way) != 1:
        return None
    event = way[0]
    match event:
        case Number(question, value) if question == ask.question:
            return Choice(str(value), str(value), str(value), event, Part.OPTION)
        case Answer(question, (option,)) | Mark(question, (option,)) | Tick(question, option) if (
            question == ask.question and option in ask.options
        ):
            return _option(option, ask, wording)
        case NotSure(question, ()) if question == ask.question:
            unsure = wording.flow.question(question).unsure
            return _option(unsure.id, ask, wording) if unsure and unsure.id in ask.options else None
    return None


def _option(name: str, ask: Ask, wording: Wording) -> Choice:
    question = wording.flow.question(ask.question)
    option, written = question.by_id[name], wording.question(ask.question).options[name]
    label, text = written.label.to(wording.audience), written.text.to(wording.audience)
    if option.unsure:
        return Choice(name, label, text, NotSure(question.id), Part.UNSURE)
    if option.rest:
        return Choice(name, label, text, Answer(question.id, (name,)), Part.NONE)
    if question.choose is Choose.ANY:
        return Choice(name, label, text, Tick(question.id, name), Part.OPTION, ticked=name in ask.ticked)
    return Choice(name, label, text, Answer(question.id, (name,)), Part.OPTION)


def noted(findings: tuple[str, ...], wording: Wording) -> Message:
    """What was understood of words that neither answer nor alarm by themselves."""
    said = "; ".join(wording.said(name) for name in findings[:MOST_HEARD])
    return Message(Purpose.NOTICE, (Block(Style.TEXT, wording.ui("noted", said=said)),))


def kind_line(key: str, wording: Wording) -> Message:
    """Words that were not understood: said kindly, and that nothing has happened."""
    languages = ", ".join(texts.name for texts in wording.library.texts.values())
    line = Message(Purpose.NOTICE, (Block(Style.TEXT, wording.ui(key, languages=languages)),))
    return replace(line, refused=True)
