"""The patients, walked through the bot by tapping, reach what they reach in the terminal; and many people at once."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from bot.conversation.messages import Purpose
from bot.flow.engine import outcome_of, standing
from bot.flow.events import Outcome
from bot.flow.model import Level
from bot.sandbox import Person, Sandbox
from bot.storage.database import Database
from tests.scripted import walk
from tests.served import FLOW, LIBRARY
from tests.tapping import CONVERSATION, session_of, tap_through
from tests.telegram_kit import check, running
from tests.test_patients import PATIENTS

AT_ONCE = 25
PEOPLE = 500
STEPS = 8


def _causes(outcome: Outcome) -> tuple[str, ...]:
    return outcome.rule_out if outcome.level is Level.EMERGENCY else tuple(fit.cause for fit in outcome.causes)


def test_patients_reach_the_same_by_tapping_as_in_the_terminal(tmp_path: Path) -> None:
    """Level and causes are the same; where a first danger ended the check at its tick, the causes named are of them."""

    async def everybody() -> dict[str, Outcome]:
        found: dict[str, Outcome] = {}
        turn = asyncio.Semaphore(AT_ONCE)
        async with (
            Sandbox(patience=60, settle=0.15, answer_within=120) as sandbox,
            running(sandbox, tmp_path / "s.db") as database,
        ):

            async def one(name: str) -> None:
                async with turn:
                    person = sandbox.person(name)
                    found[name] = await tap_through(person, database, PATIENTS[name]["answers"])
                    message = next(text for text in reversed(person.messages) if text.labels)
                    assert "New check" in message.labels

            await asyncio.gather(*(one(name) for name in PATIENTS))
            await sandbox.quiet()
            check(sandbox)
        return found

    found = asyncio.run(everybody())
    assert found.keys() == PATIENTS.keys()
    cut_short = 0
    for name, outcome in found.items():
        typed = walk(LIBRARY, FLOW, PATIENTS[name]["answers"], strict=True).outcome
        assert outcome.level is typed.level, name
        if outcome.level is Level.EMERGENCY and len(outcome.rules) < len(typed.rules):
            cut_short += 1
            assert set(_causes(outcome)) <= set(_causes(typed)), name
        else:
            assert _causes(outcome) == _causes(typed), name
    assert cut_short < len(PATIENTS) / 10


def test_five_hundred_random_people_at_once(tmp_path: Path) -> None:
    """No rule broken, no tap unanswered, no keyboard left behind, and everybody sees only what is their own."""

    async def everybody() -> None:
        async with (
            Sandbox(patience=120, settle=0.3, answer_within=120) as sandbox,
            running(sandbox, tmp_path / "s.db", refusals=["not modified"]) as database,
        ):
            people = [sandbox.person(f"P{number} <b>&\u202e") for number in range(PEOPLE)]
            await asyncio.gather(*(_wander(person, random.Random(at)) for at, person in enumerate(people)))
            await sandbox.quiet()
            check(sandbox, ["not modified"])
            for person in people:
                await _sees_only_their_own(person, database)

    asyncio.run(everybody())


async def _wander(person: Person, chance: random.Random) -> None:
    await person.start("leg_lift" if chance.random() < 0.8 else "")
    for _ in range(STEPS):
        await person.until(lambda: len(person.keyboards) == 1)
        act = chance.random()
        if act < 0.06:
            await person.send(chance.choice(["/help", "/back", "/change", "hello", "34", "/check", "/nonsense"]))
        elif act < 0.1:
            old = chance.choice(person.messages)
            await person.forge_tap(chance.choice(["x", "-.0.t.leg_lift.0000", "0.0.o.me.0000", "😀"]), old)
        else:
            buttons = [label for label in person.buttons if not label.startswith("🚨")]
            calm = [label for label in buttons if label == "None of these"]
            label = chance.choice(calm or buttons)
            # Asked for a second time, the reason is there already, and nothing new can be seen.
            await person.tap(label, person.keyboards[-1], silent=label == "Why do you ask?")


async def _sees_only_their_own(person: Person, database: Database) -> None:
    row_keyboards = person.keyboards
    assert len(row_keyboards) == 1
    session = await session_of(database, person)
    datas = [
        button["callback_data"] for row in row_keyboards[0].keyboard for button in row if "callback_data" in button
    ]
    assert all(data.startswith((f"{session.id[:8]}.{session.turn}.", "-.0.t.")) for data in datas)
    message = CONVERSATION.render(standing(FLOW, session), session)
    if message and message[-1].purpose is Purpose.CARD and outcome_of(FLOW, session) is None:
        shown = row_keyboards[0].text
        assert (
            message[-1].blocks[0].text in shown
            or "Stopped." in shown
            or "go on with" in shown
            or "Which answer" in shown
        )
