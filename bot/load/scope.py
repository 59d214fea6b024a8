"""What the conditions of one flow may read, and where mistakes in that flow are noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.flow.conditions import Condition
from bot.load.issues import LoadRule, Place, listed
from bot.load.names import Names
from bot.load.yaml_reader import Document


@dataclass
class Scope:
    """One flow's file, its names, and what has been read so far.

    ``known`` masks the findings that can become known at all: set by a question of the flow, or heard. It is None
    while a question is missing, when nothing can be said about that.
    """

    document: Document
    names: Names
    defined: Mapping[str, Condition]
    known: int | None
    plain: int = 0
    """Findings that some condition reads plainly: what people are told they said."""

    def note(self, rule: LoadRule, message: str, *path: str | int) -> None:
        """Note a mistake at ``path`` of the flow's file."""
        self.names.report.add(rule, self.document.place(*path), message)

    def read(self, text: str, *path: str | int) -> Condition:
        """Compile the condition at ``path``."""
        place = self.document.place(*path)
        return self.use(self.names.read(text, place, self.defined), place)

    def use(self, condition: Condition, place: Place) -> Condition:
        """Take note of what a condition reads; what no question sets would leave it undecided for ever."""
        self.plain |= condition.plain
        missing = [] if self.known is None else self.names.within(condition.reads & ~self.known)
        if missing:
            self.names.report.add(
                LoadRule.NEVER_ASKED,
                place,
                f"reads {listed(missing)}, which no question of this flow sets: ask for it or leave it out",
            )
        return condition
