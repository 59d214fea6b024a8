"""The log, for operators: on standard error, session, flow and question ids only, never an answer or a typed word."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

_IDS = ("session", "flow", "question")


class _Lines(logging.Formatter):
    """One line to read, or one JSON object a line."""

    def __init__(self, form: Literal["text", "json"]) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        """The line of one record."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
        parts = {"time": at, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        ids = {name: value for name in _IDS if (value := getattr(record, name, None)) is not None}
        if self._form == "json":
            return json.dumps(parts | ids, ensure_ascii=False)
        return " ".join([*parts.values(), *(f"{name}={value}" for name, value in ids.items())])


def begin_log(level: str, form: Literal["text", "json"]) -> None:
    """Log what Signpost itself says, from ``level`` on; what libraries log stays out."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(form))
    log = logging.getLogger("signpost")
    log.handlers = [handler]
    log.setLevel(level)
    log.propagate = False
