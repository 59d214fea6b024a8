"""What typed words do to the list of inputs.

Words in passing only escalate. They state danger signs, never deny one; what could calm is believed only as the answer
to its question, or once the person has confirmed it. Even then no question about a danger sign is answered by it: at
most its boxes are ticked beforehand, and the card is asked.
"""

from __future__ import annotations

from dataclasses import replace

from bot.flow.events import Accept, Decline, Guess, Hear, Note, Reason, Understand, Wonder
from bot.flow.fitting import answer_to, fits
from bot.flow.model import Choose, Flow
from bot.flow.refused import RefusedError
from bot.flow.replay import Stage, State, replay
from bot.flow.session import STALE_AFTER, Guessed, Heard, Input, Noted, Session, Ticked, Wondered

Inputs = tuple[Input, ...]


def by_words(flow: Flow, state: State, event: Hear | Wonder | Note | Understand | Accept | Decline, at: int) -> Inputs:
    """The inputs after the event. Raises `RefusedError`."""
    match event:
        case Hear():
            return _added(state.kept, [Heard(name, at, event.denied) for name in _heard(flow, event.findings)])
        case Wonder():
            brings = _heard(flow, event.brings) if event.brings else ()
            return _added(state.kept, [Wondered(name, at, brings) for name in _heard(flow, event.findings)])
        case Note():
            return _added(state.kept, [Noted(name, at) for name in _heard(flow, event.findings)])
        case Understand():
            return (*state.kept, *_guessed(flow, state, event.guesses, at))
        case Accept() | Decline():
            if state.stage is not Stage.CONFIRMING:
                raise RefusedError(Reason.NOT_CURRENT)
            left = tuple(entry for entry in state.kept if not isinstance(entry, Guessed))
            return (*left, *_accepted(flow, state.guessed, at)) if isinstance(event, Accept) else left


def _added(inputs: Inputs, new: list[Heard] | list[Wondered] | list[Noted]) -> Inputs:
    """The inputs with these; what only repeats the last that was said of the same finding takes its place."""
    last = {entry.finding: entry for entry in inputs if isinstance(entry, Heard | Wondered | Noted)}
    repeated = {
        id(before)
        for each in new
        if (before := last.get(each.finding)) is not None and replace(before, at=each.at) == each
    }
    return (*(entry for entry in inputs if id(entry) not in repeated), *new)


def last_heard(flow: Flow, session: Session) -> tuple[str, ...]:
    """Those of the findings that were heard which came last: what one message told, and one tap takes back."""
    found = heard(flow, session)
    at = {entry.finding: entry.at for entry in session.inputs if isinstance(entry, Heard) and not entry.denied}
    latest = max((at[name] for name in found), default=0)
    return tuple(name for name in found if at[name] == latest)


def noted(flow: Flow, session: Session, at: int) -> tuple[str, ...]:
    """The findings that words spoke of lately and that count together with what follows."""
    last = {entry.finding: entry for entry in session.inputs if isinstance(entry, Heard | Noted)}
    return tuple(
        name
        for name in flow.findings
        if isinstance(entry := last.get(name), Noted) and abs(at - entry.at) <= STALE_AFTER
    )


def heard(flow: Flow, session: Session) -> tuple[str, ...]:
    """The findings that stand only because typed words were understood so, in the flow's order."""
    told = replay(flow, tuple(entry for entry in session.inputs if not isinstance(entry, Heard))).yes
    last = {entry.finding: entry.denied for entry in session.inputs if isinstance(entry, Heard)}
    return tuple(name for name in flow.findings if last.get(name) is False and not flow.bits[name] & told)


def just_heard(flow: Flow, session: Session) -> tuple[str, ...]:
    """Those of them that the last thing the person did told."""
    new = {entry.finding for entry in session.inputs if isinstance(entry, Heard) and entry.at == session.touched}
    return tuple(name for name in heard(flow, session) if name in new)


def _heard(flow: Flow, findings: tuple[str, ...]) -> tuple[str, ...]:
    """The findings, each once; refused unless all of them may be taken from words in passing."""
    if not findings or not all(flow.bits.get(name, 0) & (flow.danger | flow.heard) for name in findings):
        raise RefusedError(Reason.NO_SUCH_OPTION)
    return tuple(dict.fromkeys(findings))


def _guessed(flow: Flow, state: State, guesses: tuple[Guess, ...], at: int) -> Inputs:
    """What of a first message the flow has questions for, in the flow's order: one guess for each."""
    begun = any(not isinstance(entry, Heard | Wondered | Noted) for entry in state.kept)
    if begun or state.stage not in {Stage.ASKING, Stage.CHECKING}:
        raise RefusedError(Reason.NOT_CURRENT)
    told = {
        each.question: Guessed(each.question, tuple(dict.fromkeys(each.options)), at, each.number) for each in guesses
    }
    fitting = tuple(
        told[question.id]
        for question in flow.questions
        if question.id in told and fits(question, answer_to(told[question.id])) and _says_something(told[question.id])
    )
    if not fitting:
        raise RefusedError(Reason.NOTHING_CHOSEN)
    return fitting


def _says_something(guess: Guessed) -> bool:
    return bool(guess.options) or guess.number is not None


def _accepted(flow: Flow, guesses: tuple[Guessed, ...], at: int) -> Inputs:
    """Answers to what asks for no danger; boxes ticked beforehand where the card asks for some; else nothing."""
    accepted: list[Input] = []
    for guess in guesses:
        question = flow.question(guess.question)
        if question.id not in flow.danger_questions:
            accepted.append(answer_to(Guessed(guess.question, guess.options, at, guess.number)))
        elif question.choose is Choose.ANY:
            accepted += [Ticked(question.id, name, at) for name in guess.options]
    return tuple(accepted)
