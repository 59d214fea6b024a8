"""One language: its files read, and its texts put together."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.flow.model import Audience
from bot.flow.understand.answers import Replies
from bot.flow.understand.patterns import PatternError
from bot.flow.understand.understanding import Understanding
from bot.load.answers_file import AnswersFile, build_replies
from bot.load.content_files import (
    ActionsFile,
    ActionTexts,
    CauseFile,
    FindingTextsFile,
    FlowTextsFile,
    LanguageFile,
    OptionTexts,
    OptionValue,
    QuestionTexts,
    RuleTexts,
    SharedTextsFile,
    TextValue,
)
from bot.load.files import ID_PATTERN
from bot.load.folder import Folder
from bot.load.issues import LoadRule, Place, Report
from bot.load.library import (
    ActionText,
    AnswerTrials,
    CauseText,
    FlowTexts,
    OptionText,
    QuestionText,
    RuleText,
    Text,
    Texts,
)
from bot.load.phrase_files import ConceptsFile, DangersFile
from bot.load.phrases import PhraseBook, Written
from bot.load.read import Read, read
from bot.load.word_list import read_words
from bot.load.wording import ASK, LABEL, OPTION, SHORT, WHY, Wording
from bot.load.yaml_reader import Document

_FIXED = frozenset({"language", "findings", "shared", "actions", "concepts", "answers"})
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Language:
    """The files of one language; None stands for one that could not be read."""

    code: str
    folder: Folder
    language: Read[LanguageFile] | None
    findings: Read[FindingTextsFile] | None
    shared: Read[SharedTextsFile] | None
    actions: Read[ActionsFile] | None
    flows: Mapping[str, Read[FlowTextsFile] | None]
    causes: Mapping[str, Read[CauseFile] | None]
    written: Written | None
    answers: Read[AnswersFile] | None = None


def read_language(folder: Folder, flows: Collection[str], *, shared: bool, phrases: bool) -> Language:
    """Read the files of one language. ``flows`` are the flows there are; ``shared``: there are shared questions."""
    stems = list(folder.files())
    for stem in stems:
        if stem not in _FIXED and stem not in flows:
            folder.report.add(
                LoadRule.UNKNOWN_FILE, folder.place(f"{stem}.yaml"), f"there is no flow '{stem}': rename or remove it"
            )
    shared_texts = None
    if shared or "shared" in stems:
        shared_texts = read(folder, "shared", SharedTextsFile, "the texts of the shared questions")
    return Language(
        code=folder.path.name,
        folder=folder,
        language=read(folder, "language", LanguageFile, "the language's name, words and fixed texts"),
        findings=read(folder, "findings", FindingTextsFile, "how findings are said back"),
        shared=shared_texts,
        actions=read(folder, "actions", ActionsFile, "what to do at each action"),
        flows={flow: read(folder, flow, FlowTextsFile, f"the texts of flow '{flow}'") for flow in flows},
        causes=_read_causes(folder),
        written=_read_written(folder) if phrases else None,
        answers=read(folder, "answers", AnswersFile) if phrases and "answers" in stems else None,
    )


def _read_written(folder: Folder) -> Written:
    return Written(
        concepts=read(folder, "concepts", ConceptsFile, "the words that typed messages are read by"),
        dangers=_read_dangers(folder),
        words=read_words(folder),
    )


def _read_causes(folder: Folder) -> dict[str, Read[CauseFile] | None]:
    causes: dict[str, Read[CauseFile] | None] = {}
    for inner in folder.folders():
        if inner.path.name == "causes":
            for stem in inner.files():
                if not re.fullmatch(ID_PATTERN, stem):
                    place = inner.place(f"{stem}.yaml")
                    inner.report.add(LoadRule.ID_FORMAT, place, f"'{stem}' is no id: name the file lower_snake_case")
                causes[stem] = read(inner, stem, CauseFile)
    return causes


def _read_dangers(folder: Folder) -> tuple[Read[DangersFile] | None, ...]:
    inner = next((inner for inner in folder.folders() if inner.path.name == "dangers"), None)
    dangers = tuple(read(inner, stem, DangersFile) for stem in inner.files()) if inner else ()
    if not dangers:
        message = "there are no phrases: this folder holds files with how people say each danger"
        folder.report.add(LoadRule.MISSING_FILE, folder.place("dangers"), message)
    return dangers


def build_texts(language: Language, uses: Mapping[str, Collection[str]], book: PhraseBook, report: Report) -> Texts:
    """Every text of the language; ``uses`` names the shared questions of each flow, ``book`` is what people type.

    Mistakes are noted; the texts are of use only when there were none.
    """
    words = language.language.model.words if language.language else None
    return _Builder(language, uses, book, Wording(words, report)).build()


@dataclass(frozen=True)
class _Builder:
    """One language being put together."""

    files: Language
    uses: Mapping[str, Collection[str]]
    book: PhraseBook
    wording: Wording

    def build(self) -> Texts:
        files = self.files
        shared = self._questions(files.shared.model.questions, files.shared.document) if files.shared else {}
        flows = {
            name: self._flow(flow, {key: shared[key] for key in self.uses.get(name, ()) if key in shared})
            for name, flow in files.flows.items()
            if flow
        }
        replies = self._replies(flows.values())
        return Texts(
            code=files.code,
            name=files.language.model.language if files.language else "",
            ui=self._group(files.language.model.ui, files.language.document, "ui") if files.language else {},
            said=self._group(files.findings.model.said, files.findings.document, "said") if files.findings else {},
            denied=self._group(files.findings.model.denied, files.findings.document, "denied")
            if files.findings
            else {},
            flows=flows,
            actions=self._actions(files.actions) if files.actions else {},
            causes={name: self._cause(cause) for name, cause in files.causes.items() if cause},
            net=self.book.net,
            trials=self.book.trials,
            replies=replies,
            answer_trials=_answer_trials(files.answers) if files.answers else None,
            reader=Understanding(self.book.net, replies) if files.written else None,
        )

    def _replies(self, flows: Iterable[FlowTexts]) -> Replies | None:
        """The answers in words, where this language has a file for them."""
        file = self.files.answers
        if file is None:
            return None
        labels = {
            name: {option: _wordings(text) for option, text in question.options.items()}
            for flow in flows
            for name, question in flow.questions.items()
        }
        book = self.book
        try:
            return build_replies(file.model, labels, book.concepts, book.known, book.stemmer)
        except PatternError as error:
            self.wording.report.add(LoadRule.BAD_PATTERN, file.document.place("questions"), str(error))
            return None

    def _group(self, values: Mapping[str, TextValue], document: Document, *path: str) -> dict[str, Text]:
        return {name: self.wording.text(value, document.place(*path, name)) for name, value in values.items()}

    def _questions(self, values: Mapping[str, QuestionTexts], document: Document) -> dict[str, QuestionText]:
        return {name: self._question(value, document, name) for name, value in values.items()}

    def _question(self, texts: QuestionTexts, document: Document, name: str) -> QuestionText:
        def place(*more: str) -> Place:
            return document.place("questions", name, *more)

        text = self.wording.text
        return QuestionText(
            ask=text(texts.ask, place("ask"), ASK),
            hint=None if texts.hint is None else text(texts.hint, place("hint")),
            why=text(texts.why, place("why"), WHY),
            again=None if texts.again is None else text(texts.again, place("again")),
            short=text(texts.short, place("short"), SHORT),
            options={
                key: self._option(option, document, ("questions", name, "options", key))
                for key, option in texts.options.items()
            },
        )

    def _option(self, value: OptionValue, document: Document, path: tuple[str, ...]) -> OptionText:
        text = self.wording.text
        if isinstance(value, OptionTexts):
            label = text(value.label, document.place(*path, "label"), LABEL)
            return OptionText(label, text(value.text, document.place(*path, "text"), OPTION))
        both = text(value, document.place(*path), LABEL)
        return OptionText(both, both)

    def _flow(self, file: Read[FlowTextsFile], shared: Mapping[str, QuestionText]) -> FlowTexts:
        model, document = file.model, file.document
        return FlowTexts(
            title=self.wording.text(model.title, document.place("title")),
            about=self.wording.text(model.about, document.place("about")),
            watch=self._list(model.watch, document, "watch"),
            questions={**shared, **self._questions(model.questions, document)},
            rules={name: self._rule(rule, document, name) for name, rule in model.rules.items()},
            notices=self._group(model.notices, document, "notices"),
        )

    def _rule(self, rule: RuleTexts, document: Document, name: str) -> RuleText:
        def place(key: str) -> Place:
            return document.place("rules", name, key)

        return RuleText(
            title=self.wording.text(rule.title, place("title")),
            because=self.wording.text(rule.because, place("because")),
            phone=None if rule.phone is None else self.wording.text(rule.phone, place("phone")),
            dont=self._list(rule.dont, document, "rules", name, "dont"),
        )

    def _list(self, values: list[TextValue], document: Document, *path: str) -> tuple[Text, ...]:
        return tuple(self.wording.text(value, document.place(*path, place)) for place, value in enumerate(values))

    def _actions(self, file: Read[ActionsFile]) -> dict[str, ActionText]:
        return {name: self._action(action, file.document, name) for name, action in file.model.actions.items()}

    def _action(self, action: ActionTexts, document: Document, name: str) -> ActionText:
        return ActionText(
            headline=self.wording.text(action.headline, document.place("actions", name, "headline")),
            do=self._list(action.do, document, "actions", name, "do"),
            dont=self._list(action.dont, document, "actions", name, "dont"),
        )

    def _cause(self, file: Read[CauseFile]) -> CauseText:
        model, document = file.model, file.document

        def text(value: TextValue, key: str) -> Text:
            return self.wording.text(value, document.place(key))

        return CauseText(
            name=text(model.name, "name"),
            summary=text(model.summary, "summary"),
            why=text(model.why, "why"),
            notice=self._list(model.notice, document, "notice"),
            helps=self._list(model.helps, document, "helps"),
            clinician=text(model.clinician, "clinician"),
            urgent=text(model.urgent, "urgent"),
            sources=tuple(model.sources),
            last_reviewed=self._day(model.last_reviewed, document.place("last_reviewed")),
            reviewed_by=model.reviewed_by,
        )

    def _day(self, written: str, place: Place) -> date:
        try:
            if _DAY.fullmatch(written):
                return date.fromisoformat(written)
        except ValueError:
            pass
        self.wording.report.add(LoadRule.BAD_DATE, place, f"'{written}' is no date: write it as 2026-11-22")
        return date.min


def _answer_trials(file: Read[AnswersFile]) -> AnswerTrials:
    return AnswerTrials(file.model, {name: file.document.place("questions", name) for name in file.model.questions})


def _wordings(option: OptionText) -> list[str]:
    """Every wording of an option."""
    return sorted({text.to(audience) for text in (option.label, option.text) for audience in Audience})
