"""What loading gives: every flow, the safety oracle, the sources, and all texts, compiled and immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from bot.flow.conditions import Condition
from bot.flow.model import Audience, Choose, Flow, Level
from bot.flow.understand.answers import Replies
from bot.flow.understand.heard import Sure
from bot.flow.understand.net import Net
from bot.flow.understand.reader import Reader
from bot.load.issues import Place

if TYPE_CHECKING:  # which takes longer to import than all the rest
    from bot.load.answers_file import AnswersFile


@dataclass(frozen=True, slots=True)
class Text:
    """One text, ready to send, in the wording for each audience."""

    me: str
    they: str
    child: str

    def to(self, audience: Audience) -> str:
        """The wording for ``audience``."""
        if audience is Audience.ME:
            return self.me
        return self.they if audience is Audience.THEY else self.child


@dataclass(frozen=True, slots=True)
class OptionText:
    """What an option says: ``label`` on its button, ``text`` in the message."""

    label: Text
    text: Text


@dataclass(frozen=True, slots=True)
class QuestionText:
    """What a question says. ``again`` is the second asking; ``short`` names it in lists."""

    ask: Text
    hint: Text | None
    why: Text
    again: Text | None
    short: Text
    options: dict[str, OptionText]


@dataclass(frozen=True, slots=True)
class RuleText:
    """What is said when a rule fired. ``phone``, for emergency and urgent ones, is what to say on the phone."""

    title: Text
    because: Text
    phone: Text | None
    dont: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class FlowTexts:
    """The texts of one flow, those of the shared questions it uses included.

    ``watch`` lists the danger signs that every result below emergency repeats.
    """

    title: Text
    about: Text
    watch: tuple[Text, ...]
    questions: dict[str, QuestionText]
    rules: dict[str, RuleText]
    notices: dict[str, Text]


@dataclass(frozen=True, slots=True)
class ActionText:
    """What to do now, and what not to do."""

    headline: Text
    do: tuple[Text, ...]
    dont: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class CauseText:
    """What is told about a cause. ``reviewed_by`` is empty until a clinician has reviewed it."""

    name: Text
    summary: Text
    why: Text
    notice: tuple[Text, ...]
    helps: tuple[Text, ...]
    clinician: Text
    urgent: Text
    sources: tuple[str, ...]
    last_reviewed: date
    reviewed_by: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A message from ``dangers/`` that shows what the net has to hear, and where it stands.

    ``wanted``: how surely ``finding`` has to be noticed in it, at least; None: not at all.
    """

    finding: str
    text: str
    wanted: Sure | None
    place: Place


@dataclass(frozen=True, slots=True)
class AnswerTrials:
    """What ``answers.yaml`` shows of how answers are taken, and where each question stands in it."""

    file: AnswersFile
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything in one language. ``name`` is the language's own name, ``code`` its folder's.

    ``net`` hears dangers in what people type, and ``trials`` show that it does; ``replies`` reads answers in words,
    and ``answer_trials`` show how.
    ``reader``: who understands what is typed in it; `None` where only exact words count. Two languages are compared by
    what is written in them, so without these.
    """

    code: str
    name: str
    ui: dict[str, Text]
    said: dict[str, Text]
    denied: dict[str, Text]
    flows: dict[str, FlowTexts]
    actions: dict[str, ActionText]
    causes: dict[str, CauseText]
    net: Net = field(compare=False)
    trials: tuple[Trial, ...] = ()
    replies: Replies | None = field(default=None, compare=False)
    answer_trials: AnswerTrials | None = None
    reader: Reader | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Source:
    """What may be cited."""

    title: str
    publisher: str
    year: int | None
    url: str | None


@dataclass(frozen=True, slots=True)
class SafetyRow:
    """One row of the safety oracle: whenever ``when`` is true of the answers, ``level`` is the least allowed.

    ``unsure`` is the least level while the row is undecided because of a *not sure*. ``flows`` are those it is about;
    empty: all. ``action`` is the least pressing action of an emergency that will do; ``None``: any.
    """

    id: str
    level: Level
    when: Condition
    says: str
    sources: tuple[str, ...]
    unsure: Level = Level.ROUTINE
    flows: tuple[str, ...] = ()
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the answers to one question mean according to the oracle, whatever the flow makes of them.

    ``means`` gives the findings (bit mask) that each option states. For a number question ``numbers`` lists findings
    (bit masks) with the lowest number (included) and the first number above the range, ``None`` where it is open.
    Where ``skip`` is true, a question that was left out counts as *no* to everything it asks; ``because`` says why.
    """

    question: str
    choose: Choose
    means: Mapping[str, int]
    numbers: tuple[tuple[int, int | None, int | None], ...] = ()
    skip: Condition | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Calm:
    """A fact that, when stated, may lower a level, and why that is right."""

    finding: str
    because: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Oracle:
    """The independent second statement of what is safe: ``flows/safety.yaml``.

    ``longest`` is the most cards that a conversation may have, ``typical`` the most that half of the committed patients
    may need; ``dangers`` are all danger signs. ``None`` when nothing is said about it. ``actions`` are those of an
    emergency in groups, most pressing first.
    """

    rows: tuple[SafetyRow, ...] = ()
    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    calms: Mapping[str, Calm] = field(default_factory=dict)
    longest: int | None = None
    typical: int | None = None
    dangers: frozenset[str] | None = None
    actions: tuple[tuple[str, ...], ...] = ()


Key = tuple[str, ...]
"""The name of a place, as `Library.places` lists them."""


@dataclass(frozen=True)
class Library:
    """All that the programme serves.

    Every flow has the same findings in the same order, so the bits of the safety rows fit each of them.
    ``places`` tells where things stand: ``("finding", id)``, ``("source", id)``, ``("row", id)``,
    ``("meaning", question)``, ``("calm", finding)``, ``("flow", flow)``,
    ``("definition", flow, id)``, ``("question", flow, id)``, ``("option", flow, question, id)``,
    ``("rule", flow, id)``, ``("notice", flow, id)``, ``("cause", flow, id)``, and texts as ``("text", language, …)``
    with ``ui``, ``said``, ``denied``, ``action`` or ``cause`` and an id, or with a flow's id alone or followed by
    ``question``, ``rule`` or ``notice`` and an id. ``("phrases", language)`` is where phrases of findings stand,
    ``("phrases", language, finding)`` where those of one do.
    ``skip_reasons`` holds the written reason of each question (flow, question) whose skipping denies its findings,
    ``rule_sources`` what each rule (flow, rule) cites. ``written`` holds the conditions as their authors wrote them,
    with the names of definitions that the compiled ones no longer have: keys as in ``places`` for definitions,
    questions, rules, notices and causes (what a cause needs), and ``("audience", flow, who)``; what has no condition
    has no entry.
    """

    flows: dict[str, Flow]
    oracle: Oracle
    sources: dict[str, Source]
    texts: dict[str, Texts]
    places: Mapping[Key, Place]
    skip_reasons: Mapping[tuple[str, str], str]
    rule_sources: Mapping[tuple[str, str], tuple[str, ...]]
    written: Mapping[Key, str]

    @property
    def safety(self) -> tuple[SafetyRow, ...]:
        """The rows of the safety oracle."""
        return self.oracle.rows

    def place(self, *key: str) -> Place:
        """Where ``key`` stands; `KeyError` for what is not in the files."""
        return self.places[key]
