"""The bot as a process against the sandbox: time to its first poll, and memory after many conversations.

Run with `make bench`. The start stands beside a baseline measured in the same run: Python importing the
Telegram library alone. Targets: 2 s to the first poll, 120 MB of memory (RSS) after 1,000 conversations.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.tapping import RESULT, choose
from bot.sandbox import Person, Sandbox

ROOT = Path(__file__).parent.parent
START_TARGET = 2.0
MEMORY_TARGET = 120.0
CARDS = 40


async def started(sandbox: Sandbox, folder: str) -> tuple[asyncio.subprocess.Process, float]:
    """A bot that polls, and how many seconds it took."""
    environment = os.environ | {
        "TELEGRAM_TOKEN": sandbox.token,
        "TELEGRAM_API_URL": sandbox.url,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": f"sqlite:///{folder}/bench.db",
    }
    before = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=folder, env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    await sandbox.polled()
    return process, time.perf_counter() - before


async def ended(process: asyncio.subprocess.Process) -> float:
    """End it; how many seconds that took."""
    before = time.perf_counter()
    process.terminate()
    await process.wait()
    return time.perf_counter() - before


def baseline() -> float:
    """Seconds until Python has imported the Telegram library."""
    before = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import telegram, telegram.request"], check=True)
    return time.perf_counter() - before


async def converse(person: Person, chance: random.Random) -> bool:
    """One conversation by tapping, mostly *none of these*, until there is a result; whether there is one."""
    await person.start("leg_lift")
    for _ in range(CARDS):
        await person.until(lambda: len(person.keyboards) == 1)
        buttons = person.buttons
        if RESULT in buttons:
            return True
        await person.tap(choose(buttons, chance), person.keyboards[-1])
    return False


def memory(pid: int) -> float:
    """Megabytes that a process holds (RSS)."""
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("this system does not tell the memory of a process")


async def measure(conversations: int, at_once: int, starts: int) -> int:
    """Print the figures; the exit code says whether the targets were met."""
    times, ends, bases = [], [], []
    for _ in range(starts):
        bases.append(baseline())
        with tempfile.TemporaryDirectory() as folder:
            async with Sandbox(patience=30) as sandbox:
                process, seconds = await started(sandbox, folder)
                times.append(seconds)
                ends.append(await ended(process))
    start, base = statistics.median(times), statistics.median(bases)
    print(f"start to first poll      {start:7.2f} s    {start / base:5.2f} × importing the library alone")
    print(f"SIGTERM to the end       {statistics.median(ends):7.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        async with Sandbox(patience=120, settle=0.02, answer_within=120) as sandbox:
            process, _ = await started(sandbox, folder)
            before, turn, done = memory(process.pid), asyncio.Semaphore(at_once), []

            async def one(number: int) -> None:
                async with turn:
                    done.append(await converse(sandbox.person(f"P{number}"), random.Random(number)))
                    if len(done) % 100 == 0:
                        print(f"  {len(done)} conversations, {memory(process.pid):.0f} MB", file=sys.stderr)

            began = time.perf_counter()
            await asyncio.gather(*(one(number) for number in range(conversations)))
            seconds = time.perf_counter() - began
            await sandbox.quiet()
            after = memory(process.pid)
            left = sum(len(sandbox.world.keyboards(chat)) > 1 for chat in sandbox.world.chats.values())
            print(
                f"memory                   {before:7.1f} MB at the start, "
                f"{after:.1f} MB after {conversations} conversations"
            )
            print(f"conversations finished   {sum(done)} of {conversations} in {seconds:.0f} s, {at_once} at once")
            print(f"violations {len(sandbox.violations)}, unanswered {len(sandbox.unanswered)}, keyboards left {left}")
            await ended(process)
            met = start < START_TARGET and after < MEMORY_TARGET and not sandbox.violations and not sandbox.unanswered
            met = met and not left
    print(f"targets (start {START_TARGET:.0f} s, memory {MEMORY_TARGET:.0f} MB): {'met' if met else 'MISSED'}")
    return 0 if met else 1


def main() -> int:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=1000)
    parser.add_argument("--at-once", type=int, default=25)
    parser.add_argument("--starts", type=int, default=5)
    options = parser.parse_args()
    return asyncio.run(measure(options.conversations, options.at_once, options.starts))


if __name__ == "__main__":
    sys.exit(main())
