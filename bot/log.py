"""The log, for operators: on standard error, ids of sessions, flows and questions only, never an answer or a token.

What Signpost itself says goes to the logger `signpost` and those below it. What a library says is not shown: its text
may hold a token, a whole update or what somebody typed. From a warning on there is a line that it was withheld, so that
an operator knows where to look. A failure that nobody caught is told by its kind and its place in the code.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
import warnings
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal

Form = Literal["text", "json"]

_IDS = ("session", "flow", "question")
_NEVER = ("httpx", "httpcore", "telegram")
"""Libraries of which not even a line shows: they log an address with the token in it at every call."""

_WITHHELD = "a line of a library was withheld"
_log = logging.getLogger("signpost")


class _Lines(logging.Formatter):
    """One line to read, or one JSON object a line."""

    def __init__(self, form: Form, message: str | None = None) -> None:
        super().__init__()
        self._form = form
        self._message = message

    def format(self, record: logging.LogRecord) -> str:
        """The line of one record, with its own message or always the same one; never with an exception's text."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
        message = record.getMessage() if self._message is None else self._message
        parts = {"time": at, "level": record.levelname, "logger": record.name, "message": message}
        ids = {name: value for name in _IDS if (value := getattr(record, name, None)) is not None}
        if self._form == "json":
            return json.dumps(parts | ids, ensure_ascii=False)
        line = " ".join([*parts.values(), *(f"{name}={value}" for name, value in ids.items())])
        return line.replace("\n", " ").replace("\r", " ")


def begin_log(level: str, form: Form) -> None:
    """Log what Signpost itself says, from ``level`` on, and keep to itself whatever else would be printed."""
    _log.handlers = [_handler(_Lines(form))]
    _log.setLevel(level)
    _log.propagate = False
    withheld = _handler(_Lines(form, _WITHHELD), logging.WARNING)
    root = logging.getLogger()
    root.handlers = [withheld]
    root.setLevel(logging.WARNING)
    for name in _NEVER:
        library = logging.getLogger(name)
        library.handlers = [logging.NullHandler()]
        library.propagate = False
    logging.lastResort = withheld
    logging.raiseExceptions = False  # a record that cannot be written would be printed with its values
    warnings.showwarning = lambda *_, **__: logging.getLogger("py.warnings").warning("")
    sys.excepthook = _tell
    sys.unraisablehook = lambda failure: _tell(failure.exc_type, failure.exc_value, failure.exc_traceback)
    threading.excepthook = lambda failure: _tell(failure.exc_type, failure.exc_value, failure.exc_traceback)


def tell(error: BaseException, log: logging.Logger = _log) -> None:
    """Log a failure that nobody expected: its kind and where in the code it was. Its text may hold answers."""
    places = [f"{Path(at.filename).name}:{at.lineno}" for at in traceback.extract_tb(error.__traceback__)]
    log.error("unexpected %s at %s", type(error).__name__, " > ".join(places) or "an unknown place")


def _handler(lines: _Lines, level: int = logging.NOTSET) -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(lines)
    handler.setLevel(level)
    return handler


def _tell(kind: type[BaseException], error: BaseException | None, at: TracebackType | None) -> None:
    if not issubclass(kind, SystemExit | KeyboardInterrupt):
        tell((error or kind()).with_traceback(at))
