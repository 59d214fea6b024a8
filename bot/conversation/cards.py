"""Cards: how a question, the review of denied dangers, and the list of answers are shown."""

from __future__ import annotations

from bot.conversation.messages import Block, Choice, Message, Part, Purpose, Request, Style
from bot.conversation.wording import Wording
from bot.flow.events import (
    Answer,
    Ask,
    Asking,
    Back,
    Change,
    ChangeList,
    Confirm,
    Continue,
    Done,
    Explain,
    Hear,
    NotSure,
    Review,
    Stop,
    Tick,
    Why,
)
from bot.flow.model import Choose, Question
from bot.flow.words import just_heard, last_heard
from bot.load import QuestionText


def card(ask: Ask, wording: Wording) -> Message:
    """The card of a question."""
    question = wording.flow.question(ask.question)
    texts = wording.question(ask.question)
    blocks = [Block(Style.NOTE, _progress(ask, wording))]
    if before := _before(ask, wording):
        blocks.append(Block(Style.NOTE, before))
    blocks.append(Block(Style.TITLE, _asked(ask, texts, wording)))
    if hint := _hint(ask, texts, wording):
        blocks.append(Block(Style.TEXT, hint))
    return Message(
        Purpose.CARD,
        tuple(blocks),
        (*_options(ask, question, texts, wording), *_commands(ask, wording)),
        question=ask.question,
        choose=Choose.ANY if ask.asking is Asking.DOUBTING else ask.choose,
    )


def _before(ask: Ask, wording: Wording) -> str | None:
    """What was answered before: to the question before, or to this very one while it is being changed."""
    if ask.changing:
        return wording.ui("changing_from", answer=wording.answer(ask.question))
    return wording.previous(ask.question)


def review(effect: Review, wording: Wording) -> Message:
    """The card that lists the danger signs that were denied."""
    ui = wording.ui
    denied = (
        Block(Style.LIST, wording.short(question), tuple(wording.denied(finding) for finding in findings))
        for question, findings in effect.denied
    )
    return Message(
        Purpose.CARD,
        (
            Block(Style.TITLE, ui("review_title")),
            Block(Style.TEXT, ui("review_text")),
            *denied,
            Block(Style.TEXT, ui("review_ask")),
        ),
        (
            Choice("confirm", ui("review_confirm"), ui("review_confirm"), Confirm(), Part.OPTION),
            Choice("change_answer", ui("review_change"), ui("review_change"), Change(), Part.OPTION),
            command("back", Back(), wording),
            command("stop", Stop(), wording),
        ),
        question="review",
        choose=Choose.ONE,
    )


def change_list(effect: ChangeList, wording: Wording) -> Message:
    """The list of answers that can be changed."""
    choices = [
        Choice(name, wording.short(name), f"{wording.short(name)}: {wording.answer(name)}", Change(name), Part.OPTION)
        for name in effect.questions
    ]
    title = Block(Style.TITLE, wording.ui("change_title"))
    return Message(
        Purpose.CARD,
        (title,),
        (*choices, command("continue", Continue(), wording)),
        question="change",
        choose=Choose.ONE,
    )


def explain(effect: Explain, wording: Wording) -> Message:
    """Why a question is asked."""
    text = wording.question(effect.question).why
    return Message(
        Purpose.NOTICE,
        (Block(Style.HEADING, wording.ui("why_title")), Block(Style.TEXT, text.to(wording.audience))),
    )


def command(name: str, request: Request, wording: Wording) -> Choice:
    """A command beside the options, named by its fixed text."""
    return Choice(name, wording.ui(name), wording.ui(name), request, Part.COMMAND)


def not_meant(wording: Wording, *, only_new: bool = False) -> tuple[Choice, ...]:
    """One tap that takes back what was last heard in words; nothing where nothing was. ``only_new``: just now."""
    found = just_heard(wording.flow, wording.session) if only_new else last_heard(wording.flow, wording.session)
    return (command("not_meant", Hear(found, denied=True), wording),) if found else ()


def _progress(ask: Ask, wording: Wording) -> str:
    if ask.changing:
        return wording.ui("progress_changing")
    if ask.asking is Asking.AGAIN:
        return wording.ui("progress_again")
    # The review card counts as a card as well.
    return wording.ui("progress", done=str(ask.done + 1), total=str(ask.done + ask.left + 1))


def _asked(ask: Ask, texts: QuestionText, wording: Wording) -> str:
    if ask.asking is Asking.DOUBTING:
        return wording.ui("doubt_ask")
    text = texts.again if ask.asking is Asking.AGAIN and texts.again else texts.ask
    return text.to(wording.audience)


def _hint(ask: Ask, texts: QuestionText, wording: Wording) -> str:
    if ask.asking is Asking.DOUBTING:
        return wording.ui("doubt_hint")
    if ask.choose is Choose.NUMBER and ask.asking is Asking.AGAIN:
        return ""  # the hint says how to give the number, and that number is what is not known
    return texts.hint.to(wording.audience) if texts.hint else ""


def _options(ask: Ask, question: Question, texts: QuestionText, wording: Wording) -> list[Choice]:
    choices = []
    for name in ask.options:
        option = question.by_id[name]
        written = texts.options[name]
        label = written.label.to(wording.audience)
        text = written.text.to(wording.audience)
        if option.unsure:
            again = ask.asking is Asking.AGAIN
            label = text = wording.ui("still_unsure") if again else text
            choices.append(Choice(name, label, text, NotSure(question.id), Part.UNSURE))
        elif option.rest:
            choices.append(Choice(name, label, text, Answer(question.id, (name,)), Part.NONE))
        elif question.choose is Choose.ANY:
            choices.append(Choice(name, label, text, Tick(question.id, name), Part.OPTION, ticked=name in ask.ticked))
        else:
            choices.append(Choice(name, label, text, Answer(question.id, (name,)), Part.OPTION))
    if ask.asking is Asking.DOUBTING:
        text = wording.ui("unsure_all")
        choices.append(Choice("unsure", text, text, NotSure(question.id, ask.options), Part.UNSURE))
    return choices


def _commands(ask: Ask, wording: Wording) -> list[Choice]:
    commands = [*not_meant(wording, only_new=True), command("why", Why(), wording)]
    if ask.choose is Choose.ANY and ask.ticked:
        commands.insert(0, command("done", Done(ask.question), wording))
    if ask.done or ask.ticked or ask.asking is not Asking.FIRST or ask.changing:
        commands.append(command("back", Back(), wording))
    if ask.done and not ask.changing:
        commands.append(command("change", Change(), wording))
    return [*commands, command("stop", Stop(), wording)]
