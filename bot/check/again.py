"""The second asking in symbols: what a first *not sure* leaves open, and when the engine asks about it once more."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from bot.check.circuit import FALSE, Statement, opposite
from bot.check.play import Choices
from bot.check.prover import Answers
from bot.check.reading import Facts, Moment, Person, Said
from bot.check.subject import Subject
from bot.flow.conditions import places
from bot.flow.model import Choose, Question


class SecondAsking:
    """For each question a first answer that can have led to the settled one.

    Whoever doubted at first may have cleared it up since, so the first answer leaves at least as much open: what was
    chosen then is still chosen, and what is open now was open then. ``fits`` says so.
    """

    def __init__(self, subject: Subject) -> None:
        self.circuit = subject.circuit
        self.flow = subject.flow
        self.reading = subject.reading
        self.reached = subject.reached
        self.at_first: Said = {}
        person = subject.person
        first = Person(dict(person.chosen), dict(person.unsure), person.heard, person.fits)
        fits = [self._first(question, person, first) for question in self.flow.questions if question.unsure]
        self.person = first
        self.settled = person
        self.asked_again = cache(self._asked_again)
        self.fits = self.circuit.all([*fits, *map(self._unless_asked_again, range(len(self.flow.questions)))])

    def _first(self, question: Question, person: Person, first: Person) -> Statement:
        circuit = self.circuit
        if question.choose is not Choose.ANY:
            at_first = circuit.fact()
            for option in question.choices:
                key = (question.id, option.id)
                self.at_first[key] = at_first
                first.chosen[key] = circuit.both(person.chosen[key], opposite(at_first))
                first.unsure[key] = circuit.any((person.unsure[key], at_first))
            return circuit.all(())
        fits = []
        for option in question.choices:
            key = (question.id, option.id)
            doubted = self.at_first[key] = circuit.fact()
            first.unsure[key] = circuit.any((person.unsure[key], doubted))
            first.chosen[key] = circuit.both(person.chosen[key], opposite(first.unsure[key]))
            fits.append(circuit.implies(person.unsure[key], first.unsure[key]))
        return circuit.all(fits)

    def choices(self, subject: Subject, answers: Answers) -> Choices:
        """What somebody the solver found answers, their first doubts included."""
        values = self.circuit.values(answers)
        settled = Choices.of(self.flow, subject.person, answers, values)
        first = Choices.of(self.flow, self.person, answers, values)
        at_first = {
            name: tuple(option for option in doubted if option not in settled.unsure[name])
            for name, doubted in first.unsure.items()
        }
        return replace(settled, at_first=at_first)

    def first_facts(self, position: int) -> Facts:
        """What is known after the first answer to a question."""
        return self.reading.settled_with(self.person, position)

    def shown(self, position: int) -> Statement:
        """When the card is really seen a second time: no emergency has ended the conversation before."""
        question = self.flow.questions[position]
        asked_again = self.asked_again(position)
        moment = Moment(
            question,
            again=True,
            here=asked_again,
            facts=self.first_facts(position),
            open_findings=self.flow.still_to_set[position],
        )
        return self.circuit.all((self.reached[position], asked_again, opposite(self.reading.emergency(moment))))

    def _unless_asked_again(self, position: int) -> Statement:
        """Without a second asking the first answer is the settled one."""
        circuit, question = self.circuit, self.flow.questions[position]
        same = circuit.all(
            circuit.same(self.person.unsure[question.id, option.id], self.settled.unsure[question.id, option.id])
            for option in question.choices
        )
        return circuit.any((self.asked_again(position), opposite(self.reading.asked[position]), same))

    def _asked_again(self, position: int) -> Statement:
        """When the question is asked a second time: a pressing rule hangs on something left open (see `replay`)."""
        circuit, question = self.circuit, self.flow.questions[position]
        if question.unsure is None:
            return FALSE
        facts = self.first_facts(position)
        hanging = []
        for rule, reads in self.flow.pressing:
            for place in places(reads & question.sets):
                doubted = circuit.any(
                    self.person.unsure[question.id, option.id]
                    for option in question.choices
                    if option.sets >> place & 1
                )
                open_still = circuit.both(doubted, opposite(facts.known(circuit, place)))
                hanging.append(circuit.both(open_still, self.reading.undecided(rule.when, facts)))
        return circuit.both(self.reading.asked[position], circuit.any(hanging))
