"""Finished texts: ``{words}`` replaced for each audience, and held to the length that fits where they are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.flow.model import Audience
from bot.load.content_files import TextValue, Variants
from bot.load.issues import LoadRule, Place, Report, did_you_mean, listed
from bot.load.library import Text

LABEL = 32
"""Characters of a button before phones cut it."""
OPTION = 160
ASK = 300
WHY = 500
SHORT = 30

_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")


@dataclass(frozen=True)
class Wording:
    """The words of one language; ``words`` is None when its language.yaml could not be read."""

    words: Mapping[str, Variants] | None
    report: Report

    def text(self, value: TextValue, place: Place, longest: int | None = None) -> Text:
        """One text for every audience, at most ``longest`` characters in each."""
        wordings = {who: self._fill(_variant(value, who), who, place) for who in Audience}
        length = max(map(len, wordings.values()))
        if longest is not None and length > longest:
            long = [who.value for who, wording in wordings.items() if len(wording) > longest]
            whom = "" if len(long) == len(wordings) else f" for {listed(long)}"
            self.report.add(
                LoadRule.TOO_LONG,
                place,
                f"has {length} characters{whom}, at most {longest}: shorten it",
            )
        return Text(wordings[Audience.ME], wordings[Audience.THEY], wordings[Audience.CHILD])

    def _fill(self, text: str, who: Audience, place: Place) -> str:
        if "{" not in text and "}" not in text:
            return text.strip()

        def replace(match: re.Match[str]) -> str:
            return self._word(match[1], who, place)

        return _BRACES.sub(replace, text).strip()

    def _word(self, name: str | None, who: Audience, place: Place) -> str:
        """What stands for ``{name}``; None is a brace without its partner."""
        if self.words is None:
            return "…"
        if name is None:
            self.report.add(LoadRule.PLACEHOLDER, place, "a brace without its partner: write {word} or remove it")
            return "…"
        if name in self.words:
            return _variant(self.words[name], who)
        small = name[:1].lower() + name[1:]
        if small in self.words:
            word = _variant(self.words[small], who)
            return word[:1].upper() + word[1:]
        remedy = did_you_mean(name, self.words) or ": add it to 'words' in language.yaml or correct it"
        self.report.add(LoadRule.PLACEHOLDER, place, f"unknown word {{{name}}}{remedy}")
        return "…"


def _variant(value: TextValue, who: Audience) -> str:
    if isinstance(value, str):
        return value
    wording: str = getattr(value, who.value)
    return wording
