"""The kill test in small, and whether it finds what it is there to find (in full: `make chaos`)."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import pytest

from bot.flow.session import Session
from bot.sandbox.errors import Json
from bot.sandbox.record import Call
from bot.telegram.posts import Front
from tests.chaos.copies import Copies, found
from tests.chaos.plan import Memory, end_of, turn
from tests.chaos.replay import Finding, judge, read
from tests.chaos.trial import Setting, run
from tests.chaos.verdict import verdict
from tests.chaos.witness import buttons_of

ADA = 1001


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
def test_people_reach_their_ends_although_the_bot_is_killed(tmp_path: Path, webhook: bool) -> None:
    """Nothing is lost and nothing applied twice, also where answers of Telegram get lost."""

    async def main() -> list[str]:
        trial = await run(Setting(people=10, kills=4, webhook=webhook, lost=0.05, seed=3, thought=0.02), tmp_path)
        assert len(trial.killer.times) == 4
        return (await verdict(trial, {})).faults

    assert asyncio.run(main()) == []


def test_where_somebody_ends_depends_on_the_seed_alone() -> None:
    """Two walks of one person are the same, and people end in different places."""

    async def main() -> None:
        ends = [await end_of(str(seed)) for seed in range(20)]
        assert ends == [await end_of(str(seed)) for seed in range(20)]
        assert len({end.level for end in ends}) > 2

    asyncio.run(main())


# --- can it fail? -----------------------------------------------------------------------------------------------------

ID = "abcdefgh"
DID = ("/start leg_lift", "0.o.me.a426", "/back", "2.o.adult.a426", "2.o.child.a426", "34", "/back")
"""What somebody did: words, and the ends of buttons' data. One of the taps came too late to count."""


def _update(did: str) -> Json:
    if did[0] == "/" or did.isdecimal():
        return {"message": {"text": did}}
    return {"callback_query": {"id": "1", "data": f"{ID}.{did}", "message": {"message_id": 1}}}


async def _session(*did: str, seen: bool = True) -> Session | None:
    """What comes of this. ``seen``: the question of the number was in front of them when they typed it."""
    memory = Memory(None, ID)
    for update in map(_update, did):
        await turn(memory, read(update), Front(mark="013f", seen=seen))
    return memory.session


@pytest.mark.parametrize(
    ("did", "finding"),
    [
        (DID, None),
        ((*DID[:2], *DID[1:]), None),  # a tap that is applied twice changes nothing: its turn is over
        ((*DID, "/back"), Finding.TWICE),
        ((*DID[:3], *DID[2:]), None),  # there is nothing to go back to any more
        (DID[:-1], Finding.OTHER),
        (DID[:3], Finding.LOST),
        (DID[3:], Finding.LOST),
        ((), Finding.LOST),
    ],
)
def test_a_session_that_updates_do_not_give_is_found(did: tuple[str, ...], finding: Finding | None) -> None:
    """Whatever was applied twice or not at all and makes a difference."""

    async def main() -> Finding | None:
        return await judge(map(_update, DID), await _session(*did))

    assert asyncio.run(main()) is finding


def test_words_may_come_before_their_question_was_seen() -> None:
    """Then they count for nothing, and that is in order."""

    async def main() -> Finding | None:
        return await judge(map(_update, DID), await _session(*DID, seen=False))

    assert asyncio.run(main()) is None


def _sent(at: float, text: str = "Hello", method: str = "sendMessage", error: str = "") -> Call:
    return Call(at, method, {"chat_id": ADA, "text": text}, error)


def _copies(*calls: Call, kills: tuple[float, ...] = (), lost: tuple[float, ...] = ()) -> Copies:
    """``Hello`` is owed from 100 to 200 and once more from 150 on."""
    owed = {(ADA, "Hello", buttons_of(None)): [(100.0, 200.0), (150.0, math.inf)]}
    return found(calls, owed, kills, {ADA: lost})


def test_a_message_that_was_owed_twice_is_no_copy() -> None:
    """Each row is one message, sent or put in place of another; one that was refused is none."""
    assert _copies(_sent(101), _sent(160)).by_chat == {}
    assert _copies(_sent(101), _sent(120, error="Bad Request"), _sent(160, method="editMessageText")).by_chat == {}


def test_a_copy_is_found_and_excused_once_for_each_kill_and_each_lost_response() -> None:
    """What comes before the row that would explain it is a copy, and so is what nobody was owed."""
    three = (_sent(101), _sent(120), _sent(121))
    assert _copies(*three).excess == {ADA: 2}
    assert _copies(*three, kills=(110,)).excess == {ADA: 1}
    assert _copies(*three, kills=(110,), lost=(119,)).excess == {}
    assert _copies(*three, kills=(130,)).excess == {ADA: 2}
    assert _copies(*three, kills=(110,)).by_chat == {ADA: 2}
    assert _copies(_sent(99)).by_chat == {ADA: 1}
    assert _copies(_sent(101, "Nobody owes this")).by_chat == {ADA: 1}
