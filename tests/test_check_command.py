"""`signpost check` and the check at a start: what they say, and what they refuse."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bot.check import certificate
from bot.check.prove import Wish, prove
from bot.check.prover import Budget
from bot.check.structure import structure_of_library
from bot.check.verdict import PROPERTIES, Findings
from bot.cli import check
from bot.cli.parts import Folders, LibraryError, hash_now
from bot.cli.trouble import BrokenError
from bot.flow.model import Kind
from bot.load import load_library
from tests.test_terminal_kit import COMMAND, ROOT, Place, small_folders


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder with the small library."""
    return Place(tmp_path)


def edit(place: Place, file: str, old: str, new: str) -> None:
    """Change the small library."""
    path = place.folder / "small" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


TOKEN = "123456:an-invented-token-that-nobody-has"  # noqa: S105 - invented

WEAKER = (
    "flows/leg.yaml",
    "      level: emergency\n      action: hospital",
    "      level: soon\n      action: hospital",
)
"""The pelvic signs are no emergency any more."""


def test_a_safe_library(place: Place) -> None:
    """Everything holds: exit code 0, every property with its time, and a last line that says so."""
    done = place.run("check")

    assert done.returncode == 0, done.stdout
    for name in PROPERTIES:
        assert f"\n{name} " in f"\n{done.stdout}"
    assert "NOT PROVED" not in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Everything holds (")


def test_an_unsafe_library(place: Place) -> None:
    """A lowered level is told with file and line and the conversation that shows it; exit code 1."""
    edit(place, *WEAKER)
    done = place.run("check")

    assert done.returncode == 1
    assert "S0        FAILS" in done.stdout
    assert "flows/safety.yaml:4: S0: row 'pelvic_signs' demands emergency" in done.stdout
    assert "see also flows/leg.yaml:" in done.stdout
    assert "| Signpost:   How old are you?" in done.stdout
    assert "[soon]" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Not safe to serve; does not hold: S0")


def test_json(place: Place) -> None:
    """The same for programs: properties, issues with file and line, the chat, figures of each flow."""
    good = json.loads(place.run("check", "--json").stdout)
    edit(place, *WEAKER)
    bad = place.run("check", "--json")
    data = json.loads(bad.stdout)

    assert good["holds"] is True
    assert good["issues"] == []
    assert good["flows"]["leg"]["conversations"] > 0
    assert {each["name"] for each in good["properties"]} == set(PROPERTIES)
    assert bad.returncode == 1
    assert data["holds"] is False
    s0 = next(each for each in data["properties"] if each["name"] == "S0")
    assert s0["holds"] is False
    assert s0["failures"][0]["chat"]
    issue = data["issues"][0]
    assert (issue["file"], issue["rule"]) == ("flows/safety.yaml", "S0")
    assert issue["line"] > 1


def test_files_that_cannot_be_read(place: Place) -> None:
    """A flow that does not parse is told with the loader's own words, as text and as JSON."""
    edit(place, "flows/leg.yaml", "choose: any", "choose: many")
    plain, data = place.run("check"), place.run("check", "--json")

    assert (plain.returncode, data.returncode) == (1, 1)
    assert "flows/leg.yaml:13: wrong-value: 'choose' must be" in plain.stdout
    assert json.loads(data.stdout)["issues"][0]["rule"] == "wrong-value"


def test_one_property(place: Place) -> None:
    """`--only` looks at what is named; an unknown name says what there is."""
    done = place.run("check", "--only", "S0,S11")

    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines() if line.startswith("S")] == ["S0", "S11"]
    assert done.stdout.splitlines()[-1].startswith("What was looked at holds: S0, S11 (")
    assert "there is no property 'S99'; there is: S0, S1" in place.run("check", "--only", "S99").stderr


def test_out_of_time_or_memory(tmp_path: Path) -> None:
    """What could not be decided is *not proved*, which is not *holds*."""
    library = load_library(*small_folders(tmp_path))
    today = library.texts["en"].causes["sciatica"].last_reviewed
    for budget, reason in ((Budget(seconds=-1), "seconds were not enough"), (Budget(memory=1), "of memory were not")):
        verdicts = list(prove(library, Wish(today, budget, only=frozenset({"S0", "S1"}))))
        assert not any(verdict.holds for verdict in verdicts)
        assert all(reason in verdict.not_proved for verdict in verdicts)


def test_out_of_memory_on_the_command_line(place: Place) -> None:
    """The command says what was not proved and exits with 1."""
    done = place.run("check", "--only", "S0", "--memory", "1")

    assert done.returncode == 1
    assert "NOT PROVED" in done.stdout
    assert "Not safe to serve; not proved: S0" in done.stdout


