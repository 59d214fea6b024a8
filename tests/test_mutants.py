"""The proof catches seeded faults: a sample of them all, and the means by which they are made and judged."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench.mutants import RESULT, figures, sample, shipped, table
from bench.mutation.faults import every_mutant
from bench.mutation.files import Loader, Mutant, Shipped
from bench.mutation.judge import Judge, Judged
from bench.mutation.texts import TEXT_KINDS
from bench.mutation.wording import variants
from bot.load import LoadError
from bot.load.library import Oracle
from tests.served import LIBRARY

SHIPPED = shipped()
MUTANTS = every_mutant(SHIPPED)
KINDS = list(dict.fromkeys(mutant.kind for mutant in MUTANTS))


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """A judge with a memory for all tests here."""
    judge = Judge(SHIPPED)
    yield judge
    judge.close()


def named(what: str) -> Mutant:
    """The mutant of this description."""
    return next(mutant for mutant in MUTANTS if mutant.what == what)


# --- the faults -------------------------------------------------------------------------------------------------------


def test_every_mutant_is_a_fault_of_its_own() -> None:
    """Each differs from what is shipped, changes existing files alone, and is told by one line that no other has."""
    assert len({(mutant.place, mutant.what) for mutant in MUTANTS}) == len(MUTANTS)
    for mutant in MUTANTS:
        files = {edit.file for edit in mutant.edits}
        assert files <= SHIPPED.documents.keys()
        assert "flows/safety.yaml" not in files, "the oracle is what mutants are held against"
        changed = [
            name for name in files if mutant.seeded(SHIPPED.documents[name]).data != SHIPPED.documents[name].data
        ]
        assert changed, mutant
        assert "\n" not in mutant.what


def test_every_kind_is_made_everywhere() -> None:
    """Every rule, question, finding and definition is touched."""
    flow = LIBRARY.flows["leg_lift"]
    told = " ".join(mutant.what for mutant in MUTANTS if mutant.kind not in TEXT_KINDS)
    for name in (*flow.rules_by_id, *flow.place, *flow.findings, *flow.defined):
        assert f"'{name}'" in told, name
    assert len(KINDS) > 35
    assert not [kind for kind in KINDS if not any(mutant.kind == kind for mutant in MUTANTS)]


def test_slips_in_a_condition() -> None:
    """Inverted, a part dropped, *and* for *or*, a name negated or replaced, at every place."""
    found = {ast.dump(ast.parse(text)) for _, _, text in variants("a and (b or not c)", {"a": "x", "c": "y"}.get)}
    assert found == {
        ast.dump(ast.parse(text))
        for text in (
            "not (a and (b or not c))", "a or (b or not c)", "b or not c", "a", "not a and (b or not c)",
            "x and (b or not c)", "a and (b and not c)", "a and not c", "a and b", "a and (not b or not c)",
            "a and (b or c)", "a and (b or not y)",
        )
    }  # fmt: skip


def test_nothing_is_left_of_a_mutant(judge: Judge) -> None:
    """After a mutant the loader gives what is shipped again, as the check reads it."""
    with pytest.raises(LoadError, match="unsure"):
        judge.loader.load(named("rule 'leg_clot' has no 'unsure'"))
    changed = judge.loader.load(named("rule 'leg_clot' is gone"))
    assert "leg_clot" not in changed.flows["leg_lift"].rules_by_id
    for loader in (judge.loader, Loader(Shipped.at(SHIPPED.flows_dir, SHIPPED.content_dir))):
        again = loader.load(None)
        flows = {name: replace(flow, version=LIBRARY.flows[name].version) for name, flow in again.flows.items()}
        assert replace(again, flows=flows) == LIBRARY


# --- the judgement ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "worse", "caught"),
    [
        ("rule 'leg_clot' is gone", "less than urgent", "S0"),
        ("'level' of rule 'stroke_signs' is urgent, not emergency", "less than emergency", "S0"),
        ("of 'stroke_signs' only one option can be chosen", "less than emergency", "S0"),
        ("question 'muscles' loses 'both_legs'", "less than emergency", "S2"),
        ("rule 'pelvic_change_long' has no 'unsure'", "less than soon", "S4"),
        ("emergency rule 'chest_pain' says to do 'same_day'", "is told to do less", "structure"),
        ("soon rule 'walking_eased' says to do 'routine'", "is told to do less", "structure"),
        ("rule 'leg_clot' has no 'unsure'", "", "loader"),
        ("'chest_pain' is symptom, not danger", "", "loader"),
        ("no text at rules/stroke_signs/title", "", "loader"),
        ("'health' is asked later by 3", "", ""),
        ("rule 'known_ms_infection' loses 'new_or_worse'", "", ""),
        ("options 'adult' and 'child' of 'about' set what the other does", "", ""),
    ],
)
def test_what_becomes_of_a_mutant(judge: Judge, what: str, worse: str, caught: str) -> None:
    """Refused, worse and caught, or harmless: as a reader would say."""
    found = judge.judge(named(what))
    assert (found.worse, found.caught) == (worse, caught)


def test_without_the_oracle_the_worse_ones_survive(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the oracle that catches most: where it demands nothing, a lowered level is worse and nothing sees it."""
    load = judge.loader.load

    def without_rows(mutant: Mutant | None) -> object:
        library = load(mutant)
        return replace(library, oracle=Oracle(meanings=library.oracle.meanings, calms=library.oracle.calms))

    monkeypatch.setattr(judge.loader, "load", without_rows)
    found = judge.judge(named("'level' of rule 'leg_clot' is soon, not urgent"))
    assert found.worse == "less than urgent"
    assert found.caught not in {"S0", "S1", "S2", "S4"}


def test_figures() -> None:
    """Counts by kind and in all; a survivor keeps the reason that was written for it."""
    mutants = [mutant for mutant in MUTANTS if mutant.kind == "rule deleted"][:4]
    results = [
        Judged(mutants[0], caught="loader"), Judged(mutants[1], "less than soon", "S0"), Judged(mutants[2]),
        Judged(mutants[3], "less than soon"),
    ]  # fmt: skip
    former = {"survivors": [{"place": mutants[3].place, "what": mutants[3].what, "reason": "Known."}]}
    found = figures(results, former)
    expected = {"mutants": 4, "loader": 1, "worse": 2, "caught": 1, "survivors": 1, "harmless": 1}
    assert found["total"] == expected
    assert found["kinds"] == {"rule deleted": expected}
    assert [each["reason"] for each in found["survivors"]] == ["Known."]
    assert "| rule deleted | 4 | 1 | 2 | 1 | 1 | 1 |" in list(table(found))


def test_a_sample_is_caught(judge: Judge) -> None:
    """A mutant of each kind: whichever is worse is caught, and no text may be missing."""
    known = {(each["place"], each["what"]) for each in _survivors()}
    for mutant in sample(MUTANTS, len(KINDS), 3):
        found = judge.judge(mutant)
        assert not found.survived or (mutant.place, mutant.what) in known, found
        assert found.caught or mutant.kind not in TEXT_KINDS, found


def _survivors() -> list[dict[str, str]]:
    survivors: list[dict[str, str]] = json.loads(RESULT.read_text("utf-8"))["survivors"] if RESULT.exists() else []
    return survivors
