"""The shape of the files under ``flows/``: what keys there are and what each holds.

These models check the shape only; whether names exist and fit together is checked where flows are built. The JSON
Schemas that editors complete from are generated from them (`bot.load.schema`), so every field says what it is for.
"""

from __future__ import annotations

import keyword
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Strict, Tag
from pydantic_core import PydanticCustomError

from bot.flow.model import Audience, Choose, Kind, Level

ID_PATTERN = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
NOT_BLANK = r"\S"
ID_LENGTH = 40
_RESERVED = frozenset({"and", "or", "not", "true", "false", "none"})


class File(BaseModel):
    """What every part of a file has in common: no unknown keys, no silent conversion.

    None stands for a key that was left out; the YAML reader lets no empty value through.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _not_reserved(name: str) -> str:
    if name in _RESERVED:
        raise PydanticCustomError("id_format", "'{name}' is a reserved word: choose another id", {"name": name})
    return name


def _not_python(name: str) -> str:
    """Conditions are read by Python's own parser, which has plans of its own for a few more words."""
    if keyword.iskeyword(name):
        raise PydanticCustomError(
            "id_format", "'{name}' cannot stand in a condition: choose another id", {"name": name}
        )
    return name


def _not_reserved_but_none(name: str) -> str:
    return name if name == "none" else _not_reserved(name)


_Word = Annotated[str, Field(pattern=ID_PATTERN, max_length=ID_LENGTH)]
Id = Annotated[_Word, AfterValidator(_not_reserved)]
Name = Annotated[Id, AfterValidator(_not_python)]
"""The id of a finding or a definition: what stands in conditions."""
OptionId = Annotated[_Word, AfterValidator(_not_reserved_but_none)]
"""The id of an option; ``none`` is the usual one for *none of these*."""

Words = Annotated[str, Field(pattern=NOT_BLANK)]
ConditionText = Annotated[
    str, Field(pattern=NOT_BLANK, description="Names of findings and definitions, and, or, not, parentheses.")
]
LevelWord = Annotated[Level, Strict(strict=False)]
Definitions = Annotated[
    dict[Name, ConditionText],
    Field(description="Named conditions, used like findings. A definition may use those before it."),
]
Sources = Annotated[list[str], Field(min_length=1, description="Ids from sources.yaml.")]


class FindingEntry(File):
    """A fact: yes, no or unknown."""

    kind: Annotated[Kind, Strict(strict=False)] = Field(
        description="danger: can call for help. context: shifts what a danger means. symptom: evidence for causes. "
        "heard: only caught in typed text, never asked."
    )
    means: Annotated[str, Field(pattern=NOT_BLANK, max_length=200, description="One plain sentence.")]


class FindingsFile(File):
    """flows/findings.yaml: every finding, its kind and its meaning."""

    findings: dict[Name, FindingEntry] = Field(min_length=1)


class SourceEntry(File):
    """A source that may be cited."""

    title: Words
    publisher: Words
    year: int | None = None
    url: Words | None = None


class SourcesFile(File):
    """flows/sources.yaml: every source, cited by its id."""

    sources: dict[Id, SourceEntry] = Field(min_length=1)


class RowEntry(File):
    """One row of the safety oracle."""

    row: Id = Field(description="The row's id.")
    level: LevelWord = Field(description="The least level that the situation demands.")
    unsure: LevelWord | None = Field(
        default=None,
        description="The least level while the row is undecided because of a *not sure*; without it the row's own, "
        "but urgent for an emergency.",
    )
    flows: list[str] = Field(default=[], description="The flows it is about; all of them when this is left out.")
    action: str | None = Field(
        default=None, description="For an emergency: the least pressing action (see `actions`) that will do."
    )
    when: ConditionText
    says: Words = Field(description="One sentence from the reference in our own words.")
    sources: Sources


class RangeEntry(File):
    """A range of numbers."""

    lowest: int | None = Field(default=None, alias="from", description="The lowest number, included.")
    below: int | None = Field(default=None, description="The first number above the range.")


class MeaningEntry(File):
    """What the answers to one question mean, said a second time, from their words alone."""

    question: str = Field(description="The question's id.")
    choose: Annotated[Choose, Strict(strict=False)] = Field(
        description="one: exactly one option fits. any: several can. number: a typed number."
    )
    means: dict[OptionId, list[str]] = Field(
        default={}, description="Each option with the findings it states; not *none of these*, not *not sure*."
    )
    numbers: dict[Name, RangeEntry] = Field(
        default={}, description="For a number question: each finding with the numbers that state it."
    )
    skip: ConditionText | None = Field(
        default=None, description="When this is true, leaving the question out rightly counts as *no* to all of it."
    )
    because: Words | None = Field(default=None, description="Why that is so.")


class CalmEntry(File):
    """A fact that, when stated, rightly lowers how soon somebody must be seen."""

    finding: str
    because: Words
    sources: Sources


class CardsEntry(File):
    """How many cards one conversation may have, the review card included."""

    longest: int = Field(description="The most that any conversation may have.")
    typical: int = Field(description="The most that half of the committed patients may need.")


