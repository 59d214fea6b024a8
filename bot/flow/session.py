"""A session is its inputs: what the person did, in order, each with its time. Everything else is replayed.

Findings, level, next question and ranking are never stored. *Back*, *change an earlier answer*, resuming after a
restart and carrying a live session over to an edited flow are one mechanism: edit the list, replay.

Times are whole seconds since the epoch, given by the caller; this package has no clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

STALE_AFTER = 12 * 3600
"""Seconds after which danger cards are asked again from scratch."""

EXPIRED_AFTER = 7 * 24 * 3600
"""Seconds without any input after which a check starts anew."""

FORMAT = 1
"""Version of the JSON form of a session."""


class SessionError(ValueError):
    """A stored session that cannot be read. The message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A settled card. The second one for a question is the answer to the second asking.

    ``unsure`` holds the options the person was not sure about; ``number`` the answer to a number question.
    """

    question: str
    chosen: tuple[str, ...]
    at: int
    unsure: tuple[str, ...] = ()
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Ticked:
    """An option ticked (or unticked again) on a card that is not done yet."""

    question: str
    option: str
    at: int


@dataclass(frozen=True, slots=True)
class Doubted:
    """*Not sure* on a card with several choices: the following ticks mark which ones."""

    question: str
    at: int


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The person confirmed the danger signs they denied."""

    at: int


@dataclass(frozen=True, slots=True)
class Changing:
    """The person reopened an earlier answer and has not given the new one yet."""

    question: str
    at: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """The person stopped the check; it can be continued."""

    at: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A finding understood from typed text. ``denied``: the person said that it was not what they meant."""

    finding: str
    at: int
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Wondered:
    """Typed text may speak of a finding. It is asked about until it is heard, or the person says that it is not so.

    ``brings``: what is so as well if it is.
    """

    finding: str
    at: int
    brings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Noted:
    """A finding that typed text speaks of and that alarms only together with others. By itself it says nothing."""

    finding: str
    at: int


@dataclass(frozen=True, slots=True)
class Guessed:
    """What a first message was understood to say about one question; it counts for nothing until it is confirmed."""

    question: str
    options: tuple[str, ...]
    at: int
    number: int | None = None


_TYPES: dict[str, type[Any]] = {
    "answered": Answered,
    "ticked": Ticked,
    "doubted": Doubted,
    "reviewed": Reviewed,
    "changing": Changing,
    "stopped": Stopped,
    "heard": Heard,
    "wondered": Wondered,
    "noted": Noted,
    "guessed": Guessed,
}
Input = Answered | Ticked | Doubted | Reviewed | Changing | Stopped | Heard | Wondered | Noted | Guessed
_NAME_OF = {kind: name for name, kind in _TYPES.items()}


@dataclass(frozen=True, slots=True)
class Session:
    """One check of one person. ``turn`` counts accepted events, so that a stale button can be told."""

    id: str
    flow: str
    version: str
    language: str
    started: int
    inputs: tuple[Input, ...] = field(default=())
    turn: int = 0

    @property
    def touched(self) -> int:
        """When the person last did something."""
        return max((entry.at for entry in self.inputs), default=self.started)

    def with_inputs(self, inputs: tuple[Input, ...]) -> Session:
        """The same session one turn later with other inputs."""
        return replace(self, inputs=inputs, turn=self.turn + 1)


def about(entry: Input) -> str | None:
    """The question an input belongs to, if it belongs to one."""
    return entry.question if isinstance(entry, Answered | Ticked | Doubted | Changing | Guessed) else None


def to_json(session: Session) -> dict[str, Any]:
    """Plain JSON data of a session."""
    return {
        "format": FORMAT,
        "id": session.id,
        "flow": session.flow,
        "version": session.version,
        "language": session.language,
        "started": session.started,
        "turn": session.turn,
        "inputs": [_input_to_json(entry) for entry in session.inputs],
    }


def from_json(data: object) -> Session:
    """The session in JSON data. Raises `SessionError` when it is not one."""
    if not isinstance(data, dict):
        raise SessionError("a session must be an object")
    if data.get("format") != FORMAT:
        raise SessionError(f"format {data.get('format')!r} is not {FORMAT}, the one this version of Signpost reads")
    inputs = data.get("inputs")
    if not isinstance(inputs, list):
        raise SessionError("'inputs' must be a list")
    return Session(
        id=_text(data, "id"),
        flow=_text(data, "flow"),
        version=_text(data, "version"),
        language=_text(data, "language"),
        started=_whole(data, "started"),
        turn=_whole(data, "turn"),
        inputs=tuple(_input_from_json(entry) for entry in inputs),
    )


def _input_to_json(entry: Input) -> dict[str, Any]:
    data: dict[str, Any] = {"do": _NAME_OF[type(entry)]}
    for name in _FIELDS[type(entry)]:
        value = getattr(entry, name)
        left_out = value is None or value is False or value == ()
        if not left_out or name == "chosen":
            data[name] = list(value) if isinstance(value, tuple) else value
    return data


def _input_from_json(data: object) -> Input:
    kind = _TYPES.get(str(data.get("do"))) if isinstance(data, dict) else None
    if kind is None or not isinstance(data, dict):
        raise SessionError("an input of unknown kind")
    names = _FIELDS[kind]
    if unknown := data.keys() - {"do", *names}:
        raise SessionError(f"an input with the unknown key '{min(unknown)}'")
    entry: Input = kind(**{name: _READERS[name](data, name) for name in names})
    return entry


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise SessionError(f"'{key}' must be text")
    return value


def _whole(data: dict[str, Any], key: str) -> int:
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise SessionError(f"'{key}' must be a whole number of 0 or more")
    return value


def _number(data: dict[str, Any], key: str) -> int | None:
    return None if data.get(key) is None else _whole(data, key)


def _flag(data: dict[str, Any], key: str) -> bool:
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise SessionError(f"'{key}' must be true or false")
    return value


def _texts(data: dict[str, Any], key: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise SessionError(f"'{key}' must be a list of texts")
    return tuple(value)


_READERS: dict[str, Callable[[dict[str, Any], str], Any]] = {
    "question": _text,
    "option": _text,
    "options": _texts,
    "finding": _text,
    "at": _whole,
    "chosen": _texts,
    "unsure": _texts,
    "number": _number,
    "denied": _flag,
    "brings": _texts,
}
_FIELDS = {kind: tuple(each.name for each in fields(kind)) for kind in _TYPES.values()}
