"""The command line: what it says when asked, and how it says that something is not there or broken."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from bot import __version__
from bot.check import certificate
from tests.test_terminal_kit import COMMAND, Place

TOKEN = "123456:an-invented-token-that-nobody-has"  # noqa: S105 - invented


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder with the small library."""
    return Place(tmp_path)


def fails(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line on standard error of a command that failed with this code and said nothing else."""
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_the_version(place: Place) -> None:
    """`--version` names the release."""
    assert place.run("--version").stdout == f"signpost {__version__}\n"


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help(place: Place, arguments: tuple[str, ...]) -> None:
    """Without a command, the commands are shown."""
    done = place.run(*arguments)

    assert done.returncode == 0
    assert re.findall(r"^ {4}(\w+)(?: {2,}\S|$)", done.stdout, re.MULTILINE) == [
        "chat",
        "run",
        "check",
        "graph",
        "understand",
        "sandbox",
    ]
    assert done.stderr == ""


def test_help_for_the_conversation(place: Place) -> None:
    """Each option of the conversation is explained, and so is what a script relies on."""
    said = place.run("chat", "--help").stdout

    assert all(option in said for option in ("--flow", "--language", "--new", "--json", "--session"))
    assert "level: emergency" in said


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("run", "TELEGRAM_TOKEN=123456:ABC... signpost run"),
        ("graph", "signpost graph leg_lift -o leg_lift.svg"),
        ("understand", "signpost understand - --json <messages.txt"),
        ("sandbox", "--port"),
    ],
)
def test_help_with_examples(place: Place, command: str, says: str) -> None:
    """Each command comes with examples."""
    said = place.run(command, "--help").stdout

    assert "for example:" in said
    assert says in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("talk",), "there is no command 'talk'; there is: chat, run, check, graph, understand, sandbox"),
        (("chat", "--flow", "arm"), "there is no flow 'arm'; there is: leg"),
        (("chat", "--language", "xx"), "there is no language 'xx'; there is: en (English)"),
        (("chat", "--lang", "en"), "--lang"),
        (("chat", "--flow"), "expected one argument"),
        (("chat", "leg"), "unrecognized arguments: leg"),
        (("run", "--port", "1"), "unrecognized arguments: --port"),
        (("sandbox", "--port", "0"), "write a port number from 1 to 65535"),
        (("sandbox", "--port", "http"), "write a port number from 1 to 65535"),
    ],
)
def test_asked_in_a_wrong_way(place: Place, arguments: tuple[str, ...], says: str) -> None:
    """What is not there is told in one line, with what there is, and exit code 2."""
    assert says in fails(place.run(*arguments), 2)
    assert not place.file.exists()


def test_a_wrong_setting(place: Place) -> None:
    """A setting that is wrong is told in one line."""
    assert "LOG_LEVEL: use one of" in fails(place.run("chat", LOG_LEVEL="LOUD"), 2)
    assert "DEFAULT_LANGUAGE: there is no language 'de'" in fails(place.run("chat", DEFAULT_LANGUAGE="de"), 2)


def test_mistakes_in_the_flows(place: Place) -> None:
    """All mistakes are listed, one a line, then how many they are; the person is told where to turn instead."""
    flow = Path(place.environment["FLOWS_DIR"]) / "leg.yaml"
    flow.write_text(flow.read_text("utf-8").replace("foot_weak", "foot_weka"), "utf-8")

    done = place.run("chat")
    lines = done.stderr.splitlines()

    assert done.returncode == 1
    assert "call your local emergency number" in done.stdout
    assert len(lines) > 3
    assert all(line.startswith("flows/leg.yaml:") for line in lines[:-1])
    assert lines[-1].startswith(f"signpost: {len(lines) - 1} mistakes ")


def test_which_of_several_flows(place: Place) -> None:
    """With several flows one has to be named, and an unfinished check of another is not given up silently."""
    for folder in (place.environment["FLOWS_DIR"], f"{place.environment['CONTENT_DIR']}/en"):
        text = (Path(folder) / "leg.yaml").read_text("utf-8")
        (Path(folder) / "arm.yaml").write_text(text.replace("flow: leg", "flow: arm"), "utf-8")

    assert "name one with --flow: arm, leg" in fails(place.run("chat"), 2)
    place.chat("1", options=("--flow", "arm"))
    assert "How old are you?" in place.chat()
    assert "unfinished check 'arm'" in fails(place.run("chat", "--flow", "leg"), 2)
    assert "Who is this about?" in place.chat(options=("--flow", "leg", "--new"))
    assert '"flow":"leg"' in (place.kept() or "")


def test_a_damaged_session_stops_a_script(place: Place) -> None:
    """Answers from a script must not land in another check than they were meant for: it is told what to do."""
    place.chat("1")
    place.keep("{")

    line = fails(place.pipe("2\n", "chat"), 1)

    assert f"{place.file} holds a check for 'terminal' that cannot be read" in line
    assert "use --new" in line
    assert place.kept() == "{"


def test_a_damaged_session_is_kept_when_a_new_check_is_asked_for(place: Place) -> None:
    """`--new` sets the damaged check aside, says so on standard error, and begins."""
    place.chat("1")
    place.keep("{")

    done = place.run("chat", "--new")

    assert done.returncode == 0
    assert "Who is this about?" in done.stdout
    assert done.stderr.count("\n") == 1
    assert "It is kept there as 'terminal.damaged-1'" in done.stderr
    assert place.kept("terminal.damaged-1") == "{"


def test_a_file_that_cannot_be_used_stops_a_script(place: Place) -> None:
    """A check may be in there: it is told in one line, and the file stays as it is."""
    place.file.write_text("{}")

    line = fails(place.pipe("2\n", "chat"), 1)

    assert f"{place.file.resolve()} is damaged" in line
    assert "use --new: it begins a new check that is not saved" in line
    assert {path.name for path in place.file.parent.iterdir()} == {certificate.REMEMBERED, "signpost.db"}
    assert place.file.read_text() == "{}"


def test_a_file_that_cannot_be_used_hides_no_warning(place: Place) -> None:
    """`--new` has the check all the same, without saving it, which is told at its beginning and its end."""
    place.file.write_text("{}")

    done = place.pipe("1\n30\n1\n", "chat", "--new")

    assert done.returncode == 1
    assert done.stdout.endswith("\nlevel: emergency\n")
    assert "a new check begins, which is not saved" in done.stderr
    assert "the answers are not saved" in done.stderr
    assert done.stderr.count("\n") == 2
    assert place.file.read_text() == "{}"


@pytest.mark.parametrize("url", ["postgresql://signpost:hunter2@db/signpost", "sqlite://", "hunter2.db"])
@pytest.mark.parametrize("command", ["chat", "run"])
def test_a_database_of_another_kind(place: Place, command: str, url: str) -> None:
    """A setting that cannot work yet is told in one line that repeats no password, before anything is begun."""
    line = fails(place.run(command, DATABASE_URL=url, TELEGRAM_TOKEN=TOKEN), 2)

    assert line.startswith("signpost: DATABASE_URL: only SQLite is supported so far; write sqlite:///data/signpost.db")
    assert "hunter2" not in line


def test_another_place_for_the_database(place: Place) -> None:
    """DATABASE_URL names the file, from here or as a whole path."""
    place.chat("1", DATABASE_URL="sqlite:///mine.db")
    said = place.chat(DATABASE_URL=f"sqlite:///{place.folder}/mine.db")

    assert "How old are you?" in said
    assert not place.file.exists()


def test_a_check_of_a_flow_that_is_gone(place: Place) -> None:
    """A check that cannot be gone on with is not thrown away either."""
    place.chat("1")
    place.edit('"leg"', '"knee"')

    assert "a check of the flow 'knee'" in fails(place.run("chat"), 1)
    assert place.run("chat", "--new").returncode == 0
    assert '"knee"' in (place.kept("terminal.damaged-1") or "")


def test_a_language_that_is_gone(place: Place) -> None:
    """A check in a language without texts goes on in the default one."""
    place.chat("1")
    place.edit('"en"', '"de"')

    assert "How old are you?" in place.chat()


def test_a_disk_that_takes_nothing_hides_no_warning(place: Place) -> None:
    """When nothing can be saved the conversation is had all the same, and the failure is told at its end."""
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *COMMAND, "chat"],
        input="1\n30\n1\n",
        env=place.environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        cwd=place.folder,
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )

    assert done.returncode == 1
    assert "EMERGENCY" in done.stdout
    assert done.stdout.endswith("\nlevel: emergency\n")
    assert "the answers are not saved" in done.stderr


def test_our_own_fault_is_no_silence(place: Place) -> None:
    """When Signpost itself breaks, the person gets fixed words of where to turn, and the log names no answer."""
    script = (
        "import sys; from bot import cli; from bot.terminal.chat import Chat; "
        "Chat.do = lambda *_: {}['groin']; sys.exit(cli.main(['chat']))"
    )
    done = subprocess.run(
        [COMMAND[0], "-c", script],
        input="1\n",
        env=place.environment | {"OPERATOR_CONTACT": "the front desk"},
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )

    assert done.returncode == 1
    assert "call your local emergency number" in done.stdout
    assert "the front desk" in done.stdout
    assert "unexpected KeyError at chat.py" in done.stderr
    assert "groin" not in done.stderr


def test_the_log_names_no_answer(place: Place) -> None:
    """The log speaks on standard error only, of session, flow and question; silent unless asked for."""
    done = place.pipe("1\n30\nbladder\n", "chat", LOG_LEVEL="DEBUG", LOG_FORMAT="json")

    assert '"flow": "leg", "question": "age"' in done.stderr
    entries = [json.loads(line) for line in done.stderr.splitlines()]
    said = json.dumps([{key: entry[key] for key in entry if key not in {"time", "session"}} for entry in entries])
    assert not any(word in said for word in ("30", "bladder", "emergency"))
    assert place.run("chat").stderr == ""


def test_output_that_nobody_reads(place: Place) -> None:
    """When whoever read the output goes away, the conversation ends at once, quietly; every answer is saved."""
    reader, writer = os.pipe()
    with subprocess.Popen(
        [*COMMAND, "chat"],
        stdin=subprocess.PIPE,
        stdout=writer,
        stderr=subprocess.PIPE,
        env=place.environment,
        cwd=place.folder,
        text=True,
    ) as process:
        os.close(writer)
        with open(reader, encoding="utf-8") as said_first:  # noqa: PTH123 - there is no path, only a pipe
            while not said_first.readline().startswith("Or type:"):
                pass
        _, said = process.communicate("1\n30\nnone\n", timeout=30)

    assert (process.returncode, said) == (0, "")
    assert '"turn":1' in (place.kept() or "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_output_that_does_not_fit(place: Place) -> None:
    """A full disk behind standard output is told in one line."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [*COMMAND, "chat"], stdout=full, stderr=subprocess.PIPE, env=place.environment, text=True, check=False
        )

    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("stopped_by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_stopped_from_outside(place: Place, stopped_by: signal.Signals, code: int) -> None:
    """Ctrl-C and the system's request to end leave the answers saved and no traceback."""
    with subprocess.Popen(
        [*COMMAND, "chat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=place.environment,
        cwd=place.folder,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - a shell may hand it down ignored
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("1\n")
        process.stdin.flush()
        while "How old are you?" not in process.stdout.readline():
            pass
        process.send_signal(stopped_by)
        _, said = process.communicate(timeout=30)

    assert (process.returncode, said) == (code, "")
    assert "How old are you?" in place.chat()


def test_help_does_not_wait_for_what_it_does_not_need(place: Place) -> None:
    """Help comes without loading flows, and a pipe without what only a screen needs."""
    script = "import sys, bot.cli; bot.cli.main(sys.argv[1:]); print(*sys.modules, sep='\\n', file=sys.stderr)"

    def loaded(*arguments: str) -> set[str]:
        done = subprocess.run(
            [COMMAND[0], "-c", script, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=place.environment,
            text=True,
            check=True,
        )
        return set(done.stderr.splitlines())

    heavy = {"aiohttp", "httpx", "prompt_toolkit", "rich", "telegram"}
    assert not loaded() & heavy | {"asyncio", "pydantic", "sqlalchemy", "yaml"} & loaded("run", "--help")
    assert not loaded("chat") & heavy


def test_the_first_question_is_there_soon(place: Place) -> None:
    """With the shipped flows it takes well under a second; the bound is wide, since test machines are busy."""
    del place.environment["FLOWS_DIR"], place.environment["CONTENT_DIR"]
    began = time.monotonic()
    place.chat()

    assert time.monotonic() - began < 5