def test_a_certificate(place: Place) -> None:
    """`--certify` writes what was proved beside the flows, only when all of it was, and the same every time."""
    flows = place.folder / "small" / "flows"
    assert place.run("check", "--certify").returncode == 0
    first = (flows / certificate.NAME).read_bytes()
    data = json.loads(first)
    assert data["hash"] == certificate.hash_of(flows, place.folder / "small" / "content")
    assert set(data["holds"]) == set(PROPERTIES)
    assert place.run("check", "--certify").returncode == 0
    assert (flows / certificate.NAME).read_bytes() == first
    assert "--certify needs the whole check" in place.run("check", "--certify", "--only", "S0").stderr
    (flows / certificate.NAME).unlink()
    edit(place, *WEAKER)
    assert place.run("check", "--certify").returncode == 1
    assert not (flows / certificate.NAME).exists()


# --- at a start -------------------------------------------------------------------------------------------------------


def test_a_start_refuses_what_is_not_safe(place: Place) -> None:
    """Flows from elsewhere are checked before they are served; the conversation says what to do instead."""
    edit(place, *WEAKER)
    done = place.pipe("1\n", "chat")

    assert done.returncode == 1
    assert "S0: row 'pelvic_signs' demands emergency" in done.stderr
    assert "are not proved safe (S0" in done.stderr
    assert "emergency" in done.stdout.lower()
    assert "Who is this about?" not in done.stdout


def test_the_bot_refuses_too(place: Place) -> None:
    """So does the bot, before it asks Telegram for anything."""
    edit(place, *WEAKER)
    done = place.run("run", TELEGRAM_TOKEN=TOKEN, TELEGRAM_API_URL="http://127.0.0.1:9")

    assert done.returncode == 1
    assert "are not proved safe (S0" in done.stderr


def test_a_start_remembers(place: Place) -> None:
    """What was checked once is remembered by its hash beside the database; another edit is checked again."""
    notes = place.file.parent / certificate.REMEMBERED
    notes.unlink()
    assert "Who is this about?" in place.chat()
    known = json.loads(notes.read_text("utf-8"))["checked"]
    assert known == [certificate.hash_of(place.folder / "small" / "flows", place.folder / "small" / "content")]
    edit(place, "content/en/shared.yaml", "How old are you?", "How old are you now?")
    assert "How old are you now?" in place.chat("1")
    assert len(json.loads(notes.read_text("utf-8"))["checked"]) == 2


def test_damaged_notes_and_certificates_prove_nothing(tmp_path: Path) -> None:
    """A file that is no certificate, or one of other flows, certifies nothing; damaged notes are forgotten."""
    for text in ("", "[]", "{}", '{"hash": 3}', "\0", '{"hash": "other"}'):
        (tmp_path / certificate.NAME).write_text(text)
        (tmp_path / certificate.REMEMBERED).write_text(text)
        assert not certificate.certified("mine", tmp_path)
        assert not certificate.remembered("mine", tmp_path)
    certificate.remember("mine", tmp_path)
    assert certificate.remembered("mine", tmp_path)


def test_every_byte_counts(tmp_path: Path) -> None:
    """Any edit of a flow or text, and any other name of a file, changes the hash."""
    flows, content = small_folders(tmp_path)
    hashes = {certificate.hash_of(flows, content)}
    for file in (flows / "leg.yaml", flows / "safety.yaml", content / "en" / "language.yaml"):
        file.write_text(file.read_text("utf-8") + "# edited\n", "utf-8")
        hashes.add(certificate.hash_of(flows, content))
    (content / "en" / "causes" / "sciatica.yaml").rename(content / "en" / "causes" / "other.yaml")
    hashes.add(certificate.hash_of(flows, content))
    assert len(hashes) == 5


def test_no_rule_says_what_is_for_a_lower_level(place: Place) -> None:
    """A rule for a doctor soon that sends people to a routine appointment is found, as one for an emergency is."""
    edit(place, "flows/leg.yaml", "soon: appointment", "soon: same_day")
    edit(place, "flows/leg.yaml", "level: urgent\n      action: same_day", "level: soon\n      action: appointment")
    done = place.run("check", "--only", "structure")

    assert done.returncode == 1
    assert "soon rule 'weak_foot' has action 'appointment', which is for routine" in done.stdout


