"""What was reached on labelled messages stays reached: the figures of docs/words.md, the unseen half included."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from bench.answers import judge, read_replies
from bot.flow.understand.verdict import Danger, verdict
from tests.served import FLOW, LIBRARY

FOLDER = Path(__file__).parent / "words"


def _lines(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("name", "caught", "false_alarms", "check_backs"),
    [("tuned", 0.99, 0.03, 0.09), ("unseen", 0.95, 0.07, 0.13), ("more", 0.99, 0.01, 0.06)],
)
def test_dangers_are_caught(name: str, caught: float, false_alarms: float, check_backs: float) -> None:
    """Of labelled messages so many dangers are caught, so few harmless ones alarm, so few are asked about."""
    counts: Counter[tuple[str, str]] = Counter()
    net = LIBRARY.texts["en"].net
    for line in _lines(f"danger_{name}.jsonl"):
        counts[str(line["label"]), verdict(FLOW, net.listen(str(line["text"]))).danger.value] += 1
    dangers, harmless = (sum(counts[label, each.value] for each in Danger) for label in ("danger", "harmless"))
    asked = sum(number for (_, danger), number in counts.items() if danger == Danger.POSSIBLE)
    assert 1 - counts["danger", "none"] / dangers >= caught
    assert counts["harmless", "clear"] / harmless <= false_alarms
    assert asked / counts.total() <= check_backs


@pytest.mark.parametrize(
    ("name", "right", "wrong"), [("tuned", 0.97, 0.01), ("unseen", 0.84, 0.065), ("more", 0.98, 0.01)]
)
def test_answers_are_understood(name: str, right: float, wrong: float) -> None:
    """Of labelled answers so many are taken as they were meant, and so few otherwise."""
    replies, flow = read_replies()
    cases = [judge(replies, flow, line) for line in _lines(f"answers_{name}.jsonl")]
    verdicts = Counter(case.verdict for case in cases)
    assert verdicts["right"] / len(cases) >= right
    assert verdicts["wrong"] / len(cases) <= wrong
