"""The loader's own plot: read every file, build what can be built, note every mistake, and only then judge."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.load.coverage import Needs, check_language
from bot.load.files import FindingsFile, FlowFile, SafetyFile, SharedFile, SourcesFile
from bot.load.flows import Base, BuiltFlow, build_flow
from bot.load.folder import Folder
from bot.load.issues import LoadRule, Place, Report
from bot.load.language import Language, build_texts, read_language
from bot.load.library import Key, Library, Oracle, Source
from bot.load.names import Names
from bot.load.phrases import NO_PHRASES, PhraseBook, build_phrases
from bot.load.places import places_of_flow, places_of_language, places_under, written_in_flow
from bot.load.questions import read_shared
from bot.load.read import Read, read
from bot.load.safety import build_oracle

_FIXED = frozenset({"findings", "sources", "safety", "shared"})
_CONCEPT = re.compile(r"<([a-z][a-z0-9_ ]*)>")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def build_library(flows_dir: Path, content_dir: Path, *, phrases: bool) -> Library:
    """See `bot.load.load_library`."""
    report = Report()
    flows, content = Folder.at(flows_dir, report), Folder.at(content_dir, report)
    found = [folder.exists() for folder in (flows, content)]
    if not all(found):
        report.raise_any()
    library = _Loader(flows, content, report, phrases=phrases).load()
    report.raise_any()
    return library


class _Loader:
    """One run over both folders. What could not be read is None or missing, and nothing is said about it twice."""

    def __init__(self, flows: Folder, content: Folder, report: Report, *, phrases: bool) -> None:
        self.report = report
        self.phrases = phrases
        stems = list(flows.files())
        self.flow_ids = [stem for stem in stems if stem not in _FIXED]
        if not self.flow_ids:
            report.add(LoadRule.NO_FLOWS, Place(flows.name), "there is no flow here: add one, as leg_lift.yaml")
        self.findings = read(flows, "findings", FindingsFile, "every finding")
        self.sources = read(flows, "sources", SourcesFile, "every source")
        self.safety = read(flows, "safety", SafetyFile, "the safety oracle")
        self.has_shared = "shared" in stems
        self.shared = read(flows, "shared", SharedFile) if self.has_shared else None
        self.flows = {flow: self._flow(flows, flow) for flow in self.flow_ids}
        self.languages = list(self._languages(content))

    def _flow(self, folder: Folder, flow: str) -> Read[FlowFile] | None:
        file = read(folder, flow, FlowFile)
        if file and file.model.flow != flow:
            self.report.add(
                LoadRule.FLOW_NAME,
                file.document.place("flow"),
                f"the file is called '{flow}', the flow '{file.model.flow}': give both one name",
            )
        return file

    def _languages(self, content: Folder) -> Iterable[Language]:
        for stem in content.files():
            self.report.add(
                LoadRule.UNKNOWN_FILE,
                content.place(f"{stem}.yaml"),
                "texts stand in a language's folder: move it there",
            )
        count = 0
        for folder in content.folders():
            count += 1
            if _LANGUAGE.fullmatch(folder.path.name):
                yield read_language(folder, self.flow_ids, shared=self.has_shared, phrases=self.phrases)
            else:
                self.report.add(
                    LoadRule.ID_FORMAT,
                    Place(folder.name),
                    "a language's folder has its code as name, as 'en' or 'pt-BR'",
                )
        if not count:
            self.report.add(
                LoadRule.NO_LANGUAGES, Place(content.name), "there is no language here: add a folder, as 'en'"
            )

    def load(self) -> Library:
        """Everything, as far as it could be built."""
        built: dict[str, BuiltFlow] = {}
        oracle = Oracle()
        names: Names | None = None
        if self.findings:
            base = self._base(self.findings)
            names = base.names
            built = {name: build_flow(file.model, file.document, base) for name, file in self.flows.items() if file}
            if self.safety:
                oracle = build_oracle(self.safety.model, self.safety.document, base)
            complete = bool(built) and len(built) == len(self.flows)
            needs = Needs(built, base.shared, base.sources, base.names, complete)
            for language in self.languages:
                check_language(language, needs)
        uses = {
            name: [step.asked.entry.id for step in flow.course.steps if step.shared] for name, flow in built.items()
        }
        texts = {
            language.code: build_texts(language, uses, self._phrases(language, names), self.report)
            for language in self.languages
        }
        return Library(
            flows={name: flow.flow for name, flow in built.items()},
            oracle=oracle,
            sources=self._sources(),
            texts=texts,
            places=dict(self._places(built.values())),
            skip_reasons=_skip_reasons(built.values()),
            rule_sources={
                (name, rule.rule): tuple(rule.sources)
                for name, flow in built.items()
                for rule in flow.file.triage.rules
            },
            written={key: " ".join(text.split()) for flow in built.values() for key, text in written_in_flow(flow)},
        )

    def _phrases(self, language: Language, names: Names | None) -> PhraseBook:
        """What people type. answers.yaml names concepts of the other files, too."""
        if language.written is None:
            return NO_PHRASES
        text = language.folder.text("answers.yaml") if language.folder.has("answers.yaml") else None
        named_elsewhere = set(_CONCEPT.findall(text or ""))
        return build_phrases(language.written, names, self.report, named_elsewhere=named_elsewhere)

    def _base(self, findings: Read[FindingsFile]) -> Base:
        kinds = {name: finding.kind for name, finding in findings.model.findings.items()}
        names = Names(kinds, self.report)
        sources = self.sources.model.sources if self.sources else None
        if self.shared:
            return Base(names, read_shared(self.shared.model.questions, self.shared.document, names), sources)
        return Base(names, None if self.has_shared else {}, sources)

    def _sources(self) -> dict[str, Source]:
        if not self.sources:
            return {}
        return {
            name: Source(source.title, source.publisher, source.year, source.url)
            for name, source in self.sources.model.sources.items()
        }

    def _places(self, built: Iterable[BuiltFlow]) -> Iterator[tuple[Key, Place]]:
        if self.findings:
            yield from places_under("findings", self.findings.document, "finding")
        if self.sources:
            yield from places_under("sources", self.sources.document, "source")
        if self.safety:
            for position, row in enumerate(self.safety.model.rows):
                yield ("row", row.row), self.safety.document.place("rows", position)
            for position, meaning in enumerate(self.safety.model.answers):
                yield ("meaning", meaning.question), self.safety.document.place("answers", position)
            for position, calm in enumerate(self.safety.model.calms):
                yield ("calm", calm.finding), self.safety.document.place("calms", position)
        for flow in built:
            yield from places_of_flow(flow)
        for language in self.languages:
            yield from places_of_language(language)


def _skip_reasons(built: Iterable[BuiltFlow]) -> dict[tuple[str, str], str]:
    return {
        (flow.flow.id, step.asked.entry.id): step.asked.entry.skipped_means_no
        for flow in built
        for step in flow.course.steps
        if step.asked.entry.skipped_means_no is not None
    }
