"""The parts that more than one command needs, loaded, or what is wrong with them in plain words."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.cli.trouble import BrokenError, UsageError
from bot.load import Library, LoadError, load_library
from bot.log import begin_log
from bot.settings import Settings, SettingsError, load_settings
from bot.shipped import ShippedFilesMissingError, content_dir, flows_dir
from bot.storage.database import StorageError
from bot.storage.place import file_of


class LibraryError(BrokenError):
    """There are mistakes in the flows and texts. They have been listed on standard error."""


def begin() -> Settings:
    """Read the settings and begin the log. Raises `UsageError` for a wrong setting."""
    try:
        settings = load_settings()
    except SettingsError as error:
        raise UsageError(str(error)) from None
    begin_log(settings.log_level, settings.log_format)
    return settings


def library_of(settings: Settings) -> Library:
    """The flows and texts.

    Raises:
        LibraryError: there are mistakes in them.
        BrokenError: the shipped ones are missing.
    """
    try:
        return load_library(settings.flows_dir or flows_dir(), settings.content_dir or content_dir())
    except ShippedFilesMissingError as error:
        raise BrokenError(str(error)) from error
    except LoadError as error:
        count = len(error.issues)
        mistakes = "1 mistake" if count == 1 else f"{count} mistakes"
        print(error, file=sys.stderr)
        raise LibraryError(f"{mistakes} in the flows and texts, so nothing was started") from error


def language_of(asked: str | None, settings: Settings, library: Library) -> str:
    """The language asked for, or else the default one. Raises `UsageError` when there are no texts in it."""
    language = asked or settings.default_language
    if language not in library.texts:
        there_is = ", ".join(f"{code} ({texts.name})" for code, texts in sorted(library.texts.items()))
        where = "" if asked else "DEFAULT_LANGUAGE: "
        raise UsageError(f"{where}there is no language '{language}'; there is: {there_is}")
    return language


def database_of(settings: Settings) -> Path:
    """The file of the database. Raises `UsageError` for a kind that is not supported."""
    try:
        return file_of(settings.database_url)
    except StorageError as error:
        raise UsageError(f"DATABASE_URL: {error}") from None
