"""The proof is about the engine: its symbols (`bot.check`) and the real conversations (`bot.flow`) say the same.

Three ties: every step of random conversations, every conversation of small flows, and every standing that any
events can bring about in tiny ones.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from bot.check.again import SecondAsking
from bot.check.circuit import Circuit, Statement
from bot.check.count import count
from bot.check.course import LONGEST, s7
from bot.check.prover import Answers, Budget
from bot.check.reading import Moment
from bot.check.scores import Scores
from bot.check.subject import Subject
from bot.check.verdict import Findings
from bot.flow import causes, triage
from bot.flow.engine import outcome_of, resume, start
from bot.flow.events import Answer, Ask, Asking, Confirm, Event, Finish, Hear, NotSure, Number, Tick, Turn
from bot.flow.model import Choose, Flow, Level, Question
from bot.flow.replay import Stage, State, replay
from bot.flow.session import Answered, Heard, Input, Reviewed, Session
from bot.load import load_library
from tests.people import wandering
from tests.served import FLOW, LIBRARY
from tests.tiny_flows import ALL, library_of

SMALL = load_library(*(Path(__file__).parent / "fixtures" / "small" / name for name in ("flows", "content")))
LIBRARIES = {"leg_lift": LIBRARY, "small": SMALL} | {flow.id: library_of(flow) for flow in ALL}
LITTLE = [name for name in LIBRARIES if name != "leg_lift"]
ABOVE_ROUTINE = (Level.SOON, Level.URGENT, Level.EMERGENCY)


def the_flow(name: str) -> Flow:
    """The flow of a library of one."""
    return FLOW if name == "leg_lift" else next(iter(LIBRARIES[name].flows.values()))


@pytest.fixture
def subject(name: str) -> Iterator[Subject]:
    """The flow in symbols."""
    read = Subject.of(LIBRARIES[name], the_flow(name), Budget())
    yield read
    read.close()


# --- from a session to the facts of a circuit -----------------------------------------------------------------------


@dataclass
class Said:
    """What a list of inputs says: for each question what is chosen and what is open, now and after the first asking."""

    chosen: dict[str, set[str]] = field(default_factory=dict)
    unsure: dict[str, set[str]] = field(default_factory=dict)
    at_first: dict[str, set[str]] = field(default_factory=dict)
    heard: frozenset[str] = frozenset()

    @classmethod
    def by(cls, flow: Flow, inputs: Iterable[Input], state: State | None = None) -> Said:
        """Read inputs; the ticks of the card that is open are those that ``state`` shows."""
        said = cls()
        last_word = {}
        for entry in inputs:
            if isinstance(entry, Heard):
                last_word[entry.finding] = not entry.denied
            if not isinstance(entry, Answered) or (state and _reopened(entry, state)):
                continue
            question = flow.question(entry.question)
            chosen, unsure = _chosen(question, entry), set(entry.unsure)
            if said.unsure.get(question.id):
                chosen |= said.chosen[question.id]
            else:
                said.at_first[question.id] = unsure
            said.chosen[question.id], said.unsure[question.id] = chosen, unsure
        said.heard = frozenset(name for name, meant in last_word.items() if meant)
        if state and state.question:
            open_card, ticked = state.question.id, set(state.ticked)
            said.chosen[open_card] = said.chosen.get(open_card, set()) | ticked
            said.unsure[open_card] = said.unsure.get(open_card, set()) - ticked
        return said

    def facts(self, subject: Subject, again: SecondAsking) -> Answers:
        """The same as an assignment; what was never asked gets any answer that fits."""
        facts: Answers = {}
        for question in subject.flow.questions:
            chosen, unsure = self.chosen.get(question.id, set()), self.unsure.get(question.id, set())
            if question.choose is not Choose.ANY and not chosen and not unsure:
                chosen = {question.choices[0].id}
            for option in question.choices:
                key = (question.id, option.id)
                facts[subject.person.chosen[key]] = option.id in chosen
                facts[subject.person.unsure[key]] = option.id in unsure
                if key in again.at_first:
                    facts[again.at_first[key]] = option.id in self.at_first.get(question.id, ())
        for place, fact in subject.person.heard.items():
            facts[fact] = subject.flow.findings[place] in self.heard
        return facts


def _reopened(entry: Answered, state: State) -> bool:
    """Whether an answer does not count because its card is open again from scratch."""
    return state.question is not None and entry.question == state.question.id and state.asking is not Asking.AGAIN


def _chosen(question: Question, answer: Answered) -> set[str]:
    if answer.number is None:
        return set(answer.chosen)
    return {option.id for option in question.choices if option.holds(answer.number)}


class Truths:
    """The truth of every statement for many people at once: one bit for each."""

    def __init__(self, circuit: Circuit, people: list[Answers]) -> None:
        self.people = len(people)
        self.everybody = (1 << self.people) - 1
        self.bits: list[int] = []
        for node, parts in enumerate(circuit.parts):
            if node and parts is None:
                self.bits.append(int("".join("1" if person.get(2 * node) else "0" for person in reversed(people)), 2))
            else:
                self.bits.append(self._of(parts[0]) & self._of(parts[1]) if parts else self.everybody)
        some = circuit.values(people[0])
        assert all(some[node] == bool(bits & 1) for node, bits in enumerate(self.bits))
        self._column = cache(self._written)

    def _of(self, statement: Statement) -> int:
        bits = self.bits[statement >> 1]
        return bits ^ self.everybody if statement & 1 else bits

    def _written(self, statement: Statement) -> str:
        return format(self._of(statement), f"0{self.people}b")

    def __call__(self, statement: Statement, person: int) -> bool:
        return self._column(statement)[-1 - person] == "1"

    def mask(self, statements: list[Statement], person: int) -> int:
        """The findings of which this is true."""
        return sum(1 << place for place, statement in enumerate(statements) if self(statement, person))


# --- every step of random conversations -----------------------------------------------------------------------------


@dataclass
class Step:
    """Where somebody stands after an event."""

    state: State
    said: Said


def _walk(flow: Flow, seeds: range, events: int) -> list[Step]:
    steps = []
    for seed in seeds:
        for _, _, after, _ in wandering(flow, random.Random(seed), events):
            state = replay(flow, after.session.inputs)
            steps.append(Step(state, Said.by(flow, state.kept, state)))
    return steps


@pytest.mark.parametrize(
    ("name", "walks", "events"), [("leg_lift", 40, 60), *((name, 40, 40) for name in LITTLE)], ids=["leg_lift", *LITTLE]
)
def test_every_step_of_random_conversations(subject: Subject, walks: int, events: int) -> None:
    """Whatever people do, after every event the symbols say what the engine says: cards, facts, level and causes."""
    flow, reading = subject.flow, subject.reading
    again, scores = SecondAsking(subject), Scores(subject)
    steps = _walk(flow, range(walks), events)
    cards = range(len(flow.questions))
    moments = {("", False): reading.end()}
    moments |= {(flow.questions[at].id, False): reading.ticking(at) for at in cards}
    moments |= {(flow.questions[at].id, True): reading.asking_again(at) for at in cards}
    emergencies = {key: reading.emergency(moment) for key, moment in moments.items()}
    asked_again = [again.asked_again(at) for at in cards]
    levels = {level: reading.at_least(level) for level in ABOVE_ROUTINE}
    ranking = {cause.id: _score(scores, cause.id) for cause in flow.causes}
    rules = {rule.id: reading.true(rule.when, reading.facts) for rule in flow.rules}
    truths = Truths(subject.circuit, [step.said.facts(subject, again) for step in steps])
    seen = set()
    for person, step in enumerate(steps):
        state = step.state
        key = (state.question.id if state.question else "", state.asking is Asking.AGAIN)
        seen.add((state.stage, state.asking))
        moment = moments[key]
        assert truths(moment.here, person)
        assert truths(emergencies[key], person) is state.emergency
        _same_cards(subject, step, truths, person)
        _same_facts(flow, step, truths, person, moment)
        for at in cards[: flow.place[state.question.id] + 1 if state.question else None]:
            question = flow.questions[at].id
            open_again = state.question is not None and question == state.question.id and key[1]
            settled_twice = (
                question in step.said.at_first and step.said.at_first[question] != step.said.unsure[question]
            )
            if question in state.answered and not settled_twice and not _twice(state, question):
                assert not truths(asked_again[at], person), question
            elif open_again and not state.shown_ticks:
                assert truths(asked_again[at], person), question
        if state.question is None:
            level, _, fired = triage.judge(flow, state.yes, state.no, 0)
            assert {each for each in ABOVE_ROUTINE if truths(levels[each], person)} == {
                each for each in ABOVE_ROUTINE if each.rank <= level.rank
            }
            assert {each.rule for each in fired if not each.undecided} <= {
                rule for rule, true in rules.items() if truths(true, person)
            }
            _same_ranking(flow, state, {name: _value(spread, truths, person) for name, spread in ranking.items()})
    never = set() if flow.danger | flow.heard else {Stage.CHECKING}
    assert {stage for stage, _ in seen} == set(Stage) - never


def _twice(state: State, question: str) -> bool:
    return sum(1 for entry in state.kept if isinstance(entry, Answered) and entry.question == question) > 1


def _same_cards(subject: Subject, step: Step, truths: Truths, person: int) -> None:
    """The same questions are asked and left out, up to the card that is open."""
    state, flow = step.state, subject.flow
    until = flow.place[state.question.id] if state.question else len(flow.questions)
    asked = [flow.questions[at].id for at in range(until) if truths(subject.reading.asked[at], person)]
    assert asked == state.answered


def _same_facts(flow: Flow, step: Step, truths: Truths, person: int, moment: Moment) -> None:
    state = step.state
    assert truths.mask(moment.facts.yes, person) == state.yes
    denied_later = 0  # what a tick denies counts with *Done*, and the symbols know no ticks of a second asking
    if state.question and state.asking is Asking.AGAIN:
        for name in state.ticked:
            denied_later |= state.question.by_id[name].denies
    assert truths.mask(moment.facts.no, person) & ~denied_later == state.no & ~denied_later
    if state.question is None:
        open_still = 0
        for name in state.answered:
            for option in flow.question(name).choices:
                open_still |= option.sets if option.id in step.said.unsure[name] else 0
        assert truths.mask(moment.facts.doubted, person) == open_still & ~state.yes & ~state.no


Ranked = tuple[Statement, dict[int, Statement], Statement]


def _score(scores: Scores, name: str) -> Ranked:
    return scores.in_question(name), scores.spread(name), scores.first(name)


def _value(ranked: Ranked, truths: Truths, person: int) -> tuple[bool, int, bool]:
    in_question, spread, first = ranked
    (score,) = [score for score, when in spread.items() if truths(when, person)]
    return truths(in_question, person), score, truths(first, person)


def _same_ranking(flow: Flow, state: State, ranked: Mapping[str, tuple[bool, int, bool]]) -> None:
    fits = causes.rank(flow, state.yes, state.no)
    assert {fit.cause: fit.score for fit in fits} == {
        name: score for name, (inside, score, _) in ranked.items() if inside and score >= causes.FITS_LESS
    }
    assert [fit.cause for fit in fits[:1]] == [name for name, (_, _, first) in ranked.items() if first]


# --- every conversation of small flows ------------------------------------------------------------------------------


def _subsets(names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    every = tuple(names)
    for size in range(len(every) + 1):
        yield from combinations(every, size)


def _answers(question: Question, offered: tuple[str, ...], *, again: bool) -> Iterator[Answered]:
    """Every answer to a card that can be stored; of the numbers one for each band."""
    choices = tuple(option.id for option in question.choices if option.id in offered or not again)
    if question.choose is not Choose.ANY:
        for option in question.choices:
            if question.choose is Choose.NUMBER and not again:
                yield Answered(question.id, (), 0, number=option.lowest or question.smallest)
            else:
                yield Answered(question.id, (option.id,), 0)
        if question.unsure:
            yield Answered(question.id, (), 0, unsure=tuple(option.id for option in question.choices))
        return
    for chosen in _subsets(choices):
        left = [name for name in choices if name not in chosen]
        for unsure in _subsets(left if question.unsure else ()):
            yield Answered(question.id, chosen, 0, unsure=unsure)


def _lists(flow: Flow, inputs: tuple[Input, ...]) -> Iterator[tuple[tuple[Input, ...], State]]:
    """Every list of settled answers that the replay accepts, up to the end."""
    state = replay(flow, inputs)
    if state.stage is not Stage.ASKING or state.question is None:
        yield inputs, state
        return
    for answer in _answers(state.question, state.options, again=state.asking is Asking.AGAIN):
        yield from _lists(flow, (*inputs, answer))


def _heard(flow: Flow, most: int = 3) -> Iterator[tuple[Input, ...]]:
    for names in _subsets(flow.names(flow.heard | flow.danger)):
        if len(names) <= most:
            yield tuple(Heard(name, 0) for name in names)


Settled = tuple[tuple[str, frozenset[str], frozenset[str]], ...]


def _settled(flow: Flow, inputs: tuple[Input, ...]) -> Settled:
    """What is settled in the end, in the flow's order."""
    said = Said.by(flow, inputs)
    return tuple(
        (question.id, frozenset(said.chosen[question.id]), frozenset(said.unsure[question.id]))
        for question in flow.questions
        if question.id in said.chosen
    )


