"""The floor: a bot on our HTTP client and ingress that makes the calls of ours and knows nothing.

What it has to say was recorded. Where somebody stands is in the data of their buttons, so it keeps no state, no turn
costs it a decision or a write, and an update is confirmed as soon as it is read.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from telegram import (
    CallbackQuery,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    Update,
)

from bench.pipeline.floor_ingress import Api, opened, polled

_LONG = 40
"""About as many bytes as our bot's buttons carry."""

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Floor:
    """Answers each update with what was recorded for it."""

    def __init__(self, api: Api, conversations: list[Any]) -> None:
        self._api = api
        self._conversations = conversations
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, updates: Sequence[object]) -> None:
        """Begin with all of them."""
        for raw in updates:
            update = Update.de_json(raw, self._api)
            task = asyncio.create_task(self._answer(update))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, update: Update) -> None:
        tap = update.callback_query
        if tap is None:
            await self._show(update.message, update.message.chat.id % len(self._conversations), 0)
            return
        which, turn = map(int, tap.data.split(".")[:2])
        calls = self._conversations[which][turn]
        rest = asyncio.create_task(self._show(tap.message, which, turn))
        if calls[-1]["method"] == "answerCallbackQuery":
            await self._toast(tap, calls[-1].get("text"))
        await rest

    async def _toast(self, tap: CallbackQuery, text: str | None) -> None:
        await self._api.answer_callback_query(tap.id, text)

    async def _show(self, message: Message, which: int, turn: int) -> None:
        for call in self._conversations[which][turn]:
            if call["method"] != "answerCallbackQuery":
                await self._made(call, message, _markup(call.get("reply_markup"), which, turn + 1))

    def _made(self, call: dict[str, Any], message: Message, markup: InlineKeyboardMarkup | None) -> Awaitable[Any]:
        match call["method"]:
            case "sendMessage":
                return self._api.send_message(
                    message.chat.id,
                    call["text"],
                    parse_mode=call.get("parse_mode"),
                    reply_markup=markup,
                    link_preview_options=_NO_PREVIEW,
                )
            case "editMessageText":
                return self._api.edit_message_text(
                    call["text"],
                    message.chat.id,
                    message.message_id,
                    parse_mode=call.get("parse_mode"),
                    reply_markup=markup,
                    link_preview_options=_NO_PREVIEW,
                )
            case "editMessageReplyMarkup":
                return self._api.edit_message_reply_markup(message.chat.id, message.message_id)
        raise ValueError(call["method"])


def _markup(keyboard: dict[str, Any] | None, which: int, turn: int) -> InlineKeyboardMarkup | None:
    if not keyboard:
        return None
    return InlineKeyboardMarkup([[_button(each, which, turn) for each in row] for row in keyboard["inline_keyboard"]])


def _button(button: dict[str, Any], which: int, turn: int) -> InlineKeyboardButton:
    data = button.get("callback_data") and f"{which}.{turn}.".ljust(_LONG, ".")
    copy = button.get("copy_text")
    return InlineKeyboardButton(
        button["text"],
        callback_data=data,
        url=button.get("url"),
        copy_text=CopyTextButton(copy["text"]) if copy else None,
        style=button.get("style"),
    )


async def main(conversations: list[Any]) -> None:
    """Run it until it is ended."""
    polling = asyncio.current_task()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, polling.cancel)
    async with opened() as api:
        with suppress(asyncio.CancelledError):
            await polled(api, Floor(api, conversations).take)


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(os.environ["BENCH_SCRIPT"]).read_text("utf-8"))))
