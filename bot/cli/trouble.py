"""What is said when something fails: one line on standard error, and an exit code."""

from __future__ import annotations

import sys
from contextlib import suppress

OK = 0
"""All is well; a conversation that was left is, too."""

BROKEN = 1
"""Something is broken."""

WRONG_USE = 2
"""Something was asked for in a wrong way."""

INTERRUPTED = 130
"""Ended with Ctrl-C."""


class UsageError(Exception):
    """Something was asked for that is not there. The text is one line that says what there is."""


class BrokenError(Exception):
    """Something is broken that the person has to know about. The text says what, and what to do."""


def fail(text: str, code: int) -> int:
    """Say in one line what is wrong; returns the code."""
    tell(text)
    return code


def tell(text: str) -> None:
    """Say something on standard error, if anybody can hear it."""
    with suppress(OSError):
        print(f"signpost: {text}", file=sys.stderr)
