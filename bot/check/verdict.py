"""What a check finds: for each property whether it holds, and if not, where to look and a conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.load.issues import Place

PROPERTIES = {
    "S0": "whenever a row of the safety oracle is true of the answers, the result is at least the row's level",
    "S1": "once an emergency holds, the next message is its seek-care message, with an action pressing enough",
    "S2": "below a row's level, the row is false from given answers, or left open by a 'not sure' that counts",
    "S3": "danger only raises: no danger sign calms or hides a question, and only listed facts may calm",
    "S4": "'not sure' about a danger is asked again, and then counts at the row's level for it",
    "S5": "levels do not depend on causes",
    "S6": "everything can be reached: questions, options, rules, causes",
    "S7": "every conversation ends, within the bounds",
    "S8": "every text is there in every language and for every audience, and fits",
    "S9": "every row, rule and cause cites a source",
    "S10": "what clears an emergency repeats its warning; one that still holds is repeated",
    "S11": "who it is about first, then what is dangerous by itself, then what combined dangers need, then the rest",
    "S12": "no result rests on a danger answer older than twelve hours",
    "S13": "no typed message can lower a level or skip a question about a danger",
    "S14": "every danger and heard sign has phrases in every language, and its examples are heard as they should be",
    "structure": "nothing is unused, contradictory or the same as something else",
}
"""Every property with what it says, in the order they are shown."""


@dataclass(frozen=True)
class Failure:
    """One way in which a property does not hold: where to look, what is wrong, and a conversation that shows it.

    ``look`` are further places that take part.
    """

    place: Place
    message: str
    chat: tuple[str, ...] = ()
    look: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Whether a property holds of a flow (or of the texts, when ``flow`` is empty).

    ``not_proved`` says why it could not be decided; ``notes`` are worth showing, ``figures`` are for programs,
    ``warnings`` break nothing.
    """

    name: str
    flow: str
    seconds: float
    failures: tuple[Failure, ...] = ()
    not_proved: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[Failure, ...] = ()
    figures: Mapping[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether it was proved."""
        return not self.failures and not self.not_proved


@dataclass
class Findings:
    """Collects what one property finds."""

    failures: list[Failure] = field(default_factory=list)
    warnings: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)

    def fail(self, place: Place, message: str, chat: Iterable[str] = (), look: Iterable[Place] = ()) -> None:
        """Note that the property does not hold."""
        self.failures.append(Failure(place, message, tuple(chat), tuple(dict.fromkeys(look))))

    def warn(self, place: Place, message: str) -> None:
        """Note something that breaks nothing."""
        self.warnings.append(Failure(place, message))

    def note(self, text: str) -> None:
        """Something worth showing."""
        self.notes.append(text)

    def figure(self, name: str, value: int) -> None:
        """A figure for programs."""
        self.figures[name] = value


Progress = Callable[[str], None]
"""Is told what is being looked at."""
