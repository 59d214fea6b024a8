"""Which methods there are and what each takes, held against every call. The names and types are in `bot_api.json`.

A type reads as in Telegram's documentation: ``Integer``, ``String``, ``Boolean``, ``Array of X``, ``A or B``, or the
name of an object type, which has ``required`` and ``optional`` fields, or is ``one_of`` several; ``constant`` fields
tell those apart. Telegram ignores parameters that it does not know, and those that are null. The sandbox does not: a
misspelt one is a mistake, and so is sending nothing under a name.
"""

# ruff: noqa: ANN401 - what is checked here can be any JSON
from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.sandbox.errors import ApiError, Json, bad

SPEC_FILE = Path(__file__).with_name("bot_api.json")

_INTEGER = re.compile(r"[+-]?\d{1,19}")
_EMPTY_OBJECT = re.compile(r"\s*\{\s*\}\s*")
_ARRAY = "Array of "
_TRUE = {"true", "True", "1", "yes"}
_FALSE = {"false", "False", "0", "no"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a call."""

    name: str
    content: bytes
    mime: str


def named(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a call brought, for the record: of files only their names."""
    return {name: value.name if isinstance(value, Upload) else value for name, value in given.items()}


class Spec:
    """The methods of the Bot API and what they take."""

    def __init__(self, methods: Mapping[str, Json], types: Mapping[str, Json]) -> None:
        self._methods = methods
        self._types = types
        self._names = {name.lower(): name for name in methods}

    def method(self, name: str) -> str | None:
        """The method's name as it is documented; Telegram does not look at capitals. None: there is no such method."""
        return self._names.get(name.lower())

    def read(self, method: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Turn what was sent into parameters of the documented types; objects may come as JSON in a string.

        Raises:
            ApiError: an unknown or missing parameter, or one of another type.
        """
        fields = self._methods[method]
        kinds: dict[str, str] = fields["required"] | fields["optional"]
        files = {name: value for name, value in given.items() if isinstance(value, Upload) and name not in kinds}
        rest = {name: value for name, value in given.items() if name not in files}
        for name in rest:
            if name not in kinds:
                raise bad(f'unknown parameter "{name}" of {method}')
        read = {}
        for name, value in rest.items():
            if value is None:
                raise _null(name)
            if (value == "" and kinds[name] != "String") or (name == "reply_markup" and _is_empty_object(value)):
                continue  # as Telegram: an empty field is none, and so is an empty keyboard
            read[name] = self._top(kinds[name], value, name)
        for name in fields["required"]:
            if name not in read:
                raise _missing(name)
        return self._with_files(read, files, kinds)

    def _with_files(
        self, read: dict[str, Any], files: Mapping[str, Upload], kinds: Mapping[str, str]
    ) -> dict[str, Any]:
        used = set()
        for name, value in read.items():
            if "InputFile" in kinds[name] and isinstance(value, str) and value.startswith("attach://"):
                attached = value.removeprefix("attach://")
                if attached not in files:
                    raise bad(f'file "{attached}" is not attached')
                used.add(attached)
                read[name] = files[attached]
        for name in files:
            if name not in used:
                raise bad(f'unknown parameter "{name}": a file that no parameter names')
        return read

    def _top(self, kind: str, value: Any, name: str) -> Any:
        """A parameter by itself: in a form everything is text, so numbers and objects have to be read from it."""
        if not isinstance(value, str):
            return self._value(kind, value, name)
        if kind in {"String", "InputFile or String"}:
            return self._value("String", value, name)
        if kind in {"Integer", "Integer or String"} and _INTEGER.fullmatch(value.strip()):
            return int(value)
        if kind == "Integer or String":
            return self._value("String", value, name)
        if kind in {"Boolean", "True"} and value in _TRUE | _FALSE:
            return value in _TRUE
        if kind in {"Integer", "Boolean", "True"}:
            raise _wrong(name, kind)
        try:
            return self._value(kind, json.loads(value), name)
        except (ValueError, RecursionError):
            raise bad(f"can't parse {name} JSON object") from None

    def _value(self, kind: str, value: Any, name: str) -> Any:
        if kind.startswith(_ARRAY):
            if not isinstance(value, list):
                raise bad(f"expected an Array of {kind.removeprefix(_ARRAY)} as {name}")
            inner = kind.removeprefix(_ARRAY)
            return [self._value(inner, item, f"{name}[{place}]") for place, item in enumerate(value)]
        options = re.split(r" or |, | and ", kind)
        if len(options) > 1:
            return self._one_of(options, value, name)
        return self._object(kind, value, name) if kind in self._types else _plain(kind, value, name)

    def _one_of(self, options: list[str], value: Any, name: str) -> Any:
        simple = {"Integer": int, "String": str, "InputFile": Upload}
        for option in options:
            if option in simple and isinstance(value, simple[option]) and not isinstance(value, bool):
                return _plain(option, value, name)
        shapes = [option for option in options if option in self._types]
        if not isinstance(value, dict) or not shapes:
            raise _wrong(name, " or ".join(options))
        fitting = [option for option in shapes if self._fits(option, value)]
        if not fitting:
            raise bad(f"can't parse {name}: it is none of {', '.join(shapes)}")
        return self._object(fitting[0], value, name)

    def _fits(self, kind: str, value: Json) -> bool:
        type_ = self._types[kind]
        if "one_of" in type_:
            return any(self._fits(option, value) for option in type_["one_of"] if option in self._types)
        constant = type_.get("constant", {})
        return all(name in value for name in type_["required"]) and all(
            value[name] == expected for name, expected in constant.items()
        )

    def _object(self, kind: str, value: Any, name: str) -> Any:
        type_ = self._types[kind]
        if "one_of" in type_:
            return self._one_of(type_["one_of"], value, name)
        if not isinstance(value, dict):
            raise bad(f"object expected as {name}")
        kinds: dict[str, str] = type_["required"] | type_["optional"]
        for field in value:
            if field not in kinds:
                raise bad(f'unknown field "{field}" of {kind} in {name}')
        for field in type_["required"]:
            if value.get(field) is None:
                raise bad(f"can't parse {name}: Can't find field \"{field}\"")
        for field, inner in value.items():
            if inner is None:
                raise _null(f"{name}.{field}")
        return {field: self._value(kinds[field], inner, f"{name}.{field}") for field, inner in value.items()}


def _is_empty_object(value: Any) -> bool:
    return value == {} or (isinstance(value, str) and _EMPTY_OBJECT.fullmatch(value) is not None)


def _plain(kind: str, value: Any, name: str) -> Any:
    expected: dict[str, tuple[type, ...]] = {
        "Integer": (int,),
        "Float": (int, float),
        "String": (str,),
        "Boolean": (bool,),
        "True": (bool,),
        "InputFile": (Upload,),
    }
    allowed = expected.get(kind)
    if allowed is None:  # a type without fields, such as CallbackGame
        return value
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        raise _wrong(name, kind)
    if kind == "True" and not value:
        raise bad(f"can't parse {name}: it can only be True")
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise bad(f"{name} must be encoded in UTF-8") from None
    return value


def _wrong(name: str, kind: str) -> ApiError:
    return bad(f"can't parse {name}: it must be of type {kind}")


def _null(name: str) -> ApiError:
    return bad(f"{name} is null; leave it out instead")


def _missing(name: str) -> ApiError:
    words = {
        "chat_id": "chat_id is empty",
        "text": "message text is empty",
        "message_id": "message identifier is not specified",
        "commands": "can't parse commands JSON object",
    }
    return bad(words.get(name, f"there is no {name} in the request"))


@cache
def spec() -> Spec:
    """The Bot API as it is shipped with the sandbox."""
    made = json.loads(SPEC_FILE.read_text("utf-8"))
    return Spec(made["methods"], made["types"])