@pytest.mark.parametrize("name", LITTLE)
def test_every_conversation_of_small_flows(subject: Subject) -> None:
    """All settled answers, typed words and second askings: level, rules and cards are what the symbols say."""
    flow, reading = subject.flow, subject.reading
    again = SecondAsking(subject)
    ends = [each for heard in _heard(flow, most=1) for each in _lists(flow, heard)]
    levels = {level: reading.at_least(level) for level in ABOVE_ROUTINE}
    seen = [*subject.reached, *map(again.shown, range(len(flow.questions)))]
    emergencies = {rule.id: reading.true(rule.when, reading.facts) for rule in flow.emergencies}
    truths = Truths(subject.circuit, [Said.by(flow, inputs).facts(subject, again) for inputs, _ in ends])
    for person, (inputs, state) in enumerate(ends):
        session = Session("s", flow.id, flow.version, "en", 0, (*inputs, Reviewed(0)))
        outcome = outcome_of(flow, session)
        assert outcome is not None
        reached = [level for level in ABOVE_ROUTINE if truths(levels[level], person)]
        assert reached == [level for level in ABOVE_ROUTINE if level.rank <= outcome.level.rank], inputs
        if state.question is None:
            assert truths(subject.calm, person) is (state.stage is Stage.REVIEW)
            assert truths(again.fits, person), inputs
            cards = sum(1 for entry in inputs if isinstance(entry, Answered))
            assert cards == sum(truths(card, person) for card in seen), inputs
        else:
            assert state.emergency
        fired = {rule.rule for rule in outcome.rules if not rule.undecided} & emergencies.keys()
        assert fired <= {rule for rule, true in emergencies.items() if truths(true, person)}
    assert len(ends) > 5


