"""YAML with the surprises taken out.

PyYAML's parser, the C one where there is one, only tells what stands in the text: its events. What they mean is
decided here, so that YAML 1.1's riddles cannot reach a flow: plain scalars are text, whole numbers, decimals,
``true`` and ``false``, and nothing else; ``no`` is an error and not a boolean; aliases and nesting are bounded while
the text is read, not after it has filled the memory. Every key and list item remembers its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

import yaml
from yaml import events

from bot.load.issues import LoadRule, Place, Report

MAX_ALIASES = 20
MAX_DEPTH = 20
MAX_EXPANDED = 10_000
"""Values that all aliases of a file may stand for together."""

TYPE_NAMES = {
    dict: "a group of keys",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
}
"""What data of each type is called in a message."""

Plain = Any
"""Plain data: dict with text keys, list, str, int, float, bool."""

FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""PyYAML's parser in C where it was built with one; the other reads the same, ten times slower."""

_WORDS = re.compile(r"yes|no|on|off", re.IGNORECASE)
_CAPITAL_BOOLEANS = frozenset({"True", "TRUE", "False", "FALSE"})
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_HIDDEN_BREAK = re.compile("[\x85\u2028\u2029]|\r(?!\n)")
_TAB = re.compile(r"^ *\t[ \t]*[^ \t\r\n]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Spot:
    """The line of a value (of its key, if it has one) and the spots of what is inside it."""

    line: int
    inside: dict[str, Spot] | list[Spot] | None = None


@dataclass(frozen=True)
class Document:
    """One file as plain data, and where each part of it stands."""

    file: str
    data: dict[str, Plain]
    spot: Spot

    def place(self, *path: str | int) -> Place:
        """Where ``path`` stands: the line of the last key or item on it that exists."""
        spot = self.spot
        for part in path:
            inside = _step(spot, part)
            if inside is None:
                break
            spot = inside
        return Place(self.file, spot.line)

    def has(self, *path: str | int) -> bool:
        """Whether ``path`` stands in the file, even if it was left empty there."""
        spot: Spot | None = self.spot
        for part in path:
            spot = spot and _step(spot, part)
        return spot is not None


def _step(spot: Spot, part: str | int) -> Spot | None:
    if isinstance(spot.inside, dict) and isinstance(part, str):
        return spot.inside.get(part)
    if isinstance(spot.inside, list) and isinstance(part, int) and part < len(spot.inside):
        return spot.inside[part]
    return None


def read_yaml(text: str, file: str, report: Report, parser: Any = FASTEST) -> Document | None:  # noqa: ANN401
    """Read one document. None when nothing could be made of it; every mistake is noted in ``report``."""
    tabs = [text.count("\n", 0, match.start()) + 1 for match in _TAB.finditer(text)]
    for line in tabs:
        report.add(LoadRule.TAB_INDENT, Place(file, line), "a tab at the start of the line: indent with spaces")
    hidden = _HIDDEN_BREAK.search(text)
    if hidden:
        # YAML ends a line here and an editor does not: every later line number would be wrong.
        line = text.count("\n", 0, hidden.start()) + 1
        sign = f"U+{ord(hidden.group()):04X}"
        report.add(LoadRule.YAML_SYNTAX, Place(file, line), f"a hidden line break ({sign}): delete that character")
    if tabs or hidden:
        return None
    try:
        node = _Composer(yaml.parse(text, Loader=parser), file, report).document()
    except yaml.YAMLError as error:
        line, problem = _syntax_problem(text, error)
        report.add(
            LoadRule.YAML_SYNTAX,
            Place(file, line),
            f"not YAML ({problem}): check quotes, brackets, colons, indentation",
        )
        return None
    except _Stop as stop:
        report.add(stop.rule, Place(file, stop.line), stop.message)
        return None
    if not isinstance(node.data, dict):
        report.add(
            LoadRule.WRONG_TYPE,
            Place(file),
            f"the file holds {TYPE_NAMES[type(node.data)]}: it starts with keys, as in 'key: …'",
        )
        return None
    return Document(file, node.data, Spot(1, node.inside))


def _syntax_problem(text: str, error: yaml.YAMLError) -> tuple[int, str]:
    """Line and reason, worded by PyYAML's own parser whichever parser found the error."""
    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.YAMLError as same:
        error = same
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return (mark.line + 1 if mark else 1), error.problem or error.context or "unreadable"
    if isinstance(error, yaml.reader.ReaderError):
        return text.count("\n", 0, error.position) + 1, f"character number {ord(text[error.position])} is not allowed"
    return 1, "unreadable"


class _Stop(Exception):  # noqa: N818  # not an error of ours: how the reader leaves a file that it will not read on
    """Reading on makes no sense."""

    def __init__(self, rule: LoadRule, line: int, message: str) -> None:
        super().__init__(message)
        self.rule, self.line, self.message = rule, line, message


class _Node(NamedTuple):
    """A value: its data (`_NULL` for an empty one), its spots, how many values it holds, how deep it is nested."""

    data: Plain
    inside: dict[str, Spot] | list[Spot] | None = None
    size: int = 1
    height: int = 0


class _Null:
    """A value that was left empty."""


_NULL = _Null()


@dataclass
class _Composer:
    """Builds data from events; one use per file."""

    stream: Iterator[Any]
    file: str
    report: Report
    anchors: dict[str, _Node | None] = field(default_factory=dict)
    """Each anchor's value; None while that value is still being read."""
    aliases: int = 0
    expanded: int = 0

    def document(self) -> _Node:
        """The one document of the file."""
        next(self.stream)
        event = next(self.stream)
        if isinstance(event, events.StreamEndEvent):
            self._stop_empty()
        node = self._value(next(self.stream), 0)
        if node.data is _NULL:
            self._stop_empty()
        next(self.stream)
        event = next(self.stream)
        if not isinstance(event, events.StreamEndEvent):
            self._note(LoadRule.SEVERAL_DOCUMENTS, event, "a second document starts here: remove the '---' line")
        return node

    def _stop_empty(self) -> NoReturn:
        raise _Stop(LoadRule.EMPTY_FILE, 1, "the file is empty: fill it or remove it")

    def _note(self, rule: LoadRule, event: Any, message: str) -> None:  # noqa: ANN401  # PyYAML has no base with marks
        self.report.add(rule, Place(self.file, event.start_mark.line + 1), message)

    def _value(self, event: Any, depth: int) -> _Node:  # noqa: ANN401
        line = event.start_mark.line + 1
        if isinstance(event, events.AliasEvent):
            return self._alias(event, depth)
        if event.tag is not None:
            self._note(LoadRule.CUSTOM_TAG, event, f"tag '{event.tag}': remove it, quote text instead")
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if isinstance(event, events.ScalarEvent):
            node = _Node(self._scalar(event))
        elif depth == MAX_DEPTH:
            raise _Stop(LoadRule.TOO_DEEP, line, f"nested deeper than {MAX_DEPTH} levels: flatten it")
        elif isinstance(event, events.SequenceStartEvent):
            node = self._list(depth + 1)
        else:
            node = self._mapping(depth + 1)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def _alias(self, event: Any, depth: int) -> _Node:  # noqa: ANN401
        line = event.start_mark.line + 1
        if event.anchor not in self.anchors:
            raise _Stop(
                LoadRule.YAML_SYNTAX, line, f"alias '*{event.anchor}' has no anchor '&{event.anchor}' before it"
            )
        node = self.anchors[event.anchor]
        self.aliases += 1
        if node is None:
            raise _Stop(LoadRule.TOO_MANY_ALIASES, line, f"alias '*{event.anchor}' stands inside itself: write it out")
        self.expanded += node.size
        if self.aliases > MAX_ALIASES or self.expanded > MAX_EXPANDED:
            raise _Stop(
                LoadRule.TOO_MANY_ALIASES,
                line,
                f"more than {MAX_ALIASES} aliases, or more than {MAX_EXPANDED} values behind them: write them out",
            )
        if depth + node.height > MAX_DEPTH:
            raise _Stop(LoadRule.TOO_DEEP, line, f"nested deeper than {MAX_DEPTH} levels through an alias: flatten it")
        return node

    def _list(self, depth: int) -> _Node:
        data: list[Plain] = []
        inside: list[Spot] = []
        size, height = 1, 0
        while not isinstance(event := next(self.stream), events.SequenceEndEvent):
            node = self._value(event, depth)
            if node.data is _NULL:
                self._note(LoadRule.EMPTY_VALUE, event, "empty list item: fill it or remove it")
                continue
            data.append(node.data)
            inside.append(Spot(event.start_mark.line + 1, node.inside))
            size, height = size + node.size, max(height, node.height)
        return _Node(data, inside, size, height + 1)

    def _mapping(self, depth: int) -> _Node:
        data: dict[str, Plain] = {}
        inside: dict[str, Spot] = {}
        size, height = 1, 0
        while not isinstance(event := next(self.stream), events.MappingEndEvent):
            key = self._key(event, depth)
            node = self._value(next(self.stream), depth)
            if key is None:
                continue
            line = event.start_mark.line + 1
            if key in inside:
                self._note(
                    LoadRule.DUPLICATE_KEY,
                    event,
                    f"'{key}' stands in line {inside[key].line} already: keep one of them",
                )
                continue
            inside[key] = Spot(line, node.inside)
            if node.data is _NULL:
                self._note(LoadRule.EMPTY_VALUE, event, f"'{key}' is empty: give it a value or remove it")
                continue
            data[key] = node.data
            size, height = size + node.size + 1, max(height, node.height)
        return _Node(data, inside, size, height + 1)

    def _key(self, event: Any, depth: int) -> str | None:  # noqa: ANN401
        if isinstance(event, events.ScalarEvent) and event.implicit[0] and event.value == "<<":
            self._note(LoadRule.MERGE_KEY, event, "merge keys are not read: write the keys out")
            return None
        key = self._value(event, depth).data
        if not isinstance(key, str):
            self._note(LoadRule.KEY_NOT_TEXT, event, "a key has to be a word: rename it or put it in quotes")
            return None
        return key

    def _scalar(self, event: Any) -> Plain:  # noqa: ANN401
        text: str = event.value
        if not event.implicit[0]:
            return text
        if text in ("true", "false"):
            return text == "true"
        if text in _CAPITAL_BOOLEANS or _WORDS.fullmatch(text):
            self._note(
                LoadRule.UNQUOTED_WORD, event, f"unquoted {text}: quote it if it is a word, else write true or false"
            )
            return text.lower() == "true" if text in _CAPITAL_BOOLEANS else text
        if text in _NOTHING:
            return _NULL
        if _WHOLE.fullmatch(text):
            return int(text)
        return float(text) if _DECIMAL.fullmatch(text) else text
