"""The safety oracle: what the answers mean and which level they demand, said a second time and never by the flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.flow.conditions import Condition
from bot.flow.model import Choose, Level
from bot.load.files import CalmEntry, MeaningEntry, RangeEntry, RowEntry, SafetyFile
from bot.load.flows import Base
from bot.load.issues import LoadRule, Place
from bot.load.judging import check_sources
from bot.load.library import Calm, Meaning, Oracle, SafetyRow
from bot.load.yaml_reader import Document


def build_oracle(file: SafetyFile, document: Document, base: Base) -> Oracle:
    """Compile the oracle. It is about findings and answers alone, whatever the flows make of them."""
    reader = _Reader(document, base, base.names.define(document, file.define))
    rows = {entry.row: reader.row(position, entry) for position, entry in enumerate(file.rows)}
    meanings = {entry.question: reader.meaning(position, entry) for position, entry in enumerate(file.answers)}
    calms = {entry.finding: reader.calm(position, entry) for position, entry in enumerate(file.calms)}
    reader.check_repeated("rows", [entry.row for entry in file.rows], LoadRule.DUPLICATE_ROW, "row")
    reader.check_repeated("answers", [entry.question for entry in file.answers], LoadRule.DUPLICATE_MEANING, "question")
    reader.check_repeated("calms", [entry.finding for entry in file.calms], LoadRule.DUPLICATE_MEANING, "finding")
    cards = file.cards
    longest, typical = (cards.longest, cards.typical) if cards else (None, None)
    dangers = None if file.dangers is None else reader.dangers(file.dangers)
    return Oracle(tuple(rows.values()), meanings, calms, longest, typical, dangers, tuple(map(tuple, file.actions)))


@dataclass(frozen=True)
class _Reader:
    document: Document
    base: Base
    defined: Mapping[str, Condition]

    def row(self, position: int, entry: RowEntry) -> SafetyRow:
        self._sources(entry.sources, "rows", position)
        flows = tuple(entry.flows)
        unsure = entry.unsure or min(entry.level, Level.URGENT, key=lambda level: level.rank)
        when = self._condition(entry.when, "rows", position, "when")
        return SafetyRow(entry.row, entry.level, when, entry.says, tuple(entry.sources), unsure, flows, entry.action)

    def meaning(self, position: int, entry: MeaningEntry) -> Meaning:
        names = self.base.names
        self._check_shape(position, entry)
        means = {
            option: names.mask(names.findings(said, self._place("answers", position, "means", option), option))
            for option, said in entry.means.items()
        }
        numbers = tuple(
            (names.mask(names.findings([name], self._place("answers", position, "numbers", name), "numbers")), *bounds)
            for name, each in entry.numbers.items()
            for bounds in [self._bounds(each, position, name)]
        )
        skip = None if entry.skip is None else self._condition(entry.skip, "answers", position, "skip")
        return Meaning(entry.question, entry.choose, means, numbers, skip, entry.because or "")

    def calm(self, position: int, entry: CalmEntry) -> Calm:
        self.base.names.findings([entry.finding], self._place("calms", position, "finding"), "finding")
        self._sources(entry.sources, "calms", position)
        return Calm(entry.finding, entry.because, tuple(entry.sources))

    def dangers(self, names: list[str]) -> frozenset[str]:
        return frozenset(self.base.names.findings(names, self._place("dangers"), "dangers"))

    def check_repeated(self, key: str, names: list[str], rule: LoadRule, what: str) -> None:
        for position, name in enumerate(names):
            if name in names[:position]:
                remedy = "rename one" if what == "row" else "keep one"
                self.base.names.report.add(rule, self._place(key, position), f"a second {what} '{name}': {remedy}")

    def _check_shape(self, position: int, entry: MeaningEntry) -> None:
        """A reason for what may be left out; numbers for number questions and options for all others."""
        report, question = self.base.names.report, entry.question
        if entry.skip is not None and entry.because is None:
            place = self._place("answers", position, "skip")
            report.add(LoadRule.MISSING_KEY, place, f"'{question}' may be skipped without a reason: add 'because'")
        wrong = "means" if entry.choose is Choose.NUMBER else "numbers"
        if getattr(entry, wrong):
            place = self._place("answers", position, wrong)
            right = "numbers" if wrong == "means" else "means"
            report.add(LoadRule.NUMBER_RANGE, place, f"'{question}' is answered otherwise: use '{right}'")

    def _bounds(self, entry: RangeEntry, position: int, name: str) -> tuple[int | None, int | None]:
        place = self._place("answers", position, "numbers", name)
        if entry.lowest is None and entry.below is None:
            remedy = f"the range of '{name}' holds every number: add 'from' or 'below'"
            self.base.names.report.add(LoadRule.NUMBER_RANGE, place, remedy)
        elif entry.lowest is not None and entry.below is not None and entry.lowest >= entry.below:
            self.base.names.report.add(LoadRule.NUMBER_RANGE, place, f"the range of '{name}' holds no number: mend it")
        return entry.lowest, entry.below

    def _condition(self, text: str, *path: str | int) -> Condition:
        return self.base.names.read(text, self._place(*path), self.defined)

    def _sources(self, cited: list[str], *path: str | int) -> None:
        check_sources(cited, self._place(*path, "sources"), self.base.sources, self.base.names.report)

    def _place(self, *path: str | int) -> Place:
        return self.document.place(*path)
