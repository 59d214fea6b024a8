"""S3: danger only raises, only listed facts calm, and what is unknown counts as the unsafe value."""

from __future__ import annotations

from bot.check.chat import chat
from bot.check.circuit import FALSE, TRUE, Statement, opposite
from bot.check.reading import Facts, Moment, Person, Reading
from bot.check.subject import Subject
from bot.check.verdict import Findings, Progress
from bot.flow.conditions import places
from bot.flow.model import Choose, Kind, Level, Question

_RAISED = (Level.SOON, Level.URGENT, Level.EMERGENCY)


def s3(subject: Subject, found: Findings, progress: Progress) -> None:
    """All of S3."""
    _never_under_not(subject, found)
    _same_dangers(subject, found)
    progress("more danger, never less urgent")
    _more_danger(subject, found)
    _calming(subject, found, progress)


def _never_under_not(subject: Subject, found: Findings) -> None:
    """Danger signs stand plainly in pressing rules, hide no question that asks for danger, and are called so."""
    flow, library = subject.flow, subject.library
    for rule, _ in flow.pressing:
        for name in flow.names(rule.when.negated & (flow.danger | flow.heard)):
            place = library.place("rule", flow.id, rule.id)
            found.fail(place, f"danger sign '{name}' stands under 'not' in {rule.level.value} rule '{rule.id}'")
    for question in flow.questions:
        for name in flow.names(question.when.negated & (flow.danger | flow.heard)):
            if question.id in flow.danger_questions:
                place = library.place("question", flow.id, question.id)
                found.fail(place, f"danger sign '{name}' hides the question '{question.id}'")
    everything = (1 << len(flow.findings)) - 1
    for name, bit in flow.bits.items():
        if flow.kinds[name] in {Kind.DANGER, Kind.HEARD}:
            continue
        for rule, _ in flow.pressing:
            if rule.when.value(bit, everything & ~bit) is True:
                message = f"'{name}' by itself fulfils {rule.level.value} rule '{rule.id}', so its kind must be danger"
                found.fail(library.place("finding", name), message)


def _same_dangers(subject: Subject, found: Findings) -> None:
    """The oracle's danger signs are those of the flow: each is heard in typed words, and none is calm unless denied."""
    flow, dangers = subject.flow, subject.library.oracle.dangers
    if dangers is None:
        return
    for name in flow.findings:
        is_danger = flow.kinds[name] is Kind.DANGER
        if is_danger and name not in dangers:
            found.fail(subject.library.place("finding", name), f"safety.yaml does not list '{name}' under 'dangers'")
        if name in dangers and not is_danger:
            message = f"'{name}' is a danger sign in safety.yaml and {flow.kinds[name].value} here: correct one"
            found.fail(subject.library.place("finding", name), message)


def lower(subject: Subject, less: Reading, more: Reading) -> Statement:
    """When ``more`` gets a lower level than ``less``."""
    circuit = subject.circuit
    return circuit.any(circuit.both(less.at_least(level), opposite(more.at_least(level))) for level in _RAISED)


def _more_danger(subject: Subject, found: Findings) -> None:
    """From *no* over *not sure* to *yes*, whatever else is answered, the level never falls.

    Options that state danger signs alone; and of two options of *one* that differ only in danger, the one with more.
    """
    circuit, person, flow = subject.circuit, subject.person, subject.flow
    more = Person(dict(person.chosen), dict(person.unsure), dict(person.heard))
    for question in flow.questions:
        if question.choose is Choose.ANY:
            for option in question.choices:
                if option.sets and not option.sets & ~flow.danger:
                    key = (question.id, option.id)
                    more.chosen[key] = circuit.any((person.chosen[key], circuit.fact()))
                    doubt = circuit.any((person.unsure[key], circuit.fact() if question.unsure else FALSE))
                    more.unsure[key] = circuit.both(doubt, opposite(more.chosen[key]))
        elif question.choose is Choose.ONE:
            _worse_option(subject, question, more)
    worse = Reading(circuit, flow, more)
    if (answers := subject.smallest(lower(subject, subject.reading, worse))) is not None:
        values = circuit.values(answers)
        changed = [
            f"'{key[1]}' of '{key[0]}'"
            for key, statement in more.chosen.items()
            if values[statement >> 1] ^ (statement & 1) != values[person.chosen[key] >> 1] ^ (person.chosen[key] & 1)
        ]
        place = subject.library.place("flow", flow.id)
        message = (
            f"more danger gives a lower level: this conversation, and then also {' and '.join(changed) or 'a doubt'}"
        )
        found.fail(place, message, chat(subject.library, flow, subject.play(answers)))


