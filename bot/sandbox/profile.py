"""How the bot presents itself: its commands, its name and descriptions, and the button beside the message field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from bot.sandbox.errors import Json, bad
from bot.sandbox.text import units
from bot.sandbox.world import World

LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_SHORT = 64, 512, 120
MOST_COMMANDS, LONGEST_COMMAND_TEXT = 100, 256

_Method = Callable[[World, Json], Any]

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}|")


def _scope(world: World, given: Json) -> tuple[str, str]:
    language = given.get("language_code", "")
    if not _LANGUAGE.fullmatch(language):
        raise bad("LANG_CODE_INVALID")
    scope = given.get("scope", {"type": "default"})
    if "chat_id" in scope:
        world.chat(scope["chat_id"])
    return json.dumps(scope, sort_keys=True), language


def set_my_commands(world: World, given: Json) -> bool:
    """`setMyCommands`."""
    key = _scope(world, given)
    commands = given["commands"]
    if len(commands) > MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command["command"]):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= units(command["description"]) <= LONGEST_COMMAND_TEXT:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    world.profile.commands[key] = commands
    return True


def get_my_commands(world: World, given: Json) -> list[Json]:
    """`getMyCommands`."""
    return world.profile.commands.get(_scope(world, given), [])


def delete_my_commands(world: World, given: Json) -> bool:
    """`deleteMyCommands`."""
    world.profile.commands.pop(_scope(world, given), None)
    return True


def _text_of_profile(field: str, name: str, longest: int) -> tuple[_Method, _Method]:
    """The methods that set and get one of the bot's texts."""

    def texts(world: World) -> dict[str, str]:
        found: dict[str, str] = getattr(world.profile, field)
        return found

    def setter(world: World, given: Json) -> bool:
        _, language = _scope(world, given)
        text = given.get(name, "")
        if units(text) > longest:
            raise bad(f"{name} is too long")
        texts(world)[language] = text
        return True

    def getter(world: World, given: Json) -> Json:
        _, language = _scope(world, given)
        fallback = world.bot.first_name if name == "name" else ""
        return {name: texts(world).get(language) or texts(world).get("") or fallback}

    return setter, getter


def set_chat_menu_button(world: World, given: Json) -> bool:
    """`setChatMenuButton`."""
    world.profile.menu = given.get("menu_button", {"type": "commands"})
    return True


def get_chat_menu_button(world: World, _: Json) -> Json:
    """`getChatMenuButton`."""
    return world.profile.menu


SET_NAME, GET_NAME = _text_of_profile("names", "name", LONGEST_NAME)
SET_DESCRIPTION, GET_DESCRIPTION = _text_of_profile("descriptions", "description", LONGEST_DESCRIPTION)
SET_SHORT, GET_SHORT = _text_of_profile("shorts", "short_description", LONGEST_SHORT)
