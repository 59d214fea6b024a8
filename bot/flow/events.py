"""What a person can do (events) and what the engine wants shown (effects): frozen data, no words.

The edges turn buttons, keys and typed lines into events and render the effects.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.flow.model import Choose, Level
from bot.flow.session import Session

# --- events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer to a card: one option, or all that apply of several (or the option *none*)."""

    question: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """Tick or untick one option of a card with several choices."""

    question: str
    option: str


@dataclass(frozen=True, slots=True)
class Done:
    """The ticked options are all that apply."""

    question: str


@dataclass(frozen=True, slots=True)
class NotSure:
    """*Not sure*: about the whole card, or (``options``) about these options of a card with several choices."""

    question: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """The answer to a number question, in its own unit."""

    question: str
    value: int


@dataclass(frozen=True, slots=True)
class Back:
    """Take the last answer (or tick) back."""


@dataclass(frozen=True, slots=True)
class Change:
    """Change an earlier answer; without a question: show the list of answers that can be changed."""

    question: str | None = None


@dataclass(frozen=True, slots=True)
class Confirm:
    """All denied danger signs on the review card are correct."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why is the current question asked?"""


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop the check for now."""


@dataclass(frozen=True, slots=True)
class Continue:
    """Go on with a check: after a stop, a restart, or to see the current card again."""


@dataclass(frozen=True, slots=True)
class Hear:
    """A finding was understood from typed text; ``denied``: the person says it was not meant."""

    finding: str
    denied: bool = False


Event = Answer | Tick | Done | NotSure | Number | Back | Change | Confirm | Why | Stop | Continue | Hear

# --- effects ----------------------------------------------------------------------------------------------------


class Asking(StrEnum):
    """In which way a card is shown."""

    FIRST = "first"
    DOUBTING = "doubting"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Ask:
    """Show a question. ``options`` are the ids to offer, in order; ``ticked`` those ticked so far.

    ``asking``: first asking; marking which options one is not sure about; or the second asking in other words.
    ``done`` cards have been answered and about ``left`` are still to come, this one included.
    """

    question: str
    choose: Choose
    options: tuple[str, ...]
    ticked: tuple[str, ...]
    asking: Asking
    done: int
    left: int
    changing: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """Show the danger signs that were denied, by question: *all correct* or *change*."""

    denied: tuple[tuple[str, tuple[str, ...]], ...]
    done: int


@dataclass(frozen=True, slots=True)
class ChangeList:
    """Show the answers that can be changed."""

    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explain:
    """Say why this question is asked."""

    question: str


class Topic(StrEnum):
    """What a `Say` is about."""

    NOTICE = "notice"
    DROPPED = "dropped"
    STALE = "stale"
    UPDATED = "updated"
    EXPIRED = "expired"
    STOPPED = "stopped"
    WARNED = "warned"


@dataclass(frozen=True, slots=True)
class Say:
    """Say something: ``names`` are the questions it is about.

    For a notice it is its id, for a warning the rules, for a stop the action that is advised already, if any.
    """

    topic: Topic
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cleared:
    """A change cleared an emergency: name the former warning and what changed; if it was ever true, go."""

    rules: tuple[str, ...]
    question: str | None


class Reason(StrEnum):
    """Why an event was not accepted; the session is as it was."""

    NOT_CURRENT = "not_current"
    NO_SUCH_OPTION = "no_such_option"
    NOTHING_CHOSEN = "nothing_chosen"
    ONE_ONLY = "one_only"
    NONE_EXCLUDES = "none_excludes"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    CANNOT_DOUBT = "cannot_doubt"
    NOTHING_BEFORE = "nothing_before"
    NOT_ANSWERED = "not_answered"
    STOPPED = "stopped"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Reject:
    """The event was not accepted; the effects after it show where the person stands."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that counts. ``told``: findings the person stated that fulfil it; ``unsure``: those left open.

    ``undecided`` rules count at their `unsure` level because something stayed open.
    """

    rule: str
    level: Level
    told: tuple[str, ...]
    unsure: tuple[str, ...]
    undecided: bool


class Band(StrEnum):
    """How well a cause fits; never a percentage."""

    WELL = "well"
    PARTLY = "partly"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Fit:
    """One cause: what the person said for and against it, and what would make it fit better."""

    cause: str
    score: int
    band: Band
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]
    would_change: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result. ``rules`` are those that count at ``level``, ``action`` the most pressing one's action.

    ``also`` are the danger findings the person stated that none of these rules names.
    """

    level: Level
    action: str | None
    rules: tuple[Fired, ...]
    rule_out: tuple[str, ...]
    causes: tuple[Fit, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finish:
    """The check is over; a seek-care message when the level is emergency or urgent."""

    outcome: Outcome


Effect = Ask | Review | ChangeList | Explain | Say | Cleared | Reject | Finish


@dataclass(frozen=True, slots=True)
class Turn:
    """The session after an event and what to show for it, in order."""

    session: Session
    effects: tuple[Effect, ...]
