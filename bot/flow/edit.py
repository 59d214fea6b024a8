"""What each event does to the list of inputs: the only place where a session's history changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.flow.events import (
    Accept,
    Answer,
    Asking,
    Back,
    Change,
    Confirm,
    Continue,
    Decline,
    Done,
    Event,
    Hear,
    Mark,
    Note,
    NotSure,
    Number,
    Reason,
    Stop,
    Tick,
    Understand,
    Why,
    Wonder,
)
from bot.flow.model import Choose, Flow, Question
from bot.flow.refused import RefusedError
from bot.flow.replay import Stage, State
from bot.flow.session import STALE_AFTER, Answered, Changing, Doubted, Input, Reviewed, Stopped, Ticked, about
from bot.flow.words import Inputs, by_words


def apply(flow: Flow, state: State, event: Event, at: int) -> Inputs:
    """The inputs after the event, given the state before it. Raises `RefusedError`."""
    if isinstance(event, Hear | Wonder | Note | Understand | Accept | Decline):
        return by_words(flow, state, event, at)
    if state.stage is Stage.STOPPED and not isinstance(event, Continue | Change | Back):
        raise RefusedError(Reason.STOPPED)
    if isinstance(event, Back) and state.stage is Stage.CONFIRMING:
        return by_words(flow, state, Decline(), at)
    if state.stage in {Stage.CHECKING, Stage.CONFIRMING} and not isinstance(event, Continue | Stop):
        raise RefusedError(Reason.ANSWER_FIRST)
    match event:
        case Continue():
            inputs = _without(state.kept, lambda entry: isinstance(entry, Stopped))
        case Back():
            inputs = _back(state, state.kept)
        case Change():
            inputs = _reopen(state, event, at)
        case Stop() | Confirm() | Why():
            inputs = _mark(state, event, at)
        case _:
            inputs = _card(state, event, at)
    return inputs


def without_stale(flow: Flow, inputs: Inputs, at: int) -> tuple[Inputs, tuple[str, ...]]:
    """Drop the danger answers once one of them is older than twelve hours; returns what was dropped.

    Answers given at this very moment stay. A time that far ahead means that a clock was wrong: nothing is known of
    its age, so it counts as old.
    """
    return without_danger(flow, inputs, at, only_when_stale=True)


def without_danger(
    flow: Flow, inputs: Inputs, at: int, *, only_when_stale: bool = False
) -> tuple[Inputs, tuple[str, ...]]:
    """Drop the danger answers given before ``at``, and the review that rested on them; returns what was dropped."""
    danger = flow.danger_questions
    dated = [entry for entry in inputs if isinstance(entry, Answered | Ticked | Doubted) and entry.question in danger]
    if only_when_stale and all(abs(at - entry.at) <= STALE_AFTER for entry in dated):
        return inputs, ()
    old = [entry for entry in dated if entry.at != at]
    dropped = tuple(dict.fromkeys(entry.question for entry in old if isinstance(entry, Answered | Ticked)))
    return _without(inputs, lambda entry: entry in old or isinstance(entry, Reviewed)), dropped


def _mark(state: State, event: Stop | Confirm | Why, at: int) -> Inputs:
    """Stop where one can stop, confirm where there is something to confirm; *why* changes nothing anywhere."""
    if isinstance(event, Stop):
        if state.stage is Stage.FINISHED:
            raise RefusedError(Reason.FINISHED)
        if state.question is None and any(isinstance(entry, Reviewed) for entry in state.kept):
            raise RefusedError(Reason.ANSWER_FIRST)  # words are asked about after the end: there is nothing to stop
        return (*state.kept, Stopped(at))
    if isinstance(event, Why) or state.stage is not Stage.REVIEW:
        raise RefusedError(Reason.NOT_CURRENT)
    return (*state.kept, Reviewed(at))


def _card(state: State, event: Answer | Tick | Mark | Done | NotSure | Number, at: int) -> Inputs:
    """An answer, or part of one, to the current card."""
    question = state.question
    if state.stage is Stage.FINISHED:
        raise RefusedError(Reason.FINISHED)
    if state.stage is not Stage.ASKING or question is None or question.id != event.question:
        raise RefusedError(Reason.NOT_CURRENT)
    match event:
        case Tick():
            return _tick(state, question, event, at)
        case Mark():
            return _tick_more(state, question, event, at)
        case Number():
            return _settle(state, question, _number(question, event.value, at))
        case NotSure():
            return _not_sure(state, question, event.options, at)
        case Done():
            return _done(state, question, at)
        case Answer():
            return _answer(state, question, event.options, at)


def _tick(state: State, question: Question, event: Tick, at: int) -> Inputs:
    if question.choose is not Choose.ANY or event.option not in _choices(state, question):
        raise RefusedError(Reason.NO_SUCH_OPTION)
    return (*state.kept, Ticked(question.id, event.option, at))


def _tick_more(state: State, question: Question, event: Mark, at: int) -> Inputs:
    options = tuple(dict.fromkeys(event.options))
    if question.choose is not Choose.ANY or any(name not in _choices(state, question) for name in options):
        raise RefusedError(Reason.NO_SUCH_OPTION)
    if not options:
        raise RefusedError(Reason.NOTHING_CHOSEN)
    return (*state.kept, *(Ticked(question.id, name, at) for name in options if name not in state.shown_ticks))


def _done(state: State, question: Question, at: int) -> Inputs:
    if question.choose is not Choose.ANY:
        raise RefusedError(Reason.NOT_CURRENT)
    return _chosen(state, question, state.shown_ticks, at)


def _answer(state: State, question: Question, options: tuple[str, ...], at: int) -> Inputs:
    """The options given now, together with the ticks that were there already."""
    return _chosen(state, question, (*state.shown_ticks, *options), at)


def _chosen(state: State, question: Question, options: tuple[str, ...], at: int) -> Inputs:
    """A complete answer by options: check it, then settle the card."""
    options = tuple(dict.fromkeys(options))
    if not options:
        raise RefusedError(Reason.NOTHING_CHOSEN)
    if any(name not in state.options for name in options):
        raise RefusedError(Reason.NO_SUCH_OPTION)
    special = [name for name in options if question.by_id[name].rest or question.by_id[name].unsure]
    if special and len(options) > 1:
        return _ticked_and_unsure(state, question, options, at)
    if question.choose is not Choose.ANY and len(options) > 1:
        raise RefusedError(Reason.ONE_ONLY)
    if special and question.by_id[special[0]].unsure:
        return _not_sure(state, question, (), at)
    if state.asking is Asking.DOUBTING:
        return _settle(state, question, Answered(question.id, state.ticked, at, unsure=options))
    chosen = () if special else options
    return _settle(state, question, Answered(question.id, chosen, at))


def _ticked_and_unsure(state: State, question: Question, options: tuple[str, ...], at: int) -> Inputs:
    """Some options together with *not sure*: those are ticked, and the person marks which others they doubt."""
    unsure = question.unsure.id if question.unsure else None
    sure = tuple(name for name in options if name != unsure)
    possible = question.choose is Choose.ANY and state.asking is not Asking.DOUBTING and len(sure) < len(options)
    if not possible or any(question.by_id[name].rest for name in sure):
        raise RefusedError(Reason.NONE_EXCLUDES)
    if state.asking is Asking.AGAIN:
        open_ones = tuple(name for name in _choices(state, question) if name not in sure)
        return _settle(state, question, Answered(question.id, sure, at, unsure=open_ones))
    new = tuple(Ticked(question.id, name, at) for name in sure if name not in state.ticked)
    return (*state.kept, *new, Doubted(question.id, at))


def _not_sure(state: State, question: Question, options: tuple[str, ...], at: int) -> Inputs:
    if question.unsure is None:
        raise RefusedError(Reason.CANNOT_DOUBT)
    choices = _choices(state, question)
    if any(name not in choices for name in options):
        raise RefusedError(Reason.NO_SUCH_OPTION)
    if question.choose is not Choose.ANY:
        return _settle(state, question, Answered(question.id, (), at, unsure=_ids(question)))
    untouched = tuple(name for name in choices if name not in state.ticked)
    unsure = tuple(name for name in choices if name in options)
    if not untouched:
        raise RefusedError(Reason.NOTHING_CHOSEN)
    if not unsure and state.asking is Asking.FIRST and len(untouched) > 1:
        return (*state.kept, Doubted(question.id, at))
    ticked = tuple(name for name in state.ticked if name not in unsure)
    return _settle(state, question, Answered(question.id, ticked, at, unsure=unsure or untouched))


def _number(question: Question, value: int, at: int) -> Answered:
    if question.choose is not Choose.NUMBER:
        raise RefusedError(Reason.NO_SUCH_OPTION)
    if not question.smallest <= value <= question.largest:
        raise RefusedError(Reason.OUT_OF_RANGE)
    return Answered(question.id, (), at, number=value)


def _settle(state: State, question: Question, answer: Answered) -> Inputs:
    """Close the current card: its ticks become one answer, and what the answer replaces goes."""
    replaced: tuple[type[Input], ...] = (Ticked, Doubted, Changing)
    if state.asking is not Asking.AGAIN:
        replaced = (*replaced, Answered)
    kept = _without(
        state.kept,
        lambda entry: isinstance(entry, Reviewed) or (isinstance(entry, replaced) and about(entry) == question.id),
    )
    return (*kept, answer)


def _choices(state: State, question: Question) -> tuple[str, ...]:
    special = {option.id for option in (question.none, question.unsure) if option}
    return tuple(name for name in state.options if name not in special)


def _ids(question: Question) -> tuple[str, ...]:
    return tuple(option.id for option in question.choices)


def _back(state: State, inputs: Inputs) -> Inputs:
    """Take back, in this order: a stop, a half-done change, the last tick, the last answer."""
    if state.stage is Stage.STOPPED:
        return _without(inputs, lambda entry: isinstance(entry, Stopped))
    if state.changing:
        return _without(inputs, lambda entry: _half_done(entry, state))
    open_card = state.question.id if state.question else None
    for place in reversed(range(len(inputs))):
        entry = inputs[place]
        if isinstance(entry, Ticked | Doubted) and entry.question == open_card:
            return (*inputs[:place], *inputs[place + 1 :])
    if state.asking is Asking.AGAIN and state.question is not None:
        return _reopened(inputs, state.question.id)
    if not state.answered:
        raise RefusedError(Reason.NOTHING_BEFORE)
    return _reopened(inputs, state.answered[-1], open_card)


def _half_done(entry: Input, state: State) -> bool:
    if isinstance(entry, Changing):
        return True
    current = state.question.id if state.question else None
    return isinstance(entry, Ticked | Doubted) and entry.question == current


def _reopened(inputs: Inputs, question_id: str, open_card: str | None = None) -> Inputs:
    """The inputs without the answers to one question; the review and the ticks of the two cards go as well.

    Ticks of a card that is still to come are from a first message that was confirmed; they stay.
    """
    return _without(
        inputs,
        lambda entry: (
            isinstance(entry, Reviewed)
            or (isinstance(entry, Ticked | Doubted) and entry.question in {question_id, open_card})
            or (isinstance(entry, Answered) and entry.question == question_id)
        ),
    )


def _reopen(state: State, event: Change, at: int) -> Inputs:
    if event.question is None or event.question not in changeable(state):
        raise RefusedError(Reason.NOT_ANSWERED)
    if event.question not in state.answered:  # the open card ended the talk: its ticks go, and its first answer
        return _without(
            state.kept,
            lambda entry: (
                isinstance(entry, Changing)
                or (isinstance(entry, Ticked | Doubted | Answered) and entry.question == event.question)
            ),
        )
    # The ticks of the open card stay: one of them may be the danger that ended the talk. Where that card was reopened
    # itself, they count, and its former answer does not any more.
    begun = state.ticked or state.marked or state.asking is Asking.DOUBTING
    half_done = state.question.id if state.question and state.changing and begun else None
    kept = _without(
        state.kept,
        lambda entry: (
            isinstance(entry, Reviewed | Changing | Stopped)
            or (isinstance(entry, Ticked | Doubted) and entry.question == event.question)
            or (isinstance(entry, Answered) and entry.question == half_done)
        ),
    )
    return (*kept, Changing(event.question, at))


def changeable(state: State) -> tuple[str, ...]:
    """The questions whose answers can be changed: those that count, and an open card that ended the talk.

    It did by a tick, or by its first answer while some doubt about it is still open.
    """
    open_card = state.question if state.stage is Stage.FINISHED else None
    current = open_card.id if open_card and (state.ticked or state.asking is Asking.AGAIN) else None
    return (*state.answered, current) if current else tuple(state.answered)


def _without(inputs: Iterable[Input], unwanted: Callable[[Input], bool]) -> Inputs:
    return tuple(entry for entry in inputs if not unwanted(entry))
