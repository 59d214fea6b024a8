"""The engine: two verbs, `start` and `resume`, and nothing that sends, waits, or knows the time.

A conversation is a list of inputs. An event edits that list (an answer is added, *back* takes the last one away,
*change* reopens one, staleness removes danger answers) and the list is replayed; the effects are read off the
state before and the state after. Everything that shapes a conversation's course is in `replay` and here. Ends:

- an emergency holds: the next effect is its seek-care message and nothing more is asked;
- typed words may speak of a danger: it is asked about with *yes* or *no* before anything else, also after the end;
- every question is answered or skipped: the review card of denied dangers, then the result;
- the person stops; the check can be continued.

An event that does not fit where the person stands is rejected: the session stays as it was.
"""

from __future__ import annotations

from dataclasses import replace

from bot.flow import causes, triage
from bot.flow.edit import apply, changeable, without_danger, without_stale
from bot.flow.events import (
    Ask,
    Change,
    ChangeList,
    CheckBack,
    Cleared,
    Confirming,
    Continue,
    Effect,
    Event,
    Explain,
    Finish,
    Guess,
    Hear,
    Note,
    Reject,
    Review,
    Say,
    Stop,
    Topic,
    Turn,
    Why,
    Wonder,
)
from bot.flow.model import Audience, Flow, Level
from bot.flow.outcome import Outcome
from bot.flow.refused import RefusedError
from bot.flow.replay import Stage, State, replay
from bot.flow.session import EXPIRED_AFTER, Changing, Doubted, Input, Session, Ticked
from bot.flow.words import heard

_SHARE_OF_OPEN = 0.5
"""Share of the cards with an open condition that are counted as still to come."""


def start(flow: Flow, session_id: str, language: str, at: int) -> Turn:
    """Begin a check. ``at``: seconds since the epoch."""
    session = Session(id=session_id, flow=flow.id, version=flow.version, language=language, started=at)
    return Turn(session, _standing(flow, replay(flow, ())))


def resume(flow: Flow, session: Session, event: Event, at: int) -> Turn:
    """Apply one event. ``at``: when it happened, seconds since the epoch.

    An event that is not possible here returns the unchanged session with a `Reject` and the current card. After
    seven days without input the check starts anew, with what is heard now; danger answers older than twelve hours are
    asked again; under an edited flow, answers that no longer exist are dropped and named.
    """
    if abs(at - session.touched) > EXPIRED_AFTER:
        return _anew(flow, session, event, at)
    before = replay(flow, session.inputs)
    if isinstance(event, Why | Change) and (shown := _look(before, event)) is not None:
        return Turn(session, shown)
    try:
        edited = apply(flow, before, event, at)
    except RefusedError as refused:
        if before.stage is not Stage.STOPPED and without_stale(flow, session.inputs, at)[1]:
            return resume(flow, session, Continue(), at)  # no result is shown again on answers that are too old
        return Turn(
            session, (Reject(refused.reason), *_advised(flow, session.inputs, before), *_standing(flow, before))
        )
    edited_flow = session.version != flow.version
    asked_again: tuple[str, ...] = ()
    if edited_flow:
        # A danger sign that the edit added was never shown: no earlier answer may deny it.
        edited, asked_again = without_danger(flow, edited, at)
    elif not isinstance(event, Stop):
        edited, asked_again = without_stale(flow, edited, at)
    after = replay(flow, edited)
    effects: list[Effect] = []
    if edited_flow:
        effects.append(Say(Topic.UPDATED, tuple(dict.fromkeys((*before.dropped, *asked_again)))))
    elif asked_again:
        effects.append(Say(Topic.STALE, asked_again))
    effects += _changed(flow, session, before, after, None if asked_again else event)
    if after.stage is Stage.STOPPED:
        effects.append(_stopped(flow, after.kept, after))
    else:
        effects += _advised(flow, after.kept, after)
    effects += _standing(flow, after)
    moved = session.with_inputs(after.kept)
    return Turn(replace(moved, version=flow.version), tuple(effects))


