"""Properties that hold for every person: random people walk the shipped FLOW."""

from __future__ import annotations

import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flow.conditions import Condition, compile_condition, negate
from bot.flow.engine import advice, outcome_of, resume, standing
from bot.flow.events import Ask, Back, CheckBack, Cleared, Confirming, Finish, Reject, Review, Say
from bot.flow.model import Level
from bot.flow.replay import Stage, replay
from bot.flow.session import STALE_AFTER, Answered, from_json, to_json
from tests.people import START, straight, wandering
from tests.served import FLOW, LIBRARY

SEEDS = st.integers(0, 2**32)
CALM = st.sampled_from([0.5, 0.8, 0.95])


@settings(max_examples=150, deadline=None)
@given(seed=SEEDS, calm=CALM)
def test_everybody_reaches_a_result_that_is_safe(seed: int, calm: float) -> None:
    """Every conversation ends, and no row of the oracle is ever true with a lower level (S0)."""
    *earlier, turn = straight(FLOW, random.Random(seed), calm)
    assert len(earlier) < 200
    outcome = outcome_of(FLOW, turn.session)
    assert outcome is not None
    state = replay(FLOW, turn.session.inputs)
    for row in LIBRARY.safety:
        if row.when.value(state.yes, state.no) is True:
            assert outcome.level.rank >= row.level.rank, row.id


@settings(max_examples=150, deadline=None)
@given(seed=SEEDS, calm=CALM)
def test_calm_results_rest_on_answers(seed: int, calm: float) -> None:
    """Below emergency every emergency row is false from answers, or was left open by a *not sure* that counts (S2)."""
    *_, turn = straight(FLOW, random.Random(seed), calm)
    outcome = outcome_of(FLOW, turn.session)
    assert outcome is not None
    state = replay(FLOW, turn.session.inputs)
    open_rows = [
        row.id for row in LIBRARY.safety if row.level is Level.EMERGENCY and row.when.value(state.yes, state.no) is None
    ]
    doubts = any(isinstance(entry, Answered) and entry.unsure for entry in turn.session.inputs)
    if outcome.level is not Level.EMERGENCY and open_rows:
        assert doubts, open_rows
        assert outcome.level is Level.URGENT, open_rows


@settings(max_examples=100, deadline=None)
@given(seed=SEEDS)
def test_nothing_is_asked_after_an_emergency(seed: int) -> None:
    """Once an emergency rule holds, that very turn shows the seek-care message (S1)."""
    for turn in straight(FLOW, random.Random(seed), 0.5):
        state = replay(FLOW, turn.session.inputs)
        if any(rule.when.value(state.yes, state.no) is True for rule in FLOW.emergencies):
            last = turn.effects[-1]
            assert isinstance(last, Finish)
            assert last.outcome.level is Level.EMERGENCY


PRESSING = ("ambulance_keep_still", "ambulance", "emergency_department", "crisis_line", "same_day")


@settings(max_examples=150, deadline=None)
@given(seed=SEEDS)
def test_the_most_pressing_action_wins(seed: int) -> None:
    """When several rules count, the headline is never a weaker action than one of theirs."""
    *_, turn = straight(FLOW, random.Random(seed), 0.5)
    outcome = outcome_of(FLOW, turn.session)
    assert outcome is not None
    actions = [FLOW.rules_by_id[fired.rule].action for fired in outcome.rules if not fired.undecided]
    if outcome.level.rank >= Level.URGENT.rank and actions:
        ranks = {action: rank for rank, action in enumerate(PRESSING)}
        shown = ranks[outcome.action or ""]
        assert shown <= max(1, min(ranks[action] for action in actions))


@settings(max_examples=100, deadline=None)
@given(seed=SEEDS)
def test_whatever_people_do(seed: int) -> None:
    """Any events at any time: no crash, refusals change nothing, and replaying the stored inputs gives the same."""
    for before, event, after, _ in wandering(FLOW, random.Random(seed), 40):
        if any(isinstance(effect, Reject) for effect in after.effects):
            assert after.session == before.session, event
        reloaded = from_json(json.loads(json.dumps(to_json(after.session))))
        assert reloaded == after.session
        shown = standing(FLOW, reloaded)
        if after.effects and isinstance(after.effects[-1], Ask | Review | Finish | CheckBack | Confirming):
            assert shown[-1] == after.effects[-1]
        assert replay(FLOW, after.session.inputs).kept == after.session.inputs


@settings(max_examples=150, deadline=None)
@given(seed=SEEDS)
def test_no_emergency_is_ever_lost_without_a_word(seed: int) -> None:
    """Whatever clears an emergency (a change, *back*, time) repeats its warning; otherwise it stands and shows."""
    for before, event, after, _ in wandering(FLOW, random.Random(seed), 40):
        stood = advice(FLOW, before.session) in FLOW.emergency_actions
        stands = advice(FLOW, after.session) in FLOW.emergency_actions
        if stood and not stands:
            assert any(isinstance(effect, Cleared) for effect in after.effects), event
        if stands:
            shown = standing(FLOW, after.session)
            finished = any(isinstance(effect, Finish) and effect.outcome.level is Level.EMERGENCY for effect in shown)
            assert finished or any(isinstance(effect, Say) and effect.names for effect in shown), event


