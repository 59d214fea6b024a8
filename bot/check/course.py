"""S7 and S11: how long conversations are, and in which order they ask."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping

from bot.check.again import SecondAsking
from bot.check.chat import chat
from bot.check.circuit import Statement, opposite
from bot.check.count import Count, count
from bot.check.play import Choices, Step, play
from bot.check.prover import Budget, NotProvedError
from bot.check.subject import Subject
from bot.check.verdict import Findings, Progress
from bot.flow.conditions import places
from bot.flow.events import Ask, Review
from bot.flow.model import Choose, Flow, Kind, Question

LONGEST = 60
"""The most cards of a conversation where safety.yaml says nothing about it."""

Patients = Mapping[str, Mapping[str, object]]
"""Committed patients: what each answers to each question."""


Counter = Callable[[Flow, Budget], Count]
"""Counts the conversations of a flow; raises `NotProvedError` when it cannot."""


def s7(
    subject: Subject, found: Findings, progress: Progress, patients: Patients, counter: Counter | None = count
) -> None:
    """Count the conversations, find the longest and the shortest, and hold them to the bounds."""
    if counter:
        progress("counting conversations")
        _counted(subject, found, counter)
    progress("the longest conversation")
    again = SecondAsking(subject)
    seen = _seen(subject, again)
    place = subject.library.place("flow", subject.flow.id)
    bound = subject.library.oracle.longest or LONGEST
    longest = subject.prover.smallest((again.fits,), [opposite(card) for card in seen])
    assert longest is not None  # noqa: S101 - somebody answers something
    steps = play(subject.flow, again.choices(subject, longest))
    cards = _cards(steps)
    found.figure("longest", cards)
    found.note(f"longest {cards} cards (at most {bound})")
    if cards > bound:
        found.fail(
            place, f"a conversation has {cards} cards, at most {bound}", chat(subject.library, subject.flow, steps)
        )
    progress("the shortest conversations")
    for end, ended in (("a result below emergency", subject.calm), ("an emergency", opposite(subject.calm))):
        silent = subject.circuit.both(ended, subject.silent)
        shortest = subject.prover.smallest((again.fits, silent), seen)
        if shortest is not None:
            cards = _cards(play(subject.flow, again.choices(subject, shortest)))
            found.figure("shortest" if ended == subject.calm else "shortest_emergency", cards)
            found.note(f"shortest {cards} cards to {end}")
    _typical(subject, found, patients)


def _counted(subject: Subject, found: Findings, counter: Counter) -> None:
    try:
        counted = counter(subject.flow, subject.prover.budget)
        ended = sum(counted.emergencies.values())
        found.figure("conversations", counted.total)
        found.figure("emergencies", ended)
        found.note(f"{rounded(counted.total)} conversations, {rounded(ended)} of them end with an emergency")
    except NotProvedError as error:
        found.note(str(error))


def rounded(number: int) -> str:
    """A number as people can read it: ``1,234`` or ``8.3 × 10^49``."""
    digits = len(str(number)) - 1
    return f"{number:,}" if digits < _MANY_DIGITS else f"{number / 10**digits:.1f} × 10^{digits}"


_MANY_DIGITS = 9


def _seen(subject: Subject, again: SecondAsking) -> list[Statement]:
    """A statement for each card that can be seen: first askings, second ones, and the review."""
    second = (again.shown(position) for position in range(len(subject.flow.questions)))
    return [*subject.reached, *second, subject.calm]


def _cards(steps: Iterable[Step]) -> int:
    """How many cards are shown: askings, second askings and the review; ticking shows no new one."""
    shown: list[object] = []
    for step in steps:
        last = step.turn.effects[-1] if step.turn.effects else None
        if isinstance(last, Review):
            shown.append(last)
        elif isinstance(last, Ask):
            card = (last.question, last.asking)
            if not shown or shown[-1] != card:
                shown.append(card)
    return len(shown)


def _typical(subject: Subject, found: Findings, patients: Patients) -> None:
    lengths = []
    for answers in patients.values():
        choices = patient_choices(subject.flow, answers)
        lengths.append(_cards(play(subject.flow, choices)))
    if not lengths:
        return
    typical = statistics.median(lengths)
    found.figure("typical", round(typical))
    bound = subject.library.oracle.typical
    found.note(
        f"typical {typical:.0f} cards (median of {len(lengths)} patients{f', at most {bound}' if bound else ''})"
    )
    if bound is not None and typical > bound:
        place = subject.library.place("flow", subject.flow.id)
        found.fail(place, f"half of the committed patients need {typical:.0f} cards or more, at most {bound}")


def patient_choices(flow: Flow, answers: Mapping[str, object]) -> Choices:
    """What a committed patient answers; what is missing counts as *none*, or as *not sure* where there is none."""
    chosen: dict[str, tuple[str, ...]] = {}
    unsure: dict[str, tuple[str, ...]] = {}
    at_first: dict[str, tuple[str, ...]] = {}
    for question in flow.questions:
        said = _said(question, answers.get(question.id))
        every = tuple(option.id for option in question.choices)
        open_still = tuple(name for name in said if name.startswith("unsure"))
        names = tuple(name for name in said if name in every)
        marked = tuple(name for each in open_still for name in each.partition(":")[2].split(",") if name in every)
        doubts = (marked or every) if open_still else ()
        if question.choose is not Choose.ANY:
            names = () if doubts else names[:1]
            doubts = () if names else every
        chosen[question.id] = names
        unsure[question.id] = tuple(name for name in doubts if name not in names)
        second = answers.get(f"{question.id}.again")
        if doubts and second is not None:
            cleared = tuple(name for name in _said(question, second) if name in every)
            if second != "unsure":  # they know by then
                at_first[question.id], unsure[question.id] = unsure[question.id], ()
            chosen[question.id] = (*names, *cleared)
    heard = answers.get("hear")
    return Choices(chosen, unsure, (str(heard),) if heard else (), at_first)


def _said(question: Question, value: object) -> tuple[str, ...]:
    if isinstance(value, int) and question.choose is Choose.NUMBER:
        return tuple(option.id for option in question.choices if option.holds(value))
    if isinstance(value, list):
        return tuple(str(each) for each in value)
    return () if value is None else (str(value),)


# --- S11 --------------------------------------------------------------------------------------------------------------


def s11(subject: Subject, found: Findings, progress: Progress) -> None:
    """The order of the cards."""
    progress("order of the cards")
    flow = subject.flow
    kinds = {question.id: _kind(flow, question) for question in flow.questions}
    told: set[str] = set()
    for position, question in enumerate(flow.questions):
        kind = kinds[question.id]
        before = [other for other in flow.questions[:position] if kinds[other.id] > kind]
        if kind == _BY_ITSELF and question.when.reads:
            before = _between(flow, position, kinds)
        if before and question.id not in told:
            told.add(question.id)
            place = subject.library.place("question", flow.id, question.id)
            look = [subject.library.place("question", flow.id, before[0].id)]
            message = (
                f"'{question.id}' ({_NAMES[kind]}) has to come before '{before[0].id}' ({_NAMES[kinds[before[0].id]]})"
            )
            found.fail(place, message, (), look)


_WHO, _BY_ITSELF, _COMBINED, _REST = range(4)
_NAMES = ("who it is about", "dangerous by itself", "what combined dangers need", "what separates causes")


def _kind(flow: Flow, question: Question) -> int:
    """Which part of the conversation a card belongs to."""
    everything = (1 << len(flow.findings)) - 1
    if any(
        rule.when.value(option.sets, everything & ~option.sets) is True
        for option in question.choices
        for rule in flow.emergencies
    ):
        return _BY_ITSELF
    spoken = 0
    for when in flow.audiences.values():
        spoken |= when.reads
    only_context = all(flow.kinds[flow.findings[place]] is Kind.CONTEXT for place in places(question.sets))
    if only_context and (question.sets & spoken or question.choose is Choose.NUMBER):
        return _WHO
    return _COMBINED if question.sets & flow.alarming else _REST


def _between(flow: Flow, position: int, kinds: Mapping[str, int]) -> list[Question]:
    """A dangerous card with a condition follows the cards that its condition reads; what stands between and may not."""
    question = flow.questions[position]
    last_read = max(
        (place for place, other in enumerate(flow.questions[:position]) if other.sets & question.when.reads), default=-1
    )
    return [other for other in flow.questions[last_read + 1 : position] if kinds[other.id] > _BY_ITSELF]
