"""What the bot says of itself: its name, descriptions and commands, in every language. `profile` tells Telegram."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.flow.model import Audience
from bot.load import Library
from bot.telegram.pages import COMMANDS, GROUP_COMMANDS

LONGEST_NAME, LONGEST_SHORT, LONGEST_DESCRIPTION, LONGEST_COMMAND = 64, 120, 512, 256
"""Characters that Telegram takes."""


class Scope(StrEnum):
    """In which chats commands are offered."""

    ELSEWHERE = "everywhere else"
    PRIVATE = "private chats"
    GROUPS = "groups"
    ADMINS = "admins of groups"


_COMMANDS = {
    Scope.ELSEWHERE: GROUP_COMMANDS,
    Scope.PRIVATE: COMMANDS,
    Scope.GROUPS: GROUP_COMMANDS,
    Scope.ADMINS: GROUP_COMMANDS,
}


@dataclass(frozen=True, slots=True)
class Presentation:
    """What the bot says of itself in one language; ``code`` is "" for people of all other languages."""

    code: str
    name: str
    short: str
    description: str
    commands: dict[Scope, dict[str, str]]


def presentations(library: Library, default: str) -> list[Presentation]:
    """One for each language, the default one first, for everybody whose own there is not."""
    codes = {"": default} | {code: code for code in library.texts if code != default and len(code) == 2}  # noqa: PLR2004
    return [_presentation(code, library, language) for code, language in codes.items()]


def _presentation(code: str, library: Library, language: str) -> Presentation:
    def ui(key: str) -> str:
        return library.texts[language].ui[key].to(Audience.ME)

    return Presentation(
        code,
        ui("bot_name"),
        ui("bot_short"),
        ui("bot_description"),
        {scope: {name: ui(f"command_{name}") for name in names} for scope, names in _COMMANDS.items()},
    )
