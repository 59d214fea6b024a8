"""How well and how fast typed messages are understood.

    python -m bench.words danger FILE.jsonl...
    python -m bench.words answers FILE.jsonl... [--all]
    python -m bench.words speed

``danger`` judges labelled messages: of the dangerous ones, how many are caught (clear, or possible, which is asked
about); of the harmless ones, how many raise a false alarm; how often it asks back. Each miss is listed. ``answers``
judges answers in words (`bench.answers`). ``speed`` measures the reading of typical texts, noise, one danger word over
and over, and random Unicode, at lengths up to the longest message, beside a baseline in the same run: folding the case
of the same text and finding its words with a regular expression. *Cold*: no word has been read before.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.answers import answers
from bot.flow.understand.net import Net
from bot.flow.understand.verdict import Danger, Verdict, verdict
from bot.load import Library, load_library

ROOT = Path(__file__).parent.parent
RECALL, FALSE_ALARMS, CHECK_BACKS = 0.97, 0.08, 0.15
SHORT, LONGEST = 200, 4096
TARGET = 2e-3
"""Seconds for a message of 200 characters."""

LENGTHS = (250, 500, 1000, 2000, LONGEST)
LINEAR = 2.0
"""How much more a character of the longest text may cost than one of the costliest shorter text."""

_WORD = re.compile(r"\w+")


# --- labelled messages ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judged:
    """A labelled message, and what was made of it."""

    text: str
    label: str
    findings: tuple[str, ...]
    kind: str
    found: Verdict

    @property
    def danger(self) -> Danger:
        """The verdict's first word."""
        return self.found.danger

    def __str__(self) -> str:
        heard = ", ".join(
            f"{each.noticed.finding} {each.noticed.sure}" for each in (*self.found.findings, *self.found.noted)
        )
        left = ", ".join(f"{each.finding} {each.why}" for each in self.found.dismissed)
        parts = [f"wanted {', '.join(self.findings)}"] * bool(self.findings)
        parts += [f"heard {heard}"] * bool(heard) + [f"left {left}"] * bool(left)
        return f"  [{self.kind}] {self.text}\n      {'; '.join(parts) or 'heard nothing'}"


def judged(files: Iterable[Path], library: Library, flow: str, language: str) -> Iterator[Judged]:
    """Every labelled message of the files."""
    net = library.texts[language].net
    for file in files:
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                each: dict[str, Any] = json.loads(line)
                text, label = each["text"], each["label"]
            except (ValueError, KeyError, TypeError) as error:
                raise SystemExit(f"{file}:{number}: no labelled message ({error})") from None
            found = verdict(library.flows[flow], net.listen(text))
            yield Judged(text, label, tuple(each.get("findings", ())), each.get("kind", ""), found)


def share(part: int, whole: int) -> str:
    """A part in words and per cent."""
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none of none"


def danger(files: Iterable[Path], library: Library, flow: str, language: str) -> bool:
    """Print how well dangers are caught; whether all three targets are met."""
    every = list(judged(files, library, flow, language))
    by_label: dict[str, list[Judged]] = {"danger": [], "ambiguous": [], "harmless": []}
    for each in every:
        by_label.setdefault(each.label, []).append(each)
    dangers, ambiguous, harmless = by_label["danger"], by_label["ambiguous"], by_label["harmless"]
    missed = [each for each in dangers if each.danger is Danger.NONE]
    asked = [each for each in dangers if each.danger is Danger.POSSIBLE]
    alarms = [each for each in harmless if each.danger is Danger.CLEAR]
    needless = [each for each in harmless if each.danger is Danger.POSSIBLE]
    checked = [each for each in every if each.danger is Danger.POSSIBLE]
    answers = Counter(each.danger.value for each in ambiguous)
    _list("Missed", missed)
    _list("Only asked about", asked)
    _list("False alarms", alarms)
    _list("Asked back although harmless", needless)
    _list("Ambiguous, not asked about", [each for each in ambiguous if each.danger is not Danger.POSSIBLE])
    _list("With another finding than labelled", [each for each in dangers if _other(each)])
    print(f"messages      {len(every)}")
    print(f"caught        {share(len(dangers) - len(missed), len(dangers))}, at least {RECALL:.0%}")
    print(f"  clear       {share(len(dangers) - len(missed) - len(asked), len(dangers))}")
    print(f"false alarms  {share(len(alarms), len(harmless))}, at most {FALSE_ALARMS:.0%}")
    print(f"  asked back  {share(len(needless), len(harmless))}")
    print(f"check-backs   {share(len(checked), len(every))}, at most {CHECK_BACKS:.0%}")
    print(f"ambiguous     {', '.join(f'{answers[each.value]} {each.value}' for each in Danger)} of {len(ambiguous)}")
    print("by kind       " + ", ".join(_by_kind(dangers, missed)))
    return (
        len(dangers) - len(missed) >= RECALL * len(dangers)
        and len(alarms) <= FALSE_ALARMS * len(harmless)
        and len(checked) <= CHECK_BACKS * len(every)
    )


