"""What a typed line asks for: from words and numbers to requests, the same from a pipe and on a screen.

Nothing is guessed. A line is tried in this order, and the first that fits decides:

1. one of the words that scripts rely on: back, change, unsure, why, stop, done, none (and ``?`` for why);
2. numbers, on their own;
3. exactly the id, the label or the text of an option, or the label of a command;
4. one of those words with more behind it: ``change 3``, ``unsure 2 4``, ``1 unsure 3``, ``more sciatica``;
5. one of the words for convenience: continue, restart, new, help, quit;
6. the beginning of one option and no other, or several options with commas between them.

Whatever fits nothing becomes a `Reason`, and the person is asked again; but words are read first (`Words`): a danger in
them counts, and they may answer the question in other words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.conversation.matching import exactly, find, plain
from bot.conversation.messages import Choice, Details, Part, Request, Restart
from bot.flow.events import Answer, Back, Change, Continue, Done, NotSure, Number, Reason, Stop, Tick, Why
from bot.terminal.view import LETTERS, View


class Command(StrEnum):
    """What only the terminal itself can do."""

    HELP = "help"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Words:
    """Words that are exactly nothing that can be chosen. ``reason``: why they are refused, if they are not understood.

    ``whole``: all of the line, so that it can be an answer.
    """

    text: str
    reason: Reason
    whole: bool = True


Parsed = tuple[Request, ...] | Reason | Command | Words
"""What a line asks for: requests in their order, something of the terminal, or nothing that could be understood."""

LONGEST_NUMBER = 6
"""Digits of a number that can be meant; longer ones fit no question."""

_NO_WORDS = re.compile(r"[-+\d\s.,;)]*")
_NUMBERS = re.compile(r"\d+[.)]?(?:[\s,;]+\d+[.)]?)*")


def parse(line: str, view: View) -> Parsed:
    """What a line asks for, given what is in front of the person."""
    line = line.strip().strip(",;").strip()
    words = plain(line)
    found = (
        _word(line, words, view)
        or _numbers(line, view)
        or _named(words, view)
        or _with_more(words, view)
        or _convenience(words)
        or _begun(line, words, view)
    )
    return found or nothing_found(view)


def read(line: str, view: View) -> Parsed:
    """The same, with words that fit nothing exactly kept to be understood."""
    parsed = parse(line, view)
    if isinstance(parsed, Reason) and not _NO_WORDS.fullmatch(line):
        return Words(line.strip(), parsed)
    return parsed


def nothing_found(view: View) -> Reason:
    """Why a line that fits nothing is not accepted here."""
    if view.changing:
        return Reason.NO_SUCH_OPTION
    if view.finished:
        return Reason.FINISHED
    if view.stopped:
        return Reason.STOPPED
    return Reason.NOT_A_NUMBER if view.number and not view.numbered else Reason.NO_SUCH_OPTION


# --- words ------------------------------------------------------------------------------------------------------


def _word(line: str, words: str, view: View) -> Parsed | None:
    if line == "?":
        return (Why(),)
    meaning: dict[str, Callable[[View], Parsed | None]] = {
        "back": lambda view: (Continue(),) if view.changing else (Back(),),
        "change": lambda _: (Change(),),
        "done": _done,
        "none": _none,
        "not sure": lambda view: _unsure(view, ()),
        "stop": lambda _: (Stop(),),
        "unsure": lambda view: _unsure(view, ()),
        "why": lambda _: (Why(),),
    }
    if view.doubting:
        meaning["all"] = meaning["unsure"]
    return meaning[words](view) if words in meaning else None


def _convenience(words: str) -> Parsed | None:
    meaning: dict[str, Parsed] = {
        "continue": (Continue(),),
        "help": Command.HELP,
        "new": (Restart(),),
        "quit": Command.QUIT,
        "restart": (Restart(),),
    }
    return meaning.get(words)


def _done(view: View) -> Parsed:
    return (Done(view.question.question),) if view.question else nothing_found(view)


def _none(view: View) -> Parsed | None:
    return next(((choice.request,) for choice in view.options if choice.part is Part.NONE), None)


def _unsure(view: View, picks: tuple[Choice, ...]) -> Parsed:
    """*Not sure*: about the card, or about some of its options."""
    question = view.question
    if question is None:
        return nothing_found(view)
    if not picks:
        whole = (choice.request for choice in view.options if choice.part is Part.UNSURE)
        return (next(whole, NotSure(question.question)),)
    if any(choice.part is not Part.OPTION for choice in picks):
        return Reason.NONE_EXCLUDES
    keys = tuple(choice.key for choice in picks)
    return (Answer(question.question, keys),) if view.doubting else (NotSure(question.question, keys),)


# --- options ----------------------------------------------------------------------------------------------------


def _numbers(line: str, view: View) -> Parsed | None:
    if not view.numbered:
        return _own_number(line, view)
    picks = _by_numbers(line, view)
    if picks is None:
        return None
    return _choose(picks, view) if picks else nothing_found(view)


def _own_number(line: str, view: View) -> Parsed | None:
    if view.question is None or not re.fullmatch(r"[-+]?\d+", line):
        return None
    if len(line) > LONGEST_NUMBER:
        return Reason.OUT_OF_RANGE
    return (Number(view.question.question, int(line)),)


def _by_numbers(line: str, view: View) -> tuple[Choice, ...] | None:
    """The options with these numbers; empty when one of them is not there, `None` when it is not numbers."""
    if not _NUMBERS.fullmatch(line):
        return None
    options = view.options
    numbers = [int(each) for each in re.findall(r"\d+", line) if len(each) <= LONGEST_NUMBER]
    if not all(1 <= number <= len(options) for number in numbers) or len(numbers) < len(re.findall(r"\d+", line)):
        return ()
    return _once(options[number - 1] for number in numbers)


def _named(words: str, view: View) -> Parsed | None:
    """Exactly an option, or exactly the label of a command."""
    option = _lettered(words, view) or exactly(words, view.options)
    if option:
        return _choose((option,), view)
    command = exactly(words, view.commands)
    return (command.request,) if command else None


def _lettered(words: str, view: View) -> Choice | None:
    """The option with this letter, where options have letters."""
    place = LETTERS.find(words) if len(words) == 1 and not view.numbered else -1
    return view.options[place] if 0 <= place < len(view.options) else None


def _begun(line: str, words: str, view: View) -> Parsed | None:
    option = find(words, view.options)
    if option:
        return _choose((option,), view)
    parts = [part for part in map(plain, re.split(r"[,;]", line)) if part]
    found = tuple(option for part in parts if (option := find(part, view.options)))
    return _choose(_once(found), view) if len(parts) > 1 and len(found) == len(parts) else None


def _choose(picks: tuple[Choice, ...], view: View) -> Parsed:
    """Choosing these options, all at once."""
    requests = tuple(choice.request for choice in picks)
    if len(picks) == 1 and not isinstance(requests[0], Tick):
        return requests
    if view.question is None:
        return requests if all(isinstance(request, Details) for request in requests) else Reason.ONE_ONLY
    if view.doubting and any(choice.part is Part.UNSURE for choice in picks):
        return Reason.NONE_EXCLUDES
    return (Answer(view.question.question, tuple(choice.key for choice in picks)),)


# --- words with more behind them --------------------------------------------------------------------------------


def _with_more(words: str, view: View) -> Parsed | None:
    before, unsure, after = f" {words} ".partition(" unsure ")
    if unsure and view.several:
        return _partly_unsure(before.strip(), after.strip(), view)
    word, _, rest = words.partition(" ")
    if word == "change" and rest:
        answer = _pick(rest, view.answers)
        return (answer.request,) if answer else Reason.NOT_ANSWERED
    if word == "more" and view.finished:
        cause = _pick(rest, view.causes) if rest else None
        return (cause.request,) if cause else Reason.NO_SUCH_OPTION
    return None


def _partly_unsure(before: str, after: str, view: View) -> Parsed | None:
    """``1 unsure 3``: the first is true, about the third the person is not sure."""
    sure = _by_numbers(before, view) if before else ()
    doubted = _by_numbers(after, view) if after else ()
    if sure is None or doubted is None:
        return None
    if (before and not sure) or (after and not doubted):
        return Reason.NO_SUCH_OPTION
    if any(not isinstance(choice.request, Tick) for choice in sure) or (sure and view.doubting):
        return Reason.NONE_EXCLUDES
    rest = _unsure(view, doubted)
    ticks = tuple(choice.request for choice in sure if not choice.ticked)
    return (*ticks, *rest) if isinstance(rest, tuple) else rest


def _pick(words: str, choices: tuple[Choice, ...]) -> Choice | None:
    """One of a list, by its number or by its words."""
    if words.isdecimal():
        short = len(words) <= LONGEST_NUMBER
        return choices[int(words) - 1] if short and 1 <= int(words) <= len(choices) else None
    return find(words, choices)


def _once(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    return tuple({choice.key: choice for choice in choices}.values())
