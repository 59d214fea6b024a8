"""A checker that cannot fail is a defect: the small library is broken in one way for each property, which tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.check.again import SecondAsking
from bot.check.calm import s3
from bot.check.circuit import FALSE, Statement, opposite
from bot.check.history import s12
from bot.check.oracle import meaning_of
from bot.check.prove import Wish, prove
from bot.check.prover import Budget
from bot.check.reading import Reading
from bot.check.subject import Subject
from bot.check.verdict import Failure, Findings
from bot.flow import engine
from bot.flow.conditions import compile_condition
from bot.flow.events import Effect
from bot.flow.model import Flow, Level, Option, Question, Rule
from bot.flow.session import Input
from bot.load import Library, load_library
from bot.load.issues import Place
from bot.load.library import Calm, Meaning, Oracle
from tests.tiny_flows import ANY, NUMBER, ONE, QUIET, SOON, URGENT, Card, library_of, tiny

TODAY = date(2026, 1, 1)


def _small() -> Library:
    """The small library, with all that the oracle has to say about it."""
    library = load_library(*(Path(__file__).parent / "fixtures" / "small" / name for name in ("flows", "content")))
    flow = library.flows["leg"]
    means = {question.id: _meaning(flow, question) for question in flow.questions}
    calm = Calm("long_steady", "What has not changed for months is no emergency.", ("toy_back",))
    oracle = replace(
        library.oracle,
        meanings={**means, **library.oracle.meanings},
        calms={"long_steady": calm, **library.oracle.calms},
    )
    said = Place("flows/safety.yaml", 1)
    places: dict[tuple[str, ...], Place] = {("calm", "long_steady"): said}
    for name in means:
        places["meaning", name] = said
    return replace(library, oracle=oracle, places={**places, **library.places})


def _meaning(flow: Flow, question: Question) -> Meaning:
    if question.choose is NUMBER:
        return Meaning(question.id, NUMBER, {}, ((flow.bits["child"], None, 16),))
    return Meaning(question.id, question.choose, {option.id: option.sets for option in question.choices})


SMALL = _small()
FLOW = SMALL.flows["leg"]


def failing(library: Library) -> dict[str, tuple[Failure, ...]]:
    """The properties that do not hold, with what was found."""
    return {verdict.name: verdict.failures for verdict in prove(library, Wish(TODAY)) if not verdict.holds}


def test_the_small_library_holds() -> None:
    """Unbroken, every property is proved."""
    assert failing(SMALL) == {}


def _with_flow(flow: Flow) -> Library:
    return replace(SMALL, flows={"leg": flow})


def _rule(name: str, change: Callable[[Rule], Rule]) -> Library:
    return _with_flow(replace(FLOW, rules=tuple(change(rule) if rule.id == name else rule for rule in FLOW.rules)))


def _when(text: str, rule: Rule) -> Rule:
    return replace(rule, when=compile_condition(text, FLOW.bits))


def _with_oracle(oracle: Oracle) -> Library:
    return replace(SMALL, oracle=oracle)


def _overlooked() -> Library:
    """The oracle wants somebody with pain below the knee seen the same day; the flow has no rule for it."""
    wider = compile_condition("foot_weak and not long_steady or pain_below_knee", FLOW.bits)
    rows = (replace(row, when=wider) if row.id == "weak_foot" else row for row in SMALL.oracle.rows)
    return _with_oracle(replace(SMALL.oracle, rows=tuple(rows)))


def _shown_late() -> Library:
    """What is an emergency waits for an answer that cannot change it."""
    late = "(saddle_numbness or bladder_change) and (stiff or not stiff)"
    flow = _rule("pelvic_signs", lambda rule: _when(late, rule)).flows["leg"]
    questions = (
        replace(each, options=(*each.options, Option("unsure", unsure=True))) if each.id == "pain" else each
        for each in flow.questions
    )
    return _with_flow(replace(flow, questions=tuple(questions)))


def _never_said() -> Library:
    never = compile_condition("about_me and child and not child", FLOW.bits)
    return _with_flow(replace(FLOW, notices=tuple(replace(notice, when=never) for notice in FLOW.notices)))


def _left_out() -> Library:
    """Adults are not asked about the foot, and that counts as *no*."""
    child = compile_condition("child", FLOW.bits)
    questions = (
        replace(each, when=child, skipped_means_no=True) if each.id == "foot" else each for each in FLOW.questions
    )
    return _with_flow(replace(FLOW, questions=tuple(questions)))


def _doubt_counts_for_more() -> Library:
    rows = (replace(row, unsure=Level.EMERGENCY) if row.id == "weak_foot" else row for row in SMALL.oracle.rows)
    return _with_oracle(replace(SMALL.oracle, rows=tuple(rows)))


def _pain_first() -> Library:
    *others, pain = FLOW.questions
    return _with_flow(replace(FLOW, questions=(*others[:2], pain, *others[2:])))


def _nonsense() -> Library:
    nothing = compile_condition("stiff and not stiff", FLOW.bits)
    return _with_flow(replace(FLOW, defined={**FLOW.defined, "pelvic": nothing}))


BREAKS: list[tuple[str, Callable[[], Library], str]] = [
    ("S0", _overlooked, "[routine]"),
    ("S1", _shown_late, ""),
    ("S2", _left_out, "[routine]"),
    ("S3", lambda: _with_oracle(replace(SMALL.oracle, calms={})), ""),
    ("S4", _doubt_counts_for_more, "[urgent]"),
    ("S6", _never_said, ""),
    ("S7", lambda: _with_oracle(replace(SMALL.oracle, longest=3)), ""),
    ("S11", _pain_first, ""),
    ("structure", _nonsense, ""),
]  # fmt: skip


def _tells(library: Library, name: str, end: str) -> None:
    found = failing(library)
    assert set(found) == {name}, found
    for failure in found[name]:
        assert failure.place.file.endswith(".yaml")
        assert failure.place.line >= 1
    if end:
        assert end in found[name][0].chat[-1]


@pytest.mark.parametrize(("name", "broken", "end"), BREAKS, ids=[name for name, _, _ in BREAKS])
def test_what_breaks_a_property_is_told_by_it(name: str, broken: Callable[[], Library], end: str) -> None:
    """That property fails and no other, says where, and its conversation ends as it claims."""
    _tells(broken(), name, end)


def test_s5_tells_levels_that_depend_on_causes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were levels read off the causes, S5 would say so."""
    whole = Reading._at_least

    def at_least(self: Reading, level: Level) -> Statement:
        return whole(self, level) if self.flow.causes else FALSE

    monkeypatch.setattr(Reading, "_at_least", at_least)
    _tells(SMALL, "S5", "")


