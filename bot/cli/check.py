"""`signpost check`: prove that every conversation is safe, or show the one that is not; and the check at a start."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from bot.check import certificate
from bot.check.apart import Apart
from bot.check.prove import Wish, prove
from bot.check.prover import Budget, peak_memory
from bot.check.report import Cost, as_data, lines_of, loader_data, summary
from bot.check.verdict import PROPERTIES, Verdict
from bot.cli.parts import Folders, LibraryError, begin, folders_of, hash_now, read_library
from bot.cli.trouble import BROKEN, OK, BrokenError, UsageError, fail, tell
from bot.load import Library, LoadError
from bot.load.yaml_reader import FASTEST
from bot.telegram.limits import too_long

_START_SECONDS = 300.0
"""How long a start may check flows that it has not seen before."""


def check(asked: argparse.Namespace) -> int:
    """Check everything; returns 0 only when all of it holds."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # whoever ends it has no proof, and no exit code that says so
    try:
        code = _check(asked, folders_of(begin()))
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - nobody reads what is left to say
        return fail("the report was not read to its end, so nothing counts as proved", BROKEN)
    return code


def _check(asked: argparse.Namespace, folders: Folders) -> int:
    only = _only(asked.only)
    if asked.certify and only:
        raise UsageError("--certify needs the whole check: leave --only out")
    started = time.perf_counter()
    proved = hash_now(folders)
    try:
        library = read_library(folders)
    except LoadError as error:
        return _unreadable(error, as_json=asked.json)
    budget = Budget(asked.seconds, asked.memory * 2**20)
    wish = Wish(datetime.now(tz=UTC).date(), budget, (too_long,), _patients(asked.people), only)
    with Apart(library, wish) as apart:
        verdicts = list(_shown(library, apart.wish, as_json=asked.json))
    cost = Cost(time.perf_counter() - started, peak_memory())
    print(json.dumps(as_data(verdicts, cost), ensure_ascii=False, indent=2) if asked.json else summary(verdicts, cost))
    if not all(verdict.holds for verdict in verdicts):
        return BROKEN
    if asked.certify:
        _certify(folders, proved, verdicts)
    return OK


def _only(names: str | None) -> frozenset[str]:
    only = frozenset((names or "").replace(",", " ").split())
    if unknown := sorted(only - PROPERTIES.keys()):
        raise UsageError(f"--only: there is no property '{unknown[0]}'; there is: {', '.join(PROPERTIES)}")
    return only


def _unreadable(error: LoadError, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(loader_data(error.issues), ensure_ascii=False, indent=2))
    else:
        print(error)
        print(f"Not safe to serve; the files cannot be read ({len(error.issues)} mistakes), so nothing was proved.")
    return BROKEN


def _shown(library: Library, wish: Wish, *, as_json: bool) -> Iterator[Verdict]:
    """Each verdict, told as soon as it is there, with what is being looked at meanwhile."""
    progress = _Progress()
    for verdict in prove(library, wish, progress.show):
        progress.clear()
        if not as_json:
            print("\n".join(lines_of(verdict)), flush=True)
        yield verdict
    progress.clear()


class _Progress:
    """One line that is written over, where somebody is watching. ``announcement`` is said when it takes long."""

    _WIDTH = 78
    _LONG = 2.0

    def __init__(self, announcement: str = "") -> None:
        self._watched = sys.stderr.isatty()
        self._announcement = announcement
        self._started = time.monotonic()

    def show(self, what: str) -> None:
        if self._announcement and time.monotonic() - self._started > self._LONG:
            tell(self._announcement)
            self._announcement = ""
        if self._watched:
            print(f"\r{what[: self._WIDTH]:<{self._WIDTH}}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._watched:
            print(f"\r{'':<{self._WIDTH}}\r", end="", file=sys.stderr, flush=True)


def _certify(folders: Folders, proved: str, verdicts: list[Verdict]) -> None:
    file = folders.flows / certificate.NAME
    if hash_now(folders) != proved:
        raise BrokenError("the files changed while they were proved: run it again")
    try:
        certificate.write(certificate.certificate(proved, verdicts), file)
    except OSError as error:
        raise BrokenError(f"{file} cannot be written ({error.strerror}): check the folder") from error
    tell(f"wrote {file}")


def _patients(folder: Path | None) -> dict[str, Mapping[str, Any]]:
    """Committed patients: files with a map ``answers``; they give the typical length."""
    if folder is None:
        return {}
    if not folder.is_dir():
        raise UsageError(f"--people: there is no folder {folder}")
    patients: dict[str, Mapping[str, Any]] = {}
    for file in sorted(folder.glob("*.yaml")):
        try:
            patients[file.stem] = yaml.load(file.read_text("utf-8"), FASTEST)["answers"]  # noqa: S506 - a safe one
        except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError):
            raise UsageError(f"--people: {file} is no patient: it needs a map 'answers'") from None
    return patients


# --- at a start -------------------------------------------------------------------------------------------------------


def prove_now(library: Library, folders: Folders, proved: str, memory: Path) -> None:
    """Check flows that no certificate knows, before they are served. Raises `LibraryError` when they are not safe."""
    wish = Wish(datetime.now(tz=UTC).date(), Budget(_START_SECONDS), (too_long,), counter=None)
    progress = _Progress("these flows have not been checked yet; checking them now, once (some seconds)")
    bad: list[Verdict] = []
    for verdict in prove(library, wish, progress.show):
        progress.clear()
        if not verdict.holds:
            bad.append(verdict)
            print("\n".join(lines_of(verdict)), file=sys.stderr)
    progress.clear()
    if bad:
        names = ", ".join(dict.fromkeys(verdict.name for verdict in bad))
        raise LibraryError(f"the flows in {folders.flows} are not proved safe ({names}), so nothing was started")
    if hash_now(folders) != proved:
        raise LibraryError("the flows changed while they were checked: start again")
    with suppress(OSError):  # then the next start checks again
        certificate.remember(proved, memory)
