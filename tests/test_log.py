"""The log: what Signpost says about itself, and nothing that anybody else would print into it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.stdlib import get_logger

import bot.log  # noqa: F401 - it sets structlog up

ROOT = Path(__file__).parent.parent
SECRET = "a-secret-that-nobody-may-read"  # noqa: S105 - invented


def logged(script: str, level: str = "DEBUG", form: str = "text") -> list[str]:
    """The lines that a program leaves behind on standard output and standard error after it has begun the log."""
    begin = (
        "import logging; from structlog.stdlib import get_logger; from bot.log import begin_log, tell\n"
        f"begin_log({level!r}, {form!r}); secret = {SECRET!r}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", begin + script],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout.splitlines()


OURS = """
log = logging.getLogger("signpost.telegram")
log.info("turn", extra={"session": "s1", "flow": "leg", "question": None, "answer": secret})
log.debug("quiet")
"""


PLAIN = """
log = logging.getLogger("signpost.telegram")
log.info("turn", extra={"session": "s1", "flow": "leg", "question": None, "answer": secret})
log.debug("quiet")
"""


@pytest.mark.parametrize("script", [OURS, PLAIN])
def test_what_signpost_says(script: str) -> None:
    """A line tells time, level, logger, message and ids, and nothing else that it was given, whichever way it came."""
    (line,) = logged(script, level="INFO")

    time, rest = line.split(" ", 1)
    assert time.endswith("+00:00")
    assert rest == "INFO signpost.telegram turn session=s1 flow=leg"


@pytest.mark.parametrize("script", [OURS, PLAIN])
def test_what_signpost_says_as_json(script: str) -> None:
    """The same as one object a line."""
    lines = [json.loads(line) for line in logged(script, form="json")]

    assert [{key: line[key] for key in line if key != "time"} for line in lines] == [
        {"level": "INFO", "logger": "signpost.telegram", "message": "turn", "session": "s1", "flow": "leg"},
        {"level": "DEBUG", "logger": "signpost.telegram", "message": "quiet"},
    ]


def test_the_fields_of_an_operator() -> None:
    """What an operator counts by stands behind the message: numbers, and words of the program's own."""
    (line,) = logged(
        "get_logger('signpost').warning('it took %s', 'long', seconds=1.23456, count=3, kind='message', attempt=True)"
    )

    assert line.endswith(" it took long kind=message count=3 seconds=1.235 attempt=True")


@pytest.mark.parametrize(
    "value", ["f'the {secret}'", "[secret]", "{secret: 1}", "secret * 9", "ValueError(secret)", "float('nan')", "''"]
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_field_holds_a_number_or_a_word(value: str, form: str) -> None:
    """What is neither does not get out, even under a name that may: somebody passed the wrong thing."""
    (line,) = logged(f"get_logger('signpost').warning('odd', reason={value})", form=form)

    assert "reason" not in line
    assert SECRET not in line


def test_the_level_decides() -> None:
    """Below the level that was set there is silence."""
    assert logged(OURS, level="WARNING") == []


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_line_stays_a_line(form: str) -> None:
    """Whatever a message is made of, it cannot pretend to be a second one."""
    assert len(logged("logging.getLogger('signpost').error('one\\ntwo\\rthree')", form=form)) == 1


@pytest.mark.parametrize("log", ["get_logger", "logging.getLogger"])
def test_an_exception_of_ours_is_told_without_its_text(log: str) -> None:
    """Even when somebody logs one with its traceback and the stack."""
    lines = logged(
        f"try: raise ValueError(secret)\nexcept ValueError: {log}('signpost').exception('it broke', stack_info=True)"
    )

    assert [line.split(" ", 1)[1] for line in lines] == ["ERROR signpost it broke"]


@pytest.mark.parametrize(
    "script",
    [
        "logging.getLogger('asyncio').error(secret)",
        "logging.getLogger('aiohttp.server').warning('%s', secret)",
        "logging.warning(secret)",
        "try: raise ValueError(secret)\nexcept ValueError: logging.getLogger('sqlalchemy').exception(secret)",
        "log = logging.getLogger('lonely'); log.propagate = False; log.error(secret)",
        "import warnings; warnings.simplefilter('always'); warnings.warn(secret)",
        (
            "import asyncio\n"
            "async def fail(): raise ValueError(secret)\n"
            "async def main(): asyncio.ensure_future(fail()); await asyncio.sleep(0.01)\n"
            "asyncio.run(main()); import gc; gc.collect()"
        ),
        (
            "import asyncio\n"
            "def fail(): raise ValueError(secret)\n"
            "async def main(): asyncio.get_running_loop().call_soon(fail); await asyncio.sleep(0.01)\n"
            "asyncio.run(main())"
        ),
    ],
)
def test_what_a_library_says_is_withheld(script: str) -> None:
    """That there was something is told, with who said it, so that an operator knows where to look; its text is not."""
    (line,) = logged(script)

    assert line.endswith("a line of a library was withheld")
    assert SECRET not in line


@pytest.mark.parametrize(
    "script",
    [
        "logging.getLogger('asyncio').info(secret)",
        "logging.getLogger('asyncio').debug(secret)",
        "logging.getLogger('httpx').info('HTTP Request: POST %s', secret)",
        "logging.getLogger('httpx').error(secret)",
        "logging.getLogger('httpcore.connection').error(secret)",
        "logging.getLogger('telegram.ext.Updater').critical(secret)",
        "logging.getLogger('signpost').info('%d', secret)",
        "get_logger('signpost').info('%d', secret)",
        "get_logger('httpx').error(secret)",
    ],
)
def test_what_is_not_even_mentioned(script: str) -> None:
    """Chatter of libraries, all of those that print addresses with the token, and records that cannot be written."""
    assert logged(script) == []


@pytest.mark.parametrize(
    "script",
    [
        "raise ValueError(secret)",
        "import threading; t = threading.Thread(target=lambda: {}[secret]); t.start(); t.join()",
        "class Bad:\n    def __del__(self): raise ValueError(secret)\nBad()",
        "try: raise ValueError(secret)\nexcept ValueError as error: tell(error)",
    ],
)
def test_a_failure_that_nobody_caught(script: str) -> None:
    """It is told by its kind and its place in the code, never by its text."""
    (line,) = logged(script)

    assert " ERROR signpost unexpected " in line
    assert "Error at " in line
    assert SECRET not in line


def test_ending_is_no_failure() -> None:
    """Ctrl-C and a plain end leave no line."""
    assert logged("raise KeyboardInterrupt") == []
    assert logged("raise SystemExit(3)") == []


def test_before_the_log_has_begun() -> None:
    """A part of Signpost that is used by itself prints nothing on standard output, and no more fields than after."""
    script = (
        "from bot.log import get_logger\n"
        f"log = get_logger('signpost.telegram'); log.info('quiet'); log.warning('loud: %s', 1, answer={SECRET!r})"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("", "loud: 1\n")


def test_a_test_can_read_along(caplog: pytest.LogCaptureFixture) -> None:
    """What is said arrives in the standard library's logging as a plain message with its fields."""
    get_logger("signpost.test").warning("it failed: %s", "here", session="s1", answer=SECRET)

    (record,) = caplog.records
    assert record.getMessage() == "it failed: here"
    assert record.__dict__["session"] == "s1"
    assert "answer" not in record.__dict__


def test_what_nobody_reads_costs_next_to_nothing() -> None:
    """Below the level a line is dropped before its fields are looked at."""

    class Costly(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            raise AssertionError("it was looked at")

        __hash__ = str.__hash__

    get_logger("signpost.test").debug("turn", session=Costly("s1"))
