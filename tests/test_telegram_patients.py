"""The patients, walked through the bot by tapping, reach what they reach in the terminal; and many people at once."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from bot.flow.engine import outcome_of, standing
from bot.flow.model import Level
from bot.flow.outcome import Outcome
from bot.sandbox import Person, Sandbox
from bot.storage.database import Database
from bot.telegram.posts import Face
from bot.telegram.sender import front_of
from tests.scripted import walk
from tests.served import FLOW, LIBRARY
from tests.tapping import CONVERSATION, tap_through
from tests.telegram_kit import check, running
from tests.test_patients import PATIENTS

AT_ONCE = 25
PEOPLE = 500
STEPS = 8
CALM = 0.6
"""How often somebody denies all signs of a card, where that can be done in one tap."""


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
            levels = [await _sees_only_their_own(person, database) for person in people]
            assert levels.count(Level.EMERGENCY) > PEOPLE / 50  # dangers were met, not only walked past
            assert levels.count(None) > PEOPLE / 2

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
            forged = chance.choice(["x", "-.0.t.leg_lift.0000", "0.0.o.me.0000", "😀"])
            await person.forge_tap(forged, old, silent=True)
        else:
            buttons = [label for label in person.buttons if not label.startswith("🚨")]
            calm = [label for label in buttons if label == "None of these"]
            label = chance.choice(calm if calm and chance.random() < CALM else buttons)
            # Not every tap changes something: none of these while something is ticked, or the reason once more.
            await person.tap(label, person.keyboards[-1], silent=True)


async def _sees_only_their_own(person: Person, database: Database) -> Level | None:
    """The buttons are of this person's session as it is, and what is shown is what is kept; the level, if finished."""
    (card,) = person.keyboards
    async with database.transaction() as transaction:
        row = (await transaction.load([f"telegram:{person.user.id}"]))[f"telegram:{person.user.id}"]
    session = row.session
    if session is None:
        assert person.buttons == ["Hard to lift a leg"]
        return None
    datas = [button["callback_data"] for line in card.keyboard for button in line if "callback_data" in button]
    assert all(data.startswith((f"{session.id[:8]}.{session.turn}.", "-.0.t.")) for data in datas)
    assert row.card == card.id
    outcome = outcome_of(FLOW, session)
    match front_of(row.shown).face:
        case Face.LIST:
            assert card.text.startswith("Which answer do you want to change?")
        case Face.PAGE:
            assert ("Its advice was" in card.text) is (outcome is not None)
        case Face.STANDING:
            (message,) = CONVERSATION.render(standing(FLOW, session), session)[-1:]
            assert message.blocks[0].text in card.text
    return outcome.level if outcome else None
