"""Flows and texts read from disk: text in, the model out, every mistake with its file and line.

    load_library        reads both folders and gives a `Library`, or raises `LoadError` with all mistakes at once
      │
    build               the plot: which files there are, what is built from what
      ├── language      one language: its files, its texts       ── wording    {words} replaced, lengths held
      ├── phrases       what people type in it                   ── word_list  words that are spelled right
      ├── coverage      whether texts and flows fit each other
      ├── flows         one flow: course (questions in order), judging (rules, causes), version
      │     └── questions, scope, names                           one question; what conditions may read; all names
      ├── read          one file: folder (bytes) → yaml_reader (plain data with lines) → validate (its shape)
      │     └── files, content_files, phrase_files                the shapes; `schema` writes them for editors
      └── library, issues                                         what comes out: the data, or what is wrong

How the files are written is told in docs/writing-a-flow.md. Nothing here decides how a conversation goes: that is
`bot.flow`, whose objects the loader builds.
"""

from __future__ import annotations

from pathlib import Path

from bot.load.issues import Issue, LoadError, LoadRule, Place
from bot.load.library import (
    ActionText,
    Calm,
    CauseText,
    FlowTexts,
    Library,
    Meaning,
    OptionText,
    Oracle,
    QuestionText,
    RuleText,
    SafetyRow,
    Source,
    Text,
    Texts,
    Trial,
)
from bot.load.ui_keys import REQUIRED_UI

__all__ = [
    "REQUIRED_UI",
    "ActionText",
    "Calm",
    "CauseText",
    "FlowTexts",
    "Issue",
    "Library",
    "LoadError",
    "LoadRule",
    "Meaning",
    "OptionText",
    "Oracle",
    "Place",
    "QuestionText",
    "RuleText",
    "SafetyRow",
    "Source",
    "Text",
    "Texts",
    "Trial",
    "load_library",
]


def load_library(flows_dir: Path, content_dir: Path, *, phrases: bool = True) -> Library:
    """Load all flows, the safety oracle and all texts.

    ``phrases``: with what people type, which is most of it; without, no language has a reader.

    Raises:
        LoadError: the files have mistakes; ``issues`` names all of them, in all files.
    """
    # Pydantic takes a fifth of a second to import; `signpost --help` need not wait for it.
    from bot.load.build import build_library  # noqa: PLC0415

    return build_library(flows_dir, content_dir, phrases=phrases)
