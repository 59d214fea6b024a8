"""The parts of the measurement. Each gives plain data: what docs/performance.json holds, and the page is made from."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.pipeline.runs import Bench, Found, middle, ratio, tell

Part = dict[str, Any]

CHATS = {0: 64, 50: 256}
"""Chats in flight of the pairs, by milliseconds of latency. Enough that a bot always has something to do, and no more,
so that times of waiting stay those of people and not of a queue: at 50 ms each turn spends 100 ms and more on the way,
so that 256 people ask for at most about 2,000 turns a second; at 0 ms 64 keep any of them busy."""

TARGETS = {("floor", 0): 0.7, ("floor", 50): 0.85, ("dialog", 0): 1.3, ("dialog", 50): 1.3, ("typical", 50): 30.0}
"""Turns a second, ours as a multiple of theirs: at least."""

HALF_LOAD = 3.0
"""p99 at half of what we reach, as a multiple of the floor's at that rate: at most."""

GROWTH, WARM = 20.0, 0.05
"""Mebibytes that the memory may grow by, once this share of the conversations is done."""

STORED = 1.2
"""Time a turn with many stored sessions, as a multiple of that with none: at most."""

SWEPT = ("us", "floor", "dialog", "typical")
_SECONDS = 0.5
"""Of a trial's time in the sweep, which has many."""

# Where our bot keeps sessions, how it makes a key of a chat, and a chat from which on there is nobody yet.
_TABLE, _KEY, _FIRST = "people", "'telegram:' || number", 900_000_000
_BULK = 20_000


def pairs(bench: Bench) -> list[Part]:
    """Throughput against the others."""
    found = []
    for (other, latency), target in TARGETS.items():
        tell(f"us and {other} at {latency} ms …")
        trials = bench.pairs("us", other, *_place(latency, CHATS[latency]))
        found.append(
            {
                "other": other,
                "latency": latency,
                "chats": CHATS[latency],
                "target": target,
                "ratio": ratio(trials, "turns"),
                "by_processor": ratio([(them, us) for us, them in trials], "processor"),
                "ratios": [one["turns"] / (other["turns"] or float("nan")) for one, other in trials],
                "us": _middles([one for one, _ in trials]),
                "them": _middles([other for _, other in trials]),
            }
        )
    return found


def half_load(bench: Bench, measured: list[Part]) -> list[Part]:
    """p99 at half of our throughput, beside the floor's at the same rate."""
    found = []
    for pair in measured:
        if pair["other"] == "floor":
            rate, latency = pair["us"]["turns"] / 2, pair["latency"]
            tell(f"half load at {latency} ms: {rate:.0f} turns/s …")
            trials = bench.pairs("us", "floor", *_place(latency, CHATS[latency]), "--rate", rate)
            found.append(
                {
                    "latency": latency,
                    "rate": rate,
                    "ratio": ratio(trials, "p99"),
                    "us": _middles([one for one, _ in trials]),
                    "them": _middles([other for _, other in trials]),
                }
            )
    return found


def sweep(bench: Bench) -> list[Found]:
    """Everybody with few and with many chats in flight."""
    found = []
    for latency in CHATS:
        for chats in bench.effort.chats:
            for name in SWEPT:
                trial = bench.trial(name, *_place(latency, chats), seconds=bench.effort.seconds * _SECONDS)
                tell(f"  {name}, {chats} chats, {latency} ms: {trial['turns']:.0f} turns/s, p99 {trial['p99']:.0f} ms")
                found.append({"latency": latency, "chats": chats, **trial})
    return found


def memory(bench: Bench) -> Part:
    """Growth over many conversations."""
    wished = bench.effort.conversations
    tell(f"memory over {wished} conversations, {bench.effort.minutes:.0f} minutes at most …")
    found = bench.trial("us", *_place(0, CHATS[0]), "--conversations", wished, seconds=bench.effort.minutes * 60)
    seen = found["memory"]
    start = next((held for done, held in seen if done >= WARM * found["conversations"]), seen[-1][1])
    return found | {"wished": wished, "start": start, "growth": seen[-1][1] - start}


def stored(bench: Bench) -> Part:
    """Time a turn with many sessions in the file, and with none."""
    rows = bench.effort.stored
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        full = Path(name)
        tell(f"{rows} stored sessions: real ones first …")
        place = _place(0, CHATS[0])
        bench.trial("us", *place, "--folder", full, seconds=2 * bench.effort.seconds)
        size = fill(full / "bench.db", rows)
        found: list[tuple[Found, Found]] = []
        for number in range(bench.effort.pairs):
            found.append((bench.trial("us", *place), bench.trial("us", *place, "--folder", full)))
            tell(f"  pair {number + 1}: {found[-1][0]['turns'] / found[-1][1]['turns']:.2f}")
    return {
        "rows": rows,
        "bytes": size,
        "ratio": ratio(
            found, "turns"
        ),  # turns a second without them over those with them: the times the other way round
        "by_processor": ratio([(full, none) for none, full in found], "processor"),
        "none": _middles([one for one, _ in found]),
        "full": _middles([other for _, other in found]),
    }


def fill(database: Path, rows: int) -> int:
    """Copy the sessions that are in the file under other keys, until there are so many; the file's size."""
    with closing(sqlite3.connect(database)) as link:
        link.execute("PRAGMA synchronous=OFF")  # here only: nobody minds if this is lost
        columns = [row[1] for row in link.execute(f"PRAGMA table_info({_TABLE})") if row[1] != "key"]
        listed = ", ".join(columns)
        real = f"SELECT row_number() OVER () - 1 AS at, {listed} FROM {_TABLE}"  # noqa: S608 - the table's own names
        link.execute(f"CREATE TEMP TABLE real AS {real} WHERE session IS NOT NULL")
        (kinds,) = link.execute("SELECT count(*) FROM real").fetchone()
        if not kinds:
            raise SystemExit("no session was stored, so none can be copied")
        for start in _told(rows):
            numbers = f"SELECT {_FIRST + start} UNION ALL SELECT number + 1 FROM numbers"  # noqa: S608 - as above
            last = _FIRST + min(start + _BULK, rows) - 1
            counted = f"WITH RECURSIVE numbers(number) AS ({numbers} WHERE number < {last})"
            copied = f"SELECT {_KEY}, {listed} FROM numbers JOIN real ON real.at = number % {kinds}"  # noqa: S608
            link.execute(f"{counted} INSERT INTO {_TABLE} (key, {listed}) {copied}")
            link.commit()
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database.stat().st_size


def _told(rows: int) -> Iterator[int]:
    for start in range(0, rows, _BULK):
        if start % (10 * _BULK) == 0:
            tell(f"  {start} of {rows} rows")
        yield start


def _place(latency: int, chats: int) -> tuple[object, ...]:
    return "--latency", latency / 1000, "--chats", chats


def _middles(found: list[Found]) -> Found:
    keys = ("turns", "p50", "p99", "conversations", "calls", "processor", "server", "memory")
    return {key: middle(found, key) for key in keys} | {
        key: sum(each[key] for each in found) for key in ("lost", "stray", "late")
    }


def spread(ratios: list[float]) -> str:
    """The least and the largest of them."""
    return f"{min(ratios):.2f}–{max(ratios):.2f}" if len(ratios) > 1 else f"{statistics.mean(ratios):.2f}"
