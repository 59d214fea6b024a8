"""Words that somebody typed, matched to what can be chosen. Nothing is guessed: exactly one choice fits, or none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.conversation.messages import Choice

SHORTEST_BEGINNING = 2
"""Letters that the beginning of a choice needs to count."""


def plain(text: str) -> str:
    """A text without what does not matter: case, punctuation, spelling of characters, spaces."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"['’`]", "", text)
    return " ".join(re.sub(r"[\W_]+", " ", text).split())


def exactly(words: str, choices: Iterable[Choice]) -> Choice | None:
    """The one choice whose key, label or text these plain words are."""
    return _only(choice for choice in choices if words in _names(choice)) if words else None


def find(words: str, choices: Iterable[Choice]) -> Choice | None:
    """The one choice that these plain words name: exactly, or by the beginning of one and no other."""
    choices = tuple(choices)
    if exact := exactly(words, choices):
        return exact
    if len(words) < SHORTEST_BEGINNING:
        return None
    return _only(choice for choice in choices if any(name.startswith(words) for name in _names(choice)))


def _names(choice: Choice) -> tuple[str, ...]:
    return plain(choice.key), plain(choice.label), plain(choice.text)


def _only(choices: Iterable[Choice]) -> Choice | None:
    found = tuple(choices)
    return found[0] if len(found) == 1 else None
