"""From a flow's file to the flow the engine runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.flow.model import Flow, Kind, Notice
from bot.load.course import Course, read_course, read_questions
from bot.load.files import FlowFile
from bot.load.issues import Place
from bot.load.judging import KnownSources, read_causes, read_rules
from bot.load.names import Names
from bot.load.questions import Asked
from bot.load.scope import Scope
from bot.load.version import version_of
from bot.load.yaml_reader import Document


@dataclass(frozen=True)
class Base:
    """What all flows share. ``shared`` and ``sources`` are None when their files could not be read."""

    names: Names
    shared: Mapping[str, Asked] | None
    sources: KnownSources


@dataclass(frozen=True)
class BuiltFlow:
    """A flow, and what the check of its texts needs to know about its file.

    ``said`` names the findings and definitions that are told back: set, read plainly, or used as evidence.
    """

    flow: Flow
    file: FlowFile
    document: Document
    course: Course
    said: frozenset[str]

    def place(self, *path: str | int) -> Place:
        """Where a part of the file stands."""
        return self.document.place(*path)


def build_flow(file: FlowFile, document: Document, base: Base) -> BuiltFlow:
    """Build one flow. Mistakes are noted; the flow is of use only when there were none."""
    names = base.names
    defined = names.define(document, file.define)
    course = read_course(file, document, base.shared, names)
    known = course.sets | names.of_kind(Kind.HEARD) if course.complete else None
    scope = Scope(document, names, defined, known)
    flow = Flow(
        id=file.flow,
        version=version_of(file, [(step.asked.entry, step.condition) for step in course.steps], names.kinds),
        findings=tuple(names.bits),
        kinds=dict(names.kinds),
        questions=read_questions(course, scope),
        default=file.triage.default,
        rules=read_rules(file.triage.rules, base.sources, scope),
        causes=read_causes(file.causes, scope),
        notices=tuple(Notice(name, scope.read(text, "notices", name)) for name, text in file.notices.items()),
        audiences={who: scope.read(text, "audience", who.value) for who, text in file.audience.items()},
        defined=defined,
        actions=file.triage.actions.by_level(),
    )
    return BuiltFlow(flow, file, document, course, _said(flow, scope, course))


def _said(flow: Flow, scope: Scope, course: Course) -> frozenset[str]:
    evidence = {evidence.id for cause in flow.causes for evidence in cause.evidence}
    return frozenset({*scope.names.within(scope.plain | course.sets), *(evidence & scope.defined.keys())})