def _anew(flow: Flow, session: Session, event: Event, at: int) -> Turn:
    """Begin again in place of a check that is too old. What is heard in that moment counts."""
    begun = start(flow, session.id, session.language, at)
    turn = Turn(replace(begun.session, turn=session.turn + 1), begun.effects)
    if isinstance(event, Hear | Wonder | Note):
        heard_then = resume(flow, turn.session, event, at)
        turn = heard_then if heard_then.session != turn.session else turn
    former = _warning(flow, _without_change(flow, session.inputs, replay(flow, session.inputs)), None)
    return Turn(turn.session, (Say(Topic.EXPIRED), *former, *turn.effects))


def outcome_of(flow: Flow, session: Session) -> Outcome | None:
    """The outcome of a finished check, or `None` while it is not finished."""
    state = replay(flow, session.inputs)
    return _outcome(flow, state) if state.stage is Stage.FINISHED else None


def standing(flow: Flow, session: Session) -> tuple[Effect, ...]:
    """What to show for a session as it is, for instance after a restart; changes nothing."""
    state = replay(flow, session.inputs)
    if state.stage is Stage.STOPPED:
        return (_stopped(flow, session.inputs, state),)
    return (*_advised(flow, session.inputs, state), *_standing(flow, state))


def is_stopped(flow: Flow, session: Session) -> bool:
    """Whether the person has stopped the check and not gone on yet."""
    return replay(flow, session.inputs).stage is Stage.STOPPED


def advice(flow: Flow, session: Session) -> str | None:
    """The action that the answers so far call for already, finished or not; `None` below *urgent*.

    While an answer is being changed, what held before still does.
    """
    return _action(flow, session.inputs, replay(flow, session.inputs))


def asked_back(flow: Flow, session: Session) -> Wonder | None:
    """What typed words may have meant and the person has not said yet."""
    state = replay(flow, session.inputs)
    return Wonder((state.wondering,), state.brings) if state.wondering else None


def answered(flow: Flow, session: Session) -> tuple[str, ...]:
    """The questions whose answers can be changed, in order."""
    return changeable(replay(flow, session.inputs))


def audience_of(flow: Flow, session: Session) -> Audience:
    """Whose wording to use: the first audience whose condition is true, else *me*."""
    state = replay(flow, session.inputs)
    yes, no = state.yes, state.no
    return next((name for name, when in flow.audiences.items() if when.value(yes, no)), Audience.ME)


def _look(state: State, event: Why | Change) -> tuple[Effect, ...] | None:
    """Effects of the two events that only look: *why* and the list of answers."""
    if state.stage in {Stage.CHECKING, Stage.CONFIRMING}:
        return None
    if isinstance(event, Why):
        return (Explain(state.question.id),) if state.question and state.stage is Stage.ASKING else None
    if event.question is None and changeable(state):
        return (ChangeList(changeable(state)),)
    return None


def _changed(flow: Flow, session: Session, before: State, after: State, event: Event | None) -> list[Effect]:
    """What the person is told about the event itself: notices, dropped answers, a cleared emergency.

    ``event``: with which the person changed something; `None` where time or an edited flow did.
    """
    effects: list[Effect] = []
    former = _without_change(flow, session.inputs, before)
    if not _without_change(flow, after.kept, after).emergency:
        by_hand = event is not None and not isinstance(event, Hear)
        question = _reopened(session.inputs, before, after) if by_hand else None
        effects += _warning(flow, former, question, heard=isinstance(event, Hear))
    if isinstance(event, Hear):
        effects += _said_of_words(flow, session, event, after, effects)
    lost = tuple(name for name in after.dropped if name not in before.dropped)
    if lost:
        effects.append(Say(Topic.DROPPED, lost))
    for notice in flow.notices:
        was = notice.when.value(before.yes, before.no)
        if notice.when.value(after.yes, after.no) and not was:
            effects.append(Say(Topic.NOTICE, (notice.id,)))
    return effects


def _said_of_words(flow: Flow, session: Session, event: Hear, after: State, said: list[Effect]) -> tuple[Effect, ...]:
    """What was understood while the check goes on, or that it was not meant; a result says it itself."""
    if not event.denied:
        return () if after.stage is Stage.FINISHED else (Say(Topic.HEARD, event.findings),)
    counted = tuple(name for name in heard(flow, session) if name in event.findings)
    told = any(isinstance(effect, Cleared) for effect in said)
    return () if told or not counted else (Say(Topic.UNHEARD, counted),)


