"""The same person before a fault and after it.

Whoever answers a mutant answers it as they would have answered the flow as it was:

- the same question and option means the same fact, wherever the card stands, and typed words are heard the same;
- an option that a card with several choices has lost stays unticked;
- an option that a card with one choice has lost, and a *not sure* that it has lost, count as *not sure* there;
- a number is the same number, whichever band it falls into now;
- a question that is gone is not asked;
- where one option of several is to be chosen, the first counts; with nothing ticked it is *none of these*;
- a finding that can only now be heard in typed words is heard or not.
"""

from __future__ import annotations

from bot.check.circuit import FALSE, TRUE, Circuit, Statement, opposite
from bot.check.reading import Person, add_answers
from bot.flow.conditions import places
from bot.flow.model import Choose, Flow, Option, Question


def shape(question: Question) -> tuple[object, ...]:
    """What decides how a question can be answered, whatever its answers mean."""
    options = tuple((each.id, each.rest, each.unsure, each.lowest, each.below) for each in question.options)
    return question.choose, options, question.smallest, question.largest


def anybody_after(circuit: Circuit, before: Flow, after: Flow, person: Person) -> Person:
    """Everybody who can answer the mutant; what can be answered as before is the same facts."""
    everybody = Person(heard=_heard(circuit, before, after, person))
    known = {question.id: question for question in before.questions}
    fits: list[Statement] = []
    for question in after.questions:
        old = known.get(question.id)
        if old is not None and shape(old) == shape(question):
            _copy(question, person, everybody)
        else:
            fits.append(add_answers(circuit, question, everybody))
    everybody.fits = circuit.all([person.fits, *fits])
    return everybody


def same_after(circuit: Circuit, before: Flow, after: Flow, person: Person) -> Person:
    """The person of the flow as it was, answering the mutant."""
    same = Person(heard=_heard(circuit, before, after, person))
    known = {question.id: question for question in before.questions}
    for question in after.questions:
        old = known.get(question.id)
        if old is None:
            same.fits = circuit.both(same.fits, add_answers(circuit, question, same))
        elif shape(old) == shape(question):
            _copy(question, person, same)
        elif question.choose is Choose.NUMBER and old.choose is Choose.NUMBER:
            _number(circuit, old, question, (person, same))
        elif question.choose is Choose.ANY:
            for option in question.choices:
                key = (question.id, option.id)
                same.chosen[key] = person.chosen.get(key, FALSE)
                same.unsure[key] = person.unsure.get(key, FALSE) if question.unsure else FALSE
        else:
            _one(circuit, old, question, (person, same))
    return same


def _heard(circuit: Circuit, before: Flow, after: Flow, person: Person) -> dict[int, Statement]:
    by_name = {before.findings[place]: heard for place, heard in person.heard.items()}
    return {
        place: by_name[name] if (name := after.findings[place]) in by_name else circuit.fact()
        for place in places(after.heard | after.danger)
    }


def _copy(question: Question, person: Person, same: Person) -> None:
    for option in question.choices:
        key = (question.id, option.id)
        same.chosen[key], same.unsure[key] = person.chosen[key], person.unsure[key]


def _one(circuit: Circuit, old: Question, question: Question, people: tuple[Person, Person]) -> None:
    """The first of what was chosen; *none of these* when nothing was; *not sure* when that leaves no answer."""
    person, same = people
    ticked = [person.chosen[old.id, option.id] for option in old.choices]
    doubted = circuit.any(person.unsure[old.id, option.id] for option in old.choices)
    nothing = opposite(circuit.any([*ticked, doubted]))
    free = TRUE
    for option in question.choices:
        said = person.chosen.get((old.id, option.id), FALSE)
        if old.none is not None and option.id == old.none.id:
            said = nothing
        same.chosen[question.id, option.id] = circuit.both(said, free)
        free = circuit.both(free, opposite(said))
    for option in question.choices:
        same.unsure[question.id, option.id] = free


def _number(circuit: Circuit, old: Question, question: Question, people: tuple[Person, Person]) -> None:
    """Within each old band the number lies in one of the new bands that share a number with it."""
    person, same = people
    unsure = next((person.unsure[old.id, option.id] for option in old.choices), FALSE)
    ways: dict[str, list[Statement]] = {option.id: [] for option in question.choices}
    for band in old.choices:
        left = person.chosen[old.id, band.id]
        sharing = [option for option in question.choices if _share(old, band, question, option)]
        for option in sharing:
            here = left if option is sharing[-1] else circuit.both(left, circuit.fact())
            ways[option.id].append(here)
            left = circuit.both(left, opposite(here))
        if not sharing:
            unsure = circuit.any((unsure, left))
    for option in question.choices:
        same.chosen[question.id, option.id] = circuit.any(ways[option.id])
        same.unsure[question.id, option.id] = unsure


def _share(old: Question, band: Option, question: Question, option: Option) -> bool:
    (first, beyond), (other_first, other_beyond) = _bounds(old, band), _bounds(question, option)
    return max(first, other_first) < min(beyond, other_beyond)


def _bounds(question: Question, band: Option) -> tuple[int, int]:
    first = question.smallest if band.lowest is None else band.lowest
    return first, question.largest + 1 if band.below is None else band.below
