"""What only the terminal says. Everything else a person reads comes from `content/`.

These few lines are about the terminal itself (files, commands, keys), and in English like the command line.
"""

from __future__ import annotations

from datetime import UTC, datetime

from bot.flow.session import Session

SAVED = "Your answers are saved. The same command goes on from here."
FINISHED_KEPT = "The result is saved until you begin a new check."
STILL_THERE = "You have a check from {when} to go on with."
STILL_THERE_FINISHED = "You have a finished check from {when}."
NEW_AFTER_FINISHED = (
    "Your check from {when} is finished. Its advice was: {advice}. "
    "This is a new check; your first answer replaces the old result."
)
GO_ON = "Go on with it"
SEE_AGAIN = "See its result again"
BEGIN_ANEW = "Begin a new check"

ONE = "Type the number or the words of one answer."
SEVERAL = "Type the numbers of all that are true, for instance: 1 3"
DOUBTING = "Type the numbers of those, for instance: 1 3 (or: all)"
OWN_NUMBER = "Type a number, or the letter or words of one of these."
CAUSES = "To read more about one, type its number or: more 1"
OR = "Or type: {commands}"
TYPE = "You can type: {commands}"

NUMBER_KEYS = "Type the number, then Enter."
TYPING_KEYS = "Enter: send · Esc: cancel"
LEAVE = "Leave"
TICK = "Space: tick"
CHOOSE = "Enter: choose"
WORDS = "type words"
HELP_KEYS = (
    "Keys:",
    (
        "the number or letter before a line, or the arrow keys and Enter, choose it",
        "Space ticks a line where several can be true; Enter is then Done",
        "b: back · c: change an answer · ?: why this is asked · u: not sure",
        "x: that's not what I meant, where something that you typed was understood as a danger",
        "g: go on, or show the question or result again · n: new check, after a result or a stop",
        "/: type words or any command instead, for instance: change 3, unsure 2 4, more 1, new",
        "q, Ctrl-D or Ctrl-C: leave; everything is kept",
    ),
)

HELP = (
    "You can always type:",
    (
        "a number, or several with spaces between them",
        "the words of an answer, or how they begin, or other words for it",
        "none: none of these",
        "unsure: not sure; with several answers: unsure 2 4, or: 1 unsure 3 (the first is true, the third is open)",
        "done: the ticked answers are all",
        "back: take the last answer back",
        "change: see your answers and change one; also: change 3",
        "why: why this is asked",
        "more 1: more about a cause, after the result",
        "continue: show the question again, or go on after a stop",
        "stop: stop for now; everything is kept",
        "new: begin a new check",
        "quit: leave; everything is kept",
    ),
)

BROKEN = (
    "Something went wrong in Signpost, and it is not your doing. It cannot tell you now how soon to get help.",
    "If you are in danger, or it is getting worse, call your local emergency number (112 in Europe, 911 in America).",
    "If you are worried, ask a doctor or go to an emergency department.",
)
NOT_SAVED = "Your answers could not be saved: {trouble}"


def when(session: Session) -> str:
    """When the person last did something, in the local time."""
    try:
        return datetime.fromtimestamp(session.touched, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    except (OverflowError, ValueError, OSError):  # a time that no calendar has, from a file that somebody edited
        return "an unknown time"
