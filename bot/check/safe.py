"""S0, S1, S2 and S4: no danger without its level, at once, and nothing unknown read as *no*."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.check.again import SecondAsking
from bot.check.chat import chat
from bot.check.circuit import FALSE, Statement, opposite
from bot.check.play import Choices, play
from bot.check.reading import Facts, Moment
from bot.check.subject import Subject
from bot.check.verdict import Findings, Progress
from bot.flow.conditions import places
from bot.flow.events import Ask, Finish
from bot.flow.model import Choose, Level, Question, Rule
from bot.load.issues import Place, listed
from bot.load.library import Meaning, SafetyRow


def s0(subject: Subject, found: Findings, progress: Progress) -> None:
    """Whenever a row is true of the answers, the result is at least the row's level."""
    _second_opinion(subject, found)
    for row in subject.rows:
        progress(row.id)
        true = subject.oracle.true(row.when, subject.said)
        _claim(subject, found, _Claim(row, true, row.level, "is true of these answers"))
    found.note(f"{len(subject.rows)} rows")


def s2(subject: Subject, found: Findings, progress: Progress) -> None:
    """What was neither asked nor rightly left out may be anything: no row that it could fulfil is above the result."""
    for row in subject.rows:
        progress(row.id)
        fulfilled = subject.oracle.true(row.when, subject.completed)
        already = subject.oracle.true(row.when, subject.said)
        silent = subject.circuit.both(fulfilled, opposite(already))
        _claim(subject, found, _Claim(row, silent, row.level, "may be true: what it reads was never asked"))


def s4(subject: Subject, found: Findings, progress: Progress) -> None:
    """A *not sure* that leaves a danger open is asked a second time, and then counts at the row's level for it."""
    for row in subject.rows:
        progress(row.id)
        true = subject.oracle.true(row.when, subject.completed)  # S0 and S2 look after those
        open_still = subject.circuit.both(subject.oracle.not_false(row.when, subject.completed), opposite(true))
        _claim(subject, found, _Claim(row, open_still, row.unsure, "is left open by 'not sure'"))
    for rule in subject.flow.rules:
        if rule.level.rank >= Level.URGENT.rank and (rule.unsure is None or rule.unsure.rank < Level.URGENT.rank):
            place = subject.library.place("rule", subject.flow.id, rule.id)
            found.fail(place, f"{rule.level.value} rule '{rule.id}' needs 'unsure', at least urgent")
    for question in subject.flow.questions:
        if question.unsure is None and question.sets & subject.flow.alarming:
            place = subject.library.place("question", subject.flow.id, question.id)
            found.fail(place, f"a pressing rule reads the answers to '{question.id}', which offers no 'not sure'")
    _asked_again(subject, found, progress)


@dataclass(frozen=True)
class _Claim:
    """Nobody of whom ``when`` is true gets less than ``level``; ``says`` how the row comes in."""

    row: SafetyRow
    when: Statement
    level: Level
    says: str


def _claim(subject: Subject, found: Findings, claim: _Claim) -> None:
    row, level = claim.row, claim.level
    below = opposite(subject.reading.at_least(level))
    if subject.circuit.both(claim.when, below) == FALSE:
        return
    answers = subject.smallest(claim.when, below)
    if answers is None:
        return
    steps = subject.play(answers)
    finish = steps[-1].finish
    reached = finish.outcome.level if finish else None
    message = f"row '{row.id}' demands {level.value} and {claim.says}, but the conversation ends with {_named(reached)}"
    if reached is None or reached.rank >= level.rank:
        message = f"the engine and its symbols differ about row '{row.id}' ({_named(reached)}): mend bot/check"
    look = [*_rules_like(subject, row), *_questions_of(subject, row)]
    found.fail(subject.library.place("row", row.id), message, chat(subject.library, subject.flow, steps), look)


def _named(level: Level | None) -> str:
    return level.value if level else "no result"


def _rules_like(subject: Subject, row: SafetyRow) -> Iterator[Place]:
    """The rules that read what the row reads, the likest first."""

    def likeness(rule: Rule) -> float:
        return (rule.when.reads & row.when.reads).bit_count() / (rule.when.reads | row.when.reads).bit_count()

    rules = sorted((rule for rule in subject.flow.rules if rule.when.reads), key=likeness, reverse=True)
    yield from (subject.library.place("rule", subject.flow.id, rule.id) for rule in rules[:2] if likeness(rule))


def _questions_of(subject: Subject, row: SafetyRow) -> Iterator[Place]:
    for question in subject.flow.questions:
        if question.sets & row.when.plain & subject.flow.danger:
            yield subject.library.place("question", subject.flow.id, question.id)


