"""S13: no typed message can lower a level or skip a question about a danger.

Words in passing make inputs of their own: what was heard, its denial, what is wondered about, what is noted, and what a
first message was understood to say. The first is one of the facts that every property is proved for, so what it can
bring about is decided in symbols. That the others say nothing, and that a confirmed first message answers no question
about a danger, is a promise of the engine: it is played at every card of the flow, for every danger sign and option.

Words that answer the card in front are the same event as a tap on it, and so are *yes* and *no* to what was wondered
about; of those this says nothing that the other properties do not say of taps. That they are taken only where that card
is to be seen is tested (tests/test_words_talk.py), not proved.
"""

from __future__ import annotations

from dataclasses import replace

from bot.check.calm import lower
from bot.check.chat import chat
from bot.check.circuit import opposite
from bot.check.play import START, Step, play
from bot.check.reading import Person, Reading
from bot.check.subject import Subject
from bot.check.verdict import Findings, Progress
from bot.flow import triage
from bot.flow.engine import resume, start
from bot.flow.events import Accept, Asking, CheckBack, Decline, Event, Finish, Guess, Hear, Note, Understand, Wonder
from bot.flow.model import Choose, Flow, Level, Question
from bot.flow.replay import State, replay
from bot.flow.session import Answered, Input, Session


def s13(subject: Subject, found: Findings, progress: Progress) -> None:
    """All of S13."""
    more = _heard_besides(subject)
    progress("something heard, never less urgent")
    _never_lower(subject, more, found)
    progress("something heard, every danger still asked about")
    _never_skipped(subject, more, found)
    count = 0
    for position, question in enumerate(subject.flow.questions):
        progress(f"words at '{question.id}'")
        count += _at_card(subject, position, found)
    _only_dangers(subject, found)
    progress("first messages")
    count += _first_messages(subject, found)
    found.note(f"{count} messages played in the engine")


def _heard_besides(subject: Subject) -> Reading:
    """The same answers, with anything else heard as well."""
    person, circuit = subject.person, subject.circuit
    more = Person(person.chosen, person.unsure, {})
    for bit, heard in person.heard.items():
        more.heard[bit] = circuit.any((heard, circuit.fact()))
    return Reading(circuit, subject.flow, more)


def _never_lower(subject: Subject, more: Reading, found: Findings) -> None:
    answers = subject.smallest(lower(subject, subject.reading, more))
    if answers is not None:
        place = subject.library.place("flow", subject.flow.id)
        lines = chat(subject.library, subject.flow, subject.play(answers))
        found.fail(place, "typed words can lower the level of this conversation", lines)


def _never_skipped(subject: Subject, more: Reading, found: Findings) -> None:
    """A question about a danger that is asked is asked with more heard, too, unless there is an emergency."""
    flow, circuit = subject.flow, subject.circuit
    calm = opposite(more.at_least(Level.EMERGENCY))
    for position, question in enumerate(flow.questions):
        if question.id not in flow.danger_questions:
            continue
        skipped = circuit.all((subject.reading.asked[position], opposite(more.asked[position]), calm))
        answers = subject.smallest(skipped)
        if answers is not None:
            place = subject.library.place("question", flow.id, question.id)
            lines = chat(subject.library, flow, subject.play(answers))
            found.fail(place, f"typed words can skip the question '{question.id}' in this conversation", lines)


def _at_card(subject: Subject, position: int, found: Findings) -> int:
    """Say every danger sign at this card, possibly or surely, and take it back."""
    flow, question = subject.flow, subject.flow.questions[position]
    choices = subject.found(subject.reached[position], subject.calm) or subject.found(subject.reached[position])
    if choices is None:
        return 0
    steps = play(flow, choices, until=question.id)
    session, at = steps[-1].turn.session, steps[-1].turn.session.touched + 1
    if steps[-1].ask is None:
        return 0
    before = replay(flow, session.inputs)
    names = flow.names(flow.danger | flow.heard)
    for name in names:
        for event in (Hear((name,)), Wonder((name,)), Note((name,)), Hear((name,), denied=True)):
            turn = resume(flow, session, event, at)
            wrong = _wrong(flow, event, before, turn.session)
            if wrong or (isinstance(event, Wonder) and not _asks(turn.effects[-1], before, flow, name)):
                message = f"'{name}' in typed words at card '{question.id}' {wrong or 'is not asked about'}"
                _fail(subject, found, question, message, [*steps, Step(event, turn)])
    return 4 * len(names)


