"""Every standing that any events can bring about in tiny flows, and every event from each of them, without a limit.

The proof is about answers; *back*, *change*, stopping, words in passing, time and an edited flow are the engine's own,
the same for every flow. Two sessions count as one standing when all that a replay reads is the same; of time that is
whether a danger answer is older than twelve hours.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from bot.flow.engine import resume, start
from bot.flow.events import (
    Accept,
    Answer,
    Ask,
    Back,
    Change,
    Cleared,
    Confirm,
    Continue,
    Decline,
    Done,
    Event,
    Finish,
    Guess,
    Hear,
    Mark,
    NotSure,
    Number,
    Reject,
    Say,
    Stop,
    Tick,
    Topic,
    Turn,
    Understand,
    Why,
    Wonder,
)
from bot.flow.model import Choose, Flow, Level, Question
from bot.flow.replay import Stage, State, replay
from bot.flow.session import (
    EXPIRED_AFTER,
    STALE_AFTER,
    Answered,
    Changing,
    Doubted,
    Guessed,
    Heard,
    Input,
    Reviewed,
    Session,
    Stopped,
    Ticked,
    Wondered,
    about,
)
from tests.tiny_flows import ANY, EMERGENCY, NUMBER, ONE, SOON, URGENT, Card, tiny

NOW = 10_000_000
OLD = NOW - STALE_AFTER - 1
PAUSES = (5, STALE_AFTER + 5)

SIGNS = tiny(
    "signs",
    "d_saddle d_bladder c_old",
    [
        Card("signs", ANY, {"saddle": "d_saddle", "bladder": "d_bladder"}),
        Card("since", ONE, {"old": "c_old", "new": ""}, when="d_bladder", unsure=False),
    ],
    {"saddle": (EMERGENCY, EMERGENCY, "d_saddle"), "bladder": (EMERGENCY, URGENT, "d_bladder and not c_old")},
)
"""An emergency at a tick, and one that two cards make together."""

WORDS = tiny(
    "words",
    "d_weak c_young h_collapse",
    [
        Card("weak", ONE, {"weak": "d_weak", "fine": ""}),
        Card("age", NUMBER, {"young": "c_young", "grown": ""}, unsure=False,
             bands={"young": (None, 16), "grown": (16, None)}),
    ],
    {
        "collapse": (EMERGENCY, EMERGENCY, "h_collapse"),
        "weak_child": (EMERGENCY, URGENT, "d_weak and c_young"),
        "weak": (SOON, None, "d_weak"),
    },
)  # fmt: skip
"""Words in passing, a danger that is heard as well as asked, and a number."""

LATE = tiny(
    "late",
    "c_pull d_cold d_numb",
    [
        Card("pull", ONE, {"pull": "c_pull", "none_of_it": ""}, unsure=False),
        Card("cold", ANY, {"cold": "d_cold"}, when="not c_pull", skipped_means_no=True),
        Card("numb", ONE, {"numb": "d_numb", "fine": ""}, when="c_pull or d_cold"),
    ],
    {"both": (EMERGENCY, EMERGENCY, "d_cold and d_numb"), "pulled": (URGENT, URGENT, "c_pull and d_numb")},
)
"""Cards that come and go with an earlier answer."""


_KNOWN: dict[tuple[str, tuple[Input, ...]], State] = {}


def stand(flow: Flow, inputs: tuple[Input, ...]) -> State:
    """Where a person stands after these inputs; worked out once."""
    key = (flow.id, inputs)
    if key not in _KNOWN:
        _KNOWN[key] = replay(flow, inputs)
    return _KNOWN[key]


# --- standings ------------------------------------------------------------------------------------------------------


def _at(flow: Flow, entry: Input, now: int) -> int:
    """Of time only this counts: whether a danger answer has grown old."""
    dated = isinstance(entry, Answered | Ticked | Doubted) and entry.question in flow.danger_questions
    return OLD if dated and abs(now - entry.at) > STALE_AFTER else NOW


def _plainly(question: Question, entry: Answered) -> Answered:
    """A number is any of its band, and in which order options are chosen does not matter."""
    order = [option.id for option in question.options]
    chosen, unsure = (tuple(sorted(names, key=order.index)) for names in (entry.chosen, entry.unsure))
    number = entry.number
    if number is not None:
        band = next(option for option in question.choices if option.holds(number))
        number = question.smallest if band.lowest is None else band.lowest
    return replace(entry, chosen=chosen, unsure=unsure, number=number)


def standing_of(flow: Flow, session: Session, now: int) -> Session:
    """The same standing in its simplest form: what was taken back leaves no trace, and it is always the same hour."""
    entries = [replace(entry, at=_at(flow, entry, now)) for entry in session.inputs]
    marks: dict[type[Input], Input] = {}
    ticks: dict[str, list[Input]] = {}
    words: dict[str, Heard] = {}
    wondered: dict[str, Wondered] = {}
    guessed: list[Guessed] = []
    settled: list[Input] = []
    for entry in entries:
        match entry:
            case Heard():
                words[entry.finding] = entry
                wondered.pop(entry.finding, None)
            case Wondered():
                wondered[entry.finding] = entry
            case Guessed():
                guessed.append(_plain_guess(flow, entry))
            case Reviewed() | Stopped() | Changing():
                marks[type(entry)] = entry
            case Answered():
                settled.append(_plainly(flow.question(entry.question), entry))
            case Ticked() | Doubted():
                _toggle(ticks.setdefault(entry.question, []), entry)
    settled.sort(key=lambda entry: flow.place[about(entry) or ""])
    half_done = [entry for question in flow.questions for entry in ticks.get(question.id, ())]
    heard = [words[name] for name in sorted(words) if not words[name].denied]
    inputs = (
        *heard,
        *wondered.values(),
        *guessed,
        *settled,
        *half_done,
        *(marks[kind] for kind in sorted(marks, key=str)),
    )
    simple = replace(session, inputs=inputs, turn=0, started=NOW)
    before, after = stand(flow, session.inputs), stand(flow, inputs)
    assert _shown(before) == _shown(after), (session, simple)
    return simple


def _plain_guess(flow: Flow, entry: Guessed) -> Guessed:
    plain = _plainly(flow.question(entry.question), Answered(entry.question, entry.options, entry.at, (), entry.number))
    return replace(entry, number=plain.number)


def _toggle(ticks: list[Input], entry: Input) -> None:
    """A tick taken off again is none; a *not sure* divides ticks from marks."""
    since = max((at for at, other in enumerate(ticks) if isinstance(other, Doubted)), default=0)
    same = [other for other in ticks[since:] if isinstance(entry, Ticked) and _option(other) == entry.option]
    if same:
        ticks.remove(same[0])
    elif isinstance(entry, Ticked) or not any(isinstance(other, Doubted) for other in ticks):
        ticks.append(entry)


def _option(entry: Input) -> str | None:
    return entry.option if isinstance(entry, Ticked) else None


def _shown(state: State) -> tuple[object, ...]:
    return (
        state.yes, state.no, state.stage, state.question, state.asking, state.options, state.ticked, state.marked,
        state.answered, state.changing, state.emergency, state.wondering,
        tuple((each.question, each.options) for each in state.guessed),
    )  # fmt: skip


def _subsets(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for mask in range(1 << len(names)):
        yield tuple(name for place, name in enumerate(names) if mask >> place & 1)


def _events(flow: Flow, heard: tuple[str, ...], card: Question | None) -> Iterator[Event]:
    """Everything that anybody can do; to cards that are not open one answer, which is refused like every other."""
    yield from (Back(), Change(), Confirm(), Continue(), Stop(), Why())
    for question in flow.questions:
        yield Change(question.id)
        if question is not card:
            yield Answer(question.id, (question.options[0].id,))
    for name in heard:
        yield from (Hear((name,)), Hear((name,), denied=True), Wonder((name,)))
    yield from (Accept(), Decline())
    yield from (Understand((guess,)) for guess in _guesses(flow))
    if card is not None:
        yield from _answers(card)


def _guesses(flow: Flow) -> Iterator[Guess]:
    for question in flow.questions:
        number = question.choose is Choose.NUMBER
        yield Guess(question.id, () if number else (question.choices[0].id,), question.smallest if number else None)


def _answers(card: Question) -> Iterator[Event]:
    """Every button of a card, in every way, and what none of its buttons says."""
    yield NotSure(card.id)
    every = tuple(option.id for option in card.options)
    choices = tuple(option.id for option in card.choices)
    if card.choose is not Choose.ANY:
        yield from (Answer(card.id, (name,)) for name in every)
    else:
        yield Done(card.id)
        yield from (Tick(card.id, name) for name in choices)
        yield Mark(card.id, choices)
        yield from (NotSure(card.id, names) for names in _subsets(choices) if names)
        yield from (Answer(card.id, names) for names in _subsets(every) if names)
    if card.choose is Choose.NUMBER:
        yield from (Number(card.id, option.lowest or card.smallest) for option in card.choices)
        yield Number(card.id, card.largest + 1)


# --- what has to hold -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Move:
    """One event from one standing. ``edited``: the flow was edited since."""

    flow: Flow
    before: Session
    event: Event
    at: int
    after: Turn
    edited: bool

    @property
    def looks_only(self) -> bool:
        """Whether the event only asks why, or what can be changed, or was refused."""
        return self.after.session == self.before

    @property
    def last(self) -> object:
        """What is shown in the end."""
        return self.after.effects[-1] if self.after.effects else None


def _held(flow: Flow, inputs: tuple[Input, ...]) -> frozenset[str]:
    """The emergency rules that are true, as it stands or as it stood before an answer was reopened."""
    reopened = {entry.question for entry in inputs if isinstance(entry, Changing)}
    former = tuple(
        entry
        for entry in inputs
        if not isinstance(entry, Changing) and not (isinstance(entry, Ticked | Doubted) and about(entry) in reopened)
    )
    now = _true(flow, inputs)
    return now or _true(flow, former)


def _true(flow: Flow, inputs: tuple[Input, ...]) -> frozenset[str]:
    state = stand(flow, inputs)
    open_findings = state.open_findings
    held = set()
    for rule in flow.emergencies:
        value = rule.when.value(state.yes, state.no)
        for_good = not rule.when.reads & ~(state.yes | state.no) & open_findings
        if value or (value is None and for_good and rule.unsure is Level.EMERGENCY):
            held.add(rule.id)
    return frozenset(held)


def _says_emergency(move: Move) -> bool:
    return isinstance(move.last, Finish) and move.last.outcome.level is Level.EMERGENCY


def check_refusal(move: Move) -> None:
    """A refusal changes nothing, and shows where the person stands."""
    if any(isinstance(effect, Reject) for effect in move.after.effects):
        assert move.looks_only
        assert isinstance(move.after.effects[0], Reject)


def check_s1(move: Move) -> None:
    """An emergency is all that is shown; while an answer of it is being changed, or the check is stopped, it stands."""
    inputs = move.after.session.inputs
    if _true(move.flow, inputs):
        assert _says_emergency(move)
        assert not any(isinstance(effect, Ask) for effect in move.after.effects)
    elif rules := _held(move.flow, inputs):
        warned = [effect for effect in move.after.effects if isinstance(effect, Say)]
        assert any(
            (effect.topic is Topic.WARNED and rules <= set(effect.names))
            or (effect.topic is Topic.STOPPED and set(effect.names) & move.flow.emergency_actions)
            for effect in warned
        )


def check_s4(move: Move) -> None:
    """A doubt on which a pressing rule still hangs at the end was asked about twice."""
    state = stand(move.flow, move.after.session.inputs)
    if state.question is not None:
        return
    undecided = [reads for rule, reads in move.flow.pressing if rule.when.value(state.yes, state.no) is None]
    for name in state.answered:
        answers = [entry for entry in state.kept if isinstance(entry, Answered) and entry.question == name]
        doubted = 0
        for option in move.flow.question(name).choices:
            doubted |= option.sets if option.id in answers[-1].unsure else 0
        open_still = doubted & ~(state.yes | state.no)
        assert len(answers) == 2 or not any(reads & open_still for reads in undecided)


def check_s10(move: Move) -> None:
    """An emergency that is gone was told by name."""
    before = _held(move.flow, move.before.inputs)
    if before and not _held(move.flow, move.after.session.inputs):
        told = {rule for effect in move.after.effects if isinstance(effect, Cleared) for rule in effect.rules}
        assert before <= told


def check_s12(move: Move) -> None:
    """Whatever counts after an event, no danger answer of it is older than twelve hours; a result least of all."""
    shown = any(isinstance(effect, Finish) for effect in move.after.effects)
    if not shown and (move.looks_only or isinstance(move.event, Stop)):
        return
    dated = [
        entry
        for entry in move.after.session.inputs
        if isinstance(entry, Answered | Ticked) and entry.question in move.flow.danger_questions
    ]
    assert all(move.at - entry.at <= STALE_AFTER for entry in dated)
    if move.edited:
        assert all(entry.at == move.at for entry in dated)


CHECKS = (check_s1, check_s4, check_s10, check_s12)


def _moves(flow: Flow, standing: Session, heard: tuple[str, ...]) -> Iterator[Move]:
    """Every event now and after half a day; one after a week; and some under an edited flow."""
    state = stand(flow, standing.inputs)
    for event in _events(flow, heard, state.question if state.stage is Stage.ASKING else None):
        for pause in PAUSES:
            move = Move(flow, standing, event, NOW + pause, resume(flow, standing, event, NOW + pause), edited=False)
            yield move
            if move.looks_only:
                break  # what is refused now is refused later
    week = NOW + EXPIRED_AFTER + 5
    yield Move(flow, standing, Continue(), week, resume(flow, standing, Continue(), week), edited=False)
    edited = replace(standing, version="0")
    edited_events: tuple[Event, ...] = (Back(), Continue(), Change(flow.questions[0].id))
    for event in edited_events:
        yield Move(flow, edited, event, NOW + 5, resume(flow, edited, event, NOW + 5), edited=True)


@pytest.mark.parametrize(
    ("flow", "heard", "least"),
    [(SIGNS, ("d_bladder",), 500), (WORDS, ("h_collapse", "d_weak"), 500), (LATE, ("d_cold",), 500)],
    ids=["signs", "words", "late"],
)
def test_every_standing_and_every_event(
    flow: Flow, heard: tuple[str, ...], least: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """From every reachable standing every event keeps S1, S4, S10 and S12, and a refusal changes nothing."""
    first = standing_of(flow, start(flow, "s", "en", NOW).session, NOW)
    known, waiting = {first}, deque([first])
    moves = 0
    stages = set()
    while waiting:
        standing = waiting.popleft()
        stages.add(stand(flow, standing.inputs).stage)
        refused = False
        for move in _moves(flow, standing, heard):
            moves += 1
            check_refusal(move)
            if move.looks_only and (refused or not isinstance(move.after.effects[0], Reject)):
                continue  # one refusal shows what all of them do
            refused = refused or move.looks_only
            for check in CHECKS:
                check(move)
            reached = replace(standing_of(flow, move.after.session, move.at), version=flow.version)
            if reached not in known:
                known.add(reached)
                waiting.append(reached)
    with capsys.disabled():
        sys.stdout.write(f" {flow.id}: {len(known)} standings, {moves} events ")
    assert len(known) >= least
    assert stages == set(Stage)
