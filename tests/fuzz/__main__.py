"""`make fuzz`: updates at random through the real update path, and bodies at random to the real web server."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.fuzz.fuzz import Report, fuzz_posts, fuzz_updates

ENOUGH, BODIES = 100_000, 4_000


def main(arguments: list[str] | None = None) -> int:
    """Fuzz, and print what came of it; returns 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--updates", type=int, default=ENOUGH, help="how many (%(default)s)")
    parser.add_argument("--bodies", type=int, default=BODIES, help="how many posts to the web server (%(default)s)")
    parser.add_argument("--people", type=int, default=80, help="how many talk with the bot (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same one gives the same updates (%(default)s)")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        reports: list[Report] = []
        if chosen.updates:
            file = Path(folder, "updates.db")
            reports.append(fuzz_updates(file, chosen.updates, chosen.seed, chosen.people, tell=_progress))
        if chosen.bodies:
            reports.append(fuzz_posts(Path(folder, "posts.db"), chosen.bodies, chosen.seed, chosen.people))
    for report in reports:
        sys.stdout.write(f"{report}\n")
    return 1 if any(report.problems for report in reports) else 0


def _progress(words: str) -> None:
    sys.stderr.write(f"{words}\n")


if __name__ == "__main__":
    sys.exit(main())