def test_s10_tells_an_engine_that_keeps_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that does not name the warning it takes back is found out."""

    def silent(*_: object, **__: object) -> tuple[Effect, ...]:
        return ()

    monkeypatch.setattr(engine, "_warning", silent)
    _tells(SMALL, "S10", "")


def test_s12_tells_an_engine_that_keeps_old_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine for which danger answers never grow old is found out."""

    def keep(_flow: Flow, inputs: tuple[Input, ...], _at: int) -> tuple[tuple[Input, ...], tuple[str, ...]]:
        return inputs, ()

    monkeypatch.setattr(engine, "without_stale", keep)
    _tells(SMALL, "S12", "")


# --- single flows ---------------------------------------------------------------------------------------------------


def _found(flow: Flow, prove_it: Callable[[Subject, Findings, Callable[[str], None]], None]) -> list[str]:
    subject = Subject.of(replace(library_of(flow), texts=SMALL.texts), flow, Budget())
    found = Findings()
    prove_it(subject, found, lambda _: None)
    subject.close()
    return [failure.message for failure in found.failures]


def test_s12_asks_nothing_of_a_flow_without_danger() -> None:
    """Where no danger is asked about, nothing can grow old."""
    assert _found(QUIET, s12) == []


@pytest.mark.parametrize(
    ("choose", "level", "unsure", "when"),
    [
        (ONE, SOON, None, "s_sore and not d_weak"),
        (ONE, URGENT, Level.EMERGENCY, "d_weak"),
        (ANY, URGENT, Level.EMERGENCY, "d_weak"),
    ],
    ids=["a-danger-calms", "one-doubt-counts-for-more", "any-doubt-counts-for-more"],
)
def test_s3_tells_a_yes_that_is_less_urgent(
    choose: object, level: Level, unsure: Level | None, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From *no* over *not sure* to *yes* no step may lower the level, however the question is answered."""
    monkeypatch.setattr("bot.check.calm.chat", lambda *_: ())
    options = {"weak": "d_weak", "fine": "-d_weak"} if choose is ONE else {"weak": "d_weak"}
    cards = [
        Card("foot", ONE if choose is ONE else ANY, options),
        Card("sore", ONE, {"sore": "s_sore", "not_sore": ""}, unsure=False),
    ]
    flow = tiny("worse", "d_weak s_sore", cards, {"rule": (level, unsure, when)})
    assert any(message.startswith("more danger gives a lower level") for message in _found(flow, s3))


def test_s3_lets_a_fact_calm_in_one_flow_only() -> None:
    """What the oracle lists as calming need not calm in every flow; what calms in none is told."""
    weak = [Card("foot", ONE, {"weak": "d_weak", "fine": ""}), Card("old", ONE, {"old": "c_old", "new": ""})]
    calms = tiny("calms", "d_weak c_old", weak, {"weak": (URGENT, URGENT, "d_weak and not c_old")})
    never = tiny("never", "d_weak c_old", weak, {"weak": (URGENT, URGENT, "d_weak")})
    oracle = Oracle(calms={"c_old": Calm("c_old", "Old is calm.", ())})
    idle = "'c_old' is listed as calming, and it calms nothing"
    for flows, told in (((calms, never), False), ((never,), True)):
        subject = Subject.of(library_of(*flows, oracle=oracle), never, Budget())
        found = Findings()
        s3(subject, found, lambda _: None)
        subject.close()
        assert (idle in [failure.message for failure in found.failures]) is told


def test_s6_tells_a_second_asking_that_an_emergency_forestalls() -> None:
    """A question that is open to doubt only where an emergency has ended everything is not really asked again."""
    cards = [Card("signs", ANY, {"a": "d_a", "b": "d_b"})]
    rules = {"a": (Level.EMERGENCY, URGENT, "d_a"), "both": (URGENT, URGENT, "d_a and d_b")}
    flow = tiny("forestalled", "d_a d_b", cards, rules)
    subject = Subject.of(library_of(flow), flow, Budget())
    again = SecondAsking(subject)
    only_b = (again.person.unsure["signs", "b"], opposite(again.person.unsure["signs", "a"]))
    assert subject.prover.possible(again.fits, again.asked_again(0), *only_b)
    assert not subject.prover.possible(again.fits, again.shown(0), *only_b)
    subject.close()


def test_the_oracle_knows_where_an_open_band_ends() -> None:
    """A band without a bound ends with the question's range, so a meaning that names that bound means the band."""
    age = next(question for question in FLOW.questions if question.choose is NUMBER)
    child = FLOW.bits["child"]
    for numbers, under_16, adult in (
        (((child, 0, 16),), child, 0),
        (((child, 16, 121),), 0, child),
        (((child, 1, 16),), 0, 0),
        (((child, 16, 120),), 0, 0),
    ):
        oracle = Oracle(meanings={age.id: Meaning(age.id, NUMBER, {}, numbers)})
        assert meaning_of(age, oracle) == {"under_16": under_16, "adult": adult}