def _other(each: Judged) -> bool:
    """Caught, but by none of the findings that it was labelled with: right by chance, perhaps."""
    heard = {weighed.noticed.finding for weighed in (*each.found.findings, *each.found.noted)}
    return each.danger is not Danger.NONE and not heard & set(each.findings)


def _by_kind(dangers: list[Judged], missed: list[Judged]) -> Iterator[str]:
    there, gone = Counter(each.kind for each in dangers), Counter(each.kind for each in missed)
    for kind, count in gone.most_common():
        yield f"{kind} {count} missed of {there[kind]}"


def _list(title: str, messages: list[Judged]) -> None:
    if messages:
        print(f"{title}:")
        print("\n".join(map(str, messages)))
        print()


# --- speed ------------------------------------------------------------------------------------------------------------

_TYPICAL = (
    "hi, my mum is 71 and since about tuesday she finds it hard to lift her left leg, mostly on the stairs. it is a "
    "bit stiff in the morning, there is no pain in the back, and her bladder is fine. she takes a statin and something "
    "for her blood pressure, and the doctor said last year that it was her hip. should we wait or see somebody? "
)


def texts(chance: random.Random) -> dict[str, str]:
    """The longest text of each sort; shorter ones are its beginnings."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    noise = " ".join("".join(chance.choices(letters, k=chance.randint(1, 14))) for _ in range(LONGEST))
    unicode = "".join(chr(chance.randrange(1, 0xD800)) for _ in range(LONGEST))
    return {
        "typical": (_TYPICAL * 20)[:LONGEST],
        "noise": noise[:LONGEST],
        "one danger word": ("numb " * LONGEST)[:LONGEST],
        "no spaces": "".join(chance.choices(letters, k=LONGEST)),
        "random Unicode": unicode,
    }


def baseline(text: str) -> list[str]:
    """What any reading of a text does at least."""
    return _WORD.findall(text.casefold())


def median(work: Callable[[], object], times: int) -> float:
    """Median seconds of one call: those of this process, since machines are busy."""
    taken = []
    for _ in range(times):
        before = time.process_time()
        work()
        taken.append(time.process_time() - before)
    return statistics.median(taken)


def cold(net: Net, text: str, times: int) -> float:
    """Median seconds of a reading that remembers no word of a reading before: as in a first message."""
    taken = []
    for _ in range(times):
        net.vocabulary.forget()
        before = time.process_time()
        net.listen(text)
        taken.append(time.process_time() - before)
    return statistics.median(taken)


def speed(library: Library, language: str, times: int) -> bool:
    """Print what reading costs; whether the targets are met."""
    net = library.texts[language].net
    met = True
    print(f"{'':16}  {'characters':>10}  {'ms':>8}  {'cold ms':>8}  {'x baseline':>10}")
    every = texts(random.Random(1))
    for name, whole in every.items():
        for length in (SHORT, LONGEST):
            text = whole[:length]
            first, taken = cold(net, text, times), median(lambda text=text: net.listen(text), times)  # type: ignore[misc]
            base = median(lambda text=text: baseline(text), times)  # type: ignore[misc]
            print(f"{name:16}  {length:>10}  {1e3 * taken:8.3f}  {1e3 * first:8.3f}  {taken / base:10.1f}")
            met = met and (length != SHORT or first <= TARGET)
    print(f"\nAt most {1e3 * TARGET:.0f} ms for {SHORT} characters, cold.\n")
    print("microseconds a character, cold:")
    print(f"{'':16}  " + "  ".join(f"{length:>6}" for length in LENGTHS))
    for name, whole in every.items():
        costs = [cold(net, whole[:length], times) / length for length in LENGTHS]
        print(f"{name:16}  " + "  ".join(f"{1e6 * cost:6.2f}" for cost in costs))
        met = met and costs[-1] <= LINEAR * max(costs[:-1])
    return met


def main(arguments: list[str] | None = None) -> int:
    """Judge or measure; 0 when the targets are met."""
    parser = argparse.ArgumentParser(prog="python -m bench.words", description=__doc__.split("\n")[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder with flows/ and content/")
    parser.add_argument("--flow", default="leg_lift")
    parser.add_argument("--language", default="en")
    what = parser.add_subparsers(dest="what", required=True)
    labelled = what.add_parser("danger", help="judge labelled messages")
    labelled.add_argument("files", nargs="+", type=Path, metavar="FILE.jsonl")
    typed = what.add_parser("answers", help="judge labelled answers in words")
    typed.add_argument("files", nargs="+", type=Path, metavar="FILE.jsonl")
    typed.add_argument("--all", action="store_true", help="list the right ones, too")
    quick = what.add_parser("speed", help="measure the reading")
    quick.add_argument("--times", type=int, default=31)
    wish = parser.parse_args(arguments)
    library = load_library(wish.root / "flows", wish.root / "content")
    if wish.what == "danger":
        return 0 if danger(wish.files, library, wish.flow, wish.language) else 1
    if wish.what == "answers":
        return 0 if answers(wish.files, library, wish.flow, wish.language, every=wish.all) else 1
    return 0 if speed(library, wish.language, wish.times) else 1


if __name__ == "__main__":
    sys.exit(main())
