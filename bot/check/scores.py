"""The ranking of causes in symbols: `bot.flow.causes`, for all answers at once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from bot.check.circuit import FALSE, TRUE, Statement, opposite
from bot.check.prover import Answers
from bot.check.subject import Subject
from bot.flow.causes import FITS_LESS, SOME, STRONG, rank
from bot.flow.model import Cause
from bot.flow.replay import replay

Spread = dict[int, Statement]
"""For each score when a cause has it; exactly one is true."""


class Scores:
    """Scores of all causes at the end of a conversation."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.causes = {cause.id: cause for cause in subject.flow.causes}
        self.people: list[dict[str, int]] = []
        """How people met so far score each cause; ``False`` where it is ruled out."""
        self.order = {name: place for place, name in enumerate(self.causes)}
        self.spread = cache(self._spread)
        self.at_least = cache(self._at_least)

    def in_question(self, name: str) -> Statement:
        """When the cause is not ruled out."""
        reading = self.subject.reading
        return opposite(reading.false(self.causes[name].needs, reading.facts))

    def _spread(self, name: str) -> Spread:
        circuit, reading = self.subject.circuit, self.subject.reading
        cause: Cause = self.causes[name]
        spread: Spread = {0: TRUE}
        for evidence in cause.evidence:
            true = reading.true(evidence.when, reading.facts)
            grown: dict[int, list[Statement]] = {}
            for score, when in spread.items():
                grown.setdefault(score + evidence.weight, []).append(circuit.both(when, true))
                grown.setdefault(score, []).append(circuit.both(when, opposite(true)))
            spread = {score: circuit.any(ways) for score, ways in grown.items()}
        return spread

    def _at_least(self, name: str, least: int) -> Statement:
        return self.subject.circuit.any(when for score, when in self.spread(name).items() if score >= least)

    def first(self, name: str) -> Statement:
        """When the cause comes first of all."""
        circuit = self.subject.circuit
        leads = [self.in_question(name), self.at_least(name, FITS_LESS)]
        for other in self.causes:
            if other != name:
                ahead = self.order[name] < self.order[other]
                beaten = circuit.any(
                    circuit.both(when, opposite(self.at_least(other, score + 1 if ahead else score)))
                    for score, when in self.spread(name).items()
                    if score >= FITS_LESS
                )
                leads.append(circuit.any((opposite(self.in_question(other)), beaten)))
        return circuit.all(leads)

    def can_be_first(self, cause: Cause) -> bool:
        """Whether the cause comes first in some conversation below emergency; whom that shows is kept.

        Somebody with everything for it and nothing against it usually has it first; the solver decides the rest.
        """
        reading, prover = self.subject.reading, self.subject.prover
        base = (self.subject.calm, self.in_question(cause.id))
        for least in (SOME, STRONG):
            likely = prover.find(
                *base,
                self.subject.silent,
                *(reading.true(each.when, reading.facts) for each in cause.evidence if each.weight >= least),
                *(reading.false(each.when, reading.facts) for each in cause.evidence if each.weight < 0),
            )
            if likely is not None and self._met(likely, cause.id):
                return True
        answers = prover.find(*base, self.first(cause.id))
        return answers is not None and self._met(answers, cause.id)

    def _met(self, answers: Answers, name: str) -> bool:
        """Keep how somebody scores in the engine, and tell whether this cause comes first for them."""
        flow = self.subject.flow
        state = replay(flow, self.subject.choices(answers).inputs())
        self.people.append(
            {
                cause.id: cause.needs.value(state.yes, state.no) is not False
                and sum(each.weight for each in cause.evidence if each.when.value(state.yes, state.no))
                for cause in self.causes.values()
            }
        )
        ranked = rank(flow, state.yes, state.no)
        return state.question is None and bool(ranked) and ranked[0].cause == name

    def alike(self) -> Iterator[tuple[str, str]]:
        """Pairs of causes that have the same score and are ruled out by the same answers, whatever is answered."""
        names = list(self.causes)
        for place, other in enumerate(names):
            for one in names[:place]:
                told_apart = any(person[one] != person[other] for person in self.people)
                if not told_apart and not self.subject.prover.possible(self._differ(one, other)):
                    yield one, other

    def _differ(self, one: str, other: str) -> Statement:
        circuit = self.subject.circuit
        scores = sorted({*self.spread(one), *self.spread(other)})
        same_score = circuit.any(
            circuit.both(self.spread(one).get(score, FALSE), self.spread(other).get(score, FALSE)) for score in scores
        )
        both = circuit.both(self.in_question(one), self.in_question(other))
        same_question = circuit.same(self.in_question(one), self.in_question(other))
        return circuit.any((opposite(same_question), circuit.both(both, opposite(same_score))))
