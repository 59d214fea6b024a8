"""The session that must come of what a person did, each update applied once, in the order in which they were taken.

Whether typed words count depends on what had been shown by then, which nobody can tell afterwards; so there both is
possible. Everything else is certain, and so no update can be applied twice or be left out without being found out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from bot.flow.engine import standing
from bot.flow.events import Ask, Asking
from bot.flow.session import Session
from bot.sandbox.errors import Json
from bot.telegram.buttons import Where
from bot.telegram.incoming import Command, Tap, Typed
from bot.telegram.posts import Front
from tests.chaos.plan import Memory, turn
from tests.served import FLOW


class Finding(StrEnum):
    """What is wrong with a session: updates were applied twice, or left out, or otherwise than they were meant."""

    TWICE = "applied twice"
    LOST = "not applied"
    OTHER = "another session than the updates give"


async def judge(updates: Iterable[Json], kept: Session | None) -> Finding | None:
    """Hold what is kept against the updates; None where it is what must come of them."""
    possible = await _outcomes(list(updates), kept.id if kept else "none")
    wanted = _timeless(kept)
    if wanted in {_timeless(session) for session in possible}:
        return None
    turns = [session.turn if session else -1 for session in possible]
    reached = kept.turn if kept else -1
    if reached > max(turns):
        return Finding.TWICE
    return Finding.LOST if reached < min(turns) else Finding.OTHER


async def _outcomes(updates: list[Json], number: str) -> list[Session | None]:
    sessions: dict[Session | None, Session | None] = {None: None}
    for update in updates:
        what = read(update)
        after: dict[Session | None, Session | None] = {}
        for session in sessions.values():
            for front in _fronts(what, session):
                memory = Memory(session, number)
                await turn(memory, what, front)
                after[_timeless(memory.session)] = memory.session
        sessions = after
    return list(sessions.values())


def _fronts(what: Tap | Typed | Command, session: Session | None) -> list[Front]:
    """What may be in front of the person: for words, the question that is asked, or nothing that was seen yet."""
    if not isinstance(what, Typed) or session is None:
        return [Front()]
    asked = [effect for effect in standing(FLOW, session) if isinstance(effect, Ask)]
    names = [ask.question + ("" if ask.asking is Asking.FIRST else f"/{ask.asking.value}") for ask in asked]
    return [Front(), *(Front(mark=Where(session, name).mark, seen=True) for name in names)]


def _timeless(session: Session | None) -> Session | None:
    """A session without times, which depend on how fast everything went."""
    if session is None:
        return None
    return replace(session, started=0, inputs=tuple(replace(entry, at=0) for entry in session.inputs))


def read(update: Json) -> Tap | Typed | Command:
    """What somebody did, from the update."""
    if "callback_query" in update:
        query = update["callback_query"]
        return Tap(query["id"], query["data"], query["message"]["message_id"])
    text = update["message"]["text"]
    if not text.startswith("/"):
        return Typed(text)
    name, _, argument = text[1:].partition(" ")
    return Command(name, argument)