class SafetyFile(File):
    """flows/safety.yaml: the safety oracle, written from the clinical reference and never from a flow."""

    define: Definitions = Field(default={})
    rows: list[RowEntry] = Field(min_length=1)
    answers: list[MeaningEntry] = Field(default=[], description="What each answer means: the flow's second opinion.")
    calms: list[CalmEntry] = Field(default=[], description="The only facts that may lower a level.")
    dangers: list[str] | None = Field(
        default=None, description="Every danger sign: heard in typed words, and denied before a result that is calm."
    )
    actions: list[list[str]] = Field(
        default=[], description="The actions of an emergency, most pressing first; those in one group are alike."
    )
    cards: CardsEntry | None = Field(default=None, description="How long conversations may be.")


def _rest_or_list(value: Any) -> str:  # noqa: ANN401  # whatever stands in the file
    return "<rest>" if isinstance(value, str) else "<list>"


class OptionEntry(File):
    """One thing a person can choose."""

    sets: list[str] = Field(default=[], description="Findings that are true when this is chosen.")
    denies: Annotated[
        Annotated[Literal["rest"], Tag("<rest>")] | Annotated[list[str], Tag("<list>")], Discriminator(_rest_or_list)
    ] = Field(default=[], description="Findings of this question that are then false; `rest` marks 'none of these'.")
    unsure: Literal[True] | None = Field(default=None, description="Marks the option 'not sure'.")
    lowest: int | None = Field(default=None, alias="from", description="The band's lowest number, included.")
    below: int | None = Field(default=None, description="The first number above the band.")


class QuestionEntry(File):
    """A question, written out."""

    id: Id
    choose: Annotated[Choose, Strict(strict=False)] = Field(
        description="one: one option, what is not chosen is denied. any: ticks and Done. number: a typed number."
    )
    when: ConditionText | None = Field(default=None, description="Asked unless this is false.")
    skipped_means_no: Words | None = Field(
        default=None, description="Why leaving the question out denies its findings. Without it they stay unknown."
    )
    smallest: int | None = Field(default=None, alias="from", description="The smallest number that is accepted.")
    largest: int | None = Field(default=None, alias="to", description="The largest number that is accepted.")
    options: dict[OptionId, OptionEntry] = Field(min_length=1)


class UseEntry(File):
    """A question from shared.yaml."""

    use: str = Field(description="The question's id in shared.yaml.")
    when: ConditionText | None = Field(default=None, description="Takes the place of the shared question's own.")


class SharedFile(File):
    """flows/shared.yaml: questions that every flow can use."""

    questions: list[QuestionEntry] = Field(min_length=1)


class RuleEntry(File):
    """A reason to be seen at a level."""

    rule: Id = Field(description="The rule's id.")
    level: LevelWord
    action: str = Field(description="A key of content/<language>/actions.yaml.")
    unsure: LevelWord | None = Field(
        default=None, description="The level while the rule is undecided; emergency and urgent rules need it."
    )
    when: ConditionText
    rule_out: list[str] = Field(default=[], description="Causes that doctors need to rule out.")
    sources: Sources


class LevelActions(File):
    """The action of each level, for results to which no rule of that very level lends its own."""

    emergency: str
    urgent: str
    soon: str
    routine: str

    def by_level(self) -> dict[Level, str]:
        """The same as a map."""
        return {level: getattr(self, level.value) for level in Level}


class TriageEntry(File):
    """How soon somebody should be seen: the highest level that fires wins."""

    default: LevelWord = Field(description="The level when no rule fires.")
    actions: LevelActions
    rules: list[RuleEntry] = Field(default=[])


class EvidenceEntry(File):
    """Names of findings or definitions that speak for or against a cause."""

    strong: list[str] = Field(default=[], description="Each weighs 3.")
    some: list[str] = Field(default=[], description="Each weighs 1.")


class CauseEntry(File):
    """A cause that may fit, with its evidence."""

    needs: ConditionText | None = Field(default=None, description="When this is false the cause is out.")
    supports: EvidenceEntry = Field(default=EvidenceEntry(), alias="for")
    opposes: EvidenceEntry = Field(default=EvidenceEntry(), alias="against")


def _use_or_question(value: Any) -> str:  # noqa: ANN401
    return "<use>" if isinstance(value, dict) and "use" in value else "<question>"


class FlowFile(File):
    """One flow: an ordered list of questions, rules that turn findings into a level, causes with their evidence."""

    flow: Id = Field(description="The flow's id: the file's name without .yaml.")
    define: Definitions = Field(default={})
    audience: dict[Annotated[Audience, Strict(strict=False)], ConditionText] = Field(
        default={}, description="Who the texts speak to or about: the first that is not false wins, else me."
    )
    questions: list[
        Annotated[
            Annotated[UseEntry, Tag("<use>")] | Annotated[QuestionEntry, Tag("<question>")],
            Discriminator(_use_or_question),
        ]
    ] = Field(min_length=1)
    notices: dict[Id, ConditionText] = Field(
        default={}, description="Texts that are said once, when the condition becomes true."
    )
    triage: TriageEntry
    causes: dict[Id, CauseEntry] = Field(default={})