def _only_dangers(subject: Subject, found: Findings) -> None:
    """Nothing that could calm is taken from words in passing."""
    flow = subject.flow
    begun = start(flow, "played", "en", START).session
    for name, bit in flow.bits.items():
        events = (Hear((name,)), Hear((name,), denied=True), Wonder((name,)), Note((name,)))
        taken = any(resume(flow, begun, each, START).session != begun for each in events)
        if taken and not bit & (flow.danger | flow.heard):
            place = subject.library.place("finding", name)
            found.fail(place, f"'{name}' is no danger sign and is taken from typed words in passing")


def _asks(shown: object, before: State, flow: Flow, name: str) -> bool:
    """A danger that words may speak of is asked about, unless it is known already or there is an emergency."""
    known = bool(before.yes & flow.bits[name])
    emergency = isinstance(shown, Finish) and shown.outcome.level is Level.EMERGENCY
    return known or emergency or (isinstance(shown, CheckBack) and shown.finding == name)


def _wrong(flow: Flow, event: Event, before: State, session: Session) -> str:
    """What typed words did that they must not do, or ""."""
    after = replay(flow, session.inputs)
    meant = 0
    if isinstance(event, Hear) and not event.denied:
        meant = sum(flow.bits[name] for name in event.findings)
    if after.yes & ~before.yes & ~meant or meant & ~after.yes:
        return "does not say just what was heard"
    if after.no & ~before.no:
        return "answers something with no"
    if isinstance(event, Hear) and event.denied:
        return ""
    if _level(flow, after).rank < _level(flow, before).rank and not _asks_again(flow, before, after):
        return "lowers the level"
    return "skips a question" if _left_out(flow, after) - _left_out(flow, before) and not after.emergency else ""


def _asks_again(flow: Flow, before: State, after: State) -> bool:
    """Whether an earlier doubt matters now and is asked about once more; what was answered after it waits meanwhile."""
    if after.asking is not Asking.AGAIN or after.question is None or before.question is None:
        return False
    return flow.place[after.question.id] < flow.place[before.question.id]


def _left_out(flow: Flow, state: State) -> frozenset[str]:
    """The questions about dangers that have been passed over."""
    passed = flow.questions[: flow.place[state.question.id] if state.question else len(flow.questions)]
    return flow.danger_questions & {each.id for each in passed} - {*state.answered}


def _level(flow: Flow, state: State) -> Level:
    return triage.judge(flow, state.yes, state.no, state.open_findings)[0]


# --- first messages -------------------------------------------------------------------------------------------------


def _first_messages(subject: Subject, found: Findings) -> int:
    """Guess every option in a first message: nothing counts before it is confirmed, and no danger is answered then."""
    flow = subject.flow
    count = 0
    for question in flow.questions:
        for guess in _guesses(question):
            count += 1
            begun = start(flow, "played", "en", START)
            understand = Understand((guess,))
            understood = resume(flow, begun.session, understand, START)
            accepted = resume(flow, understood.session, Accept(), START)
            declined = resume(flow, understood.session, Decline(), START)
            steps = [Step(None, begun), Step(understand, understood), Step(Accept(), accepted)]
            if wrong := _guessed_wrong(flow, begun.session, understood.session, declined.session):
                _fail(subject, found, question, f"a first message that speaks of '{question.id}' {wrong}", steps)
            if question.id in flow.danger_questions and _is_answered(flow, question, accepted.session.inputs):
                message = f"a confirmed first message answers '{question.id}', which asks for a danger sign"
                _fail(subject, found, question, message, steps)
    return count


def _guesses(question: Question) -> list[Guess]:
    if question.choose is Choose.NUMBER:
        lows = (question.smallest if each.lowest is None else each.lowest for each in question.choices)
        return [Guess(question.id, number=low) for low in lows]
    return [Guess(question.id, (option.id,)) for option in question.choices]


def _guessed_wrong(flow: Flow, begun: Session, understood: Session, declined: Session) -> str:
    states = [replay(flow, session.inputs) for session in (begun, understood, declined)]
    facts = {(state.yes, state.no, tuple(state.answered)) for state in states}
    return "counts before it is confirmed, or after it was declined" if len(facts) > 1 else ""


def _is_answered(flow: Flow, question: Question, inputs: tuple[Input, ...]) -> bool:
    """Whether the question would not be asked any more, however the cards before it are answered."""
    stored = any(isinstance(entry, Answered) and entry.question == question.id for entry in inputs)
    alone = replace(flow, questions=(question,))
    state = replay(alone, tuple(entry for entry in inputs if not isinstance(entry, Answered)))
    return stored or (state.question is None and not state.emergency)


def _fail(subject: Subject, found: Findings, question: Question, message: str, steps: list[Step]) -> None:
    place = subject.library.place("question", subject.flow.id, question.id)
    found.fail(place, message, chat(subject.library, subject.flow, steps))
