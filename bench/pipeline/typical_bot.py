"""The bot that most would write: python-telegram-bot's `ConversationHandler` and `PicklePersistence`, on its defaults.

With ``--tasks`` it is the same without a `ConversationHandler` and without persistence, with as many as 256 updates
under way at once. It shows the texts and buttons of one recorded conversation of ours; every tap leads on.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    PicklePersistence,
)

Calls = list[list[dict[str, Any]]]
_LONG = 40
_AT_ONCE = 256


def conversation() -> Calls:
    """What is shown in each turn of the recorded conversation of middle length."""
    recorded = json.loads(Path(os.environ["BENCH_SCRIPT"]).read_text("utf-8"))
    turns = sorted(recorded, key=len)[len(recorded) // 2]
    return [[call for call in turn if call["method"] in {"sendMessage", "editMessageText"}] for turn in turns]


def markup(call: dict[str, Any], turn: int) -> InlineKeyboardMarkup | None:
    """The buttons of a message; their data says which turn they lead to."""
    if "reply_markup" not in call:
        return None
    data = f"{turn + 1}.".ljust(_LONG, ".")
    rows = call["reply_markup"]["inline_keyboard"]
    return InlineKeyboardMarkup([[_button(each, data) for each in row] for row in rows])


def _button(button: dict[str, Any], data: str) -> InlineKeyboardButton:
    if "copy_text" in button:
        return InlineKeyboardButton(button["text"], copy_text=CopyTextButton(button["copy_text"]["text"]))
    return InlineKeyboardButton(button["text"], callback_data=data)


class Bot:
    """The handlers."""

    def __init__(self, turns: Calls) -> None:
        self._turns = turns

    async def start(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
        """Somebody begins."""
        context.user_data["answers"] = []
        for call in self._turns[0]:
            await update.message.reply_text(call["text"], ParseMode.HTML, reply_markup=markup(call, 0))
        return 1

    async def tap(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
        """Somebody taps."""
        query = update.callback_query
        turn = int(query.data.split(".")[0])
        context.user_data.setdefault("answers", []).append(turn)
        await query.answer()
        for call in self._turns[turn]:
            show = query.edit_message_text if call["method"] == "editMessageText" else query.message.reply_text
            await show(call["text"], ParseMode.HTML, reply_markup=markup(call, turn))
        if turn < len(self._turns) - 1:
            return 1
        await query.edit_message_reply_markup(None)
        return ConversationHandler.END


def main() -> None:
    """Run it until it is ended."""
    bot, url = Bot(conversation()), os.environ["TELEGRAM_API_URL"]
    builder = Application.builder().token(os.environ["TELEGRAM_TOKEN"]).base_url(f"{url}/bot")
    start, tap = CommandHandler("start", bot.start), CallbackQueryHandler(bot.tap)
    if "--tasks" in sys.argv:
        application = builder.concurrent_updates(_AT_ONCE).build()
        application.add_handlers([start, tap])
    else:
        application = builder.persistence(PicklePersistence("conversations.pickle")).build()
        application.add_handler(
            ConversationHandler([start], {1: [tap]}, [start], name="check", persistent=True, per_message=False)
        )
    application.run_polling()


if __name__ == "__main__":
    main()
