"""Buttons and what a tap on one means.

The data of a button names the session, its turn, what was chosen, and (as a short hash) the question that was asked:
``<session>.<turn>.<kind>.<key>.<mark>``. A tap counts only where all of that is as it is now in the person's own
session; then the key is looked up among what can be chosen there. So an old or forged button can never do more than
one of the person's own buttons could, and an edited flow cannot give an old button a new meaning.

One tap may come late: a tick. Who ticks two signs in a row taps the second before the first one's answer has reached
the phone, and no sign may get lost by that. So a box says which way it is to be set, and ticking it counts at any turn
of the same question; taking a tick away does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from bot.conversation.messages import Choice, Message, Part, Purpose
from bot.flow.events import Number
from bot.flow.model import Choose
from bot.flow.session import Session
from bot.telegram.markup import LONGEST_COPY, cut, length
from bot.telegram.posts import Button, Keyboard, Look

LONGEST_DATA = 64
"""Bytes of a button's data."""

NOBODY = "-"
"""Stands for the session in buttons that need none."""

WIDE = 16
"""Characters of a label from which on it has a row of its own, so that a phone does not cut it."""

MOST_NUMBERS = 12
"""Numbers that are offered as buttons at once; more are offered in ranges."""

MOST_RANGES = 14
"""Ranges that are offered at once."""

IN_A_ROW = 4
"""Numbers, or ranges of numbers, in a row."""

_DONE = "done"

_DATA = re.compile(
    r"(?P<session>-|[0-9a-z]{1,8})\.(?P<turn>[0-9]{1,6})\.(?P<kind>[a-z])\.(?P<key>[a-z0-9_-]{1,40})\.(?P<mark>[0-9a-f]{4})"
)


class Kind(StrEnum):
    """What a button belongs to."""

    OPTION = "o"
    TICK = "y"
    UNTICK = "u"
    COMMAND = "c"
    LISTED = "l"
    NUMBER = "n"
    TOPIC = "t"


@dataclass(frozen=True, slots=True)
class Where:
    """Where a person stands: their session (or none) and the question that they are asked (or "")."""

    session: Session | None
    question: str = ""

    @property
    def mark(self) -> str:
        """A short hash of the question."""
        return sha256(self.question.encode()).hexdigest()[:4]

    @property
    def turn(self) -> int:
        """The session's turn."""
        return self.session.turn if self.session else 0

    @property
    def name(self) -> str:
        """How the session is named in buttons."""
        return self.session.id[:8].lower() if self.session else NOBODY

    def data(self, kind: Kind, key: str) -> str:
        """The data of a button: at most 64 bytes, since ids have at most 40 letters."""
        return f"{self.name}.{self.turn}.{kind.value}.{key}.{self.mark}"


@dataclass(frozen=True, slots=True)
class Tapped:
    """What a button's data says."""

    session: str
    turn: int
    kind: Kind
    key: str
    mark: str

    def is_here(self, where: Where) -> bool:
        """Whether it is a button of where the person stands now."""
        return self.is_of(where) and (self.turn == where.turn or self.kind is Kind.TICK)

    def is_of(self, where: Where) -> bool:
        """Whether it is a button of the question that the person is asked, perhaps of an earlier state of its card."""
        return (self.session, self.mark) == (where.name, where.mark) and where.session is not None


def read(data: str) -> Tapped | None:
    """What a button's data says; `None` for anything that no button of this version has."""
    match = _DATA.fullmatch(data)
    if match is None or match["kind"] not in set(Kind):
        return None
    return Tapped(match["session"], int(match["turn"]), Kind(match["kind"]), match["key"], match["mark"])


def keyboard(message: Message, where: Where, copy_label: str) -> Keyboard:
    """The buttons of a message, without those for numbers. ``copy_label``: for the button with the phone words."""
    kind = Kind.LISTED if message.question == "change" else Kind.OPTION
    options = [choice for choice in message.options() if choice.part is Part.OPTION]
    others = [choice for choice in message.options() if choice.part is not Part.OPTION]
    # What denies or doubts never stands in a row with a sign: a slip of the thumb must not deny all of them.
    rows = [
        *_rows(_option(choice, where, kind, message) for choice in options),
        *_rows(_option(choice, where, kind, message) for choice in others),
    ]
    if message.purpose is Purpose.SEEK_CARE and message.phone:
        rows.insert(0, (Button(f"🚨 {copy_label}", copy=to_copy(message.phone), look=Look.DANGER),))
    return (*rows, *commands(message, where))


def to_copy(phone: tuple[str, ...]) -> str:
    """As many of the sentences as a button can copy, whole, what presses most first. All stand in the message.

    Only a first one that is too long by itself, such as a list of all that somebody is not sure about, is cut.
    """
    said = ""
    for sentence in phone:
        longer = f"{said} {sentence}".strip()
        if length(longer) > LONGEST_COPY:
            break
        said = longer
    return said or cut(phone[0], LONGEST_COPY)


def commands(message: Message, where: Where) -> Keyboard:
    """The buttons beside the options. *Done*, which comes with the first tick, is last: nothing else moves then."""
    listed = [choice for choice in message.choices if choice.part is Part.COMMAND]
    rows = _rows(_command(choice, where) for choice in listed if choice.key != _DONE)
    return (*rows, *((_command(choice, where),) for choice in listed if choice.key == _DONE))


def numbers(where: Where, smallest: int, largest: int) -> Keyboard:
    """Buttons for the whole numbers from ``smallest`` to ``largest``: each of them, or ranges of ten or more."""
    if largest - smallest < MOST_NUMBERS:
        return _grid([Button(str(n), where.data(Kind.NUMBER, str(n))) for n in range(smallest, largest + 1)])
    step = 10
    while (largest - smallest) // step >= MOST_RANGES:
        step *= 10
    buttons = []
    for low in range(smallest - smallest % step, largest + 1, step):
        start, end = max(low, smallest), min(low + step - 1, largest)
        name = f"{start}-{end}" if end > start else str(end)
        buttons.append(Button(name.replace("-", "–"), where.data(Kind.NUMBER, name)))
    return _grid(buttons)


def _option(choice: Choice, where: Where, kind: Kind, message: Message) -> Button:
    if message.choose is Choose.ANY and choice.part is Part.OPTION:
        sign, kind = ("☑ ", Kind.UNTICK) if choice.ticked else ("☐ ", Kind.TICK)
    elif message.level is not None:
        sign = "ℹ️ "  # noqa: RUF001 - the sign for: more about this cause
    else:
        sign = ""
    if isinstance(choice.request, Number):
        kind = Kind.NUMBER
    return Button(sign + choice.label, where.data(kind, choice.key))


def _command(choice: Choice, where: Where) -> Button:
    look = Look.PRIMARY if choice.key in {_DONE, "continue"} else Look.PLAIN
    return Button(choice.label, where.data(Kind.COMMAND, choice.key), look=look)


def _rows(buttons: Iterable[Button]) -> list[tuple[Button, ...]]:
    """Two short buttons share a row; a long one has its own. The order stays."""
    rows: list[tuple[Button, ...]] = []
    for button in buttons:
        short = len(button.text) <= WIDE
        if rows and short and len(rows[-1]) == 1 and len(rows[-1][0].text) <= WIDE:
            rows[-1] = (rows[-1][0], button)
        else:
            rows.append((button,))
    return rows


def _grid(buttons: list[Button]) -> Keyboard:
    return tuple(tuple(buttons[at : at + IN_A_ROW]) for at in range(0, len(buttons), IN_A_ROW))
