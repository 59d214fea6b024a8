"""Flows of any size that look like real ones, to measure the proof on: who, danger cards, combined dangers, causes.

    python -m bench.generated FOLDER --questions 60 --findings 150 --rules 80 --seed 1

writes `flows/` and `content/` into a folder. The loader reads them like any others, and every property holds of them
(above a hundred questions there are more buttons than Telegram shows below a message, which S8 says). The safety
oracle says of each option what the flow says, and has a row for each rule: the same spelled otherwise, joined with
another, or narrowed. The same size and seed give the same files.

Rules mostly read findings of cards near each other; every fourth comes from anywhere, and time, age and *a doctor has
looked at it* are read all over, so that no flow falls into parts that could be proved one by one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from bench.draft import ALONE, COMBINED, FIXED, LEVELS, REST, Draft, Size
from bot.flow.understand.context import Cue
from bot.load import Library, load_library

ROOT = Path(__file__).parent.parent
FLOW = "generated"
_ACTIONS = dict(zip(LEVELS, ("routine", "doctor_soon", "same_day", "ambulance"), strict=True))


class _Files:
    """A draft as the files of a library."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft

    def all(self) -> dict[str, Any]:
        """Every file, by its path."""
        kinds = self.draft.kinds
        actions = {action: {"headline": f"Care: {level}", "do": ["Get help."]} for level, action in _ACTIONS.items()}
        return {
            "flows/findings.yaml": {
                "findings": {name: {"kind": kind, "means": f"There is {_words(name)}."} for name, kind in kinds.items()}
            },
            "flows/sources.yaml": {"sources": {"generator": {"title": "Made up", "publisher": "Signpost"}}},
            "flows/safety.yaml": self._safety(),
            f"flows/{FLOW}.yaml": self._flow(),
            f"content/en/{FLOW}.yaml": self._texts(),
            "content/en/findings.yaml": {
                "said": {name: _words(name) for name in kinds},
                "denied": {name: _words(name) for name, kind in kinds.items() if kind == "danger"},
            },
            "content/en/actions.yaml": {"actions": actions},
            "content/en/concepts.yaml": {
                "stemmer": "english", "fillers": ["the"], "cues": {cue.value: [f"cue {cue.value}"] for cue in Cue},
            },
            "content/en/dangers/all.yaml": {"findings": {
                name: {"clear": [_typed(name)], "examples": [_typed(name)], "near_misses": ["nothing of it"]}
                for name, kind in kinds.items() if kind in {"danger", "heard"}
            }},
            **{f"content/en/causes/{name}.yaml": _cause_text(name) for name in self.draft.causes},
        }  # fmt: skip

    def _asked(self) -> list[dict[str, Any]]:
        unsure = {"unsure": {"unsure": True}}
        fixed: list[dict[str, Any]] = [
            {"id": "about", "choose": "one",
             "options": {name: {"sets": [f"about_{name}"]} for name in ("me", "adult", "child")}},
            {"id": "age", "choose": "number", "from": 0, "to": 120, "options": {
                "under_16": {"below": 16, "sets": ["child"]}, "from_16": {"from": 16, "below": 60},
                "from_60": {"from": 60, "sets": ["older"]}, **unsure}},
        ]  # fmt: skip
        times = {
            "id": "onset",
            "choose": "one",
            "options": {name: {"sets": [name]} for name in FIXED if name.startswith("onset")} | unsure,
        }
        so_far = {
            "id": "so_far",
            "choose": "any",
            "options": {"assessed": {"sets": ["assessed"]}, "better": {"sets": ["better"]}, "none": {"denies": "rest"}}
            | unsure,
        }
        by_part: list[list[dict[str, Any]]] = [[], [], []]
        for card in self.draft.cards:
            options: dict[str, Any] = {name: {"sets": [name]} for name in card.names}
            options |= {"nothing": {}} if card.choose == "one" else {"none": {"denies": "rest"}}
            question: dict[str, Any] = {"id": card.id, "choose": card.choose}
            if card.when:
                question |= {"when": " or ".join(card.when), "skipped_means_no": "It goes with what was denied."}
            by_part[card.part].append(question | {"options": options | unsure})
        return [*fixed, *by_part[ALONE], times, so_far, *by_part[COMBINED], *by_part[REST]]

    def _flow(self) -> dict[str, Any]:
        names = list(self.draft.causes)
        return {
            "flow": FLOW,
            "define": self.draft.defined(),
            "audience": {"child": "about_child", "they": "about_adult"},
            "questions": self._asked(),
            "notices": {"child_alone": "about_me and child"},
            "triage": {
                "default": "routine",
                "actions": _ACTIONS,
                "rules": [
                    {
                        "rule": f"rule_{number + 1}",
                        "level": rule.level,
                        "action": _ACTIONS[rule.level],
                        "unsure": rule.unsure,
                        "when": self.draft.condition(rule),
                        "rule_out": [names[number % len(names)]],
                        "sources": ["generator"],
                    }
                    for number, rule in enumerate(self.draft.rules)
                ],
            },
            "causes": self.draft.causes,
        }

    def _safety(self) -> dict[str, Any]:
        rows = [
            {
                "row": f"row_{number + 1}",
                "level": rule.level,
                "unsure": rule.unsure,
                "when": when,
                "says": f"Rule {number + 1} once more.",
                "sources": ["generator"],
            }
            for number, (rule, when) in enumerate(self.draft.rows)
        ]
        calming = sorted({name for rule in self.draft.rules for name in rule.without})
        return {
            "define": self.draft.defined(),
            "rows": rows,
            "answers": [_meaning(question) for question in self._asked()],
            "calms": [
                {"finding": name, "because": "It is no new alarm.", "sources": ["generator"]} for name in calming
            ],
            "cards": {"longest": 2 * self.draft.size.questions + 1, "typical": self.draft.size.questions + 1},
        }

    def _texts(self) -> dict[str, Any]:
        alarming = {name for rule in self.draft.rules if rule.level != "soon" for name in rule.names}
        questions = {}
        for question in self._asked():
            sets = {name for option in question["options"].values() for name in option.get("sets", ())}
            again = (
                {"again": "Once more, in other words?"} if sets & alarming and "unsure" in question["options"] else {}
            )
            questions[question["id"]] = {
                "ask": f"What about {_words(question['id'])}?", "why": "It changes how soon to see whom.", **again,
                "short": _words(question["id"]), "options": {name: _words(name) for name in question["options"]},
            }  # fmt: skip
        rules = {
            f"rule_{number + 1}": {
                "title": f"Reason {number + 1}",
                "because": "This needs care.",
                "phone": "I need help.",
            }
            for number in range(len(self.draft.rules))
        }
        return {
            "title": "A generated check", "about": "Made up to measure the proof.", "watch": ["It gets worse"],
            "questions": questions, "rules": rules, "notices": {"child_alone": "Ask an adult to help you."},
        }  # fmt: skip


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _typed(name: str) -> str:
    """A word that nobody types for anything else."""
    return "".join(f"{chr(ord('a') + int(sign))}o" if sign.isdecimal() else sign for sign in name if sign != "_") + "q"


