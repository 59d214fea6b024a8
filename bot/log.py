"""The log, for operators: on standard error, ids and counts only, never an answer, a name, a chat or a token.

Signpost speaks through structlog, which hands everything to the standard library's logging::

    from bot.log import get_logger

    _log = get_logger("signpost.telegram")
    _log.info("turn", session=session, flow=flow)

The message is fixed words of ours, or such words with a place in the code filled in (``"it failed: %s", place``). What
varies comes as fields, and a field gets out only when its name is in `FIELDS` and its value is a number or one word.
To import this module is enough for that; only `begin_log` makes lines of it.

What a library says is not shown: its text may hold a token, a whole update or what somebody typed. From a warning on
there is a line that it was withheld, so that an operator knows where to look. A failure that nobody caught is told by
its kind and its place in the code.
"""

from __future__ import annotations

import logging
import math
import re
import sys
import threading
import traceback
import warnings
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal

# Structlog would load rich, a quarter of a second long, for tracebacks in colour that are never shown here.
_rich = sys.modules.get("rich")
sys.modules["rich"] = None  # type: ignore[assignment]
import structlog  # noqa: E402
from structlog.processors import JSONRenderer  # noqa: E402
from structlog.stdlib import BoundLogger, ExtraAdder, ProcessorFormatter, render_to_log_args_and_kwargs  # noqa: E402
from structlog.typing import EventDict, Processor, WrappedLogger  # noqa: E402

if _rich is None:
    del sys.modules["rich"]
else:
    sys.modules["rich"] = _rich

Form = Literal["text", "json"]

FIELDS = (
    # whose turn it was; the ids are ours, and say nothing about anybody to somebody who lacks the database
    *("session", "flow", "question"),
    # what happened: words and numbers of the program's own
    *("kind", "result", "method", "reason", "count", "seconds", "attempt"),
)
"""The fields that may stand in a line, in this order. Any other one is dropped unread."""

_WORD = re.compile(r"[A-Za-z0-9_.:/+-]{1,64}")
"""What text in a field looks like: one word, such as an id. A sentence that got there by mistake is dropped."""

_UNNAMED = ("time", "level", "logger", "message")
"""What stands at the front of every line, without its name where people read it."""

_NEVER = ("httpx", "httpcore", "telegram")
"""Libraries of which not even a line shows: they log an address with the token in it at every call."""

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "exception": logging.ERROR,
    "critical": logging.CRITICAL,
}

_WITHHELD = "a line of a library was withheld"


class _Logger(BoundLogger):
    """Structlog's logger; it does nothing when nobody is to read a line, of which ten thousand may come in a second."""

    def _proxy_to_logger(  # the one way that all lines take
        self, method_name: str, event: str | None = None, *event_args: str, **event_kw: object
    ) -> object:
        if self._logger.isEnabledFor(_LEVELS[method_name]):
            return super()._proxy_to_logger(method_name, event, *event_args, **event_kw)
        return None


def get_logger(name: str) -> BoundLogger:
    """The logger of this name: `signpost`, or one below it."""
    logger: BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def begin_log(level: str, form: Form) -> None:
    """Log what Signpost itself says, from ``level`` on, and keep to itself whatever else would be printed."""
    ours = logging.getLogger("signpost")
    ours.handlers = [_handler(form)]
    ours.setLevel(level)
    ours.propagate = False
    withheld = _handler(form, _withhold)
    withheld.setLevel(logging.WARNING)
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


def tell(error: BaseException, log: BoundLogger | None = None) -> None:
    """Log a failure that nobody expected: its kind and where in the code it was. Its text may hold answers."""
    places = [f"{Path(at.filename).name}:{at.lineno}" for at in traceback.extract_tb(error.__traceback__)]
    (log or _log).error("unexpected %s at %s", type(error).__name__, " > ".join(places) or "an unknown place")


def _tell(kind: type[BaseException], error: BaseException | None, at: TracebackType | None) -> None:
    if not issubclass(kind, SystemExit | KeyboardInterrupt):
        tell((error or kind()).with_traceback(at))


def _only_fields(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Keep the message and the fields that may stand in a line; an exception or a stack is not among them."""
    return {name: event[name] for name in ("event", "positional_args") if name in event} | _fields(event)


def _fields(event: EventDict) -> dict[str, str | float]:
    """The fields of an event that may stand in a line, in their order."""
    return {name: value for name in FIELDS if name in event and (value := _harmless(event[name])) is not None}


def _harmless(value: object) -> str | float | None:
    """The value as it may be told, a number or a word; `None` for anything else."""
    if isinstance(value, int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return round(value, 3)
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def _handler(form: Form, *first: Processor) -> logging.Handler:
    """Lines on standard error. A record that did not come through structlog is held to the same rules."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[ExtraAdder(allow=FIELDS), *first],
            processors=[_line, JSONRenderer(ensure_ascii=False) if form == "json" else _text],
        )
    )
    return handler


def _withhold(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {"event": _WITHHELD, "_record": event["_record"]}


def _line(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """What stands in a line, in its order."""
    record: logging.LogRecord = event["_record"]
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
    message = {"time": at, "level": record.levelname, "logger": record.name, "message": event["event"]}
    return message | _fields(event)


def _text(_: WrappedLogger, __: str, event: EventDict) -> str:
    """One line to read: the fields stand behind the message, which cannot pretend to be a second line."""
    words = [str(value) if name in _UNNAMED else f"{name}={value}" for name, value in event.items()]
    return " ".join(words).replace("\n", " ").replace("\r", " ")


structlog.configure(
    processors=[
        _only_fields,
        render_to_log_args_and_kwargs,
    ],
    wrapper_class=_Logger,
    logger_factory=logging.getLogger,
    cache_logger_on_first_use=True,
)
_log: BoundLogger = get_logger("signpost")
