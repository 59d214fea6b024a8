"""Golden transcripts: every row of the safety oracle and every cause of the article, word for word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.flow.model import Flow
from bot.flow.replay import replay
from bot.load import Library
from tests.scripted import walk

FOLDER = Path(__file__).parent / "golden"
SCRIPTS: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "scripts.yaml").read_text("utf-8"))


def _check(name: str, lines: list[str], *, update: bool) -> None:
    file = FOLDER / f"{name}.txt"
    text = "\n".join(lines) + "\n"
    if update:
        file.write_text(text, "utf-8")
    assert file.is_file(), f"{file.name} is missing: run make golden and read what it writes"
    assert file.read_text("utf-8") == text, f"{file.name} differs: run make golden and read the difference"


@pytest.mark.parametrize("row", SCRIPTS["rows"])
def test_row(row: str, library: Library, flow: Flow, request: pytest.FixtureRequest) -> None:
    """A person of whom the row is true gets at least its level, in the words of the transcript."""
    person = walk(library, flow, SCRIPTS["defaults"] | SCRIPTS["rows"][row])
    state = replay(flow, person.session.inputs)
    oracle = {each.id: each for each in library.safety}[row]
    # A tick that is dangerous by itself ends the talk before the rest of a combined row can be said.
    assert oracle.when.value(state.yes, state.no) is True or person.outcome.level.value == "emergency"
    assert person.outcome.level.rank >= oracle.level.rank
    _check(f"row_{row}", person.lines, update=request.config.getoption("--update"))


@pytest.mark.parametrize("cause", SCRIPTS["causes"])
def test_cause(cause: str, library: Library, flow: Flow, request: pytest.FixtureRequest) -> None:
    """A typical person for each cause of the article sees that cause among the first three."""
    person = walk(library, flow, SCRIPTS["defaults"] | SCRIPTS["causes"][cause])
    shown = [fit.cause for fit in person.outcome.causes[:3]]
    assert cause in shown
    _check(f"cause_{cause}", person.lines, update=request.config.getoption("--update"))


def test_every_row_and_cause_has_a_script(library: Library) -> None:
    """No row of the oracle is without a person."""
    assert set(SCRIPTS["rows"]) == {row.id for row in library.safety}
    assert len(SCRIPTS["causes"]) == 21
