"""Faults in questions, rules, definitions and findings: one at a time, at every place of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.mutation.files import REMOVED, Edit, Mutant, Path_, Shipped
from bench.mutation.wording import variants
from bot.flow.model import Kind, Level

FIXED = ("findings", "safety", "shared", "sources")
LEVELS = [level.value for level in Level]
"""From the least pressing on."""


@dataclass(frozen=True)
class Source:
    """The shipped files, as the kinds of faults look at them."""

    shipped: Shipped

    @property
    def kinds(self) -> dict[str, str]:
        """Every finding's kind."""
        findings = self.shipped.documents["flows/findings.yaml"].data["findings"]
        return {name: entry["kind"] for name, entry in findings.items()}

    @property
    def flows(self) -> list[str]:
        """The files of the flows."""
        names = [name for name in self.shipped.documents if name.startswith("flows/")]
        return [name for name in names if name.removeprefix("flows/").removesuffix(".yaml") not in FIXED]

    def data(self, file: str) -> Mapping[str, Any]:
        """What a file holds."""
        return self.shipped.documents[file].data

    def texts_of(self, file: str) -> list[str]:
        """The files that hold the texts of a file of flows."""
        stem = file.removeprefix("flows/")
        return [name for name in self.shipped.documents if name.startswith("content/") and name.endswith(f"/{stem}")]

    def mutant(self, kind: str, at: tuple[str, Path_], what: str, *edits: Edit) -> Mutant:
        """A mutant whose fault stands at a file's path."""
        file, path = at
        return Mutant(kind, self.shipped.place(file, *path), what, edits)

    def change(self, kind: str, at: tuple[str, Path_], what: str, value: Any) -> Mutant:  # noqa: ANN401
        """A mutant that differs in one value."""
        return self.mutant(kind, at, what, Edit(*at, value))

    def questions(self) -> Iterator[tuple[str, Path_, Mapping[str, Any]]]:
        """Every question that is written out: its file, where it stands, what it says."""
        for file in ["flows/shared.yaml", *self.flows]:
            for place, entry in enumerate(self.data(file)["questions"]):
                if "use" not in entry:
                    yield file, ("questions", place), entry

    def rules(self) -> Iterator[tuple[str, Path_, Mapping[str, Any]]]:
        """Every rule."""
        for file in self.flows:
            for place, rule in enumerate(self.data(file)["triage"]["rules"]):
                yield file, ("triage", "rules", place), rule

    def is_danger(self, name: str) -> bool:
        """Whether a finding is a danger sign."""
        return self.kinds.get(name) == Kind.DANGER


Faults = Callable[[Source], Iterator[Mutant]]


# --- the order of the cards -------------------------------------------------------------------------------------------


def questions_dropped(source: Source) -> Iterator[Mutant]:
    """Each question goes, and its texts with it."""
    for file in source.flows:
        for place, entry in enumerate(source.data(file)["questions"]):
            path: Path_ = ("questions", place)
            name = entry.get("use") or entry["id"]
            edits = [Edit(file, path, REMOVED)]
            if "use" not in entry:
                edits += [Edit(text, ("questions", name), REMOVED) for text in source.texts_of(file)]
            yield source.mutant("question dropped", (file, path), f"question '{name}' is not asked", *edits)


def cards_moved(source: Source) -> Iterator[Mutant]:
    """Each card that asks for a danger sign comes later: by one, by three, and last of all."""
    asking = {
        entry["id"]
        for _, _, entry in source.questions()
        if any(source.is_danger(name) for option in entry["options"].values() for name in option.get("sets", ()))
    }
    for file in source.flows:
        cards = source.data(file)["questions"]
        for place, entry in enumerate(cards):
            name = entry.get("use") or entry["id"]
            rest = [*cards[:place], *cards[place + 1 :]]
            for later in dict.fromkeys((place + 1, place + 3, len(rest))):
                if name in asking and place < later <= len(rest):
                    moved = [*rest[:later], entry, *rest[later:]]
                    what = f"'{name}' is asked later by {later - place}"
                    at = (file, ("questions", place))
                    yield source.mutant("danger card moved back", at, what, Edit(file, ("questions",), moved))


def conditions_given(source: Source) -> Iterator[Mutant]:
    """Each card that is shown to everybody is shown to some only; once leaving it out says nothing, once *no*."""
    for file in source.flows:
        for place, entry in enumerate(source.data(file)["questions"]):
            name = entry.get("use") or entry["id"]
            shared = _shared(source, name)
            if "when" in entry or "when" in (shared[1] if shared else ()):
                continue
            at = (file, ("questions", place))
            for when in ("child", "not child"):
                what = f"'{name}' is asked only when '{when}'"
                kind = "card given a condition"
                yield source.mutant(kind, at, what, Edit(file, (*at[1], "when"), when))
                home = ("flows/shared.yaml", shared[0]) if shared else at
                silent = Edit(home[0], (*home[1], "skipped_means_no"), "Seeded.")
                what += ", and counts as 'no' to the others"
                yield source.mutant(kind, at, what, Edit(file, (*at[1], "when"), when), silent)


def _shared(source: Source, name: str) -> tuple[Path_, Mapping[str, Any]] | None:
    for file, path, entry in source.questions():
        if file == "flows/shared.yaml" and entry["id"] == name:
            return path, entry
    return None


