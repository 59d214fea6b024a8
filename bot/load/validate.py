"""From plain data to the models of the files, and from Pydantic's complaints to words an author can act on.

A file with a small mistake is mended in memory after the mistake is noted (an unknown key is dropped, a text that is
too long is cut), so that the checks of its meaning still run and one report names everything. The mended data never
leaves the loader: whatever was noted ends in a `LoadError`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails

from bot.load.files import ID_LENGTH, NOT_BLANK
from bot.load.issues import LoadRule, Report, closest, listed
from bot.load.phrase_files import CONCEPT_PATTERN
from bot.load.yaml_reader import TYPE_NAMES, Document

Path = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

MENDED = "…"
"""Stands for what an author left empty, so that later checks can pass over it."""

_ID = "id: write it as lower_snake_case"
_NAMES = {CONCEPT_PATTERN: "name of a concept: write it in small words"}

_EXPECTED = {
    "string_type": "text: put it in quotes",
    "text_type": "text",
    "int_type": "a whole number",
    "list_type": "a list: write [first, second]",
    "dict_type": "a group of keys: write 'key: value' lines below it",
    "model_type": "a group of keys: write 'key: value' lines below it",
}


def validate(document: Document, model: type[Model], report: Report) -> Model | None:
    """The document as ``model``, or None; every mistake is noted with its line."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        errors = error.errors(include_url=False)
    meant = {(*path[:-1], closest(str(path[-1]), known)) for path, known in _unknown_keys(errors, document, model)}
    for one in errors:
        if one["type"] != "missing" or _path(one, document) not in meant:  # a misspelt key is one mistake, not two
            _note(one, document, model, report)
    try:
        return model.model_validate(_mended(document, errors))
    except ValidationError:
        return None


def _note(error: ErrorDetails, document: Document, model: type[BaseModel], report: Report) -> None:
    path = _path(error, document)
    if error["type"] == "missing" and document.has(*path):
        return  # left empty there, which the YAML reader has noted
    parent = document.place(*path[:-1])
    match error["type"]:
        case "missing":
            report.add(LoadRule.MISSING_KEY, parent, f"key '{path[-1]}' is missing{_of(path)}: add it")
        case "extra_forbidden":
            known = _keys_at(model, error["loc"][:-1])
            report.add(LoadRule.UNKNOWN_KEY, document.place(*path), f"unknown key '{path[-1]}'{_remedy(path, known)}")
        case _:
            rule, message = _wrong(error, _name(path))
            report.add(rule, document.place(*path), message)


def _path(error: ErrorDetails, document: Document) -> Path:
    """Pydantic's location without its notes on union members (``<…>``) and on keys (``[key]``)."""
    path: Path = ()
    for part in error["loc"]:
        is_note = isinstance(part, str) and part[:1] in ("<", "[") and not document.has(*path, part)
        path = path if is_note else (*path, part)
    return path


def _name(path: Path) -> str:
    if not path:
        return "the file"
    last = path[-1]
    if isinstance(last, int):
        return f"item {last + 1} of '{path[-2]}'" if len(path) > 1 else f"item {last + 1}"
    return f"'{last}'"


def _of(path: Path) -> str:
    return f" in {_name(path[:-1])}" if len(path) > 1 else ""


def _unknown_keys(
    errors: Iterable[ErrorDetails], document: Document, model: type[BaseModel]
) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Each unknown key, and the keys that are known where it stands."""
    for error in errors:
        if error["type"] == "extra_forbidden":
            yield _path(error, document), _keys_at(model, error["loc"][:-1])


def _remedy(path: Path, known: tuple[str, ...]) -> str:
    close = closest(str(path[-1]), known)
    return f": did you mean '{close}'?" if close else f": allowed here are {listed(known)}"


def _wrong(error: ErrorDetails, name: str) -> tuple[LoadRule, str]:
    """Rule and message of an error about a value."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    match kind:
        case "enum" | "literal_error":
            expected = context["expected"].replace("True", "true")
            return LoadRule.WRONG_VALUE, f"{name} must be {expected}, not {_shown(value)}"
        case "string_too_long":
            rule = LoadRule.ID_FORMAT if context["max_length"] == ID_LENGTH else LoadRule.TOO_LONG
            return rule, f"{name} has {len(value)} characters, at most {context['max_length']}: shorten it"
        case "too_short":
            return LoadRule.EMPTY_LIST, f"{name} needs at least one item: add it or remove the key"
        case "string_pattern_mismatch" if context["pattern"] == NOT_BLANK:
            return LoadRule.EMPTY_TEXT, f"{name} is empty: write it or remove the key"
        case "string_pattern_mismatch" | "id_format":
            own = f"{_shown(value)} is no {_NAMES.get(context.get('pattern', ''), _ID)}, a letter first"
            return LoadRule.ID_FORMAT, error["msg"] if kind == "id_format" else own
    expected = error["msg"] if kind == "text_type" else _EXPECTED.get(kind, error["msg"])
    return LoadRule.WRONG_TYPE, f"{name} is {TYPE_NAMES[type(value)]}, it must be {expected}"


def _shown(value: object) -> str:
    return f"'{str(value).lower() if isinstance(value, bool) else value}'"


def _keys_at(kind: Any, location: Path) -> tuple[str, ...]:  # noqa: ANN401  # any type annotation
    """The keys that the model at ``location`` knows."""
    for part in location:
        kind = _inside(kind, part)
    models = [bare for bare in map(_bare, _options(kind)) if _is_model(bare)]
    return tuple(field.alias or name for model in models for name, field in model.model_fields.items())


def _inside(kind: Any, part: str | int) -> Any:  # noqa: ANN401
    """The annotation one step further on Pydantic's location: a member of a union, an item, or a key."""
    options = _options(kind)
    for option in options:
        if part in _tags(option):
            return option
    for bare in map(_bare, options):
        if get_origin(bare) in (dict, list):
            return get_args(bare)[-1]
        if _is_model(bare):
            return {field.alias or name: field.annotation for name, field in bare.model_fields.items()}.get(str(part))
    return None


def _bare(kind: Any) -> Any:  # noqa: ANN401
    return _bare(get_args(kind)[0]) if get_origin(kind) is Annotated else kind


def _options(kind: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """The members of a union, with their notes; anything else is its own only member."""
    bare = _bare(kind)
    return get_args(bare) if get_origin(bare) in (Union, UnionType) else (kind,)


def _is_model(kind: Any) -> bool:  # noqa: ANN401
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _tags(kind: Any) -> list[str]:  # noqa: ANN401
    return [note.tag for note in getattr(kind, "__metadata__", ()) if isinstance(note, Tag)]


def _mended(document: Document, errors: Iterable[ErrorDetails]) -> dict[str, Any]:
    """A copy of the data without the mistakes that need not keep the rest from being checked."""
    mended = copy.deepcopy(document.data)
    for error in errors:
        path = _path(error, document)
        parent: Any = mended
        for part in path[:-1]:
            parent = parent[part]
        match error["type"]:
            case "extra_forbidden":
                del parent[path[-1]]
            case "string_too_long" if error["ctx"]["max_length"] != ID_LENGTH:
                parent[path[-1]] = parent[path[-1]][: error["ctx"]["max_length"]]
            case "string_pattern_mismatch" if error["ctx"]["pattern"] == NOT_BLANK:
                parent[path[-1]] = MENDED
            case "too_short" if isinstance(parent[path[-1]], list):
                parent[path[-1]] = [MENDED]
            case _:
                pass
    return mended
