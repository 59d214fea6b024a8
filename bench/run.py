"""Speed of the core: one engine turn, and loading everything. Run with `make bench`.

Machines are noisy, so every figure is a median and stands beside a baseline measured in the same run: for the turn,
reading and writing the session's JSON with the standard library; for loading, PyYAML's own safe loader on the same
files. The targets are 150 µs for replaying a session of 20 inputs with its next effects, and 1 s for loading. A whole
turn replays twice, before and after the event, and is shown as well.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from bot.flow.engine import resume, standing, start
from bot.flow.events import Ask, Event, Finish
from bot.flow.model import Flow
from bot.flow.session import Session, from_json, to_json
from bot.load import load_library
from tests.people import answer

ROOT = Path(__file__).parent.parent
TURN_TARGET = 150e-6
LOAD_TARGET = 1.0
INPUTS = 20


def long_session(flow: Flow) -> tuple[Session, Event]:
    """A session with 20 inputs in the middle of its check, and the answer that comes next."""
    for seed in range(10_000):
        chance = random.Random(seed)
        turn = start(flow, "bench", "en", 1_000_000)
        while isinstance(turn.effects[-1], Ask):
            event = answer(flow, turn.effects[-1], chance, calm=0.98)
            if len(turn.session.inputs) == INPUTS and not isinstance(
                resume(flow, turn.session, event, 1_000_010).effects[-1], Finish
            ):
                return turn.session, event
            turn = resume(flow, turn.session, event, 1_000_010)
    raise SystemExit("no conversation of 20 inputs was found: the flow has become shorter")


def median(work: Callable[[], object], times: int) -> float:
    """Median seconds of one call."""
    taken = []
    for _ in range(times):
        before = time.perf_counter()
        work()
        taken.append(time.perf_counter() - before)
    return statistics.median(taken)


def yaml_files() -> list[str]:
    """The text of every shipped YAML file."""
    return [file.read_text("utf-8") for folder in ("flows", "content") for file in (ROOT / folder).rglob("*.yaml")]


def main() -> int:
    """Print the figures; the exit code says whether the targets were met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3000, help="turns to measure")
    times = parser.parse_args().times
    flow = load_library(ROOT / "flows", ROOT / "content").flows["leg_lift"]
    session, event = long_session(flow)
    turn = median(lambda: resume(flow, session, event, 1_000_020), times)
    shown = median(lambda: standing(flow, session), times)
    plain = median(lambda: from_json(json.loads(json.dumps(to_json(session)))), times)
    load = median(lambda: load_library(ROOT / "flows", ROOT / "content"), 5)
    texts = yaml_files()
    safe = median(lambda: [yaml.load(text, yaml.CSafeLoader) for text in texts], 5)
    print(
        f"replay of {INPUTS} inputs, next effects   {shown * 1e6:8.1f} µs   {shown / plain:5.2f} × its JSON round trip"
    )
    print(f"whole turn: event, replay, effects  {turn * 1e6:8.1f} µs   {turn / plain:5.2f} × its JSON round trip")
    print(f"load and check everything           {load * 1e3:8.1f} ms   {load / safe:5.2f} × PyYAML's safe loader")
    met = shown <= TURN_TARGET and load <= LOAD_TARGET
    print(f"targets (replay {TURN_TARGET * 1e6:.0f} µs, load {LOAD_TARGET:.0f} s): {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
