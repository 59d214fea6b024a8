"""How the bot presents itself: its commands, name and descriptions, pushed only when they changed.

A digest of what was pushed last is noted in the database. Where it differs, Telegram is asked for what it has and told
only what is different: it limits strictly how often a bot may be renamed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any

from telegram import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
)
from telegram.error import RetryAfter, TelegramError

from bot.log import get_logger
from bot.telegram.api import Api, seconds_of
from bot.telegram.errors import place_of
from bot.telegram.markup import cut
from bot.telegram.presentation import (
    LONGEST_COMMAND,
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    LONGEST_SHORT,
    Presentation,
    Scope,
)
from bot.telegram.store import Store

_log = get_logger("signpost.telegram")

_NOTE = "profile"

_SCOPES: dict[Scope, type[Any]] = {
    Scope.ELSEWHERE: BotCommandScopeDefault,
    Scope.PRIVATE: BotCommandScopeAllPrivateChats,
    Scope.GROUPS: BotCommandScopeAllGroupChats,
    Scope.ADMINS: BotCommandScopeAllChatAdministrators,
}


async def push(api: Api, store: Store, wanted: list[Presentation]) -> None:
    """Tell Telegram what changed. What fails is tried at the next start; nothing is raised."""
    wanted = [_fitting(each) for each in wanted]
    digest = sha256(json.dumps([[str(api.id), *_plain(each)] for each in wanted]).encode()).hexdigest()
    try:
        if await store.note(_NOTE) == digest:
            return
        done = [await _done(step) for each in wanted for step in _steps(api, each)]
        if all(done):
            await store.set_note(_NOTE, digest)
    except OSError as error:
        _log.warning("what the bot says of itself could not be noted; the next start tries again: %s", error)


def _steps(api: Api, wanted: Presentation) -> Iterator[Callable[[], Awaitable[None]]]:
    """What makes Telegram say what is wanted, each apart, so that one that fails leaves the others."""
    code = wanted.code or None

    async def commands(kind: Scope) -> None:
        scope = _SCOPES[kind]()
        listed = [BotCommand(name, text) for name, text in wanted.commands[kind].items()]
        if list(await api.get_my_commands(scope, code)) != listed:
            await _patiently(partial(api.set_my_commands, listed, scope, code))

    async def description() -> None:
        if (await api.get_my_description(code)).description != wanted.description:
            await _patiently(partial(api.set_my_description, wanted.description, code))

    async def short() -> None:
        if (await api.get_my_short_description(code)).short_description != wanted.short:
            await _patiently(partial(api.set_my_short_description, wanted.short, code))

    async def name() -> None:
        if (await api.get_my_name(code)).name != wanted.name:
            await _patiently(partial(api.set_my_name, wanted.name, code))

    yield from (partial(commands, kind) for kind in _SCOPES)
    yield from (description, short, name)


async def _done(step: Callable[[], Awaitable[None]]) -> bool:
    try:
        await step()
    except RetryAfter:
        _log.warning("Telegram wants the bot's name or commands later; the next start tries again")
    except TelegramError as error:
        _log.warning("the bot's name or commands could not be set; the next start tries again: %s", place_of(error))
    else:
        return True
    return False


_PATIENCE = 60
"""Seconds to wait when Telegram asks for it; when it wants more, that is for the next start."""


async def _patiently(call: Callable[[], Awaitable[bool]]) -> None:
    try:
        await call()
    except RetryAfter as error:
        if seconds_of(error) > _PATIENCE:
            raise
        await asyncio.sleep(seconds_of(error))
        await call()


def _fitting(wanted: Presentation) -> Presentation:
    """What Telegram takes of it: something too long is better cut than refused."""
    return replace(
        wanted,
        name=cut(wanted.name, LONGEST_NAME),
        short=cut(wanted.short, LONGEST_SHORT),
        description=cut(wanted.description, LONGEST_DESCRIPTION),
        commands={
            scope: {name: cut(text, LONGEST_COMMAND) for name, text in commands.items()}
            for scope, commands in wanted.commands.items()
        },
    )


def _plain(wanted: Presentation) -> list[object]:
    return [wanted.code, wanted.name, wanted.short, wanted.description, wanted.commands]
