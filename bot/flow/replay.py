"""Replay: from a session's inputs to where the person stands.

The questions are walked once, in order. A question whose condition is false is skipped; one without an answer is
the current card, and nothing after it counts yet. Facts only ever grow from unknown to yes or no along the walk, so
a condition that is decided stays decided, and an emergency can be judged once, at the end of the walk.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from bot.flow import triage
from bot.flow.events import Asking
from bot.flow.fitting import known
from bot.flow.model import Choose, Flow, Level, Question
from bot.flow.session import (
    Answered,
    Changing,
    Doubted,
    Guessed,
    Heard,
    Input,
    Noted,
    Reviewed,
    Stopped,
    Ticked,
    Wondered,
    about,
)


class Stage(StrEnum):
    """Where a conversation stands."""

    ASKING = "asking"
    CHECKING = "checking"
    CONFIRMING = "confirming"
    REVIEW = "review"
    FINISHED = "finished"
    STOPPED = "stopped"


@dataclass(slots=True)
class State:
    """Where a person stands, derived from the inputs alone.

    ``yes``, ``no``: masks of findings. ``answered``: the questions that count, in flow order. ``dropped``: questions
    whose answers no longer apply; ``kept``: the inputs without those. ``open_findings``: what is still to be asked.
    ``ticked`` holds the ticks of the current card; while ``asking`` is *doubting* ``marked`` holds what is unsure.
    ``wondering``: the finding that typed words may speak of and that is asked about first, with what it ``brings``;
    ``guessed``: what a first message was understood to say, not confirmed yet.
    """

    yes: int = 0
    no: int = 0
    stage: Stage = Stage.ASKING
    question: Question | None = None
    asking: Asking = Asking.FIRST
    options: tuple[str, ...] = ()
    ticked: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()
    answered: list[str] = field(default_factory=list)
    dropped: tuple[str, ...] = ()
    kept: tuple[Input, ...] = ()
    open_findings: int = 0
    changing: bool = False
    emergency: bool = False
    wondering: str | None = None
    brings: tuple[str, ...] = ()
    guessed: tuple[Guessed, ...] = ()

    @property
    def shown_ticks(self) -> tuple[str, ...]:
        """The ticks the current card shows."""
        return self.marked if self.asking is Asking.DOUBTING else self.ticked


@dataclass(slots=True)
class _Given:
    """A session's inputs, sorted by what they are about; ``unfit`` are those the flow does not know (any more)."""

    answers: dict[str, list[Answered]] = field(default_factory=dict)
    ticks: dict[str, list[Ticked | Doubted]] = field(default_factory=dict)
    heard: dict[str, bool] = field(default_factory=dict)
    wondered: dict[str, tuple[str, ...]] = field(default_factory=dict)
    guessed: list[Guessed] = field(default_factory=list)
    unfit: list[Input] = field(default_factory=list)
    changing: str | None = None
    reviewed: bool = False
    stopped: bool = False


def replay(flow: Flow, inputs: tuple[Input, ...]) -> State:
    """Where the person stands after these inputs. Inputs the flow does not know (any more) are left out.

    Nobody changes a state that this has given; the last few are known, since one turn asks several times for the same.
    """
    for its_flow, given, state in reversed(_recent):
        if its_flow is flow and (given is inputs or (len(given) == len(inputs) and given == inputs)):
            return state
    state = _replayed(flow, inputs)
    _recent.append((flow, inputs, state))
    return state


_recent: deque[tuple[Flow, tuple[Input, ...], State]] = deque(maxlen=4)


def _replayed(flow: Flow, inputs: tuple[Input, ...]) -> State:
    given = _sort(flow, inputs)
    state = State()
    for finding, denied in given.heard.items():
        if not denied:
            state.yes |= flow.bits.get(finding, 0) & (flow.danger | flow.heard)
    state.no = flow.heard & ~state.yes  # never asked of anybody, so what was not heard is not there
    skipped = _walk(flow, given, state)
    place = flow.place[state.question.id] if state.question else len(flow.questions)
    state.open_findings = flow.still_to_set[place] if state.question else 0
    state.emergency = triage.emergency(flow, state.yes, state.no, state.open_findings)
    if state.emergency:
        state.stage = Stage.FINISHED
    elif state.question is None:
        state.stage = Stage.FINISHED if given.reviewed or _level(flow, state) is Level.EMERGENCY else Stage.REVIEW
    if given.stopped and state.stage is not Stage.FINISHED:
        state.stage = Stage.STOPPED
    _ask_about_words(flow, given, state, skipped)
    _prune(given, inputs, state, skipped)
    return state


def _ask_about_words(flow: Flow, given: _Given, state: State, skipped: set[str]) -> None:
    """What typed words may mean is asked before anything else, but an emergency waits for no answer."""
    pressing = state.emergency or (state.stage is Stage.FINISHED and _level(flow, state) is Level.EMERGENCY)
    if pressing or state.stage is Stage.STOPPED:
        return
    open_ones = (name for name in given.wondered if flow.bits.get(name, 0) & (flow.danger | flow.heard) & ~state.yes)
    state.wondering = next(open_ones, None)
    if state.wondering:
        known = flow.danger | flow.heard
        state.brings = tuple(name for name in given.wondered[state.wondering] if flow.bits.get(name, 0) & known)
        state.stage = Stage.CHECKING
    elif guessed := tuple(guess for guess in given.guessed if guess.question not in skipped):
        state.guessed = guessed
        state.stage = Stage.CONFIRMING


