"""What the proof costs: the shipped flows, flows of any size, and other engines on the same questions.

Run with `make bench-check`; with ``--write`` it writes docs/proof-cost.md and its plot anew. Every figure is measured
in a process of its own. Targets: the shipped flows in 10 s and 1 GiB; 60 questions, 150 findings and 80 rules in 60 s.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from bench.draft import Size
from bench.generated import write
from bench.measure import SOLVERS
from bench.plot import Line, plot

ROOT = Path(__file__).parent.parent
PAGE, PLOT = ROOT / "docs" / "proof-cost.md", ROOT / "docs" / "proof-cost.svg"
SHIPPED_TARGET, MEMORY_TARGET, SIZE_TARGET = 10.0, 2**30, 60.0
SIZES = (10, 20, 40, 60, 80, 120)
ENGINES = {**SOLVERS, "bcdd": "decision diagram (OxiDD)", "z3": "Z3"}
_PACKAGES = {**dict.fromkeys(SOLVERS, "python-sat"), "bcdd": "oxidd", "z3": "z3-solver"}
_LIMIT = 1800

Row = tuple[object, ...]


@dataclass(frozen=True)
class Table:
    """A table of one part of the measurement, and whether its targets were met."""

    title: str
    head: Row
    rows: list[Row]
    met: bool = True

    def __str__(self) -> str:
        cells = [[str(cell) for cell in row] for row in (self.head, *self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        cells.insert(1, ["-" * width for width in widths])
        lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
        return f"### {self.title}\n\n" + "\n".join(f"| {line} |" for line in lines)


def measured(what: str, folder: Path, *options: str) -> dict[str, Any]:
    """One thing, by `bench.measure`; ``wall`` and ``cpu`` are those of its whole process."""
    return _run([sys.executable, "-m", "bench.measure", what, str(folder), *options])


def _run(command: list[str]) -> dict[str, Any]:
    before, began = _cpu(), time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_LIMIT, check=False)
    took = {"wall": time.perf_counter() - began, "cpu": _cpu() - before}
    if not done.stdout.startswith("{"):
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found | took


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# --- the three parts --------------------------------------------------------------------------------------------------


def shipped(times: int) -> Table:
    """The whole check of the shipped flows, cold, beside loading them once."""
    loads = [measured("load", ROOT) for _ in range(times)]
    command = [sys.executable, "-m", "bot", "check", "--json", "--people", "tests/patients"]
    checks = [_run(command) for _ in range(times)]
    parts = [("load the library (baseline)", loads), ("whole check, counting included", checks)]
    base = _median(loads, "wall")
    rows: list[Row] = [
        (
            name,
            _seconds(_median(each, "wall")),
            _seconds(_median(each, "cpu")),
            f"{_median(each, 'wall') / base:.1f} ×",
            _mebibytes(_median(each, "memory")),
        )
        for name, each in parts
    ]
    met = _median(checks, "wall") <= SHIPPED_TARGET and _median(checks, "memory") < MEMORY_TARGET
    met = met and all(check["holds"] for check in checks)
    title = f"The shipped flows, in a fresh process (median of {times})"
    return Table(title, ("", "wall", "processor", "ratio", "peak memory"), rows, met)


def growing(sizes: Iterable[int], seed: int) -> tuple[Table, list[Line]]:
    """Generated flows: proof and counting, each by itself."""
    rows: list[Row] = []
    proofs: list[tuple[float, float]] = []
    counts: list[tuple[float, float]] = []
    met = True
    for questions in sizes:
        size = Size.of(questions)
        _tell(f"{size} …")
        with tempfile.TemporaryDirectory() as name:
            write(size, seed, Path(name))
            proof, count = measured("prove", Path(name)), measured("count", Path(name))
        proofs.append((questions, proof["seconds"]))
        if "conversations" in count:
            counts.append((questions, count["seconds"]))
        failed = ", ".join(dict.fromkeys(proof["not_held"]))
        met = met and not failed and (questions > Size().questions or proof["seconds"] <= SIZE_TARGET)
        rows.append(
            (
                questions,
                size.findings,
                size.rules,
                f"not proved: {failed}" if failed else "all hold",
                _seconds(proof["seconds"]),
                _mebibytes(proof["memory"]),
                count.get("conversations", "not counted"),
                _seconds(count["seconds"]),
                _mebibytes(count["memory"]),
            )
        )
    head = ("questions", "findings", "rules", "properties", "proof", "memory", "conversations", "counting", "memory")
    lines = [Line("proof", "#2f7fd8", proofs), Line("counting", "#c8641e", counts)]
    return Table(f"Generated flows (seed {seed})", head, rows, met), lines


def engines() -> Table:
    """The same queries to each engine."""
    with tempfile.TemporaryDirectory() as name:
        write(Size(), 1, Path(name))
        folders = {"shipped": ROOT, "generated": Path(name)}
        rows: list[Row] = []
        for engine, title in ENGINES.items():
            _tell(f"{title} …")
            size = _installed(_PACKAGES[engine])
            found = {flow: measured(engine, folder) for flow, folder in folders.items()} if size else {}
            cells = [cell for each in found.values() for cell in (_told(each), _mebibytes(each["memory"]))]
            whole = measured("prove", ROOT, "--solver", engine)["cpu"] if engine in SOLVERS else None
            told = ["–" if whole is None else _seconds(whole), _mebibytes(size) if size else "–"]
            rows.append((title, *(cells or ["not installed here"] * 4), *told))
        symbols = {flow: measured("symbols", folder) for flow, folder in folders.items()}
    base = [cell for each in symbols.values() for cell in (_seconds(each["seconds"]), _mebibytes(each["memory"]))]
    rows.insert(0, ("none: only the symbols (baseline)", *base, "–", "–"))
    asked = " and ".join(f"{each['queries']} queries of the {flow} flow" for flow, each in symbols.items())
    head = ("engine", "shipped", "memory", "generated", "memory", "whole proof (processor)", "installed size")
    return Table(f"Other engines: S0 and S2 for every row, {asked}", head, rows)


def _told(found: dict[str, Any]) -> str:
    told = f"{found['possible']} possible" if found.get("possible") else found.get("not_proved", "")
    return f"{_seconds(found['seconds'])}{f', not decided: {told}' if told else ''}"


def _installed(package: str) -> int:
    """Bytes that a package takes with all its files; 0 when it is not there."""
    try:
        files = metadata.files(package) or []
    except metadata.PackageNotFoundError:
        return 0
    paths = [Path(str(file.locate())) for file in files]
    return sum(path.stat().st_size for path in paths if path.is_file() and path.suffix != ".pyc")


def _median(each: list[dict[str, Any]], key: str) -> float:
    return float(statistics.median(one[key] for one in each))


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds:.2f} s"


def _mebibytes(memory: float) -> str:
    return f"{memory / 2**20:.0f} MiB"


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


# --- the page ---------------------------------------------------------------------------------------------------------


def page(tables: Iterable[Table], lines: list[Line], when: str) -> tuple[str, str]:
    """docs/proof-cost.md, and its plot."""
    reach = [point[0] for line in lines for point in line.points]
    target = Line("target at 60", "#777", [(min(reach), SIZE_TARGET), (max(reach), SIZE_TARGET)], dashed=True)
    title = "Cost of the proof and of the counting against the number of questions"
    drawn = plot(title, "questions (150 findings and 80 rules for 60 of them)", "seconds", [*lines, target])
    return "\n\n".join(_paragraphs(list(tables), when)) + "\n", drawn


def _paragraphs(tables: list[Table], when: str) -> Iterator[str]:
    whole, sizes, others = (str(table).replace("### ", "## ") for table in tables)
    yield "# What the proof costs"
    yield f"<!-- Written by `make bench-check ARGS=--write`; the words are in bench/check.py. -->\n{when}"
    yield whole
    yield (
        f"Targets: {SHIPPED_TARGET:.0f} s and {MEMORY_TARGET / 2**30:.0f} GiB on two cores that do nothing else. "
        "*Processor* is the time that the process itself used: a busy machine makes *wall* longer by far, and "
        "*processor* somewhat."
    )
    yield sizes
    yield (
        "The flows come from `bench/generated.py`: who and age first, danger cards, combined rules of two to six "
        "findings that share them over the whole flow, guarded questions, a cause for every three questions. The proof "
        "is all properties of `signpost check`; only Telegram's own limits are left out, which about a hundred "
        f"questions exceed. Target: {SIZE_TARGET:.0f} s at {Size()}. Counting has a bound of memory; where it ends "
        "there, the check says *not counted*, and the proof stands without it."
    )
    yield f"![Cost against size]({PLOT.name})"
    yield others
    yield (
        "Memory is that of the whole process, the library and the symbols included. Seconds are those of writing the "
        "queries down for the engine and deciding them all. Nobody is found for any query: that is what S0 and S2 say. "
        "*Whole proof* is the processor time of every property of the shipped flows with that solver, without counting."
    )
    yield (
        "The three SAT solvers differ by less than the noise of the machine: they take about a fifth of a check, and "
        "writing statements down and playing conversations in the engine takes the rest. Glucose stays, for no other "
        "reason than that nothing is gained by changing it. A decision diagram holds all answers at once, which "
        "counting needs and deciding does not: even with each finding beside its card it costs far more. Z3 decides "
        "the same with theories that we have no use for, at their size."
    )


def _when() -> str:
    loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    day = datetime.now(tz=UTC).date()
    return (
        f"Measured on {day} on one machine with {os.cpu_count()} cores ({platform.system()}, {platform.machine()}, "
        f"Python {platform.python_version()}), whose load was {loads} (1, 5 and 15 minutes) at the end, with "
        "`make bench-check ARGS=--write`. Another machine gives other seconds; the ratios and the growth carry over."
    )


def main() -> int:
    """Measure and print; the exit code says whether the targets were met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write docs/proof-cost.md and its plot anew")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="questions of the generated flows")
    parser.add_argument("--seed", type=int, default=1, help="of the generated flows")
    parser.add_argument("--times", type=int, default=3, help="how often the shipped flows are checked")
    asked = parser.parse_args()
    whole = shipped(asked.times)
    print(whole, "\n", flush=True)
    sizes, lines = growing(asked.sizes, asked.seed)
    print(sizes, "\n", flush=True)
    others = engines()
    tables, when = [whole, sizes, others], _when()
    print(others, "\n", when, sep="\n")
    if asked.write:
        text, drawn = page(tables, lines, when)
        PAGE.write_text(text, "utf-8")
        PLOT.write_text(drawn, "utf-8")
    met = all(table.met for table in tables)
    print(f"targets (shipped {SHIPPED_TARGET:.0f} s, 60 questions {SIZE_TARGET:.0f} s): {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
