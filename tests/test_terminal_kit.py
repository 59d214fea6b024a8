"""What the terminal's tests share: a small library laid out in a folder, and ways to run the command on it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pexpect

from bot.check import certificate
from bot.flow.session import Session
from bot.load import Library, load_library
from bot.terminal.chat import KEY, Chat, Start

ROOT = Path(__file__).parent.parent
NOW = 1_800_000_000
COMMAND = [sys.executable, "-W", "error", "-m", "bot"]

# The second asking for an age only exists where a pressing rule reads it.
_AGE_MATTERS = (
    (
        "flows/leg.yaml",
        "when: foot_weak and not long_steady",
        "when: foot_weak and not long_steady or foot_weak and child",
    ),
    ("content/en/shared.yaml", "why: Some causes", "again: A rough age is enough.\n    why: Some causes"),
)
TO_THE_REVIEW = ("1", "30", "none", "2", "1 3")
"""Answers to the small flow that end calmly, up to the last look at the denied danger signs."""


class Memory:
    """Sessions in memory; ``fails`` is raised by the next saves, as a full disk would."""

    def __init__(self) -> None:
        self.kept: dict[str, Session] = {}
        self.fails: OSError | None = None

    async def load(self, key: str) -> Session | None:
        """The session of this person."""
        return self.kept.get(key)

    async def save(self, key: str, session: Session) -> None:
        """Keep the session, or fail."""
        if self.fails:
            raise self.fails
        self.kept[key] = session

    @property
    def session(self) -> Session:
        """The session of the person at the terminal."""
        return self.kept[KEY]


def small_folders(folder: Path) -> tuple[Path, Path]:
    """A copy of the small library in which the age matters: its flows and its texts."""
    small = folder / "small"
    shutil.copytree(ROOT / "tests" / "fixtures" / "small", small)
    for name, old, new in _AGE_MATTERS:
        text = (small / name).read_text("utf-8")
        assert old in text
        (small / name).write_text(text.replace(old, new), "utf-8")
    return small / "flows", small / "content"


def small_library(folder: Path) -> Library:
    """The small library."""
    return load_library(*small_folders(folder))


@contextmanager
def at(library: Library, sessions: Memory, now: int = NOW) -> Iterator[Chat]:
    """A conversation at this time, with these sessions."""
    with asyncio.Runner() as runner:
        yield Chat(library, sessions, lambda: now, runner)


@contextmanager
def begun(library: Library, sessions: Memory | None = None) -> Iterator[Chat]:
    """A conversation that has just begun."""
    with at(library, sessions or Memory()) as chat:
        chat.begin(Start("leg", "en", new=True))
        yield chat


class Place:
    """A folder in which the command is run, with nothing set but the small library."""

    def __init__(self, folder: Path) -> None:
        flows, content = small_folders(folder)
        self.folder = folder
        self.file = folder / "data" / "signpost.db"
        certificate.remember(certificate.hash_of(flows, content), self.file.parent)
        self.environment = {
            "CONTENT_DIR": str(content),
            "FLOWS_DIR": str(flows),
            "HOME": str(folder),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "TZ": "UTC",
        }

    def kept(self, key: str = KEY) -> str | None:
        """The check of this person as it is stored; `None` for none."""
        with closing(sqlite3.connect(self.file)) as connection:
            row = connection.execute("SELECT session FROM people WHERE key = ?", [key]).fetchone()
        return row[0] if row else None

    def keep(self, session: str) -> None:
        """Store this in place of the check."""
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute("UPDATE people SET session = ? WHERE key = ?", [session, KEY])
            connection.commit()

    def edit(self, old: str, new: str) -> None:
        """Replace something in the check as it is stored."""
        before = self.kept() or ""
        assert old in before
        self.keep(before.replace(old, new))

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command with nothing to read."""
        return self.pipe("", *arguments, **environment)

    def pipe(self, typed: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command with these lines from a pipe."""
        return subprocess.run(
            [*COMMAND, *arguments],
            input=typed,
            env=self.environment | environment,
            cwd=self.folder,
            capture_output=True,
            encoding="utf-8",
            timeout=30,
            check=False,
        )

    def chat(self, *lines: str, options: tuple[str, ...] = (), **environment: str) -> str:
        """Have a conversation over a pipe that ends well and quietly; returns what was said."""
        done = self.pipe("".join(f"{line}\n" for line in lines), "chat", *options, **environment)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def screen(self, *options: str, columns: int = 80, **environment: str) -> Screen:
        """Start the conversation on a screen."""
        child = pexpect.spawn(
            COMMAND[0],
            [*COMMAND[1:], "chat", *options],
            env=self.environment | {"TERM": "xterm-256color"} | environment,
            cwd=str(self.folder),
            dimensions=(40, columns),
            encoding="utf-8",
            timeout=10,
        )
        return Screen(child)


class Screen:
    """A person at a screen: presses keys and reads what appears."""

    def __init__(self, child: pexpect.spawn[str]) -> None:
        self.child = child
        self.raw = ""

    def sees(self, text: str) -> None:
        """Wait until this text appears (spaces in it may be line ends), and note all that came before."""
        self.child.expect(r"\s+".join(re.escape(word) for word in text.split()))
        self.raw += f"{self.child.before}{self.child.after}"

    def menu(self) -> None:
        """Wait until the keys of the menu are there, so that nothing is pressed too early."""
        self.sees("h: help")

    def press(self, *keys: str) -> None:
        """Press keys."""
        for key in keys:
            self.child.send(key)

    def leaves(self, code: int = 0) -> str:
        """Wait for the end of the command; returns all that was shown."""
        self.child.expect(pexpect.EOF)
        self.raw += self.child.before or ""
        self.child.close()
        assert self.child.exitstatus == code
        return self.raw


def without_codes(text: str) -> str:
    """What a terminal shows of it: no control codes."""
    return re.sub(r"\x1b(?:\[[0-9;?]*[a-zA-Z]|[=>])", "", text)
