"""The questions of a flow in their order: the shared ones put in, and what they read checked against what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.flow.conditions import Condition
from bot.flow.model import Kind, Question
from bot.load.files import FlowFile, UseEntry
from bot.load.issues import LoadRule, Place, did_you_mean, listed
from bot.load.names import Names
from bot.load.questions import Asked, read_question
from bot.load.scope import Scope
from bot.load.yaml_reader import Document


@dataclass(frozen=True)
class Step:
    """One question at its position in the flow. ``when`` is the condition that the flow itself gives it."""

    asked: Asked
    when: str | None
    position: int
    shared: bool

    @property
    def condition(self) -> str | None:
        """The text of the condition that counts: the flow's own takes the place of the shared question's."""
        return self.when if self.when is not None else self.asked.entry.when


@dataclass(frozen=True)
class Course:
    """All questions of a flow. ``complete`` is false when one is missing or stands twice."""

    steps: tuple[Step, ...]
    complete: bool

    @property
    def sets(self) -> int:
        """Mask of every finding a question sets."""
        mask = 0
        for step in self.steps:
            mask |= step.asked.sets
        return mask


def read_course(file: FlowFile, document: Document, shared: Mapping[str, Asked] | None, names: Names) -> Course:
    """Gather the questions. ``shared`` is None when shared.yaml could not be read."""
    steps: dict[str, Step] = {}
    complete = True
    for position, entry in enumerate(file.questions):
        place = document.place("questions", position)
        if not isinstance(entry, UseEntry):
            asked = read_question(entry, document, ("questions", position), names)
            step = Step(asked, entry.when, position, shared=False)
        elif shared is not None and entry.use in shared:
            asked = shared[entry.use]
            step = Step(asked, entry.when, position, shared=True)
        else:
            complete = False
            if shared is not None:
                remedy = did_you_mean(entry.use, shared) or ": add it to shared.yaml"
                names.report.add(LoadRule.UNKNOWN_SHARED, place, f"unknown shared question '{entry.use}'{remedy}")
            continue
        if asked.entry.id in steps:
            names.report.add(LoadRule.DUPLICATE_QUESTION, place, f"a second question '{asked.entry.id}': rename one")
            complete = False
        else:
            steps[asked.entry.id] = step
    course = Course(tuple(steps.values()), complete)
    _check_setters(course.steps, document, names)
    return course


def _check_setters(steps: Sequence[Step], document: Document, names: Names) -> None:
    setters: dict[str, str] = {}
    for step in steps:
        for name in names.within(step.asked.sets):
            if name in setters:
                names.report.add(
                    LoadRule.SET_TWICE,
                    document.place("questions", step.position),
                    f"'{name}' is set by '{setters[name]}' and by '{step.asked.entry.id}': keep it in one question",
                )
            setters[name] = step.asked.entry.id


def read_questions(course: Course, scope: Scope) -> tuple[Question, ...]:
    """Compile the questions with their conditions."""
    questions = []
    earlier = 0
    for step in course.steps:
        place = scope.document.place("questions", step.position, "when")
        when = step.asked.when if step.when is None else scope.names.read(step.when, place, scope.defined)
        scope.use(when, place)
        _check_when(step.asked, when, place, (earlier, course.sets), scope.names)
        earlier |= step.asked.sets
        entry = step.asked.entry
        questions.append(
            Question(
                id=entry.id,
                choose=entry.choose,
                options=step.asked.options,
                when=when,
                skipped_means_no=entry.skipped_means_no is not None,
                smallest=entry.smallest or 0,
                largest=entry.largest or 0,
            )
        )
    return tuple(questions)


def _check_when(asked: Asked, when: Condition, place: Place, known: tuple[int, int], names: Names) -> None:
    """A question may depend only on what was asked before it: ``known`` is what earlier ones and what all set."""
    earlier, everything = known
    own = when.reads & asked.sets
    heard = when.reads & names.of_kind(Kind.HEARD)
    later = when.reads & everything & ~(earlier | own)
    for mask, reason in (
        (own, "it sets itself"),
        (later, "only a later question sets"),
        (heard, "no question sets"),
    ):
        if mask:
            names.report.add(
                LoadRule.READS_LATER,
                place,
                f"question '{asked.entry.id}' depends on {listed(names.within(mask))}, which {reason}:"
                " use findings of earlier questions",
            )
