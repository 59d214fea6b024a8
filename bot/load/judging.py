"""Rules and causes of a flow: compiled, and checked for what could lower a level or lose a danger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.flow.causes import SOME, STRONG
from bot.flow.conditions import ALWAYS, Condition
from bot.flow.model import Cause, Evidence, Kind, Level, Rule
from bot.load.files import CauseEntry, RuleEntry
from bot.load.issues import LoadRule, Place, Report, did_you_mean
from bot.load.scope import Scope
from bot.load.validate import MENDED

KnownSources = Mapping[str, object] | None
"""What may be cited; None when sources.yaml could not be read, so that nothing is said about it."""


def check_sources(cited: list[str], place: Place, known: KnownSources, report: Report) -> None:
    """Note every citation that sources.yaml does not have."""
    for source in cited:
        if known is not None and source not in known and source != MENDED:
            remedy = did_you_mean(source, known) or ": add it to sources.yaml"
            report.add(LoadRule.UNKNOWN_SOURCE, place, f"unknown source '{source}'{remedy}")


def read_rules(entries: list[RuleEntry], known: KnownSources, scope: Scope) -> tuple[Rule, ...]:
    """Compile the rules, in their order."""
    rules: dict[str, Rule] = {}
    for position, entry in enumerate(entries):
        path = ("triage", "rules", position)
        if entry.rule in rules:
            scope.note(LoadRule.DUPLICATE_RULE, f"a second rule '{entry.rule}': rename one", *path)
        when = scope.read(entry.when, *path, "when")
        if entry.level.rank >= Level.URGENT.rank:
            _check_pressing(entry, when, path, scope)
        check_sources(entry.sources, scope.document.place(*path, "sources"), known, scope.names.report)
        rules[entry.rule] = Rule(
            id=entry.rule,
            level=entry.level,
            when=when,
            action=entry.action,
            unsure=entry.unsure,
            names=tuple(entry.rule_out),
        )
    return tuple(rules.values())


def _check_pressing(entry: RuleEntry, when: Condition, path: tuple[str | int, ...], scope: Scope) -> None:
    """What holds for emergency and urgent rules only."""
    level = entry.level.value
    for name in scope.names.within(when.negated & scope.names.of_kind(Kind.DANGER)):
        scope.note(
            LoadRule.NEGATED_DANGER,
            f"danger sign '{name}' stands under 'not' (here or in a definition) in an {level} rule:"
            " a danger may only raise a level, reword the condition",
            *path,
            "when",
        )
    if entry.unsure is None:
        scope.note(
            LoadRule.MISSING_UNSURE, f"{level} rule '{entry.rule}' needs 'unsure', at least urgent: add it", *path
        )
    elif entry.unsure.rank < Level.URGENT.rank:
        scope.note(
            LoadRule.LOW_UNSURE,
            f"'unsure' of {level} rule '{entry.rule}' is {entry.unsure.value}: make it urgent or emergency",
            *path,
            "unsure",
        )


def read_causes(entries: Mapping[str, CauseEntry], scope: Scope) -> tuple[Cause, ...]:
    """Compile the causes, in their order."""
    return tuple(_cause(name, entry, scope) for name, entry in entries.items())


def _cause(cause: str, entry: CauseEntry, scope: Scope) -> Cause:
    needs = ALWAYS if entry.needs is None else scope.read(entry.needs, "causes", cause, "needs")
    evidence: dict[str, Evidence] = {}
    for name, weight, path in _written(cause, entry):
        if name in evidence:
            scope.note(LoadRule.DUPLICATE_EVIDENCE, f"'{name}' speaks twice about '{cause}': keep one", *path)
        evidence[name] = Evidence(name, _evidence(name, path, scope), weight)
    return Cause(cause, needs, tuple(evidence.values()))


def _written(cause: str, entry: CauseEntry) -> Iterator[tuple[str, int, tuple[str | int, ...]]]:
    """Each name of evidence with its weight and where it stands."""
    for key, side, sign in (("for", entry.supports, 1), ("against", entry.opposes, -1)):
        for strength, names, weight in (("strong", side.strong, STRONG), ("some", side.some, SOME)):
            for position, name in enumerate(names):
                yield name, sign * weight, ("causes", cause, key, strength, position)


def _evidence(name: str, path: tuple[str | int, ...], scope: Scope) -> Condition:
    known = [*scope.names.bits, *scope.defined]
    if name in known:
        return scope.read(name, *path)
    remedy = did_you_mean(name, known) or ": name a finding or a definition"
    scope.note(LoadRule.UNKNOWN_NAME, f"unknown evidence '{name}'{remedy}", *path)
    return ALWAYS
