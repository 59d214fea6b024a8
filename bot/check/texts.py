"""S8 and S9: the texts and the sources. The loader has refused what is missing; this looks at what it let through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from bot.check.verdict import Findings, Progress
from bot.flow.model import Audience, Level
from bot.load import REQUIRED_UI, Issue, Library, Text, Texts
from bot.load.issues import Place

Measure = Callable[[Library], Iterable[Issue]]
"""Finds what would not fit where it is shown; each edge knows its own limits."""

REVIEW_EVERY = timedelta(days=2 * 365)
"""How long what was written about a cause counts as up to date."""


def s8(library: Library, found: Findings, progress: Progress, measures: Iterable[Measure]) -> None:
    """All of S8."""
    for code, texts in library.texts.items():
        progress(f"texts in '{code}'")
        for place, what, text in _emergency_texts(library, code, texts):
            for audience in Audience:
                if not text.to(audience).strip():
                    found.fail(place, f"{what} is empty for '{audience.value}' in '{code}'")
        _own_words(library, code, found)
        _one_text_each(library, code, texts, found)
        _unused(library, code, texts, found)
    for measure in measures:
        progress("lengths")
        for issue in measure(library):
            found.fail(Place(issue.file, issue.line), f"{issue.rule}: {issue.message}")
    found.note(f"{len(library.texts)} languages, {len(Audience)} audiences")


def _emergency_texts(library: Library, code: str, texts: Texts) -> Iterator[tuple[Place, str, Text]]:
    """Everything that a seek-care message of an emergency is made of."""
    for flow in library.flows.values():
        for rule in flow.rules:
            if Level.EMERGENCY not in {rule.level, rule.unsure}:
                continue
            place, text = library.place("text", code, flow.id, "rule", rule.id), texts.flows[flow.id].rules[rule.id]
            yield place, f"the title of '{rule.id}'", text.title
            yield place, f"the reason of '{rule.id}'", text.because
            if text.phone:
                yield place, f"what to say for '{rule.id}'", text.phone
        for name in flow.emergency_actions:
            place, action = library.place("text", code, "action", name), texts.actions[name]
            yield place, f"the headline of '{name}'", action.headline
            for each in action.do:
                yield place, f"what to do at '{name}'", each


def _one_text_each(library: Library, code: str, texts: Texts, found: Findings) -> None:
    """No two options of a card read the same: nobody could tell which one to choose."""
    for flow in library.flows.values():
        for question in flow.questions:
            place = library.place("text", code, flow.id, "question", question.id)
            options = texts.flows[flow.id].questions[question.id].options.values()
            for audience in Audience:
                for kind, words in (
                    ("buttons", [option.label.to(audience).casefold() for option in options]),
                    ("texts", [option.text.to(audience).casefold() for option in options]),
                ):
                    if len(set(words)) < len(words):
                        found.fail(place, f"two {kind} of '{question.id}' read the same for '{audience.value}'")


def _unused(library: Library, code: str, texts: Texts, found: Findings) -> None:
    """Actions that nothing calls for, and fixed texts that no message has; the loader looks after the rest."""
    actions = {action for flow in library.flows.values() for action in flow.actions.values()}
    actions |= {rule.action for flow in library.flows.values() for rule in flow.rules}
    for name in texts.actions.keys() - actions:
        found.fail(library.place("text", code, "action", name), f"nothing calls for the action '{name}': remove it")
    for name in texts.ui.keys() - REQUIRED_UI:
        found.fail(library.place("text", code, "ui", name), f"no message has the fixed text '{name}': remove it")


def _own_words(library: Library, code: str, found: Findings) -> None:
    """No emergency text is another language's: that would be a fallback."""
    others = [name for name in library.texts if name < code]
    for other in others:
        theirs = {what: text for _, what, text in _emergency_texts(library, other, library.texts[other])}
        for place, what, text in _emergency_texts(library, code, library.texts[code]):
            if what in theirs and text.me == theirs[what].me:
                found.fail(place, f"{what} in '{code}' is the text of '{other}': translate it")


def s9(library: Library, found: Findings, progress: Progress, today: date) -> None:
    """Everything cites a source that exists, and every source is cited. What is due for review is a warning."""
    progress("sources")
    cited: set[str] = set()
    for place, what, sources in _citations(library):
        cited.update(sources)
        if not sources:
            found.fail(place, f"{what} cites no source")
        for source in sources:
            if source not in library.sources:
                found.fail(place, f"{what} cites '{source}', which sources.yaml does not have")
    for source in library.sources.keys() - cited:
        found.warn(library.place("source", source), f"nothing cites '{source}'")
    reviewed = 0
    for code, texts in library.texts.items():
        for name, cause in texts.causes.items():
            reviewed += bool(cause.reviewed_by)
            if cause.last_reviewed + REVIEW_EVERY < today:
                place = library.place("text", code, "cause", name)
                found.warn(place, f"'{name}' was last looked at on {cause.last_reviewed}: its review is due")
    found.note(f"{len(cited)} sources cited; {reviewed} causes reviewed by a clinician")


def _citations(library: Library) -> Iterator[tuple[Place, str, tuple[str, ...]]]:
    for row in library.oracle.rows:
        yield library.place("row", row.id), f"row '{row.id}'", row.sources
    for calm in library.oracle.calms.values():
        yield library.place("calm", calm.finding), f"calming fact '{calm.finding}'", calm.sources
    for flow in library.flows.values():
        for rule in flow.rules:
            sources = library.rule_sources.get((flow.id, rule.id), ())
            yield library.place("rule", flow.id, rule.id), f"rule '{rule.id}'", sources
    for code, texts in library.texts.items():
        for name, cause in texts.causes.items():
            yield library.place("text", code, "cause", name), f"cause '{name}'", cause.sources
