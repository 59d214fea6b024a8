"""Flows of two or three cards, built by hand: small enough to have every conversation, odd enough to use every feature.

None of them makes sense to a patient. Together they use all there is: the three ways to answer, options that set
several findings or deny some, numbers, conditions that stay open, cards that count as *no* when left out, *not sure*
with and without a second asking, rules whose unsure level is above their own, words that are heard, and a default
above routine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot.flow.causes import SOME, STRONG
from bot.flow.conditions import ALWAYS, compile_condition
from bot.flow.model import Cause, Choose, Evidence, Flow, Kind, Level, Option, Question, Rule
from bot.load import Library
from bot.load.issues import Place
from bot.load.library import Oracle
from tests.served import LIBRARY

KINDS = {"d": Kind.DANGER, "c": Kind.CONTEXT, "s": Kind.SYMPTOM, "h": Kind.HEARD}
Value = TypeVar("Value")


@dataclass(frozen=True)
class Card:
    """A question in short: each option with the names of what it sets, and with ``-`` of what it denies."""

    id: str
    choose: Choose
    options: Mapping[str, str]
    when: str = ""
    unsure: bool = True
    skipped_means_no: bool = False
    bands: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)


class _Anywhere(dict[tuple[str, ...], Place]):
    """Everything stands somewhere: hand-made flows have no files."""

    def __missing__(self, key: tuple[str, ...]) -> Place:
        return Place("/".join(key), 7)


def tiny(
    name: str,
    findings: str,
    cards: Sequence[Card],
    rules: Mapping[str, tuple[Level, Level | None, str]],
    causes: Mapping[str, tuple[str, Mapping[str, int]]] | None = None,
    default: Level = Level.ROUTINE,
) -> Flow:
    """A flow. ``findings``: names, each starting with the letter of its kind; rules: level, unsure level, condition."""
    names = tuple(findings.split())
    bits = {finding: 1 << place for place, finding in enumerate(names)}

    def mask(said: str, *, denied: bool) -> int:
        return sum(bits[word.removeprefix("-")] for word in said.split() if word.startswith("-") is denied)

    questions = []
    for card in cards:
        options = [
            Option(
                option,
                mask(said, denied=False),
                mask(said, denied=True),
                lowest=card.bands.get(option, (None, None))[0],
                below=card.bands.get(option, (None, None))[1],
            )
            for option, said in card.options.items()
        ]
        options += [Option("none", rest=True)] if card.choose is Choose.ANY else []
        options += [Option("unsure", unsure=True)] if card.unsure else []
        when = compile_condition(card.when, bits) if card.when else ALWAYS
        largest = 99 if card.choose is Choose.NUMBER else 0
        questions.append(Question(card.id, card.choose, tuple(options), when, card.skipped_means_no, 0, largest))
    return Flow(
        id=name,
        version="1",
        findings=names,
        kinds={finding: KINDS[finding[0]] for finding in names},
        questions=tuple(questions),
        default=default,
        rules=tuple(
            Rule(rule, level, compile_condition(when, bits), f"go_{level.value}", unsure)
            for rule, (level, unsure, when) in rules.items()
        ),
        causes=tuple(
            Cause(
                cause,
                compile_condition(needs, bits) if needs else ALWAYS,
                tuple(Evidence(said, compile_condition(said, bits), weight) for said, weight in evidence.items()),
            )
            for cause, (needs, evidence) in (causes or {}).items()
        ),
        actions={level: f"go_{level.value}" for level in Level},
    )


def library_of(*flows: Flow, oracle: Oracle | None = None) -> Library:
    """A library of hand-made flows: an oracle of nothing, and no texts of their own."""
    return replace(
        LIBRARY, flows={flow.id: flow for flow in flows}, oracle=oracle or Oracle(), places=_Anywhere(), texts={}
    )


ONE, ANY, NUMBER = Choose.ONE, Choose.ANY, Choose.NUMBER
ROUTINE, SOON, URGENT, EMERGENCY = Level

PELVIS = tiny(
    "pelvis",
    "d_saddle d_bladder c_old h_collapse",
    [
        Card("signs", ANY, {"saddle": "d_saddle", "bladder": "d_bladder"}),
        Card("since", ONE, {"old": "c_old", "new": "-c_old"}, when="d_bladder"),
    ],
    {
        "saddle": (EMERGENCY, EMERGENCY, "d_saddle"),
        "bladder": (EMERGENCY, URGENT, "d_bladder and not c_old"),
        "collapse": (EMERGENCY, EMERGENCY, "h_collapse"),
    },
    {"nerve": ("", {"d_bladder": STRONG, "c_old": -SOME})},
)
"""Ends at a tick, at a combination, at something heard, and by doubt."""

FOOT = tiny(
    "foot",
    "c_young c_aged d_weak d_cold s_sore",
    [
        Card("age", NUMBER, {"young": "c_young", "grown": "", "aged": "c_aged"},
             bands={"young": (None, 16), "grown": (16, 65), "aged": (65, None)}),
        Card("foot", ONE, {"weak": "d_weak", "cold": "d_weak d_cold", "fine": ""}),
        Card("sore", ONE, {"sore": "s_sore", "not_sore": "-s_sore"}, unsure=False),
    ],
    {
        "aged_weak": (URGENT, EMERGENCY, "d_weak and (c_aged or c_young and d_cold)"),
        "cold": (EMERGENCY, URGENT, "d_cold and not c_young"),
        "weak": (SOON, SOON, "d_weak or s_sore"),
    },
    {
        "worn": ("not c_young", {"s_sore": STRONG, "c_aged": SOME, "d_cold": -STRONG}),
        "strain": ("", {"s_sore": STRONG, "c_young": SOME, "d_weak": -SOME}),
        "clot": ("d_cold", {"d_cold": STRONG}),
    },
    default=SOON,
)  # fmt: skip
"""Numbers with *not sure*, a doubt that counts for more than a yes, a default above routine."""

SKIPS = tiny(
    "skips",
    "d_a d_b s_c c_d s_e",
    [
        Card("first", ANY, {"a": "d_a"}),
        Card("second", ANY, {"b": "d_b", "both": "d_b s_c", "only_c": "s_c -d_b"}, when="d_a",
             skipped_means_no=True),
        Card("third", ONE, {"d": "c_d", "not_d": "-c_d"}, when="d_b or s_c and not d_a"),
        Card("fourth", ANY, {"e": "s_e"}, when="c_d or d_b", skipped_means_no=True),
    ],
    {
        "b": (EMERGENCY, EMERGENCY, "d_b and s_c and not c_d"),
        "e": (URGENT, URGENT, "s_e and (d_b or d_a)"),
        "a": (SOON, None, "d_a or not s_c and c_d"),
    },
    {"one": ("s_c", {"d_a": STRONG}), "two": ("", {"d_a": STRONG, "s_e": SOME}), "three": ("", {})},
)  # fmt: skip
"""Cards that are left out and then count as *no*, conditions that stay open, options that set or deny several."""

QUIET = tiny(
    "quiet",
    "c_old s_sore s_stiff",
    [
        Card("old", ONE, {"old": "c_old", "new": ""}),
        Card("feel", ANY, {"sore": "s_sore", "stiff": "s_stiff"}, when="not c_old", unsure=False),
    ],
    {"old_sore": (SOON, None, "c_old or s_sore and s_stiff")},
)
"""No danger in it, and no causes."""

DEAD_END = tiny(
    "dead_end",
    "d_a s_b d_c",
    [
        Card("first", ANY, {"a": "d_a"}),
        Card("second", ONE, {"b": "s_b", "other": ""}, when="d_a"),
        Card("third", ONE, {"c": "d_c", "other": ""}, when="d_a"),
    ],
    {"a": (EMERGENCY, EMERGENCY, "d_a and (d_c or not d_c)")},
)
"""Whoever is asked much ends with an emergency: the longest conversation is none of the calm ones."""

ALL = (PELVIS, FOOT, SKIPS, QUIET, DEAD_END)
