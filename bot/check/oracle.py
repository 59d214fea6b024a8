"""The answers as the oracle reads them: its own second statement of what each means, not the flow's.

The flow decides which questions are asked; what an answer then says, and whether a question that was left out counts
as *no*, comes from ``answers`` in `flows/safety.yaml`. So an option that sets the wrong finding, or a question that
is hidden from somebody who needs it, shows as a row that is true with too low a level.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.check.circuit import FALSE, Statement, opposite
from bot.check.reading import Facts, Moment, Reading
from bot.flow.conditions import Condition, negate, places
from bot.flow.model import Choose, Option, Question
from bot.load.library import Meaning, Oracle


def meaning_of(question: Question, oracle: Oracle) -> dict[str, int]:
    """What each option states, as the oracle says it; the flow's own word where the oracle has none."""
    meaning = oracle.meanings.get(question.id)
    if meaning is None:
        return {option.id: option.sets for option in question.choices}
    if question.choose is Choose.NUMBER:
        return {option.id: _in_band(meaning, question, option) for option in question.choices}
    return {option.id: meaning.means.get(option.id, 0) for option in question.choices}


def _in_band(meaning: Meaning, question: Question, option: Option) -> int:
    """The findings that are true of all numbers of a band; where it is open, the question's own range bounds it."""
    first = question.smallest if option.lowest is None else option.lowest
    beyond = question.largest + 1 if option.below is None else option.below
    mask = 0
    for finding, lowest, below in meaning.numbers:
        if (lowest is None or first >= lowest) and (below is None or beyond <= below):
            mask |= finding
    return mask


@dataclass(frozen=True)
class OracleReading:
    """A flow's conversations in the oracle's words. ``whatever`` holds for each finding a fact of its own.

    What was neither asked nor rightly left out is not known of anybody: in `completed` it may be anything.
    """

    reading: Reading
    oracle: Oracle
    whatever: tuple[Statement, ...]

    def at(self, moment: Moment) -> Facts:
        """What the answers say at a moment."""
        flow, person, circuit = self.reading.flow, self.reading.person, self.reading.circuit
        facts = Facts.nothing(len(flow.findings))
        for place in places(flow.danger | flow.heard):
            facts.yes[place] = person.heard.get(place, FALSE)
        for place in places(flow.heard):
            facts.no[place] = opposite(facts.yes[place])
        for position, question in enumerate(flow.questions):
            if question is moment.question:
                if moment.again:
                    self._settled(question, self.reading.asked[position], facts)
                elif question.choose is Choose.ANY:
                    self._ticked(question, facts)
                return facts
            asked = self.reading.asked[position]
            self._settled(question, asked, facts)
            meaning = self.oracle.meanings.get(question.id)
            skip = meaning.skip if meaning else None
            if skip is not None:
                rightly = circuit.both(opposite(asked), skip.spelled(circuit, facts.yes, facts.no))
                for place in places(self._asks(question)):
                    facts.no[place] = circuit.any((facts.no[place], circuit.both(rightly, opposite(facts.yes[place]))))
        return facts

    def _asks(self, question: Question) -> int:
        mask = 0
        for said in meaning_of(question, self.oracle).values():
            mask |= said
        return mask

    def _settled(self, question: Question, asked: Statement, facts: Facts) -> None:
        circuit, person = self.reading.circuit, self.reading.person
        meaning = meaning_of(question, self.oracle)
        for place in places(self._asks(question)):
            bit = 1 << place
            saying = [name for name, said in meaning.items() if said & bit]
            chosen = circuit.any(person.chosen[question.id, name] for name in saying)
            unsure = circuit.any(person.unsure[question.id, name] for name in saying)
            facts.yes[place] = circuit.any((facts.yes[place], circuit.both(asked, chosen)))
            facts.no[place] = circuit.all((asked, opposite(facts.yes[place]), opposite(unsure)))
            facts.doubted[place] = circuit.all((asked, opposite(facts.yes[place]), unsure))

    def _ticked(self, question: Question, facts: Facts) -> None:
        circuit, person = self.reading.circuit, self.reading.person
        for name, said in meaning_of(question, self.oracle).items():
            for place in places(said):
                facts.yes[place] = circuit.any((facts.yes[place], person.chosen[question.id, name]))

    def completed(self, facts: Facts) -> Facts:
        """What nobody was asked made up in every way; what was left open as *not sure* stays open."""
        circuit = self.reading.circuit
        whole = facts.copy()
        for place, whatever in enumerate(self.whatever):
            silent = circuit.all(
                (opposite(facts.yes[place]), opposite(facts.no[place]), opposite(facts.doubted[place]))
            )
            whole.yes[place] = circuit.any((facts.yes[place], circuit.both(silent, whatever)))
            whole.no[place] = circuit.any((facts.no[place], circuit.both(silent, opposite(whatever))))
        return whole

    def true(self, when: Condition, facts: Facts) -> Statement:
        """When a row's condition is true."""
        return when.spelled(self.reading.circuit, facts.yes, facts.no)

    def not_false(self, when: Condition, facts: Facts) -> Statement:
        """When a row's condition is true or undecided."""
        return opposite(negate(when).spelled(self.reading.circuit, facts.yes, facts.no))
