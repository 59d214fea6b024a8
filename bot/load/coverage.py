"""Whether the texts of a language fit the flows: nothing that people need is missing, nothing stands there unused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bot.flow.model import Kind, Level
from bot.load.content_files import CauseFile, QuestionTexts, RuleTexts
from bot.load.flows import BuiltFlow
from bot.load.issues import LoadRule, Report, did_you_mean
from bot.load.judging import KnownSources, check_sources
from bot.load.language import Language
from bot.load.names import Names
from bot.load.questions import Asked
from bot.load.read import Read
from bot.load.ui_keys import REQUIRED_UI
from bot.load.yaml_reader import Document

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Needs:
    """What the flows need texts for. ``complete`` is false when a file is missing in it, so nothing is *unused*."""

    flows: Mapping[str, BuiltFlow]
    shared: Mapping[str, Asked] | None
    sources: KnownSources
    names: Names
    complete: bool


def check_language(language: Language, needs: Needs) -> None:
    """Note every missing and every unused text of one language."""
    _Check(language, needs, needs.names.report).run()


@dataclass(frozen=True)
class _Check:
    language: Language
    needs: Needs
    report: Report

    def run(self) -> None:
        self._ui()
        if self.language.shared and self.needs.shared is not None:
            file = self.language.shared
            self._questions(self.needs.shared.values(), file.model.questions, file.document)
        for name, built in self.needs.flows.items():
            self._flow(name, built)
            self._actions(built)
            self._cause_files(built)
        self._said()
        self._denied()
        self._causes()

    def _compare(self, what: str, needed: Collection[str], given: Collection[str], at: tuple[Document, Path]) -> None:
        """Note what of ``needed`` has no text at a place of a file, and what there has nobody that needs it."""
        document, path = at
        for name in needed:
            if name not in given:
                self.report.add(LoadRule.MISSING_TEXT, document.place(*path), f"{what} '{name}' has no text: add it")
        for name in given:
            if name not in needed:
                remedy = did_you_mean(name, set(needed) - set(given)) or ": remove it"
                place = document.place(*path, name)
                self.report.add(LoadRule.UNUSED_TEXT, place, f"there is no {what} '{name}'{remedy}")

    def _ui(self) -> None:
        file = self.language.language
        if file is None:
            return
        for key in sorted(REQUIRED_UI - file.model.ui.keys()):
            place = file.document.place("ui")
            self.report.add(LoadRule.MISSING_UI, place, f"the fixed text '{key}' is missing: add it under 'ui'")

    def _questions(self, asked: Iterable[Asked], given: Mapping[str, QuestionTexts], document: Document) -> None:
        questions = {question.entry.id: question.entry for question in asked}
        self._compare("question", questions, given, (document, ("questions",)))
        for name in questions.keys() & given.keys():
            path = ("questions", name, "options")
            self._compare("option", questions[name].options, given[name].options, (document, path))

    def _flow(self, name: str, built: BuiltFlow) -> None:
        file = self.language.flows.get(name)
        if file:
            document, model = file.document, file.model
            own = [step.asked for step in built.course.steps if not step.shared]
            self._questions(own, model.questions, document)
            rules = [rule.rule for rule in built.file.triage.rules]
            self._compare("rule", rules, model.rules, (document, ("rules",)))
            self._phone(built, model.rules, document)
            self._compare("notice", built.file.notices, model.notices, (document, ("notices",)))
        self._again(name, built)

    def _phone(self, built: BuiltFlow, given: Mapping[str, RuleTexts], document: Document) -> None:
        """Who has to call or go at once is told what to say."""
        for rule in built.flow.rules:
            level = max(rule.level, rule.unsure or rule.level, key=lambda each: each.rank)
            if rule.id in given and given[rule.id].phone is None and level.rank >= Level.URGENT.rank:
                place = document.place("rules", rule.id)
                message = f"rule '{rule.id}' needs 'phone', since it can lead to level {level.value}: add it"
                self.report.add(LoadRule.MISSING_TEXT, place, message)

    def _again(self, name: str, built: BuiltFlow) -> None:
        """A *not sure* about what an emergency or urgent rule reads is asked again, in other words."""
        flow_texts, shared_texts = self.language.flows.get(name), self.language.shared
        for question, step in zip(built.flow.questions, built.course.steps, strict=True):
            file = shared_texts if step.shared else flow_texts
            texts = file.model.questions.get(question.id) if file else None
            alarming = question.sets & built.flow.alarming
            if file and texts and alarming and question.unsure and texts.again is None:
                finding = self.needs.names.within(alarming)[0]
                self.report.add(
                    LoadRule.MISSING_AGAIN,
                    file.document.place("questions", question.id),
                    f"question '{question.id}' needs 'again': an emergency or urgent rule reads '{finding}'",
                )

    def _actions(self, built: BuiltFlow) -> None:
        if self.language.actions is None:
            return
        known = self.language.actions.model.actions
        named: list[tuple[str, Path]] = [
            (rule.action, ("triage", "rules", position, "action"))
            for position, rule in enumerate(built.file.triage.rules)
        ]
        named.extend((action, ("triage", "actions", level.value)) for level, action in built.flow.actions.items())
        for action, path in named:
            if action not in known:
                where = self.language.actions.document.file
                remedy = did_you_mean(action, known) or ": add it there"
                self.report.add(
                    LoadRule.UNKNOWN_ACTION, built.place(*path), f"action '{action}' has no text in {where}{remedy}"
                )

    def _cause_files(self, built: BuiltFlow) -> None:
        known = self.language.causes
        for name in built.file.causes:
            if name not in known:
                self.report.add(LoadRule.CAUSE_TEXT, built.place("causes", name), self._no_cause(name))
        for position, rule in enumerate(built.file.triage.rules):
            place = built.place("triage", "rules", position, "rule_out")
            for name in rule.rule_out:
                if name not in known:
                    self.report.add(LoadRule.RULE_OUT_TEXT, place, self._no_cause(name))

    def _no_cause(self, name: str) -> str:
        remedy = did_you_mean(name, self.language.causes) or f": add {self.language.folder.name}/causes/{name}.yaml"
        return f"cause '{name}' has no text{remedy}"

    def _said(self) -> None:
        file = self.language.findings
        if file is None:
            return
        needed = {name for built in self.needs.flows.values() for name in built.said}
        self._missing_and_unknown("said", needed, file.model.said, file.document)

    def _denied(self) -> None:
        file = self.language.findings
        if file is None:
            return
        asked = 0
        for built in self.needs.flows.values():
            asked |= built.course.sets
        needed = set(self.needs.names.within(asked & self.needs.names.of_kind(Kind.DANGER)))
        self._missing_and_unknown("denied", needed, file.model.denied, file.document)
        kinds = self.needs.names.kinds
        for name in file.model.denied:
            if name in kinds and kinds[name] is not Kind.DANGER:
                self.report.add(
                    LoadRule.UNUSED_TEXT,
                    file.document.place("denied", name),
                    f"'{name}' is {kinds[name].value}, and only danger signs are denied: correct its kind or remove it",
                )

    def _missing_and_unknown(self, key: str, needed: set[str], given: Collection[str], document: Document) -> None:
        """Findings are shared by all flows, so a text for one that exists is never called unused."""
        for name in sorted(needed - set(given)):
            what = "finding" if name in self.needs.names.bits else "definition"
            self.report.add(
                LoadRule.MISSING_TEXT, document.place(key), f"{what} '{name}' has no text under '{key}': add it"
            )
        known = needed | self.needs.names.bits.keys()
        for name in given:
            if name not in known and self.needs.complete:
                remedy = did_you_mean(name, known - set(given)) or ": remove it"
                self.report.add(LoadRule.UNUSED_TEXT, document.place(key, name), f"nothing says '{name}' back{remedy}")

    def _causes(self) -> None:
        used: set[str] = set()
        for built in self.needs.flows.values():
            used.update(built.file.causes, *(rule.rule_out for rule in built.file.triage.rules))
        for name, file in self.language.causes.items():
            if file:
                self._cause(name, file, used)

    def _cause(self, name: str, file: Read[CauseFile], used: set[str]) -> None:
        document = file.document
        check_sources(file.model.sources, document.place("sources"), self.needs.sources, self.report)
        if name not in used and self.needs.complete:
            remedy = did_you_mean(name, used - self.language.causes.keys()) or ": remove the file or name it in a flow"
            self.report.add(LoadRule.UNUSED_TEXT, document.place(), f"no flow names the cause '{name}'{remedy}")
