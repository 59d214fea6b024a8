"""What becomes of a mutant: the loader refuses it, it is worse or not, and the check sees it or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from unittest import mock

from bench.mutation.files import Loader, Mutant, Shipped
from bench.mutation.standing import Standing
from bench.mutation.texts import TEXT_KINDS
from bot.check import course
from bot.check.calm import s3
from bot.check.course import s7, s11
from bot.check.history import s10, s12
from bot.check.prover import NotProvedError
from bot.check.reach import s5, s6
from bot.check.safe import s0, s1, s2, s4
from bot.check.structure import structure_of_flow, structure_of_library
from bot.check.subject import Subject
from bot.check.texts import s8, s9
from bot.check.verdict import Findings
from bot.load import Library, LoadError
from bot.load.issues import Place
from bot.telegram.limits import too_long

LOADER = "loader"


@dataclass(frozen=True)
class Judged:
    """``worse`` says for whom, and is empty for what harms nobody; ``caught`` by what, and is empty for nothing."""

    mutant: Mutant
    worse: str = ""
    caught: str = ""

    @property
    def survived(self) -> bool:
        """Worse, and nothing saw it."""
        return bool(self.worse) and not self.caught


class _FoundError(Exception):
    """A property does not hold: the rest of it need not be looked at."""


class _First(Findings):
    """Stops at the first failure."""

    def fail(self, place: Place, message: str, chat: Iterable[str] = (), look: Iterable[Place] = ()) -> None:
        """Note that the property does not hold."""
        raise _FoundError(f"{message} ({place.file}:{place.line}, {len(tuple(chat))}, {len(tuple(look))})")


Shown = Callable[[Subject, Findings, Callable[[str], None]], None]
_QUICK: dict[str, Shown] = {"S0": s0, "S2": s2, "S11": s11, "structure": structure_of_flow, "S4": s4, "S5": s5}
"""What most mutants break: looked at with the solver that remembers."""
_SLOW: dict[str, Shown] = {"S3": s3, "S12": s12, "S1": s1, "S10": s10, "S6": s6}
"""The rest, each with a solver of its own, as in the check."""


class Judge:
    """Judges mutants of the shipped files, many in one process. ``thorough``: what harms nobody is checked, too."""

    def __init__(self, shipped: Shipped, *, thorough: bool = False) -> None:
        self.loader = Loader(shipped)
        self.thorough = thorough
        self.standings = {flow.id: Standing(flow) for flow in self.loader.load(None).flows.values()}
        self.today: date = datetime.now(tz=UTC).date()

    def close(self) -> None:
        """Give the solvers' memory back."""
        for standing in self.standings.values():
            standing.close()

    def judge(self, mutant: Mutant) -> Judged:
        """Load, compare and check one mutant."""
        try:
            library = self.loader.load(mutant)
        except LoadError:
            return Judged(mutant, caught=LOADER)
        if mutant.kind in TEXT_KINDS:
            return Judged(mutant, caught=self._texts(library))
        worse = caught = ""
        for name, standing in self.standings.items():
            if name not in library.flows:
                return Judged(mutant, f"flow '{name}' is gone")
            subject = standing.subject(library, library.flows[name])
            try:
                worse = worse or standing.worse(subject)
                if worse or self.thorough:
                    caught = caught or self._seen(subject)
            finally:
                standing.done(subject)
        if (worse or self.thorough) and not caught:
            caught = self._texts(library)
        return Judged(mutant, worse, caught)

    def _seen(self, subject: Subject) -> str:
        """The first property of a flow that does not hold."""
        for name, shown in _QUICK.items():
            if _fails(shown, subject):
                return name
        for name, shown in _SLOW.items():
            if _fails_afresh(shown, subject):
                return name
        with mock.patch.object(course, "count", _uncounted):
            return "S7" if _fails_afresh(partial(s7, patients={}), subject) else ""

    def _texts(self, library: Library) -> str:
        """The first property of the texts and of all flows together that does not hold."""
        try:
            structure_of_library(library, _First(), _quiet)
            s9(library, _First(), _quiet, self.today)
            s8(library, _First(), _quiet, (too_long,))
        except _FoundError:
            return "texts"
        return ""


def _fails(shown: Shown, subject: Subject) -> bool:
    try:
        shown(subject, _First(), _quiet)
    except _FoundError:
        return True
    return False


def _fails_afresh(shown: Shown, subject: Subject) -> bool:
    fresh = subject.fresh()
    try:
        return _fails(shown, fresh)
    finally:
        fresh.close()


def _quiet(_: str) -> None:
    """Nobody watches."""


def _uncounted(*_: object) -> None:
    """Counting conversations takes long and breaks nothing."""
    raise NotProvedError("not counted")
