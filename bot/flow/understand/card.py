"""A question as it is asked, and the ways that an answer to it can be taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.flow.model import Question
from bot.flow.understand.asked import Labels, QuestionWords

MOST_WAYS = 3
"""Ways that are offered to choose from; with more, the question is asked again."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ways that an answer can be taken; each the options it chooses."""

    class Kind(StrEnum):
        """What the answer is."""

        OPTIONS = "options"
        NONE = "none"
        UNSURE = "unsure"
        NOTHING = "nothing"

    kind: Kind
    ways: tuple[tuple[str, ...], ...] = ()


NOTHING = Chosen(Chosen.Kind.NOTHING)


@dataclass(frozen=True, slots=True)
class Card:
    """A question as it is asked now. ``needs``: concepts of which one has to stand near, when nobody has asked yet."""

    question: Question
    options: tuple[str, ...]
    entry: QuestionWords
    labels: Mapping[str, Labels] = field(default_factory=dict)
    needs: tuple[str, ...] | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        """The offered options that say something."""
        return tuple(option.id for option in self.question.choices if option.id in self.options)

    @property
    def none(self) -> str | None:
        """The option *none of these*, where it is offered."""
        none = self.question.none
        return none.id if none is not None and none.id in self.options else None
