"""Errors as the log may tell them: the kind and the place, since their texts may repeat what people wrote."""

from __future__ import annotations

BROKEN, WRONG_SETTING = 1, 2
"""Exit codes: something that may be better next time, and something that will not be until a person changes it."""


class StartError(Exception):
    """The bot cannot start, or go on. The text is one line: what is wrong and what to do; no token stands in it.

    ``code``: the exit code.
    """

    def __init__(self, text: str, code: int = BROKEN) -> None:
        super().__init__(text)
        self.code = code


def place_of(error: BaseException) -> str:
    """The kind of an error, and the module and line that raised it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    return f"{type(error).__name__} in {trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
