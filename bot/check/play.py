"""One person's answers, played through the real engine: a conversation to read, and a test of the proof itself.

Whatever the solver finds is a claim about the engine. So it is played: events as the buttons would send them, from the
first card to the end, by `bot.flow.engine` alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.check.circuit import Statement, holds
from bot.check.prover import Answers
from bot.check.reading import Person
from bot.flow.conditions import places
from bot.flow.engine import resume, start
from bot.flow.events import Answer, Ask, Asking, Confirm, Done, Event, Finish, Hear, NotSure, Number, Review, Tick, Turn
from bot.flow.model import Choose, Flow, Question
from bot.flow.session import Answered, Heard, Input

START = 1_800_000_000
"""When played conversations begin, seconds since the epoch."""

PACE = 10
"""Seconds between two answers."""

_MOST = 400
"""Events after which a conversation counts as endless; far above any flow's."""


class EndlessError(Exception):
    """A conversation that does not end: the engine breaks S7."""


@dataclass(frozen=True)
class Choices:
    """What one person answers to each question, should it be asked; see `Person`.

    ``at_first`` are options they doubt at the first asking and have an answer to at the second.
    """

    chosen: dict[str, tuple[str, ...]]
    unsure: dict[str, tuple[str, ...]]
    heard: tuple[str, ...] = ()
    at_first: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, flow: Flow, person: Person, answers: Answers, values: list[bool] | None = None) -> Choices:
        """The person that a solver found. ``values``: every node's truth, where the facts alone do not tell."""

        def said(statement: Statement) -> bool:
            return answers.get(statement, False) if values is None else holds(statement, values)

        chosen, unsure = {}, {}
        for question in flow.questions:
            keys = [(question.id, option.id) for option in question.choices]
            chosen[question.id] = tuple(key[1] for key in keys if said(person.chosen[key]))
            unsure[question.id] = tuple(key[1] for key in keys if said(person.unsure[key]))
        heard = tuple(
            flow.findings[place]
            for place in places(flow.danger | flow.heard)
            if place in person.heard and said(person.heard[place])
        )
        return cls(chosen, unsure, heard)

    def inputs(self) -> tuple[Input, ...]:
        """The same as a session's inputs, every doubt asked about twice; the replay passes over what was not asked."""
        said: list[Input] = [Heard(finding, START) for finding in self.heard]
        for question, chosen in self.chosen.items():
            answer = Answered(question, chosen, START, self.unsure[question])
            said += [answer, answer] if answer.unsure else [answer]
        return tuple(said)

    def doubts(self, question: str, asking: Asking) -> tuple[str, ...]:
        """What they are not sure about at this asking."""
        more = () if asking is Asking.AGAIN else self.at_first.get(question, ())
        return (*self.unsure[question], *more)


@dataclass(frozen=True)
class Step:
    """One event and the turn it led to; the first step has none."""

    event: Event | None
    turn: Turn

    @property
    def ask(self) -> Ask | None:
        """The card that is then open."""
        last = self.turn.effects[-1] if self.turn.effects else None
        return last if isinstance(last, Ask) else None

    @property
    def finish(self) -> Finish | None:
        """The result, if that is what is shown."""
        last = self.turn.effects[-1] if self.turn.effects else None
        return last if isinstance(last, Finish) else None


def play(flow: Flow, choices: Choices, *, until: str | None = None, one_by_one: bool = False) -> list[Step]:
    """The whole conversation, or up to the card ``until``. Raises `EndlessError`.

    ``one_by_one``: options of a card with several choices are ticked one after the other, then *Done*.
    """
    at = START
    steps = [Step(None, start(flow, "played", "en", at))]
    for finding in choices.heard:
        at += PACE
        event: Event = Hear((finding,))
        steps.append(Step(event, resume(flow, steps[-1].turn.session, event, at)))
    while steps[-1].finish is None:
        if len(steps) > _MOST:
            raise EndlessError(f"flow '{flow.id}' asks on and on")
        ask = steps[-1].ask
        if ask and ask.question == until:
            break
        event = next_event(flow, steps[-1], choices, one_by_one=one_by_one)
        at += PACE
        steps.append(Step(event, resume(flow, steps[-1].turn.session, event, at)))
    return steps


def next_event(flow: Flow, step: Step, choices: Choices, *, one_by_one: bool = False) -> Event:
    """What this person does next."""
    ask = step.ask
    if ask is None:
        assert isinstance(step.turn.effects[-1], Review)  # noqa: S101 - a card, the review or the end
        return Confirm()
    question = flow.question(ask.question)
    unsure = choices.doubts(question.id, ask.asking)
    chosen = tuple(name for name in choices.chosen[question.id] if name not in unsure)
    if question.choose is Choose.ANY:
        chosen = tuple(name for name in chosen if name in ask.options)
        unsure = tuple(name for name in unsure if name in ask.options)
        return _several(question, ask, chosen, unsure, one_by_one=one_by_one)
    if unsure or not chosen:
        return NotSure(question.id)
    if question.choose is Choose.NUMBER:
        band = question.by_id[chosen[0]]
        return Number(question.id, question.smallest if band.lowest is None else band.lowest)
    return Answer(question.id, chosen)


def _several(
    question: Question, ask: Ask, chosen: tuple[str, ...], unsure: tuple[str, ...], *, one_by_one: bool
) -> Event:
    waiting = [name for name in chosen if name not in ask.ticked]
    if waiting and (unsure or one_by_one):
        return Tick(question.id, waiting[0])
    if unsure:
        return NotSure(question.id, unsure)
    if waiting:
        return Answer(question.id, chosen)
    if chosen:
        return Done(question.id)
    none = question.none
    return Answer(question.id, (none.id,)) if none else Done(question.id)
