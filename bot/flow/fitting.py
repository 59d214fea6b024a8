"""Whether a stored input can be one to the questions of the flow as it is now."""

from __future__ import annotations

from bot.flow.model import Choose, Flow, Question
from bot.flow.session import Answered, Guessed, Input, Ticked


def known(flow: Flow, question_id: str, entry: Input) -> bool:
    """Whether the flow, as it is now, has the question and options of this input."""
    place = flow.place.get(question_id)
    if place is None:
        return False
    question = flow.questions[place]
    if isinstance(entry, Answered | Guessed):
        return fits(question, entry if isinstance(entry, Answered) else answer_to(entry))
    return not isinstance(entry, Ticked) or entry.option in question.by_id


def answer_to(guess: Guessed) -> Answered:
    """The answer that a guess would be."""
    return Answered(guess.question, guess.options, guess.at, number=guess.number)


def fits(question: Question, answer: Answered) -> bool:
    """Whether a stored answer can be one to this question as the flow has it now.

    *None of these* is stored as nothing chosen and *not sure* as what is unsure, so only choices can be named.
    """
    named = (*answer.chosen, *answer.unsure)
    known = question.by_id
    for name in named:
        if name not in known or known[name].rest or known[name].unsure:
            return False
    if question.choose is Choose.NUMBER and answer.number is not None:
        return question.smallest <= answer.number <= question.largest and not named
    if answer.number is not None:
        return False
    if question.choose is Choose.ANY:
        return not set(answer.chosen) & set(answer.unsure)
    one = len(answer.chosen) == 1 and not answer.unsure
    return one or (not answer.chosen and len(answer.unsure) == len(question.choices))
