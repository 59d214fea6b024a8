"""Real conversations of our bot, as the calls it makes: what the other contestants show and do, so that it is the same.

python -m bench.pipeline.recording FILE
"""

from __future__ import annotations

import asyncio
import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.pipeline.contestants import running
from bench.pipeline.crowd import MIX, Crowd, chat_of
from bench.pipeline.wire import Params

_PLAIN = ("text", "parse_mode")
_DATA = ("reply_markup", "link_preview_options")
_AT_LAST = 0.5
"""Seconds for which calls may still follow."""

_AT_MOST = 120.0
"""Seconds that the conversations may take."""

Call = dict[str, Any]
"""``method``, and of its parameters those that are not about where it goes."""

Conversation = list[list[Call]]
"""The calls of each turn; the first turn is the start."""


class _Book:
    """Writes down each call under the chat and the turn it belongs to."""

    def __init__(self, crowd: Crowd) -> None:
        self.turns: dict[int, Conversation] = {}
        self._crowd = crowd

    def called(self, method: str, params: Params) -> None:
        if "callback_query_id" in params:
            chat = chat_of(params["callback_query_id"])
        elif "chat_id" in params:
            chat = int(params["chat_id"])
        else:
            return
        turns = self.turns.setdefault(chat, [])
        person = self._crowd.people.get(chat)
        number = person.turns if person else len(turns) - 1
        while len(turns) <= number:
            turns.append([])
        plain = {name: params[name] for name in _PLAIN if name in params}
        data = {name: json.loads(params[name]) for name in _DATA if name in params}
        turns[number].append({"method": method, **plain, **data})


async def recorded() -> list[Conversation]:
    """One conversation of each kind that the people have, had with our bot without a hurry."""
    crowd = Crowd(0.0, 0, reaction=0.1)
    book = _Book(crowd)
    crowd.api.called = book.called
    await crowd.api.start()
    try:
        async with running("us", crowd.api.url, Path()):
            await asyncio.wait_for(crowd.api.polled.wait(), 60)
            crowd.begin()
            chats = [crowd.come(number) for number in range(MIX)]
            await asyncio.wait_for(crowd.alone.wait(), _AT_MOST)
            await asyncio.sleep(_AT_LAST)
    finally:
        crowd.end()
        await crowd.api.stop()
    if crowd.lost:
        raise SystemExit("a conversation with our own bot did not end, so there is nothing to compare with")
    return [_in_order(book.turns[chat]) for chat in chats]


def _in_order(turns: Conversation) -> Conversation:
    """The answer to the tap last in each turn: it goes out beside the others, whichever comes first."""
    return [sorted(turn, key=lambda call: call["method"] == "answerCallbackQuery") for turn in turns]


def lengths(conversations: list[Conversation]) -> str:
    """What was recorded, in a line."""
    turns = sum(map(len, conversations))
    calls = sum(len(turn) for each in conversations for turn in each)
    kinds = sum(one != other for one, other in pairwise(sorted(conversations, key=len)))
    return f"{len(conversations)} conversations ({kinds + 1} different), {turns} turns, {calls} calls"


def main() -> int:
    """Record, and write it down."""
    found = asyncio.run(recorded())
    Path(sys.argv[1]).write_text(json.dumps(found), "utf-8")
    print(lengths(found), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