def skips(source: Source) -> Iterator[Mutant]:
    """Leaving a question out counts as *no* where it did not, and the other way round."""
    for file, path, entry in source.questions():
        at, key = (file, path), (*path, "skipped_means_no")
        if "skipped_means_no" in entry:
            what = f"leaving out '{entry['id']}' says nothing any more"
            yield source.mutant("skipped_means_no removed", at, what, Edit(file, key, REMOVED))
        elif "when" in entry:
            what = f"leaving out '{entry['id']}' counts as 'no'"
            yield source.mutant("skipped_means_no added", at, what, Edit(file, key, "Seeded."))


# --- conditions -------------------------------------------------------------------------------------------------------


def whens(source: Source) -> Iterator[Mutant]:
    """Every slip in every condition of a question, a rule or a definition."""
    for owner, file, path, text, neighbour in _conditions(source):
        for slip, what, changed in variants(text, neighbour):
            name = path[-1] if owner == "definition" else _name(source, file, path)
            message = f"{owner} '{name}' {what}"
            yield source.change(f"when of a {owner}: {slip}", (file, path), message, changed)


def _conditions(source: Source) -> Iterator[tuple[str, str, Path_, str, Callable[[str], str | None]]]:
    findings = list(source.kinds)
    for file in source.flows:
        defined = list(source.data(file).get("define", {}))
        for place, name in enumerate(defined):
            earlier = _beside([*findings, *defined[:place]])
            yield "definition", file, ("define", name), source.data(file)["define"][name], earlier
        every = _beside([*findings, *defined])
        for place, entry in enumerate(source.data(file)["questions"]):
            if "when" in entry:
                yield "question", file, ("questions", place, "when"), entry["when"], every
        for place, rule in enumerate(source.data(file)["triage"]["rules"]):
            yield "rule", file, ("triage", "rules", place, "when"), rule["when"], every
    for place, entry in enumerate(source.data("flows/shared.yaml")["questions"]):
        if "when" in entry:
            yield "question", "flows/shared.yaml", ("questions", place, "when"), entry["when"], _beside(findings)


def _beside(names: Sequence[str]) -> Callable[[str], str | None]:
    """The name after one in the files; before it, where there is none after."""
    after = {name: names[place + 1] if place + 1 < len(names) else names[place - 1] for place, name in enumerate(names)}
    return after.get


def _name(source: Source, file: str, path: Path_) -> str:
    part: Any = source.data(file)
    for step in path[:-1]:
        part = part[step]
    return str(part.get("id") or part.get("use") or part.get("rule"))


# --- rules and findings -----------------------------------------------------------------------------------------------


def levels_lowered(source: Source) -> Iterator[Mutant]:
    """Each rule's level, and each *unsure*, one lower and lowest of all; each *unsure* gone."""
    for file, path, rule in source.rules():
        for key in ("level", "unsure"):
            if key not in rule:
                continue
            lower = LEVELS[: LEVELS.index(rule[key])]
            for level in dict.fromkeys((*lower[-1:], *lower[:1])):
                what = f"'{key}' of rule '{rule['rule']}' is {level}, not {rule[key]}"
                yield source.change(f"{key} lowered", (file, (*path, key)), what, level)
        if "unsure" in rule:
            what = f"rule '{rule['rule']}' has no 'unsure'"
            yield source.change("unsure removed", (file, (*path, "unsure")), what, REMOVED)


def rules_deleted(source: Source) -> Iterator[Mutant]:
    """Each rule goes, and its texts with it."""
    for file, path, rule in source.rules():
        texts = [Edit(text, ("rules", rule["rule"]), REMOVED) for text in source.texts_of(file)]
        yield source.mutant(
            "rule deleted", (file, path), f"rule '{rule['rule']}' is gone", Edit(file, path, REMOVED), *texts
        )


def actions_lowered(source: Source) -> Iterator[Mutant]:
    """Each rule says to do what is said at a lower level."""
    for file, path, rule in source.rules():
        actions = source.data(file)["triage"]["actions"]
        for level in LEVELS[: LEVELS.index(rule["level"])]:
            what = f"{rule['level']} rule '{rule['rule']}' says to do '{actions[level]}'"
            yield source.change("action of a lower level", (file, (*path, "action")), what, actions[level])


def findings_changed(source: Source) -> Iterator[Mutant]:
    """Each finding of every other kind, its text for the review card gone where it has none then; each finding gone."""
    file = "flows/findings.yaml"
    for name, kind in source.kinds.items():
        path: Path_ = ("findings", name)
        denied = [Edit(text, ("denied", name), REMOVED) for text in source.texts_of(file) if kind == Kind.DANGER]
        for other in Kind:
            if other != kind:
                what = f"'{name}' is {other.value}, not {kind}"
                edits = [Edit(file, (*path, "kind"), other.value), *denied]
                yield source.mutant(f"finding made {other.value}", (file, path), what, *edits)
        yield source.change("finding deleted", (file, path), f"'{name}' is gone", REMOVED)


COURSE: tuple[Faults, ...] = (questions_dropped, cards_moved, conditions_given, skips)
JUDGING: tuple[Faults, ...] = (whens, levels_lowered, rules_deleted, actions_lowered, findings_changed)
