"""How dangerous one message is by itself: what was heard in it, weighed by the rules of a flow.

Nothing else is known of the person. What could calm counts as not so, as everywhere while it is unknown: a weakness of
which no time is told is a new one. What the person said before is not looked at here; `bot.flow.weigh` does that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.flow.model import Flow, Level, Rule
from bot.flow.understand.heard import Dismissed, Hearing, Noticed


class Danger(StrEnum):
    """Whether a message by itself says that somebody has to be seen the same day, or at once."""

    CLEAR = "clear"
    POSSIBLE = "possible"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Weighed:
    """Something heard. ``level``: the highest that it calls for, alone or with the rest; None: no pressing one."""

    noticed: Noticed
    level: Level | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """``findings`` are those that call for being seen the same day or sooner, ``noted`` what matters only with more."""

    danger: Danger
    level: Level | None
    findings: tuple[Weighed, ...]
    noted: tuple[Weighed, ...]
    dismissed: tuple[Dismissed, ...]
    foreign: bool


def verdict(flow: Flow, hearing: Hearing) -> Verdict:
    """Weigh what was heard in one message."""
    clear = _mask(flow, hearing.clear)
    every = clear | _mask(flow, (name for group in hearing.groups for name in group))
    surely, perhaps = _levels(flow, clear), _levels(flow, every)
    danger = Danger.CLEAR if surely else Danger.POSSIBLE if perhaps else Danger.NONE
    weighed = tuple(Weighed(noticed, perhaps.get(noticed.finding)) for noticed in hearing.noticed)
    return Verdict(
        danger=danger,
        level=_highest((surely or perhaps).values()),
        findings=tuple(each for each in weighed if each.level),
        noted=tuple(each for each in weighed if not each.level),
        dismissed=hearing.dismissed,
        foreign=hearing.foreign,
    )


def _mask(flow: Flow, findings: Iterable[str]) -> int:
    mask = 0
    for finding in findings:
        mask |= flow.bits.get(finding, 0) & (flow.danger | flow.heard)
    return mask


def _levels(flow: Flow, yes: int) -> dict[str, Level]:
    """Each finding that takes part in a pressing rule that counts, with the highest level of those."""
    levels: dict[str, Level] = {}
    for rule, reads in flow.pressing:
        level = _level(rule, yes) if reads & yes else None
        if level is None:
            continue
        for finding in flow.names(rule.when.plain & yes):
            before = levels.get(finding, level)
            levels[finding] = level if level.rank > before.rank else before
    return levels


def _level(rule: Rule, yes: int) -> Level | None:
    """The level of a rule that counts when ``yes`` is all that was said; None when it does not."""
    could_calm = rule.when.negated & ~rule.when.plain & ~yes
    return rule.level if rule.when.value(yes, could_calm) else None


def _highest(levels: Iterable[Level]) -> Level | None:
    return max(levels, key=lambda level: level.rank, default=None)