@settings(max_examples=100, deadline=None)
@given(seed=SEEDS)
def test_no_result_rests_on_old_danger_answers(seed: int) -> None:
    """Whoever pauses, no result comes from a danger answer older than twelve hours (S12)."""
    at = START
    for _, _, after, wait in wandering(FLOW, random.Random(seed), 40):
        at += wait
        if after.effects and isinstance(after.effects[-1], Finish) and not isinstance(after.effects[0], Reject):
            danger = [
                entry
                for entry in after.session.inputs
                if isinstance(entry, Answered) and entry.question in FLOW.danger_questions
            ]
            assert all(at - entry.at <= STALE_AFTER for entry in danger)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_back_returns_to_the_answer_before(seed: int) -> None:
    """*Back* after any answer shows the question that was just answered, without that answer."""
    before = None
    for turn in straight(FLOW, random.Random(seed), 0.8):
        if before is not None and len(turn.session.inputs) > len(before.session.inputs):
            entry = turn.session.inputs[-1]
            if isinstance(entry, Answered):
                back = resume(FLOW, turn.session, Back(), turn.session.touched + 1)
                shown = back.effects[-1]
                assert isinstance(shown, Ask)
                assert shown.question == entry.question
                state = replay(FLOW, back.session.inputs)
                assert entry.question not in state.answered
        before = turn


NAMES = ("a", "b", "c", "d")
BITS = {name: 1 << place for place, name in enumerate(NAMES)}
EXPRESSIONS = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        st.builds(lambda each: f"not ({each})", inner),
        st.builds(lambda left, right: f"({left}) and ({right})", inner, inner),
        st.builds(lambda left, right: f"({left}) or ({right})", inner, inner),
    ),
    max_leaves=12,
)
VALUES = st.tuples(*(st.sampled_from([True, False, None]) for _ in NAMES))


def _kleene(text: str, values: dict[str, bool | None]) -> bool | None:
    """Kleene's tables, read off the text in the slow and obvious way: 0 for no, 1 for unknown, 2 for yes."""

    def number(value: bool | None) -> int:
        return {True: 2, None: 1, False: 0}[value]

    class Three:
        def __init__(self, value: int) -> None:
            self.value = value

        def __and__(self, other: Three) -> Three:
            return Three(min(self.value, other.value))

        def __or__(self, other: Three) -> Three:
            return Three(max(self.value, other.value))

        def __invert__(self) -> Three:
            return Three(2 - self.value)

    written = text.replace("not ", "~").replace(" and ", " & ").replace(" or ", " | ")
    names = {name: Three(number(value)) for name, value in values.items()}
    result = eval(written, {"__builtins__": {}}, names)  # noqa: S307  # only the four names and operators
    return {2: True, 1: None, 0: False}[result.value]


def _masks(values: tuple[bool | None, ...]) -> tuple[int, int]:
    yes = sum(BITS[name] for name, value in zip(NAMES, values, strict=True) if value is True)
    no = sum(BITS[name] for name, value in zip(NAMES, values, strict=True) if value is False)
    return yes, no


@settings(max_examples=2000)
@given(text=EXPRESSIONS, values=VALUES)
def test_conditions_follow_kleene(text: str, values: tuple[bool | None, ...]) -> None:
    """Compiled conditions agree with Kleene's truth tables, and so does their negation."""
    compiled: Condition = compile_condition(text, BITS)
    expected = _kleene(text, dict(zip(NAMES, values, strict=True)))
    assert compiled.value(*_masks(values)) is expected
    opposite = None if expected is None else not expected
    assert negate(compiled).value(*_masks(values)) is opposite


@given(text=EXPRESSIONS, values=VALUES, place=st.integers(0, 3), more=st.booleans())
def test_facts_only_decide(text: str, values: tuple[bool | None, ...], place: int, *, more: bool) -> None:
    """Learning one more fact never turns a decided condition round."""
    compiled = compile_condition(text, BITS)
    before = compiled.value(*_masks(values))
    if values[place] is None and before is not None:
        known = tuple(more if index == place else value for index, value in enumerate(values))
        assert compiled.value(*_masks(known)) is before


def test_stages_are_all_reachable() -> None:
    """The random people above really see every stage; otherwise these tests would prove little."""
    seen = set()
    for seed in range(60):
        for _, _, after, _ in wandering(FLOW, random.Random(seed), 60):
            seen.add(replay(FLOW, after.session.inputs).stage)
    assert seen == set(Stage)
