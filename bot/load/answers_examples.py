"""The examples of ``content/<language>/answers.yaml``: what has to be taken as an option, and what must not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.flow.events import Answer, Event, Mark, NotSure, Number
from bot.flow.model import Choose, Question
from bot.flow.understand.answers import Replies
from bot.flow.understand.reply import Day, Reply
from bot.load.answers_file import AnswersFile, QuestionPart

LEAST = 3
"""Examples that every option has at least."""

EXAMPLE_DAY = Day(2026, 11, 26, 3, 20783)
"""The day on which examples are typed, a Thursday: what *since tuesday* means depends on it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that is not taken as it should be. ``option``: the one it stands for; None for a near miss."""

    question: str
    option: str | None
    text: str
    came: str

    def __str__(self) -> str:
        if self.option is None:
            return f"{self.question}: '{self.text}' must not be taken, but is: {self.came}"
        return f"{self.question}.{self.option}: '{self.text}' should be taken as it: {self.came}"


def check_examples(replies: Replies, file: AnswersFile, questions: Iterable[Question]) -> list[Failure]:
    """Every example that is not taken as its option, every near miss that is taken, every option with too few."""
    failures: list[Failure] = []
    for question in questions:
        part = file.questions.get(question.id)
        if part is not None:
            failures += _of_question(replies, part, question)
    return failures


def _of_question(replies: Replies, part: QuestionPart, question: Question) -> Iterator[Failure]:
    offered = tuple(option.id for option in question.options)
    for option in question.options:
        examples = part.examples.get(option.id, [])
        if len(examples) < LEAST and not option.unsure:
            yield Failure(question.id, option.id, "", f"it has {len(examples)} examples, {LEAST} are needed")
        for text in examples:
            reply = replies.reply(text, question, offered, None, EXAMPLE_DAY)
            if _taken(reply, question) != (option.id,):
                yield Failure(question.id, option.id, text, _came(reply))
    for text in part.near_misses:
        reply = replies.reply(text, question, offered, None, EXAMPLE_DAY)
        if _taken(reply, question):
            yield Failure(question.id, None, text, _came(reply))


def _taken(reply: Reply, question: Question) -> tuple[str, ...]:
    """The options that a reply takes without asking."""
    if len(reply.ways) != 1:
        return ()
    match reply.ways[0][-1]:
        case Answer(_, options) | Mark(_, options):
            return options
        case Number(_, value) if question.choose is Choose.NUMBER:
            return tuple(option.id for option in question.choices if option.holds(value))
        case NotSure():
            return tuple(option.id for option in question.options if option.unsure)
    return ()


def _came(reply: Reply) -> str:
    if not reply.ways:
        return "asked again"
    return " or ".join(" then ".join(map(_name, way)) for way in reply.ways)


def _name(event: Event) -> str:
    match event:
        case Answer(_, options) | Mark(_, options):
            return " and ".join(options)
        case Number(_, value):
            return str(value)
    return type(event).__name__
