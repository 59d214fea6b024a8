"""What is unused, contradictory or said twice: no danger by itself, but somebody meant something else."""

from __future__ import annotations

from collections.abc import Iterable

from bot.check.subject import Subject
from bot.check.verdict import Findings, Progress
from bot.flow.conditions import names_in
from bot.flow.model import Flow, Kind, Level
from bot.load import Library


def structure_of_flow(subject: Subject, found: Findings, progress: Progress) -> None:
    """Definitions and rows that no answers make true, or that no answers make false."""
    _actions(subject, found)
    progress("definitions")
    flow, library = subject.flow, subject.library
    for name, condition in flow.defined.items():
        place = library.place("definition", flow.id, name)
        if not condition.reads & ~flow.heard:
            continue
        if not subject.prover.possible(subject.reading.true(condition, subject.reading.facts)):
            found.fail(place, f"definition '{name}' contradicts itself: no answers make it true")
        elif not subject.prover.possible(subject.reading.false(condition, subject.reading.facts)):
            found.fail(place, f"definition '{name}' says nothing: no answers make it false")
    for name in _unused_definitions(subject):
        found.warn(library.place("definition", flow.id, name), f"definition '{name}' is used nowhere")
    _rules_alike(subject, found)
    progress("rows")
    for row in subject.rows:
        if not subject.prover.possible(subject.oracle.true(row.when, subject.said)):
            message = f"row '{row.id}' can never be true of anybody who answers '{flow.id}'"
            found.fail(library.place("row", row.id), message)


def _rules_alike(subject: Subject, found: Findings) -> None:
    """No two rules of a level are true of the very same answers: the second says nothing that the first does not."""
    flow, library, facts = subject.flow, subject.library, subject.reading.facts
    known: dict[tuple[Level, int], str] = {}
    for rule in flow.rules:
        true = subject.reading.true(rule.when, facts)
        first = known.setdefault((rule.level, true), rule.id)
        if first != rule.id:
            look = [library.place("rule", flow.id, first)]
            found.fail(
                library.place("rule", flow.id, rule.id), f"'{rule.id}' is true exactly when '{first}' is", (), look
            )


def _unused_definitions(subject: Subject) -> list[str]:
    """Definitions that no condition, no other definition and no evidence names."""
    flow = subject.flow
    used = {evidence.id for cause in flow.causes for evidence in cause.evidence}
    for key, text in subject.library.written.items():
        if key[1] == flow.id:
            used.update(names_in(text))
    return [name for name in flow.defined if name not in used]


def _actions(subject: Subject, found: Findings) -> None:
    """An action tells one level of hurry: no rule borrows the words of a lower level, no pressing one any."""
    flow, library = subject.flow, subject.library
    level_of = {
        action: level for level, action in flow.actions.items() if list(flow.actions.values()).count(action) == 1
    }
    for rule in flow.rules:
        level = level_of.setdefault(rule.action, rule.level)
        if level.rank < rule.level.rank or (level is not rule.level and rule.level.rank >= Level.URGENT.rank):
            place = library.place("rule", flow.id, rule.id)
            found.fail(
                place, f"{rule.level.value} rule '{rule.id}' has action '{rule.action}', which is for {level.value}"
            )


def structure_of_library(library: Library, found: Findings, progress: Progress) -> None:
    """Findings that nobody sets or reads, in any flow; danger signs without a row or a rule; rows about no flow."""
    progress("findings")
    flows = tuple(library.flows.values())
    set_somewhere = _joined(question.sets for flow in flows for question in flow.questions)
    rules = _joined(rule.when.plain for flow in flows for rule in flow.rules)
    rows = _joined(row.when.plain for row in library.safety)
    read_somewhere = _joined(_reads(flow) for flow in flows) | _joined(row.when.reads for row in library.safety)
    some = flows[0]
    for name, bit in some.bits.items():
        danger = some.kinds[name] in {Kind.DANGER, Kind.HEARD}
        wrong = {
            f"no answer sets '{name}': ask for it or remove it": not set_somewhere & bit
            and some.kinds[name] is not Kind.HEARD,
            f"nothing reads '{name}': use it or remove it": not read_somewhere & bit,
            f"no row of safety.yaml says what danger sign '{name}' demands": danger and not rows & bit,
            f"no rule reads danger sign '{name}'": danger and not rules & bit,
        }
        for message, is_so in wrong.items():
            if is_so:
                found.fail(library.place("finding", name), message)
    for row in library.safety:
        for flow_id in row.flows:
            if flow_id not in library.flows:
                found.fail(library.place("row", row.id), f"row '{row.id}' is about '{flow_id}', which is no flow")


def _joined(masks: Iterable[int]) -> int:
    whole = 0
    for mask in masks:
        whole |= mask
    return whole


def _reads(flow: Flow) -> int:
    """Every finding that shapes what happens: rules, causes, conditions, notices, audiences."""
    conditions = [rule.when for rule in flow.rules] + [question.when for question in flow.questions]
    conditions += [notice.when for notice in flow.notices] + list(flow.audiences.values())
    for cause in flow.causes:
        conditions += [cause.needs, *(evidence.when for evidence in cause.evidence)]
    return _joined(condition.reads for condition in conditions)