def test_the_oracle_says_what_is_a_danger_sign(place: Place) -> None:
    """Where safety.yaml lists the danger signs, each is one in findings.yaml, and no other is."""
    path = place.folder / "small" / "flows" / "safety.yaml"
    path.write_text(path.read_text("utf-8") + "dangers: [saddle_numbness, bladder_change, stiff]\n", "utf-8")
    done = place.run("check", "--only", "S3")

    assert done.returncode == 1
    assert "safety.yaml does not list 'foot_weak' under 'dangers'" in done.stdout
    assert "'stiff' is a danger sign in safety.yaml and symptom here: correct one" in done.stdout
    edit(place, "flows/safety.yaml", "bladder_change, stiff]", "bladder_change, foot_weak]")
    assert place.run("check", "--only", "S3").returncode == 0


def test_a_broken_check_proves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the check itself is a verdict that says where, and never counts as *holds*."""

    def broken(*_: object) -> None:
        raise KeyError("somewhere")

    monkeypatch.setattr("bot.check.prove.s0", broken)
    library = load_library(*small_folders(tmp_path))
    today = library.texts["en"].causes["sciatica"].last_reviewed
    (verdict,) = prove(library, Wish(today, only=frozenset({"S0"})))
    assert not verdict.holds
    assert "the check itself broke (KeyError in test_check_command.py:" in verdict.not_proved


def test_a_report_that_nobody_reads_proves_nothing(place: Place) -> None:
    """A pipe that closes early, or an end by SIGTERM, never leaves with exit code 0."""
    command = [*COMMAND, "check"]
    with subprocess.Popen(
        command, env=place.environment, cwd=place.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as closed:
        assert closed.stdout
        closed.stdout.close()
        assert closed.wait(30) == 1
    with subprocess.Popen(
        [*COMMAND, "check"], env=dict(os.environ), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as ended:
        assert ended.stdout
        ended.stdout.readline()
        ended.terminate()
        assert ended.wait(30) != 0


def test_what_changed_meanwhile_is_not_certified(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that are edited while they are proved get no certificate, and no start remembers them."""
    flows, content = place.folder / "small" / "flows", place.folder / "small" / "content"
    folders = Folders(flows, content)
    library = load_library(flows, content)
    proved = hash_now(folders)
    edit(place, "content/en/shared.yaml", "How old are you?", "How old are you now?")
    verdicts = list(prove(library, Wish(library.texts["en"].causes["sciatica"].last_reviewed)))
    with pytest.raises(BrokenError, match="changed while they were proved"):
        check._certify(folders, proved, verdicts)
    monkeypatch.setattr(check, "too_long", lambda _: ())
    with pytest.raises(LibraryError, match="changed while they were checked"):
        check.prove_now(library, folders, proved, place.folder)
    assert not certificate.remembered(proved, place.folder)


def _failures(place: Place, name: str) -> list[str]:
    library = load_library(place.folder / "small" / "flows", place.folder / "small" / "content")
    today = library.texts["en"].causes["sciatica"].last_reviewed
    verdicts = prove(library, Wish(today, only=frozenset({name}), counter=None))
    return [failure.message for verdict in verdicts for failure in verdict.failures]


def test_two_options_that_read_the_same(place: Place) -> None:
    """Nobody could tell which one to choose."""
    assert _failures(place, "S8") == []
    edit(place, "content/en/leg.yaml", *_SAME_TEXT)
    assert any("of 'foot' read the same" in message for message in _failures(place, "S8"))


_SAME_TEXT = ("      weak: It hangs down", "      weak: It comes up")


def test_a_danger_sign_without_a_row_or_a_rule(tmp_path: Path) -> None:
    """A danger sign that nothing demands anything for is no danger sign, or somebody forgot it."""
    library = load_library(*small_folders(tmp_path))
    flow = library.flows["leg"]
    flow = replace(flow, kinds={**flow.kinds, "pain_groin": Kind.DANGER})
    found = Findings()
    structure_of_library(replace(library, flows={"leg": flow}), found, lambda _: None)
    assert [failure.message for failure in found.failures] == [
        "no row of safety.yaml says what danger sign 'pain_groin' demands",
        "no rule reads danger sign 'pain_groin'",
    ]


def test_the_most_pressing_action_is_told(place: Place) -> None:
    """A row's action holds: an emergency that tells to do less fails S1, and so do rules in the wrong order."""
    edit(place, "flows/safety.yaml", "    level: emergency\n", "    level: emergency\n    action: ambulance\n")
    edit(place, "flows/safety.yaml", "cards:", "actions: [[ambulance], [hospital]]\ncards:")
    assert any("and demands 'ambulance', and less is told" in message for message in _failures(place, "S1"))
