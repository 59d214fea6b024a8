"""S5 and S6: levels without causes are the same, and everything in a flow can be reached."""

from __future__ import annotations

from dataclasses import replace

from bot.check.again import SecondAsking
from bot.check.circuit import Statement, opposite
from bot.check.reading import Reading
from bot.check.scores import Scores
from bot.check.subject import Subject
from bot.check.verdict import Findings, Progress
from bot.flow.model import Level, Rule

_ABOVE = {Level.ROUTINE: Level.SOON, Level.SOON: Level.URGENT, Level.URGENT: Level.EMERGENCY}


def s5(subject: Subject, found: Findings, progress: Progress) -> None:
    """The flow without its causes reads as the very same statements."""
    progress("the flow without its causes")
    bare = Reading(subject.circuit, replace(subject.flow, causes=()), subject.person)
    place = subject.library.place("flow", subject.flow.id)
    for level in _ABOVE.values():
        if bare.at_least(level) != subject.reading.at_least(level):
            found.fail(place, f"who gets {level.value} depends on the causes")


def s6(subject: Subject, found: Findings, progress: Progress) -> None:
    """All of S6."""
    progress("questions and options")
    _questions(subject, found)
    fired = {rule.id for rule in subject.flow.rules if _rule(subject, found, rule, progress)}
    _voices(subject, found)
    _causes(subject, found, fired, progress)


def _questions(subject: Subject, found: Findings) -> None:
    flow, library = subject.flow, subject.library
    again = SecondAsking(subject)
    for position, question in enumerate(flow.questions):
        alive = subject.reached[position]
        if not subject.prover.possible(alive):
            found.fail(library.place("question", flow.id, question.id), f"question '{question.id}' is never asked")
            continue
        for option in question.choices:
            if not subject.prover.possible(alive, subject.person.chosen[question.id, option.id]):
                place = library.place("option", flow.id, question.id, option.id)
                found.fail(place, f"option '{option.id}' of '{question.id}' can never be chosen")
        if question.unsure and not subject.prover.possible(again.fits, again.shown(position)):
            _unused_again(subject, found, question.id)


def _unused_again(subject: Subject, found: Findings, question: str) -> None:
    """The question is never asked a second time: then there is no text for it, unless another flow needs it."""
    elsewhere = [flow.id for flow in subject.library.flows.values() if question in flow.place]
    for code, texts in subject.library.texts.items():
        if len(elsewhere) == 1 and texts.flows[subject.flow.id].questions[question].again is not None:
            place = subject.library.place("text", code, subject.flow.id, "question", question)
            found.fail(place, f"question '{question}' is never asked again, so its 'again' is never shown: remove it")


def _rule(subject: Subject, found: Findings, rule: Rule, progress: Progress) -> bool:
    """Whether a rule can decide a result: an emergency as the first one, any other at its own level."""
    progress(f"rule '{rule.id}'")
    place = subject.library.place("rule", subject.flow.id, rule.id)
    true = subject.reading.true(rule.when, subject.reading.facts)
    if not subject.prover.possible(true):
        found.fail(place, f"rule '{rule.id}' can never be true")
        return False
    if _decides(subject, rule, true):
        return True
    found.fail(place, f"rule '{rule.id}' never decides a result: whenever it is true, others do at a higher level")
    return False


def _decides(subject: Subject, rule: Rule, true: Statement) -> bool:
    if rule.level is not Level.EMERGENCY:
        not_above = opposite(subject.reading.at_least(_ABOVE[rule.level]))
        return subject.prover.possible(true, not_above)
    heard_only = not rule.when.reads & ~subject.flow.heard
    if heard_only:
        return True
    for position in range(len(subject.flow.questions)):
        facts = subject.reading.settled_with(subject.person, position)
        if subject.prover.possible(subject.reached[position], subject.reading.true(rule.when, facts)):
            return True
    return False


def _voices(subject: Subject, found: Findings) -> None:
    """Each audience is spoken to, each notice said, in some conversation."""
    flow, library, facts = subject.flow, subject.library, subject.reading.facts
    for audience, when in flow.audiences.items():
        if not subject.prover.possible(subject.reading.true(when, facts)):
            found.fail(library.place("flow", flow.id), f"audience '{audience.value}' is never spoken to")
    for notice in flow.notices:
        if not subject.prover.possible(subject.reading.true(notice.when, facts)):
            found.fail(library.place("notice", flow.id, notice.id), f"notice '{notice.id}' is never said")


def _causes(subject: Subject, found: Findings, fired: set[str], progress: Progress) -> None:
    """Each cause can come first below an emergency, or is named by a rule that can decide; no two are always alike."""
    flow, library = subject.flow, subject.library
    _evidence(subject, found)
    named = {name for rule in flow.rules if rule.id in fired for name in rule.names}
    scores = Scores(subject)
    first = 0
    for cause in flow.causes:
        progress(f"cause '{cause.id}'")
        if scores.can_be_first(cause):
            first += 1
        elif cause.id not in named:
            place = library.place("cause", flow.id, cause.id)
            found.fail(place, f"cause '{cause.id}' can never come first, and no rule names it")
    progress("causes side by side")
    for one, other in scores.alike():
        place = library.place("cause", flow.id, other)
        found.fail(place, f"no answers tell '{other}' and '{one}' apart", (), [library.place("cause", flow.id, one)])
    found.note(f"{first} of {len(flow.causes)} causes can come first")


def _evidence(subject: Subject, found: Findings) -> None:
    """What speaks for or against a cause can be true."""
    facts = subject.reading.facts
    conditions = {each.id: each.when for cause in subject.flow.causes for each in cause.evidence}
    never = {
        name for name, when in conditions.items() if not subject.prover.possible(subject.reading.true(when, facts))
    }
    for cause in subject.flow.causes:
        for name in sorted(never & {each.id for each in cause.evidence}):
            place = subject.library.place("cause", subject.flow.id, cause.id)
            found.fail(place, f"'{name}' can never speak for or against '{cause.id}': it is never true")
