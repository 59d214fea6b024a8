"""Faults in the texts: each one that has to be there is gone, or empty, or too long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.mutation.files import REMOVED, Edit, Mutant, Path_
from bench.mutation.flows import Faults, Source

GONE, BLANK, LONG = "text removed", "text blanked", "text too long"
TEXT_KINDS = (GONE, BLANK, LONG)
_LIMITS = {"ask": 300, "why": 500, "short": 30, "label": 32, "text": 160}
_OPTIONAL = frozenset({"hint", "dont"})
_TYPED = ("/concepts.yaml", "/answers.yaml")
"""What people type, and nobody reads; its examples are tried by S14."""
_NO_TEXTS = frozenset({"sources", "last_reviewed", "reviewed_by", "words"})


def texts(source: Source) -> Iterator[Mutant]:
    """Every required text of every language."""
    for file, document in source.shipped.documents.items():
        if not file.startswith("content/") or "/dangers/" in file or file.endswith(_TYPED):
            continue
        for path, value in _texts(document.data, ()):
            where = "/".join(map(str, path))
            if not isinstance(path[-1], int):  # a list may lose a line
                yield source.change(GONE, (file, path), f"no text at {where}", REMOVED)
            yield source.change(BLANK, (file, path), f"an empty text at {where}", " ")
            limit = _limit(path, value)
            if limit:
                what = f"{limit + 1} characters at {where}"
                yield source.mutant(LONG, (file, path), what, Edit(file, path, "x" * (limit + 1)))


def _texts(data: Any, path: Path_) -> Iterator[tuple[Path_, Any]]:  # noqa: ANN401  # whatever stands in the file
    """Every text that is required, variants for audiences as one."""
    if isinstance(data, str) or (isinstance(data, dict) and data.keys() >= {"me", "they", "child"}):
        yield path, data
        return
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        if key not in _OPTIONAL and not (len(path) == 0 and key in _NO_TEXTS):
            yield from _texts(value, (*path, key))


def _limit(path: Path_, value: Any) -> int | None:  # noqa: ANN401
    """The most characters of a text, where there is such a limit."""
    if "questions" not in path:
        return None
    if path[-2] == "options" and isinstance(value, str | dict):
        return _LIMITS["label"]
    return _LIMITS.get(str(path[-1]))


TEXTS: tuple[Faults, ...] = (texts,)
