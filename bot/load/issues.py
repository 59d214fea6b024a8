"""What is wrong with the files, and where: the loader's one way of saying so.

Mistakes in flows and content are the author's to mend, so each names a file, a line, what is wrong and what to do
about it. Nothing stops at the first one: a `Report` collects, and `LoadError` carries them all.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class LoadRule(StrEnum):
    """The name of every check of the loader. Each has a case in ``tests/broken_flows``."""

    # Folders and files
    MISSING_FOLDER = "missing-folder"
    MISSING_FILE = "missing-file"
    UNKNOWN_FILE = "unknown-file"
    UNREADABLE_FILE = "unreadable-file"
    NO_FLOWS = "no-flows"
    NO_LANGUAGES = "no-languages"
    TOO_LARGE = "too-large"
    NOT_UTF8 = "not-utf8"
    # YAML without its surprises
    EMPTY_FILE = "empty-file"
    TAB_INDENT = "tab-indent"
    YAML_SYNTAX = "yaml-syntax"
    SEVERAL_DOCUMENTS = "several-documents"
    DUPLICATE_KEY = "duplicate-key"
    KEY_NOT_TEXT = "key-not-text"
    UNQUOTED_WORD = "unquoted-word"
    CUSTOM_TAG = "custom-tag"
    MERGE_KEY = "merge-key"
    TOO_MANY_ALIASES = "too-many-aliases"
    TOO_DEEP = "too-deep"
    EMPTY_VALUE = "empty-value"
    # The shape of a file
    UNKNOWN_KEY = "unknown-key"
    MISSING_KEY = "missing-key"
    WRONG_TYPE = "wrong-type"
    WRONG_VALUE = "wrong-value"
    EMPTY_TEXT = "empty-text"
    EMPTY_LIST = "empty-list"
    TOO_LONG = "too-long"
    ID_FORMAT = "id-format"
    BAD_DATE = "bad-date"
    # Names and conditions
    FLOW_NAME = "flow-name"
    DUPLICATE_QUESTION = "duplicate-question"
    DUPLICATE_RULE = "duplicate-rule"
    DUPLICATE_ROW = "duplicate-row"
    DUPLICATE_MEANING = "duplicate-meaning"
    DUPLICATE_EVIDENCE = "duplicate-evidence"
    NAME_CLASH = "name-clash"
    UNKNOWN_NAME = "unknown-name"
    UNKNOWN_FINDING = "unknown-finding"
    UNKNOWN_SHARED = "unknown-shared"
    UNKNOWN_SOURCE = "unknown-source"
    UNKNOWN_ACTION = "unknown-action"
    BAD_CONDITION = "bad-condition"
    LATER_DEFINITION = "later-definition"
    DEFINITION_CYCLE = "definition-cycle"
    # Questions
    SET_TWICE = "set-twice"
    SETS_AND_DENIES = "sets-and-denies"
    FOREIGN_DENIAL = "foreign-denial"
    HEARD_SET = "heard-set"
    READS_LATER = "reads-later"
    NEVER_ASKED = "never-asked"
    NUMBER_RANGE = "number-range"
    BAND_GAP = "band-gap"
    BAND_OVERLAP = "band-overlap"
    BAND_OUTSIDE = "band-outside"
    NONE_OPTION = "none-option"
    SPECIAL_OPTION = "special-option"
    UNSURE_OPTION = "unsure-option"
    TOO_FEW_CHOICES = "too-few-choices"
    # Rules and causes
    NEGATED_DANGER = "negated-danger"
    MISSING_UNSURE = "missing-unsure"
    LOW_UNSURE = "low-unsure"
    RULE_OUT_TEXT = "rule-out-text"
    CAUSE_TEXT = "cause-text"
    # Texts
    MISSING_TEXT = "missing-text"
    UNUSED_TEXT = "unused-text"
    MISSING_AGAIN = "missing-again"
    MISSING_UI = "missing-ui"
    PLACEHOLDER = "placeholder"
    # What people type
    BAD_PATTERN = "bad-pattern"
    BAD_WORD = "bad-word"
    DUPLICATE_FORM = "duplicate-form"
    UNKNOWN_CONCEPT = "unknown-concept"
    UNUSED_CONCEPT = "unused-concept"
    WRONG_KIND = "wrong-kind"
    WRONG_STEMMER = "wrong-stemmer"
    TOO_MANY_FORMS = "too-many-forms"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file; ``file`` starts with the folder's own name, as in ``flows/leg_lift.yaml``."""

    file: str
    line: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Issue:
    """One mistake. ``message`` says in plain words what is wrong and what to do; issues sort by file and line."""

    file: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}: {self.message}"


class LoadError(Exception):
    """The files cannot be used. ``issues`` holds every mistake that was found, sorted by file and line."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues: tuple[Issue, ...] = tuple(sorted(set(issues)))
        super().__init__(self.issues)

    def __str__(self) -> str:
        return "\n".join(str(issue) for issue in self.issues)


class Report:
    """Collects issues while the files are read, so that one run names them all."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []

    def add(self, rule: LoadRule, place: Place, message: str) -> None:
        """Note one mistake."""
        self.issues.append(Issue(place.file, place.line, rule.value, message))

    def raise_any(self) -> None:
        """Raise `LoadError` if anything was noted."""
        if self.issues:
            raise LoadError(self.issues)


def closest(name: str, known: Iterable[str]) -> str | None:
    """What is known and looks most like ``name``, if anything does."""
    close = difflib.get_close_matches(name, sorted(known), n=1)
    return close[0] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``": did you mean 'x'?"`` when something known looks like ``name``, else nothing."""
    close = closest(name, known)
    return f": did you mean '{close}'?" if close else ""


def listed(names: Iterable[str]) -> str:
    """Names for a sentence: ``'a', 'b' and 'c'``."""
    quoted = [f"'{name}'" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