def _meaning(question: dict[str, Any]) -> dict[str, Any]:
    """What the oracle says of a card's answers: the same, once more."""
    said = {"question": question["id"], "choose": question["choose"]}
    if question["choose"] == "number":
        return said | {"numbers": {"child": {"below": 16}, "older": {"from": 60}}}
    means = {
        name: option.get("sets", []) for name, option in question["options"].items() if name not in {"none", "unsure"}
    }
    if "when" in question:
        said |= {"skip": f"not ({question['when']})", "because": "It goes with what was denied."}
    return said | {"means": means}


def _cause_text(name: str) -> dict[str, Any]:
    text = f"{_words(name)} is made up."
    said = dict.fromkeys(("summary", "why", "clinician", "urgent"), text)
    listed = {"notice": [text], "helps": [text], "sources": ["generator"]}
    return {"name": _words(name), **said, **listed, "last_reviewed": "2026-11-22", "reviewed_by": ""}


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        """Write everything out."""
        return True


def write(size: Size, seed: int, folder: Path) -> None:
    """Write a whole library: ``flows`` and ``content`` in a folder."""
    for path, data in _Files(Draft(size, seed)).all().items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120), "utf-8")
    words = (ROOT / "content" / "en" / "language.yaml").read_text("utf-8")
    (folder / "content" / "en" / "language.yaml").write_text(words, "utf-8")


def generate(size: Size, seed: int = 1) -> Library:
    """The same, read by the loader."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(size, seed, folder)
        return load_library(folder / "flows", folder / "content")


def main() -> int:
    """Write a library to a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    default = Size()
    for name in ("questions", "findings", "rules"):
        parser.add_argument(f"--{name}", type=int, default=getattr(default, name))
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    write(Size(asked.questions, asked.findings, asked.rules), asked.seed, asked.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
