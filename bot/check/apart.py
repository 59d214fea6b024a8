"""Counting, and playing what changes and time do, in a process of its own: beside the proof, on another core.

It cannot take the proof down either: a decision diagram asks for its memory at once, and where there is too little, its
library ends the process it runs in.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import Self

from bot.check.count import Count, count
from bot.check.prove import Wish, prove
from bot.check.prover import Budget, NotProvedError
from bot.check.verdict import Verdict
from bot.flow.model import Flow
from bot.load import Library

PLAYED = frozenset({"S10", "S12"})
"""The properties that are looked at apart."""


class Apart:
    """Begins at once what is done apart; use as a context manager. `wish` is the wish to hand to `prove`."""

    def __init__(self, library: Library, wish: Wish) -> None:
        played = PLAYED & wish.only if wish.only else PLAYED
        self._pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        self._counts: dict[str, Future[Count]] = {}
        if not wish.only or "S7" in wish.only:
            self._counts = {name: self._pool.submit(count, flow, wish.budget) for name, flow in library.flows.items()}
        self._played: Future[list[Verdict]] | None = None
        if played:
            self._played = self._pool.submit(_verdicts, library, replace(wish, only=played, measures=(), counter=None))
        self._budget = wish.budget
        self.wish = replace(wish, counter=self._count, apart=(PLAYED, self._verdict))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _count(self, flow: Flow, budget: Budget) -> Count:
        try:
            return self._counts[flow.id].result(timeout=max(budget.left, 0.0))
        except BrokenProcessPool:
            raise NotProvedError("the conversations were not counted: there was too little memory for it") from None
        except TimeoutError:
            raise NotProvedError("the conversations were not counted: that takes too long") from None

    def _verdict(self, name: str, flow: str) -> Verdict:
        reason = "not proved: this was not looked at"
        try:
            verdicts = self._played.result(timeout=max(self._budget.left, 0.0)) if self._played else []
            return next(verdict for verdict in verdicts if (verdict.name, verdict.flow) == (name, flow))
        except BrokenProcessPool:
            reason = "not proved: the process that plays it ended, probably for want of memory"
        except TimeoutError:
            reason = f"not proved: {self._budget.seconds:.0f} seconds were not enough (--seconds allows more)"
        except StopIteration:
            pass
        return Verdict(name, flow, 0.0, not_proved=reason)


def _verdicts(library: Library, wish: Wish) -> list[Verdict]:
    return list(prove(library, wish))
