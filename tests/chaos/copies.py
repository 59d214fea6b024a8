"""Messages that were sent more often than they were owed: the price of sending again what may not have arrived.

Each row of what is owed is one message at most, sent anew or put in place of another. So what is sent although no row
of it is left that was not sent yet, was sent again, after a kill or after a response that got lost. While one process
lives, a chat may see one such copy because of the kill before, and one for each response that was lost there.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.sandbox.record import Call
from tests.chaos.witness import Span, Words, buttons_of

_TICK = 0.01
"""Seconds by which the clocks of the database and of the sandbox may differ."""
_ECHO = 0.3
"""Seconds after a kill in which calls of the dead still come in; the next process cannot make one so early."""
_UNDER_WAY = 1.0
"""Seconds for which a call may be under way that is not wanted any more."""


@dataclass(frozen=True, slots=True)
class Copies:
    """``by_chat``: copies that each chat got; ``excess``: by chat, those beyond what kills and lost responses excuse.

    ``sent``: messages in all; ``alike``: those with the same words and buttons as an earlier one of the same chat,
    whether somebody asked for them or not.
    """

    by_chat: Counter[int]
    excess: Counter[int]
    sent: int
    alike: int


def found(
    journal: Iterable[Call],
    owed: Mapping[Words, Sequence[Span]],
    kills: Sequence[float],
    lost: Mapping[int, Sequence[float]],
) -> Copies:
    """The copies. ``kills``: their times; ``lost``: by chat, the times of responses to messages that got lost."""
    ends = [at + _ECHO for at in kills]
    open_rows = {words: sorted(spans) for words, spans in owed.items()}
    sent: Counter[Words] = Counter()
    copies: Counter[tuple[int, int]] = Counter()
    for call in journal:
        if call.error or call.method not in {"sendMessage", "editMessageText"}:
            continue
        words = _words(call)
        row = next((span for span in open_rows.get(words, ()) if _holds(span, call.time)), None)
        if row is not None:
            open_rows[words].remove(row)
        if call.method == "sendMessage":
            sent[words] += 1
            if row is None:
                copies[words[0], bisect(ends, call.time)] += 1
    by_chat: Counter[int] = Counter()
    excess: Counter[int] = Counter()
    for (chat, life), number in copies.items():
        by_chat[chat] += number
        excused = sum(bisect(ends, at) == life for at in lost.get(chat, ())) + (life > 0)
        excess[chat] += max(0, number - excused)
    return Copies(by_chat, +excess, sent.total(), sum(number - 1 for number in sent.values()))


def _holds(span: Span, at: float) -> bool:
    return span[0] - _TICK <= at <= span[1] + _UNDER_WAY


def _words(call: Call) -> Words:
    given = call.parameters
    return (int(given["chat_id"]), str(given["text"]), buttons_of(given.get("reply_markup")))