def _stopped(flow: Flow, inputs: tuple[Input, ...], state: State) -> Say:
    """The person stopped: what their answers so far call for already is not kept from them."""
    action = _action(flow, inputs, state)
    return Say(Topic.STOPPED, (action,) if action else ())


def _action(flow: Flow, inputs: tuple[Input, ...], state: State) -> str | None:
    """The more pressing of what holds as it stands, and of what held before an answer was reopened."""
    states = (state, _without_change(flow, inputs, state))
    judged = [triage.judge(flow, each.yes, each.no, each.open_findings) for each in states]
    level, action, _ = max(judged, key=lambda each: each[0].rank)
    return action if level.rank >= Level.URGENT.rank else None


def _advised(flow: Flow, inputs: tuple[Input, ...], state: State) -> tuple[Effect, ...]:
    """While an answer of an emergency is being changed, its advice stands until the new answer is given."""
    if state.stage is Stage.STOPPED:
        said = _stopped(flow, inputs, state)
        return (said,) if said.names else ()
    former = _without_change(flow, inputs, state)
    if not former.emergency or state.stage is Stage.FINISHED:
        return ()
    rules = triage.judge(flow, former.yes, former.no, former.open_findings)[2]
    return (Say(Topic.WARNED, tuple(fired.rule for fired in rules)),)


def _warning(flow: Flow, former: State, question: str | None, *, heard: bool = False) -> tuple[Effect, ...]:
    """The former warning, where there was one, and the question whose changed answer, or the words, cleared it."""
    if not former.emergency:
        return ()
    rules = triage.judge(flow, former.yes, former.no, former.open_findings)[2]
    return (Cleared(tuple(fired.rule for fired in rules), question, heard),)


def _without_change(flow: Flow, inputs: tuple[Input, ...], before: State) -> State:
    """The state as it was before an answer was reopened for changing, unless the new answer is an emergency already."""
    if not before.changing or before.emergency:
        return before
    reopened = {entry.question for entry in inputs if isinstance(entry, Changing)}
    settled = tuple(
        entry
        for entry in inputs
        if not isinstance(entry, Changing) and not (isinstance(entry, Ticked | Doubted) and entry.question in reopened)
    )
    return replay(flow, settled)


def _reopened(inputs: tuple[Input, ...], before: State, after: State) -> str | None:
    """The question whose answer was changed or taken back."""
    for entry in reversed(inputs):
        if isinstance(entry, Changing):
            return entry.question
    current = after.question or before.question
    return current.id if current else None


def _standing(flow: Flow, state: State) -> tuple[Effect, ...]:
    """The card, review, or result that shows where the person stands."""
    if state.stage is Stage.FINISHED:
        return (Finish(_outcome(flow, state)),)
    if state.stage is Stage.STOPPED:
        return ()
    if state.wondering:
        return (CheckBack(state.wondering, state.brings),)
    if state.stage is Stage.CONFIRMING:
        return (Confirming(tuple(Guess(each.question, each.options, each.number) for each in state.guessed)),)
    if state.stage is Stage.REVIEW or state.question is None:
        return (Review(_denied(flow, state), done=len(state.answered)),)
    return (
        Ask(
            question=state.question.id,
            choose=state.question.choose,
            options=state.options,
            ticked=state.shown_ticks,
            asking=state.asking,
            done=len(state.answered),
            left=_left(flow, state),
            changing=state.changing,
        ),
    )


def _outcome(flow: Flow, state: State) -> Outcome:
    result = triage.outcome(flow, state.yes, state.no, state.open_findings)
    if result.level is Level.EMERGENCY:
        return result
    return replace(result, causes=causes.rank(flow, state.yes, state.no))


def _denied(flow: Flow, state: State) -> tuple[tuple[str, tuple[str, ...]], ...]:
    groups = ((name, flow.names(flow.question(name).sets & flow.danger & state.no)) for name in state.answered)
    return tuple((name, findings) for name, findings in groups if findings)


def _left(flow: Flow, state: State) -> int:
    """About how many cards are still to come, the current one included, without the review card."""
    if state.question is None:
        return 0
    expected = 1.0
    for question in flow.questions[flow.place[state.question.id] + 1 :]:
        value = question.when.value(state.yes, state.no)
        expected += 1.0 if value else (_SHARE_OF_OPEN if value is None else 0.0)
    return round(expected)
