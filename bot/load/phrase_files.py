"""The shape of the files that say what people type: ``content/<language>/concepts.yaml`` and ``dangers/*.yaml``.

What stands in ``answers.yaml`` has a module of its own. How all of it is written is told in docs/writing-a-flow.md.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from bot.flow.understand.context import Cue
from bot.load.files import ID_LENGTH, NOT_BLANK, File

CONCEPT_PATTERN = r"^[a-z][a-z0-9]*([ _][a-z0-9]+)*$"

LONGEST_FORM, LONGEST_EXAMPLE = 800, 1000
"""Characters of one form or pattern, and of one example."""

Form = Annotated[str, Field(pattern=NOT_BLANK, max_length=LONGEST_FORM)]
Forms = Annotated[
    list[Form],
    Field(min_length=1, description="Ways to write it. A '!' at the end: only this very word, no ending, no mistake."),
]
ConceptName = Annotated[str, Field(pattern=CONCEPT_PATTERN, max_length=ID_LENGTH)]
Concepts = Annotated[
    dict[ConceptName, Forms], Field(description="Each thing that can be said in many ways, with those ways.")
]
NumberRange = Annotated[list[int | float], Field(min_length=2, max_length=2)]
Ranges = dict[ConceptName, Annotated[list[NumberRange], Field(min_length=1)]]
Certainty = Literal["clear", "possible", "none"]
Patterns = Annotated[
    list[Form],
    Field(
        min_length=1, description="<concept>, word, two_words, a|b; then .. (farther), ... (same statement), & and +."
    ),
]
Examples = Annotated[
    list[Annotated[str, Field(pattern=NOT_BLANK, max_length=LONGEST_EXAMPLE)]],
    Field(min_length=1, description="Whole messages, as people type them."),
]


class ConceptsFile(File):
    """content/<language>/concepts.yaml: the words of a language that the reading of typed messages rests on."""

    stemmer: str = Field(description="The language's name in PyStemmer, which takes endings off: english, german, …")
    fillers: Forms = Field(description="Single words that say nothing by themselves and may stand between any others.")
    cues: dict[Annotated[Cue, Strict(strict=False)], Forms] = Field(
        description="What changes how words are meant: denials, the past, others, suppositions. Each needs a form."
    )
    timeless: list[str] = Field(default=[], description="Concepts that still count when they were long ago: cancer.")
    times: list[str] = Field(default=[], description="Concepts that only say when: no denial is about them.")
    ranges: Ranges = Field(default={}, description="Concepts that numbers name: each [lowest, first number above].")
    decimals: Ranges = Field(default={}, description="The same, for numbers that are written with a point: 38.5.")
    concepts: Concepts = Field(default={})


class PhrasesEntry(File):
    """How people say one finding."""

    adds: list[str] = Field(default=[], description="Danger or heard findings that are true whenever this one is.")
    earlier: str | None = Field(default=None, description="The danger finding that it may be when it was weeks ago.")
    long: Certainty = Field(
        default="possible", description="How sure it is when it is said to have been so for a long time."
    )
    past: Certainty = Field(default="none", description="How sure it is when it is said to have been long ago.")
    asked: Certainty = Field(
        default="none", description="How sure it is when it is only asked about in general, without anybody named."
    )
    clear: Patterns = Field(default=[], description="Patterns that leave no doubt.")
    possible: Patterns = Field(default=[], description="Patterns after which it has to be asked.")
    alone: Patterns = Field(default=[], description="Enough to ask about it in a text of hardly a word more.")
    unless: Patterns = Field(default=[], description="What the same words mean otherwise: then they do not count.")
    unasked: Patterns = Field(default=[], description="The same, only against 'possible': then it is not asked about.")
    examples: Examples = Field(description="Messages in which it has to be noticed clearly.")
    asks: Examples = Field(default=[], description="Messages in which it has to be noticed, at least as possible.")
    near_misses: Examples = Field(default=[], description="Messages in which it must not be noticed at all.")


class DangersFile(File):
    """content/<language>/dangers/<group>.yaml: for each danger and heard finding the phrases that say it."""

    concepts: Concepts = Field(default={})
    findings: dict[str, PhrasesEntry] = Field(description="Findings of kind danger or heard.")