@pytest.mark.parametrize("name", LITTLE)
def test_the_count_is_the_number_of_conversations(name: str) -> None:
    """Every list of settled answers counts once, and each emergency at the card that brings it about."""
    flow = the_flow(name)
    every: dict[Settled, str | None] = {}
    for inputs, state in _lists(flow, ()):
        last = inputs[-1]
        assert isinstance(last, Answered)
        settled = _settled(flow, inputs)
        ended = last.question if state.emergency else None
        assert every.setdefault(settled, ended) == ended
    counted = count(flow, Budget())
    assert counted.total == len(every)
    ended_at = [question for question in every.values() if question]
    assert counted.emergencies == {question: ended_at.count(question) for question in ended_at}


# --- the longest and the shortest conversation ----------------------------------------------------------------------


def _events(flow: Flow, ask: Ask) -> Iterator[tuple[Event, ...]]:
    """Every way to settle a card by its buttons."""
    question = flow.question(ask.question)
    for answer in _answers(question, ask.options, again=ask.asking is Asking.AGAIN):
        if question.choose is Choose.ANY:
            if answer.unsure:
                yield (*(Tick(question.id, name) for name in answer.chosen), NotSure(question.id, answer.unsure))
            else:
                yield (Answer(question.id, answer.chosen or ("none",)),)
        elif answer.unsure:
            yield (NotSure(question.id),)
        else:
            number = answer.number
            yield (Answer(question.id, answer.chosen) if number is None else Number(question.id, number),)


