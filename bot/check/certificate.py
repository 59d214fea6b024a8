"""Certificates: what was proved once need not be proved at every start.

`flows/certificate.json` belongs to the shipped flows: the hash of flows, texts and checker, and what was proved of
them. `make prove` writes it, and the continuous integration proves it again. Flows from elsewhere are checked before
they are served, and their hash is remembered beside the database. A hash covers every byte of flows, texts and of the
packages that prove and show them, so any edit means a new check. It does not cover the libraries; the lock does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bot.check.verdict import Verdict
from bot.whole_file import write_whole

NAME = "certificate.json"
REMEMBERED = "checked.json"
_MOST = 50
"""Hashes that are remembered; the oldest go first."""

_CHECKER = ("check", "conversation", "flow", "load", "telegram")
"""The packages that a proof rests on, what is shown and how long it is included."""


def hash_of(flows_dir: Path, content_dir: Path) -> str:
    """The hash of flows, texts and checker: 64 hexadecimal digits. Raises `OSError`."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for name, folder, pattern in _parts(package, flows_dir, content_dir):
        for file in sorted(folder.rglob(pattern), key=lambda path: path.relative_to(folder).as_posix()):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            digest.update(f"{name}/{file.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _parts(package: Path, flows_dir: Path, content_dir: Path) -> Iterator[tuple[str, Path, str]]:
    yield "flows", flows_dir, "*.yaml"
    yield "content", content_dir, "*.yaml"
    yield "content", content_dir, "*.txt"
    for name in _CHECKER:
        yield name, package / name, "*.py"


def certificate(proved: str, verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """What is certified of the hash ``proved``. Raises `ValueError` when something does not hold."""
    verdicts = tuple(verdicts)
    if not verdicts or not all(verdict.holds for verdict in verdicts):
        raise ValueError("only what holds can be certified")
    return {
        "hash": proved,
        "holds": sorted({verdict.name for verdict in verdicts}),
        "flows": {verdict.flow: dict(verdict.figures) for verdict in verdicts if verdict.name == "S7" and verdict.flow},
    }


def write(data: dict[str, Any], file: Path) -> None:
    """Write a certificate, whole or not at all. Raises `OSError`."""
    write_whole(file, json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def certified(proved: str, flows_dir: Path) -> bool:
    """Whether the certificate of these flows is about this very hash. A damaged one certifies nothing."""
    try:
        data = json.loads((flows_dir / NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(data, dict) and data.get("hash") == proved


def remembered(proved: str, folder: Path) -> bool:
    """Whether this hash was checked before, according to the notes in ``folder``."""
    return proved in _remembered(folder / REMEMBERED)


def remember(proved: str, folder: Path) -> None:
    """Note that this hash was checked. Raises `OSError`."""
    known = [each for each in _remembered(folder / REMEMBERED) if each != proved]
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / REMEMBERED, json.dumps({"checked": [*known, proved][-_MOST:]}, indent=2) + "\n")


def _remembered(file: Path) -> list[str]:
    try:
        data = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return []
    known = data.get("checked") if isinstance(data, dict) else None
    return [each for each in known if isinstance(each, str)] if isinstance(known, list) else []
