"""The shape of the files under ``content/<language>/``: the words of a language, and every text people read.

A text is a string, or a map ``{me, they, child}`` where the wording differs by audience. How long a text may be is
checked once its ``{words}`` are replaced (`bot.load.wording`), since only then its length is known.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from bot.load.files import File, Id, Words


class Variants(File):
    """A text whose wording differs by audience."""

    me: Words
    they: Words
    child: Words


def _string_or_map(value: Any) -> str | None:  # noqa: ANN401  # whatever stands in the file
    return "<text>" if isinstance(value, str) else "<variants>" if isinstance(value, dict) else None


TextValue = Annotated[
    Annotated[Words, Tag("<text>")] | Annotated[Variants, Tag("<variants>")],
    Discriminator(
        _string_or_map, custom_error_type="text_type", custom_error_message="text, or a map of me, they and child"
    ),
]


class LanguageFile(File):
    """content/<language>/language.yaml: the language's name, its words for {you}, the fixed texts of the programme."""

    language: Words = Field(description="The language's own name for itself.")
    words: dict[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z_]*$")], Variants] = Field(
        description="What stands in texts as {word}, by audience; {Word} writes it with a capital."
    )
    ui: dict[Id, TextValue] = Field(description="Fixed texts; <name> in them is filled while the programme runs.")


class FindingTextsFile(File):
    """content/<language>/findings.yaml: how findings are said back to the person."""

    said: dict[Id, TextValue] = Field(description="Fits after 'You said: …'.")
    denied: dict[Id, TextValue] = Field(default={}, description="Danger findings, for the review card: 'No …'.")


class OptionTexts(File):
    """An option whose button says less than the message."""

    label: TextValue = Field(description="The button, at most 32 characters.")
    text: TextValue = Field(description="The option in full, at most 160 characters.")


def _option_kind(value: Any) -> str | None:  # noqa: ANN401
    if isinstance(value, dict) and value.keys() & {"me", "they", "child"}:
        return "<variants>"
    return "<text>" if isinstance(value, str) else "<option>" if isinstance(value, dict) else None


OptionValue = Annotated[
    Annotated[Words, Tag("<text>")] | Annotated[Variants, Tag("<variants>")] | Annotated[OptionTexts, Tag("<option>")],
    Discriminator(_option_kind, custom_error_type="text_type", custom_error_message="text, or a map of label and text"),
]


class QuestionTexts(File):
    """What a question says."""

    ask: TextValue = Field(description="The question, at most 300 characters.")
    hint: TextValue | None = Field(default=None, description="How to tell, for instance for a carer.")
    why: TextValue = Field(description="Why we ask this, at most 500 characters.")
    again: TextValue | None = Field(default=None, description="The second asking, in other words.")
    short: TextValue = Field(description="A label for progress and 'your answers', at most 30 characters.")
    options: dict[str, OptionValue]


class SharedTextsFile(File):
    """content/<language>/shared.yaml: texts of the shared questions."""

    questions: dict[str, QuestionTexts]


class RuleTexts(File):
    """Why a rule fired and what to say."""

    title: TextValue
    because: TextValue = Field(description="Why this needs care, one or two sentences.")
    phone: TextValue | None = Field(
        default=None, description="What to say on the phone or at the desk; needed for emergency and urgent rules."
    )
    dont: list[TextValue] = Field(default=[], description="Things not to do.")


class FlowTextsFile(File):
    """content/<language>/<flow>.yaml: title, danger signs to watch for, texts of questions, rules and notices."""

    title: TextValue
    about: TextValue = Field(description="One sentence on what this check is for.")
    watch: list[TextValue] = Field(min_length=1, description="Danger signs that every result below emergency repeats.")
    questions: dict[str, QuestionTexts] = Field(default={})
    rules: dict[str, RuleTexts] = Field(default={})
    notices: dict[str, TextValue] = Field(default={})


class ActionTexts(File):
    """What to do now."""

    headline: TextValue
    do: list[TextValue] = Field(min_length=1)
    dont: list[TextValue] = Field(default=[])


class ActionsFile(File):
    """content/<language>/actions.yaml: what to do at each action."""

    actions: dict[Id, ActionTexts]


class CauseFile(File):
    """content/<language>/causes/<cause>.yaml: one cause."""

    name: TextValue
    summary: TextValue = Field(description="One or two sentences.")
    why: TextValue = Field(description="Why it makes the leg hard to lift.")
    notice: list[TextValue] = Field(min_length=1, description="What people often notice.")
    helps: list[TextValue] = Field(min_length=1, description="What usually helps.")
    clinician: TextValue = Field(description="What a clinician may do.")
    urgent: TextValue = Field(description="When it becomes urgent.")
    sources: list[str] = Field(min_length=1, description="Ids from sources.yaml.")
    last_reviewed: str = Field(description="A date: 2026-11-22.", json_schema_extra={"format": "date"})
    reviewed_by: str = Field(description="A clinician's name once one has reviewed it; empty until then.")
