"""One question by itself: its options, and every check that needs nothing but the question and the findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.flow.conditions import ALWAYS, Condition
from bot.flow.model import Choose, Kind, Option
from bot.load.files import OptionEntry, QuestionEntry
from bot.load.issues import LoadRule, Place, listed
from bot.load.names import Names
from bot.load.yaml_reader import Document


@dataclass(frozen=True)
class Asked:
    """A question as a file has it, with its options compiled; ``path`` is where it stands in ``document``.

    ``when`` is the condition of a question in shared.yaml, which knows no definitions.
    """

    entry: QuestionEntry
    options: tuple[Option, ...]
    document: Document
    path: tuple[str | int, ...]
    when: Condition = ALWAYS

    def place(self, *more: str | int) -> Place:
        """Where a part of the question stands."""
        return self.document.place(*self.path, *more)

    @property
    def sets(self) -> int:
        """Mask of the findings its options set."""
        mask = 0
        for option in self.options:
            mask |= option.sets
        return mask


def read_shared(entries: Iterable[QuestionEntry], document: Document, names: Names) -> dict[str, Asked]:
    """The shared questions by id. What their conditions read is asked first is checked in each flow."""
    shared: dict[str, Asked] = {}
    for position, entry in enumerate(entries):
        path = ("questions", position)
        if entry.id in shared:
            names.report.add(
                LoadRule.DUPLICATE_QUESTION, document.place(*path), f"a second question '{entry.id}': rename one"
            )
        asked = read_question(entry, document, path, names)
        when = ALWAYS if entry.when is None else names.read(entry.when, document.place(*path, "when"), {})
        shared[entry.id] = replace(asked, when=when)
    return shared


def read_question(entry: QuestionEntry, document: Document, path: tuple[str | int, ...], names: Names) -> Asked:
    """Compile the options of a question and check it."""
    return _Reader(entry, document, path, names).read()


@dataclass(frozen=True)
class _Reader:
    """One question being read."""

    entry: QuestionEntry
    document: Document
    path: tuple[str | int, ...]
    names: Names

    def read(self) -> Asked:
        own = self.names.mask(name for option in self.entry.options.values() for name in option.sets)
        options = tuple(self._option(name, option, own) for name, option in self.entry.options.items())
        self._check_special(options)
        self._check_choices(options)
        self._check_range()
        if self.entry.choose is Choose.NUMBER:
            self._check_bands(options)
        return Asked(self.entry, options, self.document, self.path)

    def _note(self, rule: LoadRule, message: str, *more: str | int) -> None:
        self.names.report.add(rule, self.document.place(*self.path, *more), message)

    def _option(self, option_id: str, option: OptionEntry, own: int) -> Option:
        at = ("options", option_id)
        sets = self._findings(option.sets, option_id, "sets")
        denied = [] if option.denies == "rest" else self._findings(option.denies, option_id, "denies")
        if both := [name for name in denied if name in sets]:
            self._note(LoadRule.SETS_AND_DENIES, f"option '{option_id}' sets and denies {listed(both)}: keep one", *at)
        if foreign := [name for name in denied if not own & self.names.bits[name]]:
            self._note(
                LoadRule.FOREIGN_DENIAL,
                f"option '{option_id}' denies {listed(foreign)}, which no option of this question sets: remove it",
                *at,
                "denies",
            )
        if (option.unsure or option.denies == "rest") and (sets or denied):
            meaning = "'not sure'" if option.unsure else "'none of these'"
            self._note(
                LoadRule.SPECIAL_OPTION,
                f"option '{option_id}' says {meaning} and nothing else: remove what it sets or denies",
                *at,
            )
        return Option(
            id=option_id,
            sets=self.names.mask(sets),
            denies=self.names.mask(denied),
            rest=option.denies == "rest",
            unsure=bool(option.unsure),
            lowest=option.lowest,
            below=option.below,
        )

    def _findings(self, written: list[str], option_id: str, key: str) -> list[str]:
        at = ("options", option_id, key)
        found = self.names.findings(written, self.document.place(*self.path, *at), key)
        if heard := [name for name in found if self.names.kinds[name] is Kind.HEARD]:
            self._note(LoadRule.HEARD_SET, f"{listed(heard)} is only heard in typed text: no option may name it", *at)
        return [name for name in found if name not in heard]

    def _check_special(self, options: tuple[Option, ...]) -> None:
        rest = [option.id for option in options if option.rest]
        unsure = [option.id for option in options if option.unsure]
        if self.entry.choose is Choose.ANY and not rest:
            self._note(LoadRule.NONE_OPTION, "an 'any' question needs an option for none: add 'none: {denies: rest}'")
        if self.entry.choose is Choose.ANY and len(rest) > 1:
            self._note(LoadRule.NONE_OPTION, f"options {listed(rest)} both deny the rest: keep one", "options", rest[1])
        if self.entry.choose is not Choose.ANY and rest:
            self._note(
                LoadRule.NONE_OPTION, "'denies: rest' belongs to 'any' questions: name the findings", "options", rest[0]
            )
        if len(unsure) > 1:
            self._note(
                LoadRule.UNSURE_OPTION, f"options {listed(unsure)} are all 'not sure': keep one", "options", unsure[1]
            )
        named = [name for option in self.entry.options.values() for name in option.sets]
        dangers = [name for name in named if self.names.kinds.get(name) is Kind.DANGER]
        if dangers and not unsure:
            self._note(
                LoadRule.UNSURE_OPTION, f"asks for danger sign '{dangers[0]}': add an option 'unsure: {{unsure: true}}'"
            )

    def _check_choices(self, options: tuple[Option, ...]) -> None:
        choices = sum(1 for option in options if not option.rest and not option.unsure)
        least = 2 if self.entry.choose is Choose.ONE else 1
        if choices < least:
            self._note(
                LoadRule.TOO_FEW_CHOICES,
                f"too few choices ({choices} besides 'none' and 'not sure', at least {least}): add what is missing",
            )

    def _check_range(self) -> None:
        entry = self.entry
        if entry.choose is not Choose.NUMBER:
            bounds = [key for key, value in (("from", entry.smallest), ("to", entry.largest)) if value is not None]
            for key in bounds:
                self._note(LoadRule.NUMBER_RANGE, f"'{key}' belongs to number questions: remove it", key)
            for name, option in entry.options.items():
                if option.lowest is not None or option.below is not None:
                    self._note(
                        LoadRule.NUMBER_RANGE,
                        f"option '{name}' has a band, which belongs to number questions: remove it",
                        "options",
                        name,
                    )
        elif entry.smallest is None or entry.largest is None:
            self._note(LoadRule.NUMBER_RANGE, "a number question needs 'from' and 'to': add them")
        elif entry.smallest > entry.largest:
            self._note(
                LoadRule.NUMBER_RANGE, f"'from' {entry.smallest} is above 'to' {entry.largest}: swap them", "from"
            )

    def _check_bands(self, options: tuple[Option, ...]) -> None:
        smallest, largest = self.entry.smallest, self.entry.largest
        if smallest is None or largest is None or smallest > largest:
            return
        bands: list[tuple[int, int, str]] = []
        for option in options:
            if option.unsure or option.rest:
                continue
            lowest = smallest if option.lowest is None else option.lowest
            below = largest + 1 if option.below is None else option.below
            if lowest < smallest or below > largest + 1 or lowest >= below:
                self._note(
                    LoadRule.BAND_OUTSIDE,
                    f"band '{option.id}' holds no number or numbers outside {smallest} to {largest}: correct it",
                    *("options", option.id),
                )
            else:
                bands.append((lowest, below, option.id))
        if len(bands) == sum(1 for option in options if not option.unsure and not option.rest):
            self._check_cover(sorted(bands), smallest, largest)

    def _check_cover(self, bands: list[tuple[int, int, str]], smallest: int, largest: int) -> None:
        reached = smallest
        for lowest, below, name in [*bands, (largest + 1, largest + 2, "")]:
            if lowest > reached:
                missing = f"{reached} to {lowest - 1}" if lowest - 1 > reached else str(reached)
                self._note(LoadRule.BAND_GAP, f"no band holds {missing}: add one or widen a neighbour", "options")
            elif lowest < reached:
                self._note(
                    LoadRule.BAND_OVERLAP,
                    f"band '{name}' holds {lowest}, as another band does: move one bound",
                    "options",
                    name,
                )
            reached = max(reached, below)
