"""A wizard on aiogram_dialog with state in memory, on the defaults of both libraries. Runs on .venv-bench.

It shows the texts and buttons of one recorded conversation of ours, one window for each card; every tap leads on.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.filters import CommandStart
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import Message
from aiogram_dialog import Dialog, DialogManager, StartMode, Window, setup_dialogs
from aiogram_dialog.widgets.kbd import Button, Next, Row
from aiogram_dialog.widgets.text import Const

Call = dict[str, Any]


def window(card: Call, state: State, number: int, *, last: bool) -> Window:
    """One card; its buttons lead to the next."""
    rows = []
    for up, row in enumerate(card["reply_markup"]["inline_keyboard"]):
        names = [(f"b{number}_{up}_{along}", Const(each["text"])) for along, each in enumerate(row)]
        rows.append(Row(*(Button(text, name) if last else Next(text, name) for name, text in names)))
    return Window(Const(card["text"]), *rows, state=state, parse_mode=ParseMode.HTML)


def conversation() -> tuple[str, list[Call]]:
    """The words before the first card, and the cards, of the recorded conversation of middle length."""
    recorded = json.loads(Path(os.environ["BENCH_SCRIPT"]).read_text("utf-8"))
    turns = sorted(recorded, key=len)[len(recorded) // 2]
    shown = [
        [call for call in turn if "text" in call and call.get("method") != "answerCallbackQuery"] for turn in turns
    ]
    return shown[0][0]["text"], [calls[-1] for calls in shown]


async def main() -> None:
    """Run it until it is ended."""
    intro, cards = conversation()
    wizard = type("Wizard", (StatesGroup,), {f"s{number}": State() for number in range(len(cards))})
    states = list(wizard.__states__)
    windows = [window(card, states[at], at, last=card is cards[-1]) for at, card in enumerate(cards)]
    dispatcher = Dispatcher(storage=MemoryStorage())
    dispatcher.include_router(Dialog(*windows))
    setup_dialogs(dispatcher)

    @dispatcher.message(CommandStart())
    async def start(message: Message, dialog_manager: DialogManager) -> None:
        await message.answer(intro)
        await dialog_manager.start(states[0], mode=StartMode.RESET_STACK)

    server = TelegramAPIServer.from_base(os.environ["TELEGRAM_API_URL"])
    bot = Bot(
        os.environ["TELEGRAM_TOKEN"],
        session=AiohttpSession(api=server),
        default=DefaultBotProperties(parse_mode=ParseMode.HTML),
    )
    await dispatcher.start_polling(bot)


if __name__ == "__main__":
    asyncio.run(main())
