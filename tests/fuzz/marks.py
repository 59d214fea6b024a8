"""What the bot must never tell its operator: these stand in all that people write here, and in who they are."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

WORD = "kumquat"
"""Stands in every text that somebody here wrote, and in every name."""

NUMBER = 82739154
"""The first digits of everybody's number, and of every update's."""

BOT = 42
"""Who the bot is."""

USERNAME = "SignpostFuzzBot"
"""How the bot is called."""


def numbered(number: int, digits: int = 4) -> int:
    """A number that tells itself apart in a log."""
    return int(NUMBER * 10**digits + number)


def betrayed(line: str) -> bool:
    """Whether a line holds something that somebody wrote, or whose it was."""
    return WORD in line or str(NUMBER) in line
