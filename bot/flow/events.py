"""What a person can do (events) and what the engine wants shown (effects): frozen data, no words.

The edges turn buttons, keys and typed lines into events and render the effects.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.flow.model import Choose
from bot.flow.outcome import Outcome
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
class Mark:
    """Tick these options of a card with several choices as well; those that are ticked already stay so."""

    question: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hear:
    """Findings were understood from typed text; ``denied``: the person says that they were not meant."""

    findings: tuple[str, ...]
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Wonder:
    """Typed text may speak of these findings: each is asked about, with *yes* or *no*.

    ``brings``: what is so as well if they are.
    """

    findings: tuple[str, ...]
    brings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Typed text speaks of these findings, which alarm only together with others: it is remembered for what follows."""

    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """What a first message says about one question; shown for confirmation before it counts."""

    question: str
    options: tuple[str, ...] = ()
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Understand:
    """A first message was understood to say this much."""

    guesses: tuple[Guess, ...]


@dataclass(frozen=True, slots=True)
class Accept:
    """What was understood from the first message is right."""


@dataclass(frozen=True, slots=True)
class Decline:
    """What was understood from the first message is not right: everything is asked."""


Event = (
    Answer | Tick | Mark | Done | NotSure | Number | Back | Change | Confirm | Why | Stop | Continue
    | Hear | Wonder | Note | Understand | Accept | Decline
)  # fmt: skip

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
class CheckBack:
    """Ask whether a finding that typed words may speak of is so: *yes* or *no*, before anything else.

    ``brings``: what is so as well if it is.
    """

    finding: str
    brings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirming:
    """Show what was understood from a first message: *right* or not."""

    guesses: tuple[Guess, ...]


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
    HEARD = "heard"
    UNHEARD = "unheard"


@dataclass(frozen=True, slots=True)
class Say:
    """Say something: ``names`` are the questions it is about.

    For a notice it is its id, for a warning the rules, for a stop the action that is advised already, if any, for what
    was heard and what was not meant the findings.
    """

    topic: Topic
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cleared:
    """A change cleared an emergency: name the former warning and what changed; if it was ever true, go.

    ``heard``: it came from typed words, which the person says were not meant so.
    """

    rules: tuple[str, ...]
    question: str | None
    heard: bool = False


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
    ANSWER_FIRST = "answer_first"
    STOPPED = "stopped"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Reject:
    """The event was not accepted; the effects after it show where the person stands."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Finish:
    """The check is over; a seek-care message when the level is emergency or urgent."""

    outcome: Outcome


Effect = Ask | Review | CheckBack | Confirming | ChangeList | Explain | Say | Cleared | Reject | Finish


@dataclass(frozen=True, slots=True)
class Turn:
    """The session after an event and what to show for it, in order."""

    session: Session
    effects: tuple[Effect, ...]
