"""How well answers in words are understood: right, asked again, silently wrong.

Labelled answers are JSON lines with ``question``, ``text``, ``date`` and ``answer``; what was wrong is listed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bot.flow.events import Answer, Back, Change, Event, Mark, NotSure, Number, Stop, Why
from bot.flow.model import Flow, Question
from bot.flow.understand.answers import Replies
from bot.flow.understand.reply import Day, Reply
from bot.load import Library, load_library

ROOT = Path(__file__).resolve().parent.parent
EXTRA = "unsure"
RIGHT, WRONG = 0.95, 0.01


def day_of(text: str) -> Day:
    """A date as the flow takes it."""
    when = date.fromisoformat(text)
    return Day(when.year, when.month, when.day, when.weekday(), when.toordinal() - date(1970, 1, 1).toordinal())


def read_replies() -> tuple[Replies, Flow]:
    """The English answers and the shipped flow."""
    return _replies_of(load_library(ROOT / "flows", ROOT / "content"), "leg_lift", "en")


def _replies_of(library: Library, flow: str, language: str) -> tuple[Replies, Flow]:
    replies = library.texts[language].replies
    if replies is None:
        raise SystemExit(f"there is no content/{language}/answers.yaml: nothing reads answers in words")
    return replies, library.flows[flow]


@dataclass(frozen=True)
class Case:
    """One labelled answer and what came of it."""

    line: dict[str, Any]
    reply: Reply
    verdict: str

    def __str__(self) -> str:
        ways = " | ".join(" + ".join(map(_short, way)) for way in self.reply.ways) or "-"
        line = self.line
        return f"{self.verdict:6} {line['question']:14} {line['text']!r}: {json.dumps(line['answer'])} <- {ways}"


def _short(event: Event) -> str:
    match event:
        case Answer(question, options) | Mark(question, options):
            return f"{type(event).__name__}({question}: {', '.join(options)})"
        case Number(question, value):
            return f"{question}={value}"
    return type(event).__name__


def judge(replies: Replies, flow: Flow, line: dict[str, Any]) -> Case:
    """Compare one answer with its label."""
    question = flow.question(line["question"])
    place = flow.place[question.id]
    answer = line["answer"]
    before = flow.questions[place - 1] if place else None
    if "correct" in answer:
        before = flow.question(answer["correct"]["question"])
    options = tuple(option.id for option in question.options)
    danger = question.id in flow.danger_questions
    reply = replies.reply(line["text"], question, options, before, day_of(line["date"]), danger=danger)
    return Case(line, reply, _verdict(reply, answer, question))


def _said(way: tuple[Event, ...]) -> dict[str, Any]:
    """A way in the words of the labels."""
    *first, last = way
    match last:
        case Answer(_, options) | Mark(_, options):
            said: dict[str, Any] = {"options": sorted(options)}
        case Number(_, value):
            said = {"number": value}
        case NotSure():
            said = {"options": [EXTRA]}
        case Back():
            said = {"back": True}
        case Why() | Stop():
            said = {"nothing": True}
        case _:
            said = {"other": type(last).__name__}
    if first and isinstance(first[0], Change) and "options" in said:
        return {"correct": {"question": first[0].question, "options": said["options"]}}
    return said


def _band(said: dict[str, Any], question: Question) -> dict[str, Any]:
    """A number as the option that it falls into, where the label names one: *in her eighties* is 50 or older."""
    options = [option.id for option in question.choices if "number" in said and option.holds(said["number"])]
    return {"options": options} if options else said


def _verdict(reply: Reply, answer: dict[str, Any], question: Question) -> str:
    if "options" in answer:
        answer = {"options": sorted(answer["options"])}
    said = [_said(way) for way in reply.ways]
    if "number" not in answer:
        said = [_band(each, question) for each in said]
    if not said:
        return "right" if "nothing" in answer else "again"
    if "either" in answer:
        wanted = [{"options": [each]} for each in answer["either"]]
        if len(said) > 1:
            return "right" if all(each in said for each in wanted) else "again"
        return "wrong"
    if len(said) > 1:
        return "again"
    return "right" if said[0] == answer else "wrong"


def answers(files: Iterable[Path], library: Library, flow_id: str, language: str, *, every: bool) -> bool:
    """Print how well answers are read; whether each file meets the targets. ``every``: list the right ones, too."""
    replies, flow = _replies_of(library, flow_id, language)
    met = True
    for path in files:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        cases = [judge(replies, flow, line) for line in lines]
        counts = Counter(case.verdict for case in cases)
        for case in sorted(cases, key=lambda each: each.verdict):
            if every or case.verdict != "right":
                print(case)
        total = len(cases)
        shares = ", ".join(
            f"{name} {counts[name]} ({counts[name] / total:.1%})" for name in ("right", "again", "wrong")
        )
        print(f"{path.name}: {total} answers: {shares}")
        met = met and counts["right"] >= RIGHT * total and counts["wrong"] < WRONG * total
    return met
