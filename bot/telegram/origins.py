"""Where the words of a message come from: for a message that is too long, the place that makes the most of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from bot.flow.model import Audience
from bot.load import Library, Place, Text, Texts
from bot.load.library import Key
from bot.telegram.markup import length

_INSERTION = re.compile(r"<[a-z]+>")

_OWN = frozenset({"option", "cause", "question", "flow"})
"""The things whose ids stand in buttons."""


class Origins:
    """The texts of one language for one audience, each with its place."""

    def __init__(self, library: Library, language: str, who: Audience) -> None:
        self._places = library.places
        self._written: dict[Key, set[str]] = defaultdict(set)
        for key, text in _texts(library.texts[language]):
            self._written[key].add(text.to(who))
        for name, source in library.sources.items():
            self._written["source", name].add(source.title)

    def most_of(self, words: str, about: Key) -> Place:
        """Where the texts stand that make the most of these words; ``about``: where to look if there are none."""
        shares = {key: sum(_share(text, words) for text in texts) for key, texts in self._written.items()}
        known = {key: share for key, share in shares.items() if share and key in self._places}
        return self._places[max(known, key=lambda key: known[key])] if known else self._places[about]

    def of_id(self, name: str, about: Key) -> Place:
        """Where the thing with this id stands; ``about``: where to look if it stands nowhere."""
        key = next((key for key in self._places if key[0] in _OWN and key[-1] == name), about)
        return self._places[key]


def _share(text: str, words: str) -> int:
    """How much of these words a text makes; nothing unless all of it is there, but for what is inserted."""
    parts = [part for part in _INSERTION.split(text) if part]
    return sum(length(part) for part in parts) if all(part in words for part in parts) else 0


def _texts(texts: Texts) -> Iterator[tuple[Key, Text]]:
    """Every text with the key of its place."""
    own = ("text", texts.code)
    groups: tuple[tuple[str, Mapping[str, object]], ...] = (
        ("ui", texts.ui),
        ("said", texts.said),
        ("denied", texts.denied),
        ("action", texts.actions),
        ("cause", texts.causes),
    )
    for kind, group in groups:
        yield from _under((*own, kind), group)
    for name, flow in texts.flows.items():
        yield from (((*own, name), text) for text in (flow.title, flow.about, *flow.watch))
        parts: tuple[tuple[str, Mapping[str, object]], ...] = (
            ("question", flow.questions),
            ("rule", flow.rules),
            ("notice", flow.notices),
        )
        for kind, group in parts:
            yield from _under((*own, name, kind), group)


def _under(prefix: Key, group: Mapping[str, object]) -> Iterator[tuple[Key, Text]]:
    for name, value in group.items():
        yield from (((*prefix, name), text) for text in _within(value))


def _within(value: object) -> Iterator[Text]:
    """The texts in whatever holds texts."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _within(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _within(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _within(getattr(value, field.name))
