"""The version of a flow: a hash of everything that shapes its course, and of nothing else.

A running check is bound to it. Comments, texts and sources may change without a new version; a finding's kind, an
option's effect, an order or a condition may not.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.flow.model import Kind
from bot.load.files import FlowFile, QuestionEntry

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LENGTH = 16


def version_of(file: FlowFile, questions: Iterable[tuple[QuestionEntry, str | None]], kinds: Mapping[str, Kind]) -> str:
    """The first 16 hexadecimal digits of the hash. ``questions``: all of them in order, each with its condition."""
    course: dict[str, Any] = {
        "flow": file.flow,
        "define": [(name, _condition(text)) for name, text in file.define.items()],
        "audience": [(audience.value, _condition(text)) for audience, text in file.audience.items()],
        "questions": [_question(question, when) for question, when in questions],
        "notices": [(name, _condition(text)) for name, text in file.notices.items()],
        "default": file.triage.default.value,
        "actions": file.triage.actions.model_dump(),
        "rules": [
            [rule.rule, rule.level.value, rule.action, rule.unsure, _condition(rule.when), rule.rule_out]
            for rule in file.triage.rules
        ],
        "causes": [
            [name, _condition(cause.needs), cause.supports.model_dump(), cause.opposes.model_dump()]
            for name, cause in file.causes.items()
        ],
    }
    used = set(_NAME.findall(_canonical(course)))
    course["findings"] = {name: kind.value for name, kind in kinds.items() if name in used}
    return hashlib.sha256(_canonical(course).encode()).hexdigest()[:_LENGTH]


def _question(question: QuestionEntry, when: str | None) -> dict[str, Any]:
    return {
        **question.model_dump(exclude={"when", "skipped_means_no", "options"}),
        "when": _condition(when),
        "skipped_means_no": question.skipped_means_no is not None,
        "options": [(name, option.model_dump()) for name, option in question.options.items()],
    }


def _condition(text: str | None) -> str | None:
    """A condition however its lines are broken."""
    return None if text is None else " ".join(text.split())


def _canonical(data: Any) -> str:  # noqa: ANN401  # plain JSON data
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
