"""Chance that can be had again: the same seed and the same name draw the same."""

from __future__ import annotations

from random import Random


class Chance:
    """Draws by name, so that how often one thing is asked for changes nothing for another."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._draws: dict[str, Random] = {}

    def of(self, name: str) -> Random:
        """The draws of this name."""
        if name not in self._draws:
            self._draws[name] = Random(f"{self._seed} {name}")  # noqa: S311 - faults for tests, no secrets
        return self._draws[name]

    def hits(self, name: str, share: float) -> bool:
        """Draw once: whether it hits, as it does in this share of all cases (0 to 1)."""
        return share > 0 and self.of(name).random() < share
