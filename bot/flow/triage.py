"""How soon to see whom: the highest level that fires wins, and nothing can lower it.

A rule that is true counts at its level. A rule that is still undecided when nothing that is left to ask could
decide it counts at its ``unsure`` level: something unknown never reads as *no*.
"""

from __future__ import annotations

from bot.flow.model import Flow, Level, Rule
from bot.flow.outcome import Fired, Outcome


def emergency(flow: Flow, yes: int, no: int, open_findings: int) -> bool:
    """Whether an emergency holds already. ``open_findings``: what later cards can still decide."""
    for rule in flow.emergencies:
        value = rule.when.value(yes, no)
        if value or (
            value is None and _settled(flow, rule, yes | no, open_findings) and rule.unsure is Level.EMERGENCY
        ):
            return True
    return False


def judge(flow: Flow, yes: int, no: int, open_findings: int) -> tuple[Level, str | None, tuple[Fired, ...]]:
    """The level, the action and every rule that counts at that level, most pressing first."""
    fired: list[tuple[Level, Rule]] = []
    for rule in flow.rules:
        value = rule.when.value(yes, no)
        if value:
            fired.append((rule.level, rule))
        elif value is None and rule.unsure and _settled(flow, rule, yes | no, open_findings):
            fired.append((rule.unsure, rule))
    level = max((each[0] for each in fired), key=lambda each: each.rank, default=flow.default)
    if level.rank < flow.default.rank:
        level = flow.default
    counting = [rule for reached, rule in fired if reached is level]
    action = _action(flow, level, counting)
    return level, action, tuple(_fired(flow, rule, level, yes, no) for rule in counting)


def outcome(flow: Flow, yes: int, no: int, open_findings: int) -> Outcome:
    """The whole result except the causes, which never influence it."""
    level, action, rules = judge(flow, yes, no, open_findings)
    by_id = flow.rules_by_id
    rule_out = tuple(dict.fromkeys(name for fired in rules for name in by_id[fired.rule].names))
    told = {name for fired in rules for name in fired.told}
    also = tuple(name for name in flow.names(yes & flow.danger) if name not in told)
    return Outcome(level=level, action=action, rules=rules, rule_out=rule_out, causes=(), also=also)


def _settled(flow: Flow, rule: Rule, known: int, open_findings: int) -> bool:
    """Whether no later card can decide an undecided rule."""
    return not (flow.reads[rule.id] & ~known & open_findings)


def _action(flow: Flow, level: Level, rules: list[Rule]) -> str | None:
    """The action of the first rule of this level in the flow's order; an undecided lower rule lends its own level's."""
    own = [rule.action for rule in rules if rule.level is level]
    return own[0] if own else flow.actions[level]


def _fired(flow: Flow, rule: Rule, level: Level, yes: int, no: int) -> Fired:
    plain = rule.when.plain
    undecided = rule.when.value(yes, no) is None
    return Fired(
        rule=rule.id,
        level=level,
        told=flow.names(plain & yes),
        unsure=flow.names(plain & ~(yes | no)) if undecided else (),
        undecided=undecided,
    )
