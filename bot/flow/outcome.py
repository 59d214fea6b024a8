"""What comes out of a check: how soon to see whom, because of which rules, and which causes fit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.flow.model import Level


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that counts. ``told``: findings the person stated that fulfil it; ``unsure``: those left open.

    ``undecided`` rules count at their `unsure` level because something stayed open.
    """

    rule: str
    level: Level
    told: tuple[str, ...]
    unsure: tuple[str, ...]
    undecided: bool


class Band(StrEnum):
    """How well a cause fits; never a percentage."""

    WELL = "well"
    PARTLY = "partly"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Fit:
    """One cause: what the person said for and against it, and what would make it fit better."""

    cause: str
    score: int
    band: Band
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]
    would_change: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result. ``rules`` are those that count at ``level``, ``action`` the most pressing one's action.

    ``also`` are the danger findings the person stated that none of these rules names.
    """

    level: Level
    action: str | None
    rules: tuple[Fired, ...]
    rule_out: tuple[str, ...]
    causes: tuple[Fit, ...]
    also: tuple[str, ...] = ()