# --- the oracle's own word for every answer ---------------------------------------------------------------------------


def _second_opinion(subject: Subject, found: Findings) -> None:
    """The oracle says what each answer means; where it and the flow do not speak of the same answers, nothing holds."""
    reads = 0
    for row in subject.rows:
        reads |= row.when.reads
    for question in subject.flow.questions:
        place = subject.library.place("question", subject.flow.id, question.id)
        meaning = subject.library.oracle.meanings.get(question.id)
        if meaning is not None:
            _same_answers(subject, question, meaning, found)
        elif question.sets & reads:
            found.fail(place, f"safety.yaml does not say what the answers to '{question.id}' mean: add it to 'answers'")
    asked = {question.id for flow in subject.library.flows.values() for question in flow.questions}
    for name in subject.library.oracle.meanings.keys() - asked:
        place = subject.library.place("meaning", name)
        found.fail(place, f"safety.yaml knows the question '{name}', and no flow asks it: ask it or remove it")


def _same_answers(subject: Subject, question: Question, meaning: Meaning, found: Findings) -> None:
    place = subject.library.place("meaning", question.id)
    look = [subject.library.place("question", subject.flow.id, question.id)]
    if meaning.choose is not question.choose:
        of_oracle, of_flow = meaning.choose.value, question.choose.value
        found.fail(
            place, f"'{question.id}' is answered with '{of_oracle}' here and with '{of_flow}' in the flow", (), look
        )
    if question.choose is Choose.NUMBER:
        _same_bands(question, meaning, found, place, look)
        return
    offered = {option.id for option in question.choices}
    if missing := sorted(meaning.means.keys() - offered):
        found.fail(place, f"'{question.id}' offers no {listed(missing)}, which safety.yaml gives a meaning", (), look)
    if unknown := sorted(offered - meaning.means.keys()):
        found.fail(place, f"safety.yaml does not say what {listed(unknown)} of '{question.id}' means", (), look)


def _same_bands(question: Question, meaning: Meaning, found: Findings, place: Place, look: list[Place]) -> None:
    """No band may hold numbers that the oracle tells apart."""
    for _, lowest, below in meaning.numbers:
        for bound in (lowest, below):
            for option in question.choices:
                first = question.smallest if option.lowest is None else option.lowest
                beyond = question.largest + 1 if option.below is None else option.below
                if bound is not None and first < bound < beyond:
                    message = f"band '{option.id}' of '{question.id}' mixes numbers below {bound} with others"
                    found.fail(place, message, (), look)


# --- S1 ---------------------------------------------------------------------------------------------------------------


def s1(subject: Subject, found: Findings, progress: Progress) -> None:
    """At every card, ticked in every way: a true emergency row ends the conversation, and what ended it still holds."""
    rows = [row for row in subject.rows if row.level is Level.EMERGENCY]
    final = subject.reading.at_least(Level.EMERGENCY)
    _actions_in_order(subject, found)
    told: set[str] = set()
    for moment in subject.reading.moments():
        progress(moment.name)
        rows = [row for row in rows if row.id not in told]  # the first card at which a row fails tells it all
        over = subject.reading.emergency(moment)
        said = subject.oracle.at(moment)
        claims = [(row, subject.oracle.true(row.when, said), over, "and the conversation goes on") for row in rows]
        claims += _right_actions(subject, rows, (moment, said))
        broken = subject.circuit.any(subject.circuit.both(true, opposite(enough)) for _, true, enough, _ in claims)
        if subject.prover.possible(moment.here, broken):
            for claim in claims:
                if claim[0].id not in told and _fails_at_once(subject, found, moment, claim):
                    told.add(claim[0].id)
        if (answers := subject.smallest(moment.here, over, opposite(final))) is not None:
            message = f"what is an emergency at {moment.name} is none at the end"
            lines = chat(subject.library, subject.flow, subject.play(answers))
            found.fail(subject.library.place("flow", subject.flow.id), message, lines)
    _played(subject, found, progress)


def _hurry(subject: Subject) -> dict[str, int]:
    """Each action of an emergency with its rank: 0 is the most pressing."""
    return {action: rank for rank, group in enumerate(subject.library.oracle.actions) for action in group}


def _actions_in_order(subject: Subject, found: Findings) -> None:
    """Of several emergencies the first rule gives the headline, so the most pressing have to stand first."""
    hurry = _hurry(subject)
    if not hurry:
        return
    highest = 0
    for rule in subject.flow.emergencies:
        place = subject.library.place("rule", subject.flow.id, rule.id)
        rank = hurry.get(rule.action)
        if rank is None:
            found.fail(place, f"safety.yaml does not rank the action '{rule.action}' of emergency rule '{rule.id}'")
        elif rank < highest:
            found.fail(place, f"'{rule.id}' ({rule.action}) has to stand before less pressing emergencies: move it up")
        else:
            highest = rank


