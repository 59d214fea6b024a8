"""Faults in what the options of a question say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench.mutation.files import REMOVED, Edit, Mutant, Path_
from bench.mutation.flows import Faults, Source

Options = Mapping[str, Mapping[str, Any]]


def _choices(options: Options) -> list[str]:
    """The options that say something: without *none of these* and *not sure*."""
    return [name for name, option in options.items() if option.get("denies") != "rest" and not option.get("unsure")]


def dropped(source: Source) -> Iterator[Mutant]:
    """Each option goes, its texts with it; and each finding that an option sets."""
    for file, path, entry in source.questions():
        name = entry["id"]
        for option, said in entry["options"].items():
            at = (file, (*path, "options", option))
            texts = [Edit(text, ("questions", name, "options", option), REMOVED) for text in source.texts_of(file)]
            what = f"'{name}' does not offer '{option}'"
            yield source.mutant("option dropped", at, what, Edit(*at, REMOVED), *texts)
            sets = said.get("sets", [])
            for finding in sets:
                rest = [each for each in sets if each != finding]
                what = f"option '{option}' of '{name}' does not set '{finding}'"
                yield source.change("finding of an option dropped", (file, (*at[1], "sets")), what, rest)


def swapped(source: Source) -> Iterator[Mutant]:
    """Two options say what the other says: all neighbours, and all pairs with a danger sign."""
    for file, path, entry in source.questions():
        options: Options = entry["options"]
        choices = _choices(options)
        for place, one in enumerate(choices):
            for other in choices[place + 1 :]:
                first, second = options[one].get("sets", []), options[other].get("sets", [])
                danger = any(source.is_danger(name) for name in (*first, *second))
                if first != second and (danger or other == choices[place + 1]):
                    at = (file, (*path, "options", one))
                    what = f"options '{one}' and '{other}' of '{entry['id']}' set what the other does"
                    edits = [Edit(file, (*path, "options", one, "sets"), second)]
                    edits.append(Edit(file, (*path, "options", other, "sets"), first))
                    yield source.mutant("what two options set swapped", at, what, *edits)


def denying(source: Source) -> Iterator[Mutant]:
    """An option denies, besides, another finding of its question: every one of *any*, the next one elsewhere."""
    for file, path, entry in source.questions():
        options: Options = entry["options"]
        asked = list(dict.fromkeys(name for option in options.values() for name in option.get("sets", ())))
        for option in _choices(options):
            others = [name for name in asked if name not in options[option].get("sets", ())]
            for finding in others if entry["choose"] == "any" else others[:1]:
                denied = [*options[option].get("denies", []), finding]
                what = f"option '{option}' of '{entry['id']}' denies '{finding}'"
                at = (file, (*path, "options", option, "denies"))
                yield source.change("option denies one finding more", at, what, denied)


def chosen_otherwise(source: Source) -> Iterator[Mutant]:
    """Of several options only one can be chosen, and the other way round."""
    for file, path, entry in source.questions():
        options: Options = entry["options"]
        at = (file, path)
        if entry["choose"] == "any":
            plain = {name: {} if option.get("denies") == "rest" else option for name, option in options.items()}
            changed = {**entry, "choose": "one", "options": plain}
            what = f"of '{entry['id']}' only one option can be chosen"
            yield source.change("any made one", at, what, changed)
        elif entry["choose"] == "one":
            changed = {**entry, "choose": "any", "options": {**options, "none": {"denies": "rest"}}}
            texts = [
                Edit(text, ("questions", entry["id"], "options", "none"), "None") for text in source.texts_of(file)
            ]
            what = f"of '{entry['id']}' several options can be chosen"
            yield source.mutant("one made any", at, what, Edit(file, path, changed), *texts)


def bounds_moved(source: Source) -> Iterator[Mutant]:
    """Each bound of a number question one higher and lower, alone and with the band that it meets."""
    for file, path, entry in source.questions():
        if entry["choose"] != "number":
            continue
        for bound, step in ((bound, step) for bound in _bounds(entry) for step in (1, -1)):
            touched = [at for at, value in _bounded(entry) if value == bound]
            for chosen in [touched, *([[at] for at in touched] if len(touched) > 1 else [])]:
                edits = [Edit(file, (*path, *at), bound + step) for at in chosen]
                where = " and ".join("/".join(map(str, at[-2:])) for at in chosen)
                what = f"{where} of '{entry['id']}' is {bound + step}, not {bound}"
                yield source.mutant("number bound shifted", (file, (*path, *chosen[0])), what, *edits)


def _bounded(entry: Mapping[str, Any]) -> Iterator[tuple[Path_, int]]:
    yield from (((key,), entry[key]) for key in ("from", "to") if key in entry)
    for name, option in entry["options"].items():
        yield from ((("options", name, key), option[key]) for key in ("from", "below") if key in option)


def _bounds(entry: Mapping[str, Any]) -> list[int]:
    return sorted({value for _, value in _bounded(entry)})


OPTIONS: tuple[Faults, ...] = (dropped, swapped, denying, chosen_otherwise, bounds_moved)
