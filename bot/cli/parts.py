"""The parts that more than one command needs, loaded, or what is wrong with them in plain words."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.check import certificate
from bot.cli.later import with_later
from bot.cli.trouble import BrokenError, UsageError
from bot.load import Library, LoadError, load_library
from bot.log import begin_log
from bot.settings import Settings, SettingsError, load_settings
from bot.shipped import ShippedFilesMissingError, content_dir, flows_dir
from bot.storage.errors import StorageError
from bot.storage.place import file_of


class LibraryError(BrokenError):
    """There are mistakes in the flows and texts, or they are not safe. What is wrong stands on standard error."""


def begin() -> Settings:
    """Read the settings and begin the log. Raises `UsageError` for a wrong setting."""
    try:
        settings = load_settings()
    except SettingsError as error:
        raise UsageError(str(error)) from None
    begin_log(settings.log_level, settings.log_format)
    return settings


@dataclass(frozen=True)
class Folders:
    """Where flows and texts are read from."""

    flows: Path
    content: Path


def folders_of(settings: Settings) -> Folders:
    """The folders that the settings name, or the shipped ones. Raises `BrokenError` when those are missing."""
    try:
        return Folders(settings.flows_dir or flows_dir(), settings.content_dir or content_dir())
    except ShippedFilesMissingError as error:
        raise BrokenError(str(error)) from error


def read_library(folders: Folders, *, phrases: bool = True) -> Library:
    """The flows and texts as they stand there, with what people type or without. Raises `LoadError`."""
    collects = gc.isenabled()
    gc.disable()  # all that is read now stays: looking for garbage in it takes a fifth of the time
    try:
        return load_library(folders.flows, folders.content, phrases=phrases)
    finally:
        if collects:
            gc.enable()


def hash_now(folders: Folders) -> str:
    """The hash of flows, texts and checker as they are now. Raises `BrokenError` when a file cannot be read."""
    try:
        return certificate.hash_of(folders.flows, folders.content)
    except OSError as error:
        raise BrokenError(f"the flows and texts cannot be read ({error.strerror}): {error.filename}") from error


def unproved_library(folders: Folders, *, phrases: bool = True) -> Library:
    """The flows and texts as they stand there, to be looked at. Raises `LibraryError`, once all mistakes are listed."""
    try:
        return read_library(folders, phrases=phrases)
    except LoadError as error:
        count = len(error.issues)
        mistakes = "1 mistake" if count == 1 else f"{count} mistakes"
        print(error, file=sys.stderr)
        raise LibraryError(f"{mistakes} in the flows and texts, so nothing was started") from error


def library_of(settings: Settings, memory: Path, *, later: bool = False) -> Library:
    """The flows and texts, proved safe: by a certificate, by a check before, or by one now.

    ``memory`` is the folder in which is noted what was checked. ``later``: what people type, which is most of it, may
    wait for the first typed words.

    Raises:
        LibraryError: there are mistakes in them, or some conversation is not safe.
        BrokenError: the shipped ones are missing.
    """
    folders = folders_of(settings)
    proved = hash_now(folders)  # before they are read: what is edited meanwhile must not pass for proved
    if _certified(proved) or certificate.remembered(proved, memory):
        if not later:
            return unproved_library(folders)
        return with_later(unproved_library(folders, phrases=False), partial(read_library, folders))
    library = unproved_library(folders)
    # Solvers take time to import, and a certified start does without them.
    from bot.cli.check import prove_now  # noqa: PLC0415

    prove_now(library, folders, proved, memory)
    return library


def _certified(proved: str) -> bool:
    """Whether the shipped certificate is about this very hash. One that lies elsewhere proves nothing to us."""
    try:
        return certificate.certified(proved, flows_dir())
    except ShippedFilesMissingError:
        return False


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
