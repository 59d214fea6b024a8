"""`signpost run`: the bot on Telegram, from the settings to the exit code."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from pathlib import Path

from bot.cli.parts import begin, database_of, language_of, library_of
from bot.cli.trouble import BROKEN, OK, BrokenError, UsageError, fail
from bot.flow.understand.reader import Deaf
from bot.load import Library
from bot.log import get_logger, tell
from bot.settings import Settings
from bot.storage.database import Database, StorageError
from bot.telegram.desk import Talk
from bot.telegram.pages import Operator
from bot.telegram.run import Edge, run_bot
from bot.telegram.webhook import Address

_NO_TOKEN = "TELEGRAM_TOKEN: the bot needs one; get it from @BotFather in Telegram, and set it here or in .env"  # noqa: S105 - words

_PATIENCE = 1.0
"""Seconds to wait for another process that is writing. The bot tries again by itself, and has to end within ten."""

_COLLECT_AFTER = 10_000
"""Objects after which Python looks for garbage in circles, of which we make little; its own number is 700."""

_HANGING = 0.5
"""Seconds after the end for which threads that hang are waited for."""


def run() -> int:
    """Run the bot until it is told to end; returns the exit code. A failure is told without its text: by its place."""
    settings = begin()
    try:
        edge = _edge(settings)
        file = database_of(settings)
        library = library_of(settings, file.parent)
        for texts in library.texts.values():
            (texts.reader or Deaf()).topic("")  # so that the first message does not wait for the words to be sorted
            texts.net.listen("")
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)
        gc.enable()  # `bot.cli.command` had it wait until everything is loaded
        return asyncio.run(_run(edge, file, _talk(settings, library)))
    except (UsageError, BrokenError):
        raise
    except StorageError as error:
        return fail(str(error), BROKEN)
    except KeyboardInterrupt:
        return OK
    except Exception as error:  # noqa: BLE001 - the text of whatever this is may hold the token
        tell(error, get_logger("signpost.cli"))
        return fail("the bot broke and ended; the place is in the log, and every answer until then is saved", BROKEN)


def _edge(settings: Settings) -> Edge:
    if settings.telegram_token is None:
        raise UsageError(_NO_TOKEN)
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    return Edge(
        settings.telegram_api_url,
        settings.telegram_token.get_secret_value(),
        listen=settings.http_listen,
        webhook=Address(settings.webhook_url, secret) if settings.webhook_url else None,
        per_second=settings.messages_per_second,
    )


def _talk(settings: Settings, library: Library) -> Talk:
    operator = Operator(
        contact=settings.operator_contact,
        privacy_url=settings.privacy_url,
        retention_days=settings.retention_days,
    )
    return Talk(library, language_of(None, settings, library), operator)


async def _run(edge: Edge, file: Path, talk: Talk) -> int:
    database = await Database.at(file, _PATIENCE, alone=True)
    try:
        code = await run_bot(edge, talk=talk, database=database)
    finally:
        await database.close()
    _end_soon(code)
    return code


def _end_soon(code: int) -> None:
    """Everything is done and saved; a look-up of a name that hangs in the system must not hold up the end."""
    last = threading.Timer(_HANGING, os._exit, (code,))
    last.daemon = True
    last.start()
