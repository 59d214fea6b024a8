"""A local Telegram: a Bot API server on loopback, as strict as the real one, with people who use the bot.

    sandbox         what tests open: people, groups, what went on
      ├── people, groups      what people do and see; waits until the bot has come to rest
      └── server              the Bot API over HTTP
            ├── methods, sending, reactions, profile      what is played of it, with Telegram's own refusals
            ├── reading, spec           what a call brings; names and types of all methods (bot_api.json, made by
            │                           make_spec)
            └── world, model, queue     what there is; updates on their way to the bot
                  ├── record                       what went on: calls, and what people saw
                  └── markup, text, keyboards      HTML, lengths and buttons as Telegram takes them

It stands beside the bot, not within it, and imports nothing of it. `command` serves it with a chat page (`control`).
"""

from bot.sandbox.groups import Group
from bot.sandbox.people import NotThereError, Person
from bot.sandbox.record import Sight, What
from bot.sandbox.sandbox import TOKEN, Sandbox
from bot.sandbox.waiting import SilenceError

__all__ = ["TOKEN", "Group", "NotThereError", "Person", "Sandbox", "Sight", "SilenceError", "What"]
