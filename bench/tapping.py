"""Which button somebody taps who has a load to make: mostly *none of these*, and always one that leads on."""

from __future__ import annotations

import random
from collections.abc import Sequence

RESULT = "New check"
"""The button that only a finished conversation has."""

_AWAY = frozenset(
    {
        "Back",
        "Stop",
        "Why do you ask?",
        "Change an answer",
        "No, change an answer",
        "Other numbers",
        "Not sure",
    }
)
_WISHED = frozenset({"Done", "None of these", "Yes, all correct"})


def choose(labels: Sequence[str], chance: random.Random) -> str:
    """The label to tap."""
    wished = [label for label in labels if label in _WISHED]
    onward = [label for label in labels if label not in _AWAY and not label.startswith(("☐", "☑", "🚨"))]
    boxes = [label for label in labels if label.startswith("☐")]
    return chance.choice(wished or onward or boxes)
