"""A local Telegram: a Bot API server on loopback, as strict as the real one, with people who use the bot.

    sandbox         what tests open: people, groups, what went on
      ├── people, groups      what people do and see; waits until the bot has come to rest
      ├── faults              what may happen to calls on the way, drawn from a seed
      └── server              the Bot API over HTTP
            ├── posting                 posts updates to the bot's webhook
            ├── methods, sending, reactions, profile, webhook      what is played of it, with Telegram's own refusals
            ├── reading, spec           what a call brings; names and types of all methods (bot_api.json, made by
            │                           make_spec)
            └── world, model, queue     what there is; updates on their way to the bot
                  ├── disturbance, chance          what may befall updates on the way
                  ├── limits                       how many messages Telegram takes
                  ├── record                       what went on: calls, and what people saw
                  └── markup, text, keyboards      HTML, lengths and buttons as Telegram takes them

It stands beside the bot, not within it, and imports nothing of it. `command` serves it with a chat page (`control`).
"""

from bot.sandbox.disturbance import Disturbance, Mishap, Shares
from bot.sandbox.faults import Failure, Faults, Rule
from bot.sandbox.groups import Group
from bot.sandbox.limits import Limiter, Limits
from bot.sandbox.people import NotThereError, Person
from bot.sandbox.posting import Posting
from bot.sandbox.record import Sight, What
from bot.sandbox.sandbox import TOKEN, Sandbox
from bot.sandbox.waiting import SilenceError

__all__ = [
    "TOKEN",
    "Disturbance",
    "Failure",
    "Faults",
    "Group",
    "Limiter",
    "Limits",
    "Mishap",
    "NotThereError",
    "Person",
    "Posting",
    "Rule",
    "Sandbox",
    "Shares",
    "Sight",
    "SilenceError",
    "What",
]
