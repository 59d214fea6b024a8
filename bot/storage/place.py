"""Where the database lies, and who may read it: its owner only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from bot.storage.errors import BusyError, StorageError, UnusableError, damaged, off_limits

_PREFIX = "sqlite:///"
_HEADER = b"SQLite format 3\0"
_BESIDE = ("", "-wal", "-shm", "-journal")
"""SQLite puts these files beside each other; answers stand in all but one of them."""


def file_of(url: str) -> Path:
    """The file that a database URL names.

    Raises:
        StorageError: it names none, or a database of a kind that is not supported. A URL may hold a password, so the
            text never repeats it.
    """
    name = url.removeprefix(_PREFIX)
    if not url.startswith(_PREFIX) or not name or name.startswith(":") or "?" in name:
        raise StorageError(
            "only SQLite is supported so far; write sqlite:///data/signpost.db, "
            "or sqlite:////var/lib/signpost/signpost.db for a whole path"
        )
    try:
        return Path(name).expanduser()
    except RuntimeError:
        raise StorageError("'~' leads nowhere here; write the whole path of the database") from None


def holds_nothing(file: Path) -> bool:
    """Whether there is no file, or an empty one: nothing that could be lost."""
    try:
        found = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == 0


def make_ready(file: Path) -> Path:
    """Make the file, empty, where there is none, for its owner only; a folder that is missing, too.

    Returns where the file really is: a link stays a link, and the files beside it are where SQLite puts them.

    Raises:
        StorageError: the file or its folder cannot be made or read.
        UnusableError: there is something else in its place.
    """
    try:
        place = Path(os.path.realpath(file))
        if place.exists():
            _look(place)
        else:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # SQLite gives the files beside it the same mode, so nobody else can open any of them at any moment.
            os.close(os.open(place, os.O_RDWR | os.O_CREAT, 0o600))
    except StorageError:
        raise
    except OSError as error:
        raise off_limits(file, error) from error
    return place


def _look(file: Path) -> None:
    if not stat.S_ISREG(file.stat().st_mode):
        raise UnusableError(f"{file} is not a plain file; name another place for the database")
    with file.open("rb") as content:
        start = content.read(len(_HEADER))
    if start not in {b"", _HEADER}:
        raise damaged(file)


def claim(file: Path) -> BaseFileLock:
    """Have the database to ourselves among all bots, until the lock is released or this process dies, however it dies.

    Raises:
        BusyError: another bot has it.
        StorageError: the lock's file cannot be made.
    """
    lock = FileLock(f"{file}.lock", timeout=0, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(
            f"{file} is in use by another bot; end that one first, or name another database for this one"
        ) from None
    except OSError as error:
        raise off_limits(file, error) from error
    return lock


def tighten(file: Path) -> None:
    """Take away what others may do with the database's files. Raises `StorageError` where that is not ours to do."""
    for path in (file.with_name(f"{file.name}{suffix}") for suffix in _BESIDE):
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & 0o077:
                path.chmod(mode & 0o700)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StorageError(
                f"{path} may be read by others, which cannot be changed here ({error.strerror}); "
                "make it yours alone, or name another place"
            ) from error
