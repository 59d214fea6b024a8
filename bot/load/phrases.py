"""What people type, put together: the danger net of one language, and the texts it is tried with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.flow.model import Kind
from bot.flow.understand.context import Cue
from bot.flow.understand.heard import Sure
from bot.flow.understand.net import Net, Phrases, lexicon
from bot.flow.understand.patterns import Pattern, PatternError, parse
from bot.flow.understand.spelling import stemmers
from bot.flow.understand.text import plain, words
from bot.flow.understand.vocabulary import Range, Vocabulary
from bot.load.issues import LoadRule, Place, Report, did_you_mean
from bot.load.library import Trial
from bot.load.names import Names
from bot.load.phrase_files import ConceptsFile, DangersFile, PhrasesEntry
from bot.load.read import Read
from bot.load.validate import MENDED
from bot.load.yaml_reader import Document

MOST_FORMS = 40_000
"""Written forms of all concepts, and patterns of all findings, of one language."""

_CUES = frozenset(cue.value for cue in Cue)
_WORD = re.compile(r"[^\W_]")
_JOINT = re.compile(r"[\s-]+")

HEARD_KINDS = frozenset({Kind.DANGER, Kind.HEARD})
"""What words in passing may say: they only escalate."""


@dataclass(frozen=True)
class Written:
    """The files of one language that say what people type; None stands for one that could not be read."""

    concepts: Read[ConceptsFile] | None
    dangers: tuple[Read[DangersFile] | None, ...]
    words: frozenset[str]

    @property
    def complete(self) -> bool:
        """Whether all of them could be read: else something may only seem to be missing or unused."""
        return None not in (self.concepts, *self.dangers)


@dataclass(frozen=True)
class PhraseBook:
    """What comes out: the net, and the texts that show that it hears what it has to.

    ``concepts``, with their forms, ``known`` and ``stemmer`` are for whatever else reads this language.
    """

    net: Net
    trials: tuple[Trial, ...]
    concepts: Mapping[str, list[str]]
    known: frozenset[str]
    stemmer: str


NO_PHRASES = PhraseBook(Net(Vocabulary({}), ()), (), {}, frozenset(), "english")
"""For a library that is loaded without what people type."""


def build_phrases(
    written: Written, names: Names | None, report: Report, *, named_elsewhere: Iterable[str] | None = ()
) -> PhraseBook:
    """Put the net of one language together.

    Mistakes are noted; the net is of use only when there were none. ``named_elsewhere`` are the concepts that
    answers.yaml names; None when that is not known, so that no concept is called unused.
    """
    return _Builder(written, names, report, named_elsewhere).build()


@dataclass
class _Builder:
    """One language being put together."""

    written: Written
    names: Names | None
    report: Report
    named_elsewhere: Iterable[str] | None
    concepts: dict[str, tuple[list[str], Place]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    patterns: list[Pattern] = field(default_factory=list)
    phrased: dict[str, Place] = field(default_factory=dict)

    def build(self) -> PhraseBook:
        concepts, dangers = self.written.concepts, [file for file in self.written.dangers if file]
        cues: dict[str, list[str]] = {}
        fillers: list[str] = []
        stemmer = "english"
        if concepts:
            cues, fillers = self._cues(concepts), self._fillers(concepts)
            stemmer = self._stemmer(concepts)
            self._concepts(concepts.model.concepts, concepts.document)
        for file in dangers:
            self._concepts(file.model.concepts, file.document)
        ranges = tuple(self._ranges(concepts)) if concepts else ()
        phrases = tuple(phrases for file in dangers for phrases in self._phrases(file))
        trials = tuple(trial for file in dangers for trial in _trials(file))
        timeless = frozenset(self._kind("timeless", concepts)) if concepts else frozenset[str]()
        times = frozenset(self._kind("times", concepts)) if concepts else frozenset[str]()
        self._amount()
        if self.written.complete and self.named_elsewhere is not None:
            self._unused({*self.named, *self.named_elsewhere})
        concepts_ = {name: forms for name, (forms, _) in self.concepts.items()}
        every = lexicon({**concepts_, **cues}, self.patterns)
        vocabulary = Vocabulary(every, fillers, self.written.words, stemmer, ranges)
        return PhraseBook(Net(vocabulary, phrases, timeless, times), trials, concepts_, self.written.words, stemmer)

    # --- words ------------------------------------------------------------------------------------------------------

    def _stemmer(self, file: Read[ConceptsFile]) -> str:
        name, known = file.model.stemmer, stemmers()
        if name in known:
            return name
        remedy = did_you_mean(name, known) or f": there is {', '.join(sorted(known))}"
        self.report.add(LoadRule.WRONG_STEMMER, file.document.place("stemmer"), f"unknown stemmer '{name}'{remedy}")
        return "english"

    def _fillers(self, file: Read[ConceptsFile]) -> list[str]:
        document = file.document
        self._once(file.model.fillers, "fillers", document, ("fillers",))
        fillers = []
        for number, filler in enumerate(file.model.fillers):
            read = words(filler)
            if len(read) == 1:
                fillers.append(read[0].text)
            elif filler != MENDED:
                place = document.place("fillers", number)
                self.report.add(LoadRule.BAD_WORD, place, f"'{filler}' is not one word: fillers are single words")
        return fillers

    def _cues(self, file: Read[ConceptsFile]) -> dict[str, list[str]]:
        given = file.model.cues
        for cue in Cue:
            if cue not in given and cue.value not in file.model.ranges:
                message = f"key '{cue.value}' is missing in 'cues': add it"
                self.report.add(LoadRule.MISSING_KEY, file.document.place("cues"), message)
        for cue, forms in given.items():
            self._forms(cue.value, forms, file.document, ("cues", cue.value))
        return {cue.value: forms for cue, forms in given.items()}

    def _ranges(self, file: Read[ConceptsFile]) -> Iterator[Range]:
        model = file.model
        every = [("ranges", *each) for each in model.ranges.items()]
        every += [("decimals", *each) for each in model.decimals.items()]
        for key, name, ranges in every:
            place = file.document.place(key, name)
            if name not in _CUES:
                self.concepts.setdefault(name, ([], place))
            for lowest, below in ranges:
                if lowest >= below:
                    message = (
                        f"the range of '{name}' from {lowest} below {below} is empty: write the lower number first"
                    )
                    self.report.add(LoadRule.NUMBER_RANGE, place, message)
                yield Range(name, lowest, below, decimal=key == "decimals")

    def _kind(self, key: Literal["timeless", "times"], file: Read[ConceptsFile]) -> Iterator[str]:
        """The concepts of a list beside the concepts."""
        place = file.document.place(key)
        for name in file.model.timeless if key == "timeless" else file.model.times:
            if name in self.concepts or not self.written.complete:
                yield name
            else:
                remedy = did_you_mean(name, self.concepts) or ": add it to 'concepts' or correct it"
                self.report.add(LoadRule.UNKNOWN_CONCEPT, place, f"'{key}' names unknown concept '{name}'{remedy}")

    def _concepts(self, concepts: dict[str, list[str]], document: Document) -> None:
        for name, forms in concepts.items():
            place = document.place("concepts", name)
            if name in _CUES:
                message = f"'{name}' is a cue: give the concept another name"
                self.report.add(LoadRule.NAME_CLASH, place, message)
                continue
            before, first = self.concepts.get(name, ([], place))
            self._forms(name, forms, document, ("concepts", name), before)
            self.concepts[name] = ([*before, *forms], first)

    def _forms(
        self, name: str, forms: list[str], document: Document, path: tuple[str, ...], before: Iterable[str] = ()
    ) -> None:
        """Check the forms of a concept. ``before``: those that an earlier file gives it."""
        self._once(forms, name, document, path, before)
        for number, form in enumerate(forms):
            if form != MENDED and not _says_something(form):
                place = document.place(*path, number)
                self.report.add(LoadRule.BAD_WORD, place, f"'{form}' has no word or sign in it: correct or remove it")

    def _once(
        self, forms: list[str], name: str, document: Document, path: tuple[str, ...], earlier: Iterable[str] = ()
    ) -> None:
        """Note what stands twice; what differs only in what is never looked at does, too."""
        before = {_key(form): form for form in earlier}
        for number, form in enumerate(forms):
            key = _key(form)
            if key in before and form != MENDED:
                same = "stands there twice" if before[key] == form else f"reads the same as '{before[key]}'"
                self._twice(f"'{form}' in '{name}' {same}", document.place(*path, number))
            before.setdefault(key, form)

    def _twice(self, what: str, place: Place) -> None:
        self.report.add(LoadRule.DUPLICATE_FORM, place, f"{what}: keep one of them")

    def _amount(self) -> None:
        forms = sum(len(forms) for forms, _ in self.concepts.values())
        if forms + len(self.patterns) <= MOST_FORMS:
            return
        file = self.written.concepts
        if file:
            message = f"more than {MOST_FORMS} forms and patterns: see what swelled them"
            self.report.add(LoadRule.TOO_MANY_FORMS, file.document.place(), message)

    def _unused(self, used: set[str]) -> None:
        for name, (_, place) in self.concepts.items():
            if name not in used:
                remedy = did_you_mean(name, self.named - self.concepts.keys()) or ": name it in a pattern or remove it"
                self.report.add(LoadRule.UNUSED_CONCEPT, place, f"no pattern names the concept '{name}'{remedy}")

    # --- patterns ---------------------------------------------------------------------------------------------------

    def _phrases(self, file: Read[DangersFile]) -> Iterator[Phrases]:
        for name, entry in file.model.findings.items():
            self._findings(name, entry, file.document)
            path = ("findings", name)
            if first := self.phrased.get(name):
                message = f"'{name}' has phrases in {first.file.rpartition('/')[2]} already: put them together"
                self.report.add(LoadRule.NAME_CLASH, file.document.place(*path), message)
            self.phrased.setdefault(name, file.document.place(*path))
            for key, texts in (("examples", entry.examples), ("asks", entry.asks), ("near_misses", entry.near_misses)):
                self._once_written(texts, file.document, (*path, key))
            yield Phrases(
                finding=name,
                clear=self._patterns(entry.clear, file.document, (*path, "clear")),
                possible=self._patterns(entry.possible, file.document, (*path, "possible")),
                alone=self._patterns(entry.alone, file.document, (*path, "alone")),
                unless=self._patterns(entry.unless, file.document, (*path, "unless")),
                unasked=self._patterns(entry.unasked, file.document, (*path, "unasked")),
                adds=tuple(entry.adds),
                long=None if entry.long == "none" else Sure(entry.long),
                past=None if entry.past == "none" else Sure(entry.past),
                asked=None if entry.asked == "none" else Sure(entry.asked),
                earlier=entry.earlier or "",
            )

    def _findings(self, name: str, entry: PhrasesEntry, document: Document) -> None:
        if self.names is None:
            return
        for finding, place, key in (
            (name, document.place("findings", name), "findings"),
            *((added, document.place("findings", name, "adds"), "adds") for added in entry.adds),
            *(
                (earlier, document.place("findings", name, "earlier"), "earlier")
                for earlier in [entry.earlier]
                if earlier
            ),
        ):
            for known in self.names.findings([finding], place, key):
                kind = self.names.kinds[known]
                if kind not in HEARD_KINDS:
                    message = f"'{known}' is {kind.value}, and only danger and heard findings are heard: remove it"
                    self.report.add(LoadRule.WRONG_KIND, place, message)

    def _patterns(self, texts: list[str], document: Document, path: tuple[str, ...]) -> tuple[Pattern, ...]:
        self._once_written(texts, document, path)
        found = (self._pattern(text, document.place(*path, place), path[-1]) for place, text in enumerate(texts))
        patterns = tuple(pattern for pattern in found if pattern)
        self.patterns += patterns
        return patterns

    def _once_written(self, texts: list[str], document: Document, path: tuple[str, ...]) -> None:
        before: set[str] = set()
        for number, text in enumerate(texts):
            if text != MENDED and text in before:
                self._twice(f"'{text}' in '{path[-1]}' stands there twice", document.place(*path, number))
            before.add(text)

    def _pattern(self, text: str, place: Place, key: str) -> Pattern | None:
        if text == MENDED:
            return None
        try:
            pattern = parse(text)
        except PatternError as error:
            self.report.add(LoadRule.BAD_PATTERN, place, str(error))
            return None
        if pattern.beside and key not in {"unless", "unasked"}:
            message = f"'{text}' begins with '~', which only 'unless' and 'unasked' can have: take the '~' out"
            self.report.add(LoadRule.BAD_PATTERN, place, message)
        for name in dict.fromkeys(name for names in pattern.concepts for name in names):
            if name.startswith("="):
                if not _says_something(name[1:]):
                    message = f"'{name[1:]}' in '{text}' is no word: correct or remove it"
                    self.report.add(LoadRule.BAD_PATTERN, place, message)
                continue
            self.named.add(name)
            if name not in self.concepts and name not in _CUES and self.written.concepts:
                remedy = did_you_mean(name, {*self.concepts, *_CUES}) or ": add it to 'concepts' or correct it"
                self.report.add(LoadRule.UNKNOWN_CONCEPT, place, f"'{text}' names unknown concept '{name}'{remedy}")
        return pattern


def _key(form: str) -> str:
    """A form without what is never looked at."""
    return _JOINT.sub(" ", plain(form)).strip()


def _says_something(form: str) -> bool:
    """Whether there is a word or a sign in it."""
    return bool(_WORD.search(form) or words(form))


def _trials(file: Read[DangersFile]) -> Iterator[Trial]:
    for name, entry in file.model.findings.items():
        for key, texts, wanted in (
            ("examples", entry.examples, Sure.CLEAR),
            ("asks", entry.asks, Sure.POSSIBLE),
            ("near_misses", entry.near_misses, None),
        ):
            for place, text in enumerate(texts):
                yield Trial(name, text, wanted, file.document.place("findings", name, key, place))
