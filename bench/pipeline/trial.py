"""One trial, in a process of its own: the server, the people, and one contestant as a child. Prints one line of JSON.

    python -m bench.pipeline.trial us --chats 64 --latency 0.05 --seconds 10 --script FILE

``FILE``: from `bench.pipeline.recording`. BENCH_PROFILE=OTHER in the environment writes a profile of the bot there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.pipeline.contestants import CONTESTANTS, memory, processor_seconds, running
from bench.pipeline.crowd import Crowd

_START, _LONGEST = 60.0, 60.0
"""Seconds until a bot has to ask for updates, and by which warming up and measuring get longer for a slow one."""

_TOLD = 10.0
"""Seconds between two words of progress."""

_clock = time.perf_counter


def _free() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@dataclass
class Found:
    """What a trial has found. Times in milliseconds."""

    contestant: str
    turns: float
    """A second."""
    p50: float
    p99: float
    conversations: int
    calls: float
    """Calls a turn, polls not counted: contestants have to do the same."""
    processor: float
    """Milliseconds of the bot's processor time a turn."""
    server: float
    """The share of one core that the server and the people took."""
    memory: float
    lost: int
    stray: int
    late: int


async def tried(crowd: Crowd, name: str, pid: int, seconds: float, warm: float) -> Found:
    """Measure, once people are there. A slow bot is measured for longer, so that everybody is answered in that time."""
    await _pass(crowd, warm)
    began, processor, own = _clock(), processor_seconds(pid), time.process_time()
    calls, turns, done = _calls(crowd), len(crowd.when), len(crowd.finished)
    await _pass(crowd, seconds)
    took = _clock() - began
    waited = sorted(crowd.waited[turns:])
    count = len(waited) or 1
    return Found(
        contestant=name,
        turns=len(waited) / took,
        p50=_share(waited, 0.5),
        p99=_share(waited, 0.99),
        conversations=len(crowd.finished) - done,
        calls=(_calls(crowd) - calls) / count,
        processor=(processor_seconds(pid) - processor) * 1000 / count,
        server=(time.process_time() - own) / took,
        memory=memory(pid),
        lost=crowd.lost,
        stray=crowd.stray,
        late=crowd.late,
    )


async def _pass(crowd: Crowd, seconds: float) -> None:
    """Let so many seconds go by, and as many turns as there are people."""
    until, least = _clock() + seconds, len(crowd.when) + len(crowd.people)
    while _clock() < until or (len(crowd.when) < least and _clock() < until + _LONGEST):  # noqa: ASYNC110 - time
        await asyncio.sleep(0.05)


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000 if ordered else float("nan")


def _calls(crowd: Crowd) -> int:
    return sum(number for method, number in crowd.api.calls.items() if method != "getUpdates")


@dataclass
class Grown:
    """What a long run has found: the conversations, the seconds, and the memory (MiB) after so many of them."""

    conversations: int
    seconds: float
    memory: list[tuple[int, float]]
    lost: int


@asynccontextmanager
async def _at_work(asked: argparse.Namespace) -> AsyncIterator[tuple[Crowd, int]]:
    """People at work with a contestant; its process's id."""
    crowd = Crowd(asked.latency, asked.chats, asked.seed)
    crowd.api.listens = listens = f"127.0.0.1:{_free()}" if asked.webhook else ""
    await crowd.api.start()
    try:
        async with running(asked.contestant, crowd.api.url, asked.script.resolve(), asked.folder, listens) as pid:
            await asyncio.wait_for(crowd.api.polled.wait(), _START)
            print(f"{asked.contestant} (process {pid}) …", file=sys.stderr, flush=True)
            crowd.begin(asked.rate)
            yield crowd, pid
            crowd.end()
    finally:
        crowd.end()
        await crowd.api.stop()


async def growth(asked: argparse.Namespace) -> Grown:
    """Many conversations, and what becomes of the memory."""
    async with _at_work(asked) as (crowd, pid):
        began = told = _clock()
        seen = [(0, memory(pid))]
        while (done := len(crowd.finished)) < asked.conversations and _clock() < began + asked.seconds:
            if done >= seen[-1][0] + asked.conversations / 50:
                seen.append((done, memory(pid)))
            if _clock() > told + _TOLD:
                told = _clock()
                print(f"  {done} conversations, {memory(pid):.1f} MiB", file=sys.stderr, flush=True)
            await asyncio.sleep(0.2)
        return Grown(done, _clock() - began, [*seen, (done, memory(pid))], crowd.lost)


async def trial(asked: argparse.Namespace) -> Found:
    """The whole of it."""
    async with _at_work(asked) as (crowd, pid):
        return await tried(crowd, asked.contestant, pid, asked.seconds, asked.warm)


def main() -> int:
    """Try one contestant."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("contestant", choices=CONTESTANTS)
    parser.add_argument("--script", type=Path, default=Path("script.json"), help="the recorded conversations")
    parser.add_argument("--folder", type=Path, help="where it runs, with what is there already; a new one without it")
    parser.add_argument("--chats", type=int, default=64, help="in flight")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer of the API")
    parser.add_argument("--rate", type=float, default=0.0, help="turns a second; without it, as many as go")
    parser.add_argument("--webhook", action="store_true", help="updates are posted to the bot")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--warm", type=float, default=2.0, help="seconds before that")
    parser.add_argument("--seed", type=int, default=1, help="of who taps when")
    parser.add_argument(
        "--conversations", type=int, help="this many, in at most ``--seconds``, and the memory meanwhile"
    )
    asked = parser.parse_args()
    found = asyncio.run(growth(asked) if asked.conversations else trial(asked))
    print(json.dumps(asdict(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