Ends = frozenset[tuple[int, bool]]
"""Of the ways on from a card: how many cards are still to come, and whether it ends with an emergency."""


def _ends(flow: Flow, turn: Turn, known: dict[object, Ends]) -> Ends:
    """Every way on by buttons; from the same card with the same facts the same ways lead on."""
    last = turn.effects[-1]
    if isinstance(last, Finish):
        return frozenset({(0, last.outcome.level is Level.EMERGENCY)})
    state = replay(flow, turn.session.inputs)
    if (standing := (last, state.yes, state.no)) not in known:
        ways = _events(flow, last) if isinstance(last, Ask) else iter([(Confirm(),)])
        ends = frozenset[tuple[int, bool]]().union(*(_ends(flow, _all_of(flow, turn, way), known) for way in ways))
        known[standing] = frozenset((cards + 1, emergency) for cards, emergency in ends)
    return known[standing]


def _all_of(flow: Flow, turn: Turn, events: Iterable[Event]) -> Turn:
    """One event after the other, unless the conversation ends before."""
    for event in events:
        if not isinstance(turn.effects[-1], Finish):
            turn = resume(flow, turn.session, event, 1)
    return turn


@pytest.mark.parametrize("name", LITTLE)
def test_the_longest_and_the_shortest_conversation(subject: Subject) -> None:
    """Their numbers of cards are those of the engine's longest and shortest conversations."""
    flow = subject.flow
    silent: Ends = frozenset()
    longest = 0
    known: dict[object, Ends] = {}
    for heard in _heard(flow):
        hears = [Hear((entry.finding,)) for entry in heard if isinstance(entry, Heard)]
        turn = start(flow, "s", "en", 1)
        for event in hears:
            turn = resume(flow, turn.session, event, 1)
        ends = _ends(flow, turn, known)
        silent = silent or ends
        longest = max(longest, *(cards for cards, _ in ends), 0)
    calm = [cards for cards, emergency in silent if not emergency]
    pressing = [cards for cards, emergency in silent if emergency]
    found = Findings()
    s7(subject, found, lambda _: None, {})
    bound = subject.library.oracle.longest or LONGEST
    notes = [f"longest {longest} cards (at most {bound})", f"shortest {min(calm)} cards to a result below emergency"]
    notes += [f"shortest {min(pressing)} cards to an emergency"] if pressing else []
    assert found.notes[1:] == notes
    assert not found.failures