def _sort(flow: Flow, inputs: tuple[Input, ...]) -> _Given:
    given = _Given()
    for entry in inputs:
        question_id = about(entry)
        if question_id is not None and not known(flow, question_id, entry):
            given.unfit.append(entry)
        elif isinstance(entry, Answered):
            given.answers.setdefault(entry.question, []).append(entry)
        elif isinstance(entry, Ticked | Doubted):
            given.ticks.setdefault(entry.question, []).append(entry)
        else:
            _mark(given, entry)
    return given


def _mark(given: _Given, entry: Input) -> None:
    match entry:
        case Heard():
            given.heard[entry.finding] = entry.denied
            given.wondered.pop(entry.finding, None)
        case Wondered():
            given.wondered[entry.finding] = entry.brings
        case Noted():
            pass  # it only counts beside what is heard later
        case Guessed():
            given.guessed.append(entry)
        case Changing():
            given.changing = entry.question
        case Reviewed():
            given.reviewed = True
        case Stopped():
            given.stopped = True


def _walk(flow: Flow, given: _Given, state: State) -> set[str]:
    """Apply the answers in order up to the current card; returns the ids of the skipped questions."""
    skipped: set[str] = set()
    for question in flow.questions:
        if question.when.value(state.yes, state.no) is False:
            skipped.add(question.id)
            if question.skipped_means_no:
                state.no |= question.sets & ~state.yes
            continue
        answers = [] if question.id == given.changing else given.answers.get(question.id, [])
        if not answers:
            state.changing = question.id == given.changing
            _open(question, given, state)
            return skipped
        open_again = _apply(flow, question, answers, state)
        if open_again:
            _open(question, given, state, open_again)
            return skipped
        state.answered.append(question.id)
    return skipped


def _apply(flow: Flow, question: Question, answers: list[Answered], state: State) -> tuple[str, ...]:
    """Add what the answers say; returns the options to ask again about, if a danger hangs on them."""
    first = answers[0]
    chosen = set(_chosen(question, first))
    unsure = set(first.unsure)
    if len(answers) > 1 and unsure:
        chosen |= set(_chosen(question, answers[1]))
        unsure = set(answers[1].unsure)
    yes = denied = doubted = 0
    for option in question.choices:
        if option.id in chosen:
            yes |= option.sets
            denied |= option.denies
        elif option.id in unsure:
            doubted |= option.sets
    state.yes |= yes
    state.no |= (question.sets & ~doubted | denied) & ~state.yes
    if unsure and len(answers) == 1 and _matters(flow, doubted, state):
        return tuple(option.id for option in question.choices if option.id in unsure)
    return ()


def _chosen(question: Question, answer: Answered) -> tuple[str, ...]:
    number = answer.number
    if number is None:
        return answer.chosen
    return tuple(option.id for option in question.choices if option.holds(number))


def _matters(flow: Flow, doubted: int, state: State) -> bool:
    """Whether a rule of level urgent or above is still undecided and reads a doubted finding."""
    unknown = doubted & ~(state.yes | state.no) & flow.alarming
    if not unknown:
        return False
    return any(reads & unknown and rule.when.value(state.yes, state.no) is None for rule, reads in flow.pressing)


def _open(question: Question, given: _Given, state: State, again: tuple[str, ...] = ()) -> None:
    """Make a question the current card and add its ticks so far."""
    state.question = question
    state.asking = Asking.AGAIN if again else Asking.FIRST
    offered = again or tuple(option.id for option in question.choices)
    ticked: list[str] = []
    marked: list[str] = []
    for entry in given.ticks.get(question.id, ()):
        if isinstance(entry, Doubted):
            state.asking = Asking.DOUBTING
        elif entry.option in offered:
            _toggle(marked if state.asking is Asking.DOUBTING else ticked, entry.option)
    state.ticked = tuple(name for name in offered if name in ticked)
    state.marked = tuple(name for name in offered if name in marked)
    for name in state.ticked:
        state.yes |= question.by_id[name].sets
    state.no &= ~state.yes
    if state.asking is Asking.DOUBTING:
        state.options = tuple(name for name in offered if name not in state.ticked)
    elif question.choose is Choose.NUMBER and not again:
        state.options = _extras(question)  # the bands are offered to who does not know the number
    else:
        state.options = offered + _extras(question)


def _extras(question: Question) -> tuple[str, ...]:
    return tuple(option.id for option in (question.none, question.unsure) if option)


def _toggle(names: list[str], name: str) -> None:
    if name in names:
        names.remove(name)
    else:
        names.append(name)


def _level(flow: Flow, state: State) -> Level:
    return triage.judge(flow, state.yes, state.no, 0)[0]


def _prune(given: _Given, inputs: tuple[Input, ...], state: State, skipped: set[str]) -> None:
    """Leave out inputs that no longer apply, and remember which answers that drops."""
    dropped: dict[str, None] = {}
    kept: list[Input] = []
    for entry in inputs:
        if about(entry) in skipped or entry in given.unfit:
            if isinstance(entry, Answered):
                dropped[entry.question] = None
        else:
            kept.append(entry)
    state.kept = tuple(kept) if len(kept) < len(inputs) else inputs
    state.dropped = tuple(dropped)
