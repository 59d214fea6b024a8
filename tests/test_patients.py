"""Invented people, each with the level and causes decided beforehand, walked through `signpost chat` over a pipe."""

from __future__ import annotations

import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.flow.model import Level
from tests.scripted import walk
from tests.served import FLOW, LIBRARY

FOLDER = Path(__file__).parent / "patients"
FILES = sorted(FOLDER.glob("*.yaml"))
PATIENTS: dict[str, dict[str, Any]] = {file.stem: yaml.safe_load(file.read_text("utf-8")) for file in FILES}

TOO_HIGH = {name: patient["too_high"] for name, patient in PATIENTS.items() if "too_high" in patient}
"""People who get a higher level than was decided for them, each with the reason in their file."""


@dataclass(frozen=True)
class Result:
    """What one person was told: the last line over the pipe, the causes in the order shown, and the number of cards."""

    level: Level
    named: tuple[str, ...]
    cards: int
    output: str


def _talk(name: str, folder: Path) -> Result:
    person = walk(LIBRARY, FLOW, PATIENTS[name]["answers"], strict=True)
    done = subprocess.run(
        [sys.executable, "-m", "bot", "chat", "--new", "--session", str(folder / f"{name}.json")],
        input="\n".join(person.typed) + "\n",
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    level = Level(done.stdout.splitlines()[-1].removeprefix("level: "))
    assert level is person.outcome.level
    shown = tuple(fit.cause for fit in person.outcome.causes[:3])
    return Result(level, person.outcome.rule_out if level is Level.EMERGENCY else shown, person.cards, done.stdout)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """Everybody, walked two at a time."""
    folder = tmp_path_factory.mktemp("patients")
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(PATIENTS, pool.map(lambda name: _talk(name, folder), PATIENTS), strict=True))


@pytest.mark.parametrize("name", PATIENTS)
def test_nobody_is_told_too_little(name: str, results: dict[str, Result]) -> None:
    """No emergency is missed, and nobody gets less than the level decided beforehand."""
    assert results[name].level.rank >= Level(PATIENTS[name]["level"]).rank


@pytest.mark.parametrize("name", [name for name in PATIENTS if name not in TOO_HIGH])
def test_nobody_is_alarmed_without_need(name: str, results: dict[str, Result]) -> None:
    """Nobody gets more than was decided, but for those whose file gives the reason."""
    assert results[name].level.rank <= Level(PATIENTS[name]["level"]).rank


def test_over_triage_stays_low(results: dict[str, Result]) -> None:
    """Of those who are no emergency at most 10 % are sent to hospital and at most 25 % get a level too high."""
    calm = [name for name in PATIENTS if PATIENTS[name]["level"] != "emergency"]
    hospital = [name for name in calm if results[name].level is Level.EMERGENCY]
    high = [name for name in calm if results[name].level.rank > Level(PATIENTS[name]["level"]).rank]
    assert len(hospital) <= 0.10 * len(calm), hospital
    assert len(high) <= 0.25 * len(calm), high


def test_the_right_cause_is_shown(results: dict[str, Result]) -> None:
    """For at least 90 % a right cause is among the first three, or among what doctors need to rule out."""
    missed = [name for name in PATIENTS if not set(PATIENTS[name]["causes"]) & set(results[name].named)]
    assert len(missed) <= 0.10 * len(PATIENTS), missed


def test_conversations_stay_short(results: dict[str, Result]) -> None:
    """Median at most 19 cards, nine of ten at most 22, never more than 26.

    The median was 18 before the proof found whom nobody asked about signs after a pull, a racing heart or jaw pain.
    """
    cards = sorted(result.cards for result in results.values())
    assert statistics.median(cards) <= 19
    assert cards[int(len(cards) * 0.9) - 1] <= 22
    assert cards[-1] <= 26


def test_there_are_enough_people() -> None:
    """At least 12 emergencies, 8 urgent and 20 others, and causes that have a text."""
    levels = [patient["level"] for patient in PATIENTS.values()]
    assert levels.count("emergency") >= 12
    assert levels.count("urgent") >= 8
    assert levels.count("soon") + levels.count("routine") >= 20
    assert {cause for patient in PATIENTS.values() for cause in patient["causes"]} <= set(LIBRARY.texts["en"].causes)


@pytest.mark.parametrize("name", [name for name in PATIENTS if PATIENTS[name]["level"] == "emergency"])
def test_an_emergency_reads_as_one(name: str, results: dict[str, Result]) -> None:
    """The seek-care message says what to do now, what not to do, and nothing about causes in bands."""
    said = results[name].output
    assert "Do this now:" in said
    assert "Do not:" in said
    assert "fits well" not in said
