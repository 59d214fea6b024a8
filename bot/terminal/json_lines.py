"""Messages as JSON, one object a line, for programs that hold the conversation.

Each object has ``event``: ``intro``, ``card``, ``notice``, ``seek_care``, ``result`` or ``detail``, and at the end of
the run one ``saved`` (a check that can be continued) or ``finished``.
"""

from __future__ import annotations

import json
from typing import Any

from bot.conversation.messages import Block, Message, Part
from bot.flow.outcome import Outcome
from bot.terminal.view import View


def line(event: dict[str, Any]) -> str:
    """One event as a line."""
    return json.dumps(event, ensure_ascii=False)


def event_of(message: Message, view: View, outcome: Outcome | None) -> dict[str, Any]:
    """A message as data. ``outcome``: what came out, once the check is finished."""
    event: dict[str, Any] = {"event": message.purpose.value}
    if message.question:
        event |= _card(message, view)
    if message.level:
        event["level"] = message.level.value
        if outcome:
            event |= _outcome(outcome)
    event["text"] = [_block(block) for block in message.blocks]
    if message.choices:
        event["options"] = _options(message, view)
        event["commands"] = [choice.key for choice in message.choices if choice.part is Part.COMMAND]
    return event


def notice(text: str, items: tuple[str, ...] = ()) -> dict[str, Any]:
    """Something that the terminal itself says."""
    style = "list" if items else "text"
    return {"event": "notice", "text": [{"style": style, "text": text, **({"items": list(items)} if items else {})}]}


def _card(message: Message, view: View) -> dict[str, Any]:
    card: dict[str, Any] = {"question": message.question, "choose": message.choose and message.choose.value}
    ask = view.ask if view.ask and view.ask.question == message.question else None
    if ask:
        card |= {"asking": ask.asking.value, "changing": ask.changing, "done": ask.done, "left": ask.left}
    return card


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "action": outcome.action,
        "rules": [fired.rule for fired in outcome.rules],
        "rule_out": list(outcome.rule_out),
        "causes": [{"cause": fit.cause, "band": fit.band.value} for fit in outcome.causes],
    }


def _block(block: Block) -> dict[str, Any]:
    items = {"items": list(block.items)} if block.items else {}
    return {"style": block.style.value, "text": block.text, **items}


def _options(message: Message, view: View) -> list[dict[str, Any]]:
    """The options; ``number`` is `null` where a number that is typed means itself, as for an age."""
    return [
        {
            "number": number if view.numbered else None,
            "key": choice.key,
            "label": choice.label,
            "text": choice.text,
            "ticked": choice.ticked,
        }
        for number, choice in enumerate(message.options(), start=1)
    ]
