"""Generated flows, on which the cost of the proof is measured, are real ones; and what costs too much is not proved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bench.draft import Size
from bench.generated import generate, write
from bench.measure import SOLVERS, by_diagram, by_solver, queries
from bench.plot import Line, plot
from bot.check.prove import Wish, prove
from bot.check.prover import Budget
from bot.check.verdict import PROPERTIES
from bot.load import Library, load_library
from bot.telegram.limits import too_long

SMALL = Size(10, 25, 13)
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def library() -> Library:
    """A small generated flow, read by the real loader."""
    return generate(SMALL)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    """Size and seed decide everything."""
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        write(Size(), seed, tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "again")
    assert contents(tmp_path / "one") != contents(tmp_path / "other")


def test_a_flow_has_the_size_that_was_asked_for(tmp_path: Path) -> None:
    """The default size, as the loader counts it."""
    write(Size(), 1, tmp_path)
    flow = load_library(tmp_path / "flows", tmp_path / "content").flows["generated"]
    assert (len(flow.questions), len(flow.findings), len(flow.rules)) == (60, 150, 80)
    assert len(flow.causes) == 20


def test_a_size_that_no_flow_can_have_is_refused(tmp_path: Path) -> None:
    """Too few questions for who, danger cards and causes."""
    with pytest.raises(ValueError, match="cannot be made"):
        write(Size(questions=5), 1, tmp_path)


def test_every_property_holds(library: Library) -> None:
    """All properties hold, Telegram's limits included."""
    verdicts = list(prove(library, Wish(TODAY, measures=(too_long,))))
    assert {verdict.name for verdict in verdicts} == PROPERTIES.keys()
    assert [failure.message for verdict in verdicts for failure in verdict.failures] == []
    assert all(verdict.holds for verdict in verdicts)


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (lambda: Budget(seconds=0.0), "0 seconds were not enough"),
        (lambda: Budget(memory=2**20), "1 MiB of memory were not enough"),
    ],
    ids=["no time", "no memory"],
)
def test_what_takes_too_much_is_not_proved(library: Library, budget: Callable[[], Budget], reason: str) -> None:
    """Neither holds nor fails: the budget, which begins here, is used up, and each verdict says so."""
    verdicts = list(prove(library, Wish(TODAY, budget(), only=frozenset({"S0", "S1", "S2", "S3", "S4", "S6", "S7"}))))
    assert len(verdicts) == 7
    for verdict in verdicts:
        assert reason in verdict.not_proved
        assert not verdict.holds


def test_all_engines_agree(library: Library) -> None:
    """Nobody breaks S0 or S2, and everybody keeps them: the comparison compares the same thing."""
    asked = queries(library)
    assert [by_solver(name, asked) for name in SOLVERS] == [0, 0, 0]
    assert by_diagram(asked) == 0
    asked.wanted[:] = [statement ^ 1 for statement in asked.wanted]
    assert [by_solver(name, asked) for name in SOLVERS] == [len(asked.wanted)] * 3
    assert by_diagram(asked) == len(asked.wanted)


def test_a_plot_shows_each_line() -> None:
    """Its points and its name, which may hold any sign."""
    drawn = plot("Cost", "questions", "seconds", [Line("proof & more", "#123456", [(10, 0.1), (100, 20)])])
    assert drawn.count("<circle") == 2
    assert "proof &amp; more" in drawn