_AtOnce = tuple[SafetyRow, Statement, Statement, str]
"""A row, when it is true at a moment, what then has to be so at once, and what is told where it is not."""


def _right_actions(subject: Subject, rows: list[SafetyRow], at: tuple[Moment, Facts]) -> list[_AtOnce]:
    """Where a row names the least action, a rule with that action or a more pressing one counts."""
    moment, said = at
    hurry = _hurry(subject)
    enough = {
        rank: subject.circuit.any(
            subject.reading.counts(rule, moment, Level.EMERGENCY)
            for rule in subject.flow.emergencies
            if hurry.get(rule.action, len(hurry)) <= rank
        )
        for rank in {-1, *hurry.values()}
    }
    return [
        (
            row,
            subject.oracle.true(row.when, said),
            enough[hurry.get(row.action, -1)],
            f"and demands '{row.action}', and less is told",
        )
        for row in rows
        if row.action is not None
    ]


def _fails_at_once(subject: Subject, found: Findings, moment: Moment, claim: _AtOnce) -> bool:
    row, true, enough, says = claim
    if (answers := subject.smallest(moment.here, true, opposite(enough))) is None:
        return False
    steps = play(subject.flow, subject.choices(answers), until=_name(moment))
    lines = chat(subject.library, subject.flow, steps)
    message = f"row '{row.id}' is true at {moment.name}, {says}"
    found.fail(subject.library.place("row", row.id), message, lines, list(_rules_like(subject, row)))
    return True


def _name(moment: Moment) -> str | None:
    return moment.question.id if moment.question else None


def _played(subject: Subject, found: Findings, progress: Progress) -> None:
    """Each emergency rule, at each card at which it can be the first, in the real engine."""
    count = 0
    for position, question in enumerate(subject.flow.questions):
        progress(f"card '{question.id}', played")
        facts = subject.reading.settled_with(subject.person, position)
        for rule in subject.flow.emergencies:
            wanted = (subject.reached[position], subject.reading.true(rule.when, facts))
            if wanted[1] != FALSE and (choices := subject.found(*wanted)):
                count += 1
                _ends_at(subject, found, (question, rule), choices, one_by_one=False)
                if question.choose is Choose.ANY:
                    _ends_at(subject, found, (question, rule), choices, one_by_one=True)
    found.note(f"{count} ways into an emergency rule played in the engine")


def _ends_at(
    subject: Subject, found: Findings, at: tuple[Question, Rule], choices: Choices, *, one_by_one: bool
) -> None:
    question, rule = at
    steps = play(subject.flow, choices, one_by_one=one_by_one)
    finish = steps[-1].finish
    asked = [step.ask.question for step in steps if step.ask]
    reached = finish is not None and finish.outcome.level is Level.EMERGENCY
    # Ticked one by one, another rule may be the first; answered at once, this one is named.
    ticked = one_by_one or choices.unsure[question.id]
    named = finish is not None and (ticked or rule.id in {fired.rule for fired in finish.outcome.rules})
    shown_alone = sum(1 for effect in steps[-1].turn.effects if isinstance(effect, Ask | Finish)) == 1
    if not (reached and named and shown_alone) or (asked and asked[-1] != question.id):
        message = f"emergency rule '{rule.id}' does not end the conversation at '{question.id}'"
        place = subject.library.place("rule", subject.flow.id, rule.id)
        found.fail(place, message, chat(subject.library, subject.flow, steps))


# --- S4: asked again --------------------------------------------------------------------------------------------------


def _asked_again(subject: Subject, found: Findings, progress: Progress) -> None:
    again = SecondAsking(subject)
    end = subject.reading.end()
    for position, question in enumerate(subject.flow.questions):
        progress(f"second asking of '{question.id}'")
        hanging = []
        for rule, reads in subject.flow.pressing:
            doubted = subject.circuit.any(end.facts.doubted[place] for place in places(reads & question.sets))
            hanging.append(subject.circuit.both(doubted, subject.reading.undecided(rule.when, end.facts)))
        never = (again.fits, subject.circuit.any(hanging), opposite(again.asked_again(position)))
        if (answers := subject.smallest(*never)) is not None:
            place = subject.library.place("question", subject.flow.id, question.id)
            message = f"a danger hangs on a 'not sure' to '{question.id}', which is not asked a second time"
            found.fail(place, message, chat(subject.library, subject.flow, subject.play(answers)))
