"""Where everything stands, and how conditions are written: the entries of `Library.places` and `Library.written`."""

from __future__ import annotations

from collections.abc import Iterator

from bot.load.flows import BuiltFlow
from bot.load.issues import Place
from bot.load.language import Language
from bot.load.library import Key
from bot.load.yaml_reader import Document


def places_under(key: str, document: Document, *prefix: str) -> Iterator[tuple[Key, Place]]:
    """The place of each entry under a key of a file."""
    for name in document.data.get(key, ()):
        yield (*prefix, name), document.place(key, name)


def places_of_flow(built: BuiltFlow) -> Iterator[tuple[Key, Place]]:
    """A flow's parts; shared questions stand in shared.yaml."""
    flow, document = built.flow.id, built.document
    yield ("flow", flow), document.place("flow")
    for kind, key in (("definition", "define"), ("notice", "notices"), ("cause", "causes")):
        yield from places_under(key, document, kind, flow)
    for position, rule in enumerate(built.file.triage.rules):
        yield ("rule", flow, rule.rule), document.place("triage", "rules", position)
    for step in built.course.steps:
        question = step.asked.entry.id
        yield ("question", flow, question), step.asked.place()
        for option in step.asked.entry.options:
            yield ("option", flow, question, option), step.asked.place("options", option)


def written_in_flow(built: BuiltFlow) -> Iterator[tuple[Key, str]]:
    """The conditions of a flow as its author wrote them; a question's is the one that counts in this flow."""
    flow, file = built.flow.id, built.file
    for kind, texts in (("definition", file.define), ("notice", file.notices)):
        for name, text in texts.items():
            yield (kind, flow, name), text
    for who, text in file.audience.items():
        yield ("audience", flow, who.value), text
    for rule in file.triage.rules:
        yield ("rule", flow, rule.rule), rule.when
    for step in built.course.steps:
        if step.condition is not None:
            yield ("question", flow, step.asked.entry.id), step.condition
    for name, cause in file.causes.items():
        if cause.needs is not None:
            yield ("cause", flow, name), cause.needs


def places_of_language(language: Language) -> Iterator[tuple[Key, Place]]:
    """The texts of a language; those of a shared question under every flow."""
    own = ("text", language.code)
    if language.language:
        yield from places_under("ui", language.language.document, *own, "ui")
    if language.findings:
        for key in ("said", "denied"):
            yield from places_under(key, language.findings.document, *own, key)
    if language.actions:
        yield from places_under("actions", language.actions.document, *own, "action")
    yield ("phrases", language.code), language.folder.place("dangers")
    for phrases in language.written.dangers if language.written else ():
        if phrases:
            yield from places_under("findings", phrases.document, "phrases", language.code)
    for cause, text in language.causes.items():
        if text:
            yield (*own, "cause", cause), text.document.place()
    for flow in language.flows:
        yield from _texts_of_flow(language, flow, own)


def _texts_of_flow(language: Language, flow: str, own: Key) -> Iterator[tuple[Key, Place]]:
    if language.shared:
        yield from places_under("questions", language.shared.document, *own, flow, "question")
    file = language.flows[flow]
    if file:
        yield (*own, flow), file.document.place("title")
        for key, kind in (("questions", "question"), ("rules", "rule"), ("notices", "notice")):
            yield from places_under(key, file.document, *own, flow, kind)