def _worse_option(subject: Subject, question: Question, more: Person) -> None:
    """Let somebody who chose an option choose one that says the same and a danger sign besides.

    What an option denies does not count: whatever is not chosen is denied. Where a question asks for danger alone, *not
    sure* is worse than an option that states none of it, and the option that states all of it is worse than *not sure*.
    """
    circuit, danger = subject.circuit, subject.flow.danger
    choices = question.choices
    if question.unsure and not question.sets & ~danger:
        unsure = more.unsure[question.id, choices[0].id]
        for option in choices:
            key = (question.id, option.id)
            if not option.sets:
                swaps = circuit.both(more.chosen[key], circuit.fact())
                more.chosen[key] = circuit.both(more.chosen[key], opposite(swaps))
                unsure = circuit.any((unsure, swaps))
        for option in choices:
            key = (question.id, option.id)
            if option.sets == question.sets:
                swaps = circuit.both(unsure, circuit.fact())
                more.chosen[key] = circuit.any((more.chosen[key], swaps))
                unsure = circuit.both(unsure, opposite(swaps))
        for option in choices:
            more.unsure[question.id, option.id] = unsure
    for less in choices:
        for worse in choices:
            added = worse.sets & ~less.sets
            if added and not added & ~danger and not less.sets & ~worse.sets:
                swaps = circuit.both(more.chosen[question.id, less.id], circuit.fact())
                keep, take = (question.id, less.id), (question.id, worse.id)
                more.chosen[take] = circuit.any((more.chosen[take], swaps))
                more.chosen[keep] = circuit.both(more.chosen[keep], opposite(swaps))


def _calming(subject: Subject, found: Findings, progress: Progress) -> None:
    """Stated facts that lower a level: each is on the oracle's list; unknown is never calmer than *no*."""
    flow, oracle = subject.flow, subject.library.oracle
    negated = 0
    for condition in [rule.when for rule in flow.rules] + [row.when for row in subject.rows]:
        negated |= condition.negated
    anything = _Anything(subject)
    calming = set()
    for bit in places(negated & ~flow.heard):
        name = flow.findings[bit]
        progress(f"'{name}'")
        yes, no, unknown = (anything.levels(bit, value) for value in (TRUE, FALSE, None))
        if _find_lower(subject, no, yes, _RAISED):
            calming.add(name)
            if name not in oracle.calms:
                message = f"'{name}' calms, and safety.yaml does not list it under 'calms' with a reason and a source"
                found.fail(subject.library.place("finding", name), message)
        pressing = (Level.SOON, Level.URGENT)
        if _find_lower(subject, no, unknown, pressing) or _find_lower(subject, yes, unknown, pressing):
            message = f"'{name}' counts as harmless when it is unknown: give the rules that read it an 'unsure' level"
            found.fail(subject.library.place("finding", name), message)
    elsewhere = 0
    for other in subject.library.flows.values():
        for rule in other.rules if other is not flow else ():
            elsewhere |= rule.when.negated
    for name in oracle.calms.keys() - calming - set(flow.names(elsewhere)):
        found.fail(subject.library.place("calm", name), f"'{name}' is listed as calming, and it calms nothing")
    found.note(f"{len(calming)} calming facts")


class _Anything:
    """Every finding yes, no or unknown, whatever the questions."""

    def __init__(self, subject: Subject) -> None:
        circuit = subject.circuit
        self.subject = subject
        self.facts = Facts.nothing(len(subject.flow.findings))
        for place in range(len(subject.flow.findings)):
            self.facts.yes[place] = circuit.fact()
            self.facts.no[place] = circuit.both(circuit.fact(), opposite(self.facts.yes[place]))
        self.counts = {
            (rule.id, level): subject.reading.counts(rule, _end(self.facts), level)
            for rule in subject.flow.rules
            for level in _RAISED
        }
        """When each rule counts. Holding a finding changes nothing for the many rules that do not read it."""

    def levels(self, place: int, value: Statement | None) -> dict[Level, Statement]:
        """When each level is reached, with one finding held at yes, no or (``None``) unknown."""
        held = self.facts.copy()
        held.yes[place] = FALSE if value is None else value
        held.no[place] = FALSE if value is None else opposite(value)
        end, reading = _end(held), self.subject.reading
        return {
            level: self.subject.circuit.any(
                reading.counts(rule, end, level) if rule.when.reads >> place & 1 else self.counts[rule.id, level]
                for rule in self.subject.flow.rules
            )
            for level in _RAISED
        }


def _end(facts: Facts) -> Moment:
    return Moment(None, again=False, here=TRUE, facts=facts, open_findings=0)


def _find_lower(
    subject: Subject, less: dict[Level, Statement], more: dict[Level, Statement], levels: tuple[Level, ...]
) -> bool:
    lower = subject.circuit.any(subject.circuit.both(less[level], opposite(more[level])) for level in levels)
    return subject.prover.possible(lower)
