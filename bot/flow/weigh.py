"""What of the dangers heard in a text counts where the person stands: what to act on, and what to ask about.

Most danger signs alarm only together with others; a back that hurts is no reason to stop. So what is heard is added
to what is known, and it counts when that raises the level to *urgent* or above, or is a part of it. A danger sign that
was denied before counts in any case: words never answer with *no*, but a *no* that is not true must not stand. What
could calm and is not known yet does not: *fever and back pain, unless it has been so for months* counts before that has
been asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.flow import triage
from bot.flow.model import Flow, Level, Rule
from bot.flow.replay import Stage, State, replay
from bot.flow.session import EXPIRED_AFTER, Heard, Input, Session
from bot.flow.understand.heard import Hearing
from bot.flow.words import noted

MOST_ASKED = 2
"""Possible dangers of one message that are asked about; what a card asks about anyway waits for its card."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """``clear`` is to be heard, ``possible`` to be asked about: each finding followed by those that it brings.

    ``known``: what is heard is a part of the result already, which is to be said once more.
    """

    clear: tuple[str, ...] = ()
    possible: tuple[tuple[str, ...], ...] = ()
    known: bool = False

    @property
    def anything(self) -> bool:
        """Whether there is anything in it to react to."""
        return bool(self.clear or self.possible or self.known)


def weigh(flow: Flow, session: Session | None, hearing: Hearing, at: int) -> Weighed:
    """What counts of what is heard. ``session``: where the person stands, or `None` before a check."""
    inputs = session.inputs if session and abs(at - session.touched) <= EXPIRED_AFTER else ()
    before = replay(flow, inputs)
    earlier = noted(flow, session, at) if session and inputs else ()
    clear = [name for name in dict.fromkeys((*hearing.clear, *earlier)) if _can_be_heard(flow, name)]
    after = _with(flow, inputs, clear, at)
    parts = _parts(flow, after)
    pressing = _rank(flow, after) >= Level.URGENT.rank
    reached = max(_rank(flow, before), _rank(flow, after), Level.SOON.rank)
    possible: list[tuple[int, tuple[str, ...], int]] = []
    for group in hearing.groups:
        if not _can_be_heard(flow, group[0]) or flow.bits[group[0]] & after.yes:
            continue
        known = tuple(name for name in group if _can_be_heard(flow, name))
        then = _with(flow, inputs, [*clear, *known], at)
        if _rank(flow, then) > reached:
            possible.append((_rank(flow, then), known, _parts(flow, then)))
    # One direct question, or two: what presses most, and first what no card asks about.
    possible.sort(key=lambda each: (-each[0], not flow.bits[each[1][0]] & flow.heard))
    del possible[MOST_ASKED:]
    for _, _, its in possible:
        parts |= its
    wrong = before.no & flow.danger & flow.alarming
    counts = [name for name in clear if flow.bits[name] & (parts | wrong)]
    new = tuple(name for name in counts if not flow.bits[name] & before.yes)
    said_before = bool(counts) and not new and before.stage is Stage.FINISHED and pressing
    return Weighed(new, tuple(group for _, group, _ in possible), said_before)


def _can_be_heard(flow: Flow, name: str) -> bool:
    return bool(flow.bits.get(name, 0) & (flow.danger | flow.heard))


def _with(flow: Flow, inputs: tuple[Input, ...], findings: Iterable[str], at: int) -> State:
    return replay(flow, (*inputs, *(Heard(name, at) for name in findings)))


def _rank(flow: Flow, state: State) -> int:
    """How pressing it is, or will be unless something calms it."""
    judged = triage.judge(flow, state.yes, state.no, state.open_findings)[0].rank
    return max(judged, *(rule.level.rank for rule, _ in flow.pressing if _holds(rule, state)), 0)


def _holds(rule: Rule, state: State) -> bool:
    """Whether a rule is true, as long as what could calm and is not known is not so."""
    could_calm = rule.when.negated & ~rule.when.plain & ~(state.yes | state.no)
    return rule.when.value(state.yes, state.no | could_calm) is True


def _parts(flow: Flow, state: State) -> int:
    """The findings that make a rule of level urgent or above true."""
    mask = 0
    for rule, _ in flow.pressing:
        if _holds(rule, state):
            mask |= rule.when.plain & state.yes
    return mask
