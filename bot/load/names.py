"""Names and conditions: what the files call things, resolved once, with a remedy when a name does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.flow.conditions import ALWAYS, Condition, ConditionError, compile_condition, names_in
from bot.flow.model import Kind
from bot.load.issues import LoadRule, Place, Report, did_you_mean
from bot.load.validate import MENDED
from bot.load.yaml_reader import Document

_CAPITALS = re.compile(r"\b(?:AND|OR|NOT)\b")
_READABLE = re.compile(r"(?:[A-Za-z_][A-Za-z0-9_]*|[()\s])*")
"""What a condition may consist of. Python's parser would skip a comment or fold letters; here they are errors."""


@dataclass(frozen=True)
class Names:
    """Every finding with its kind and bit, and the reading of conditions over them.

    A condition that cannot be read is noted and stands as `ALWAYS`, so that the rest can still be checked.
    """

    kinds: Mapping[str, Kind]
    report: Report

    @cached_property
    def bits(self) -> dict[str, int]:
        """Each finding's bit mask, the same in every flow."""
        return {name: 1 << place for place, name in enumerate(self.kinds)}

    def of_kind(self, kind: Kind) -> int:
        """Mask of the findings of a kind."""
        return self.mask(name for name, its in self.kinds.items() if its is kind)

    def mask(self, names: Iterable[str]) -> int:
        """Mask of the findings among ``names``; others are left out."""
        mask = 0
        for name in names:
            mask |= self.bits.get(name, 0)
        return mask

    def within(self, mask: int) -> list[str]:
        """The findings in a mask."""
        return [name for name, bit in self.bits.items() if bit & mask] if mask else []

    def findings(self, names: Iterable[str], place: Place, key: str) -> list[str]:
        """Those of ``names`` that are findings; the others are noted as mistakes of ``key``."""
        known = []
        for name in names:
            if name in self.bits:
                known.append(name)
            else:
                remedy = did_you_mean(name, self.bits) or ": add it to findings.yaml or correct it"
                self.report.add(LoadRule.UNKNOWN_FINDING, place, f"'{key}' names unknown finding '{name}'{remedy}")
        return known

    def define(self, document: Document, definitions: Mapping[str, str]) -> dict[str, Condition]:
        """Compile the definitions of a file in their order."""
        defined: dict[str, Condition] = {}
        uses = {name: set(_names(text)) for name, text in definitions.items()}
        for name, text in definitions.items():
            place = document.place("define", name)
            if name in self.bits:
                self.report.add(LoadRule.NAME_CLASH, place, f"'{name}' is a finding: give the definition another name")
            ahead = [used for used in _names(text) if used in uses and used not in defined and used not in self.bits]
            for used in ahead:
                if used == name or name in _reachable(used, uses):
                    rule, message = LoadRule.DEFINITION_CYCLE, f"'{name}' is defined through itself: break the circle"
                else:
                    rule, message = LoadRule.LATER_DEFINITION, f"'{name}' uses '{used}': move '{used}' above it"
                self.report.add(rule, place, message)
            defined[name] = ALWAYS if ahead else self.read(text, place, defined)
        return defined

    def read(self, text: str, place: Place, defined: Mapping[str, Condition]) -> Condition:
        """Compile one condition."""
        if text == MENDED:
            return ALWAYS
        text = " ".join(text.split())
        if capitals := _CAPITALS.search(text):
            self.report.add(
                LoadRule.BAD_CONDITION, place, f"'{capitals[0]}' has to be small: write '{capitals[0].lower()}'"
            )
            return ALWAYS
        if not _READABLE.fullmatch(text):
            odd = next(sign for sign in _READABLE.sub("", text) if not sign.isspace())
            self.report.add(
                LoadRule.BAD_CONDITION,
                place,
                f"'{odd}' cannot stand in a condition: use names, and, or, not, parentheses",
            )
            return ALWAYS
        try:
            unknown = [name for name in names_in(text) if name not in self.bits and name not in defined]
            if not unknown:
                return compile_condition(text, self.bits, defined)
        except ConditionError as error:
            self.report.add(LoadRule.BAD_CONDITION, place, str(error))
            return ALWAYS
        for name in unknown:
            self.report.add(LoadRule.UNKNOWN_NAME, place, self._unknown(name, defined))
        return ALWAYS

    def _unknown(self, name: str, defined: Mapping[str, Condition]) -> str:
        remedy = did_you_mean(name, [*self.bits, *defined]) or ": add it to findings.yaml, define it or correct it"
        return f"unknown name '{name}'{remedy}"


def _names(text: str) -> tuple[str, ...]:
    """The names in a condition; none when it cannot be read, which is noted when it is compiled."""
    try:
        return names_in(text) if _READABLE.fullmatch(text) else ()
    except ConditionError:
        return ()


def _reachable(start: str, uses: Mapping[str, set[str]]) -> set[str]:
    """Every definition that ``start`` is made of."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for name in uses[waiting.pop()] & uses.keys() - found:
            found.add(name)
            waiting.append(name)
    return found
