"""What is heard in a text: findings, how surely, because of which words; and what was not taken for one, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sure(StrEnum):
    """How surely words say a danger: enough to act on, or only enough to ask."""

    CLEAR = "clear"
    POSSIBLE = "possible"


class Why(StrEnum):
    """Why words that name a danger are not taken for one, or only for a possible one."""

    DENIED = "denied"
    PAST = "past"
    OTHERS = "others"
    SUPPOSED = "supposed"
    REASSURED = "reassured"
    LONG = "long"
    MEANT_OTHERWISE = "meant_otherwise"


@dataclass(frozen=True, slots=True)
class Noticed:
    """A finding that a text speaks of. ``words``: those that led to it; ``why``: what made it less than clear.

    ``brings``: findings that are so if this one, which is only possible, is.
    """

    finding: str
    sure: Sure
    words: str
    why: Why | None = None
    brings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dismissed:
    """A finding whose words are there, but not as something that is so now."""

    finding: str
    why: Why
    words: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """All that is heard in one text. ``foreign``: hardly a word of it is of the language it was read in."""

    noticed: tuple[Noticed, ...] = ()
    dismissed: tuple[Dismissed, ...] = ()
    foreign: bool = False

    @property
    def clear(self) -> tuple[str, ...]:
        """The findings that are surely there."""
        return tuple(dict.fromkeys(each.finding for each in self.noticed if each.sure is Sure.CLEAR))

    @property
    def possible(self) -> tuple[str, ...]:
        """The findings that may be there, without those that surely are."""
        return tuple(group[0] for group in self.groups)

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The findings that may be there, each followed by those that it brings."""
        clear = self.clear
        found: dict[str, dict[str, None]] = {}
        for each in self.noticed:
            if each.finding not in clear:
                found.setdefault(each.finding, {}).update(dict.fromkeys(each.brings))
        return tuple((name, *brings) for name, brings in found.items())
