"""How fast the whole way of an update is, beside a floor and other bots: run with `make bench-pipeline`.

With ``--write`` it writes docs/performance.json, and docs/performance.md and its plot from that. The exit code says
whether every target that was measured is met. Options by way of make: ``make bench-pipeline ARGS="--quick"``.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.http_clients import compared
from bench.pipeline import page, parts
from bench.pipeline.contestants import ROOT
from bench.pipeline.runs import QUICK, Bench, Effort, tell

DATA = ROOT / "docs" / "performance.json"
PAGE, PLOT = DATA.with_suffix(".md"), DATA.with_suffix(".svg")
PARTS = ("pairs", "half", "sweep", "memory", "stored", "clients")


def measured(results: page.Results, wished: list[str], bench: Bench) -> None:
    """Measure these parts, and put them in the place of what is there."""
    for part in PARTS:
        if part in wished:
            match part:
                case "pairs":
                    results[part] = parts.pairs(bench)
                case "half":
                    results[part] = parts.half_load(bench, results.get("pairs", []))
                case "sweep":
                    results[part] = parts.sweep(bench)
                case "memory":
                    results[part] = parts.memory(bench)
                case "stored":
                    results[part] = parts.stored(bench)
                case "clients":
                    results[part] = compared(bench.effort.seconds / 4)


def written(results: page.Results) -> None:
    """The page and its plot, from the figures."""
    PAGE.write_text(page.page(results), "utf-8")
    if results.get("sweep"):
        PLOT.write_text(page.drawn(results["sweep"]), "utf-8")


def main() -> int:
    """Read the options, measure, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write docs/performance.json, .md and .svg anew")
    parser.add_argument("--quick", action="store_true", help="a rough run of a few minutes")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="measure these; the others stay as they were written")
    parser.add_argument("--page", action="store_true", help="measure nothing: the page anew from performance.json")
    parser.add_argument("--minutes", type=float, help="how long the conversations for the memory may take")
    asked = parser.parse_args()
    results: page.Results = json.loads(DATA.read_text("utf-8")) if (asked.only or asked.page) and DATA.exists() else {}
    if asked.page:
        written(results)
        return 0
    results |= {
        "day": str(datetime.now(tz=UTC).date()),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "quick": asked.quick or (bool(asked.only) and results.get("quick", False)),
    }
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        script = Path(folder) / "script.json"
        tell("recording conversations of our bot …")
        subprocess.run([sys.executable, "-m", "bench.pipeline.recording", script], cwd=ROOT, check=True)
        effort = QUICK if asked.quick else Effort()
        effort = replace(effort, minutes=asked.minutes or effort.minutes)
        measured(results, asked.only or list(PARTS), Bench(script, effort))
    if asked.write:
        DATA.write_text(json.dumps(_round(results), indent=1, ensure_ascii=False) + "\n", "utf-8")
        written(results)
    for wanted, told, met in page.verdicts(results):
        print(f"{'met   ' if met else 'MISSED'} {wanted}: {told}")
    return 0 if all(met for _, _, met in page.verdicts(results)) else 1


def _round(value: object) -> object:
    """Four digits say all that such a figure can."""
    if isinstance(value, dict):
        return {name: _round(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_round(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.4g}") if math.isfinite(value) else None
    return value


if __name__ == "__main__":
    sys.exit(main())
