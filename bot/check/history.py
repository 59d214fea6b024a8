"""S10 and S12: what *change*, *back* and time do to a danger, played in the real engine.

These two are promises of the engine, not of a flow: `bot.flow.engine` compares the state before and after an event and
never looks at which flow it runs. So every emergency rule is brought about, cleared through every card that can clear
it and in each other way there is; and every card's answer is left to grow old. Besides, `tests/test_check_standings.py`
goes through every reachable standing of small flows.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.chat import chat
from bot.check.circuit import opposite
from bot.check.play import PACE, START, Choices, Step, next_event, play
from bot.check.reading import Person, Reading, add_answers
from bot.check.subject import Subject
from bot.check.verdict import Findings, Progress
from bot.flow.engine import resume
from bot.flow.events import (
    Ask,
    Back,
    Change,
    Cleared,
    Confirm,
    Continue,
    Event,
    Finish,
    Hear,
    Reject,
    Review,
    Say,
    Topic,
    Turn,
)
from bot.flow.model import Level, Rule
from bot.flow.session import EXPIRED_AFTER, STALE_AFTER, about


def s10(subject: Subject, found: Findings, progress: Progress) -> None:
    """Clear every emergency in every way."""
    count = 0
    for position, question in enumerate(subject.flow.questions):
        progress(f"changing '{question.id}'")
        for rule, before, after in _changes(subject, position):
            count += 1
            steps = play(subject.flow, before)
            if not _is_emergency(steps[-1].turn):
                _fail(subject, found, rule, steps, "is true at the end and was not shown")
                continue
            _cleared_otherwise(subject, found, rule, steps, before.heard)
            _cleared_by_change(subject, found, (rule, question.id), steps, after)
    found.note(f"{count} ways out of an emergency rule played in the engine")


def _changes(subject: Subject, position: int) -> Iterator[tuple[Rule, Choices, Choices]]:
    """For each emergency rule somebody of whom it is true, and who clears it by answering this question otherwise.

    Once without and once with something left open on that very card.
    """
    question, circuit = subject.flow.questions[position], subject.circuit
    other = Person(dict(subject.person.chosen), dict(subject.person.unsure), subject.person.heard)
    fits = add_answers(circuit, question, other)
    later = Reading(circuit, subject.flow, other)
    calm_after = opposite(later.at_least(Level.EMERGENCY))
    for rule in subject.flow.emergencies:
        if not rule.when.reads & question.sets:
            continue
        true = subject.reading.true(rule.when, subject.reading.facts)
        unsure = circuit.any(subject.person.unsure[question.id, option.id] for option in question.choices)
        for doubt in (opposite(unsure), unsure):
            answers = subject.anybody(subject.reached[position], true, fits, calm_after, doubt)
            if answers is not None:
                yield rule, subject.choices(answers), Choices.of(subject.flow, other, answers)


def _cleared_by_change(
    subject: Subject, found: Findings, at: tuple[Rule, str], steps: list[Step], after: Choices
) -> None:
    rule, question = at
    time = START + PACE * len(steps)
    turn = _do(subject, steps, Change(question), time)
    if any(isinstance(effect, Reject) for effect in turn.effects):
        _fail(subject, found, rule, steps, f"cannot be taken back: changing '{question}' is refused")
        return
    cleared = any(isinstance(effect, Cleared) and effect.rules for effect in turn.effects)
    if not cleared and not any(isinstance(effect, Say) and effect.topic is Topic.WARNED for effect in turn.effects):
        _fail(subject, found, rule, steps, f"is not repeated while '{question}' is being changed")
    for _ in range(40):
        if not isinstance(turn.effects[-1] if turn.effects else None, Ask):
            break
        last = turn.effects[-1]
        if isinstance(last, Ask) and last.question != question:
            break
        time += PACE
        turn = _do(subject, steps, next_event(subject.flow, steps[-1], after), time)
        cleared = cleared or any(
            isinstance(effect, Cleared) and effect.question == question and effect.rules for effect in turn.effects
        )
    if not _is_emergency(turn) and not cleared:
        _fail(subject, found, rule, steps, f"is cleared by changing '{question}' without a word")


def _cleared_otherwise(
    subject: Subject, found: Findings, rule: Rule, steps: list[Step], heard: tuple[str, ...]
) -> None:
    """By *back*, by time, and by denying what was heard."""
    time = START + PACE * len(steps)
    ways: list[tuple[str, Event, int]] = [
        ("taking back the last answer", Back(), time),
        ("waiting twelve hours", Continue(), time + STALE_AFTER + 1),
        ("waiting a week", Continue(), time + EXPIRED_AFTER + 1),
        *((f"denying '{name}'", Hear((name,), denied=True), time) for name in heard),
    ]
    for way, event, when in ways:
        turn = resume(subject.flow, steps[-1].turn.session, event, when)
        told = any(isinstance(effect, Cleared) and effect.rules for effect in turn.effects)
        if not _is_emergency(turn) and not told:
            shown = [*steps, Step(event, turn)]
            _fail(subject, found, rule, shown, f"is cleared by {way} without a word")


def _do(subject: Subject, steps: list[Step], event: Event, time: int) -> Turn:
    turn = resume(subject.flow, steps[-1].turn.session, event, time)
    steps.append(Step(event, turn))
    return turn


def _is_emergency(turn: Turn) -> bool:
    last = turn.effects[-1] if turn.effects else None
    return isinstance(last, Finish) and last.outcome.level is Level.EMERGENCY


def _fail(subject: Subject, found: Findings, rule: Rule, steps: list[Step], what: str) -> None:
    place = subject.library.place("rule", subject.flow.id, rule.id)
    found.fail(place, f"emergency rule '{rule.id}' {what}", chat(subject.library, subject.flow, steps))


def s12(subject: Subject, found: Findings, progress: Progress) -> None:
    """Leave every card's answer, and the review, to grow old."""
    flow = subject.flow
    for position, question in enumerate(flow.questions):
        progress(f"'{question.id}', twelve hours later")
        choices = subject.found(subject.reading.asked[position], subject.calm)
        if choices is None:
            continue
        steps = play(flow, choices, until=question.id)
        _grown_old(subject, found, steps, choices)
    whole = subject.found(subject.calm)
    if whole is not None:
        steps = play(flow, whole)
        review = next((step for step in steps if isinstance(step.turn.effects[-1], Review)), None)
        if review is not None and _rests_on_danger(subject, review):
            _asks_again(subject, found, steps, resume(flow, review.turn.session, Confirm(), _late(review.turn)))
    found.note(f"{len(flow.questions) + 1} pauses played in the engine")


def _late(turn: Turn) -> int:
    return turn.session.touched + STALE_AFTER + 1


def _rests_on_danger(subject: Subject, step: Step) -> bool:
    """Whether a danger question has been answered; otherwise nothing grows old."""
    return any(about(entry) in subject.flow.danger_questions for entry in step.turn.session.inputs)


def _grown_old(subject: Subject, found: Findings, steps: list[Step], choices: Choices) -> None:
    """The next answer comes twelve hours after the one before."""
    last = steps[-1]
    if last.ask is None or not _rests_on_danger(subject, last):
        return
    event = next_event(subject.flow, last, choices)
    _asks_again(subject, found, steps, resume(subject.flow, last.turn.session, event, _late(last.turn)))


def _asks_again(subject: Subject, found: Findings, steps: list[Step], turn: Turn) -> None:
    said = any(isinstance(effect, Say) and effect.topic is Topic.STALE for effect in turn.effects)
    last = turn.effects[-1]
    asks = isinstance(last, Ask) and last.question in subject.flow.danger_questions
    if not (said and (asks or _is_emergency(turn))):
        place = subject.library.place("flow", subject.flow.id)
        lines = chat(subject.library, subject.flow, steps)
        found.fail(place, "danger answers older than twelve hours still count", lines)
