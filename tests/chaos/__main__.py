"""The kill test from the command line: `make chaos`, or `make chaos ARGS="--people 20 --kills 5 --mode webhook"`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.flow.engine import outcome_of
from tests.chaos.plan import End
from tests.chaos.trial import Setting, run
from tests.chaos.verdict import verdict
from tests.served import FLOW

SHARE = 0.05
"""The share of responses that get lost where the options name none."""
TOLD = 20
"""So many faults are printed at most."""


async def undisturbed(setting: Setting) -> dict[str, End]:
    """Where the first people end while nothing disturbs them, by seed."""
    with tempfile.TemporaryDirectory() as folder:
        trial = await run(replace(setting, kills=0, lost=0.0, webhook=False), Path(folder))
    ends: dict[str, End] = {}
    for walker in trial.walkers:
        session = trial.statement.sessions.get(walker.person.user.id)
        outcome = outcome_of(FLOW, session) if session else None
        if outcome is not None and walker.result is not None:
            ends[walker.seed] = End(outcome.level, walker.result.text)
    return ends


async def judged(setting: Setting, known: dict[str, End]) -> bool:
    """Run one setting and print what came of it; whether it passed."""
    named = f"--people {setting.people} --kills {setting.kills} --mode {setting.mode} --lost {setting.lost} "
    print(f"\n{named}--seed {setting.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        trial = await run(setting, Path(folder))
        found = await verdict(trial, known)
        log = trial.killer.log()
    for line in found.lines:
        print(f"  {line}")
    for fault in found.faults[:TOLD]:
        print(f"  FAULT: {fault}")
    if found.faults:
        print(f"  {len(found.faults)} faults; the end of the log:\n{log}")
    else:
        print("  passed", flush=True)
    return not found.faults


async def tried(settings: Sequence[Setting]) -> int:
    """Run these settings; the exit code."""
    known = await undisturbed(settings[0])
    print(f"undisturbed: {len(known)} of {settings[0].people} people finished")
    passed = [await judged(setting, known) for setting in settings]
    return 0 if all(passed) and len(known) == settings[0].people else 1


def main() -> int:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--people", type=int, default=200, help="so many talk at once")
    parser.add_argument("--kills", type=int, default=100, help="so often the bot is killed in each setting")
    parser.add_argument("--mode", choices=["polling", "webhook"], help="only this one (default: both)")
    parser.add_argument("--lost", type=float, help=f"only with this share of responses lost (default: 0 and {SHARE})")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    modes = [given.mode == "webhook"] if given.mode else [False, True]
    shares = [0.0, SHARE] if given.lost is None else [given.lost]
    basic = Setting(given.people, given.kills, seed=given.seed)
    return asyncio.run(tried([replace(basic, webhook=webhook, lost=lost) for lost in shares for webhook in modes]))


if __name__ == "__main__":
    sys.exit(main())
