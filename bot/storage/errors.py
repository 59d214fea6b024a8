"""What can go wrong with the database, in one line each: the place, what is wrong, what to do.

    StorageError (OSError)      the disk's doing: full, read-only, not ours to open
      ├── BusyError             another process's doing: it goes away by waiting
      └── UnusableError         this file is not for us: damaged, of a newer Signpost, another program's, no file

An error never repeats a statement, its values or a URL: answers and passwords stand in them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError


class StorageError(OSError):
    """Something cannot be read or written. The text is one line: the place, what is wrong, what to do.

    It is an `OSError`, so that an edge that knows only the Protocol can go on without the disk.
    """


class BusyError(StorageError):
    """Another process is at it, and did not finish while we waited."""


class UnusableError(StorageError):
    """The file, or what stands in it, cannot be used at all, and is left as it is."""


_DAMAGED = "is damaged: it is no database that can be read; put a backup in its place, or move it away to begin anew"
_BUSY = "is busy: another process is writing to it and does not finish; try again, or end that process"
_READ_ONLY = "can only be read here; make it and its folder writable for you, or name another place"
_FULL = "does not fit on the disk; make room there"
_OFF_LIMITS = "cannot be opened; make it and its folder readable and writable for you"
_FAILING = "cannot be read or written: the disk is full or fails; make room, or name another place"
_KINDS: dict[int, tuple[type[StorageError], str]] = {
    sqlite3.SQLITE_BUSY: (BusyError, _BUSY),
    sqlite3.SQLITE_LOCKED: (BusyError, _BUSY),
    sqlite3.SQLITE_CORRUPT: (UnusableError, _DAMAGED),
    sqlite3.SQLITE_NOTADB: (UnusableError, _DAMAGED),
    sqlite3.SQLITE_FULL: (StorageError, _FULL),
    sqlite3.SQLITE_READONLY: (StorageError, _READ_ONLY),
    sqlite3.SQLITE_PERM: (StorageError, _READ_ONLY),
    sqlite3.SQLITE_CANTOPEN: (StorageError, _OFF_LIMITS),
    sqlite3.SQLITE_IOERR: (StorageError, _FAILING),
}
_BASE_CODE = 0xFF
"""The lowest byte of SQLite's error codes is the kind; the rest tells more."""


def damaged(file: Path) -> UnusableError:
    """The error for a file that is not a database, or not any more."""
    return UnusableError(f"{file} {_DAMAGED}")


def off_limits(file: Path, error: OSError) -> StorageError:
    """The error for a file or folder that the system does not let us at."""
    return StorageError(
        f"{file} cannot be opened or made ({error.strerror}); make its folder writable for you, or name another place"
    )


@contextmanager
def in_words(file: Path) -> Iterator[None]:
    """Turn what the database library raises within into a `StorageError` about this file."""
    try:
        yield
    except DBAPIError as error:
        # `from None`, here and below: the library's error carries the statement and its values along.
        raise _worded(file, error.orig) from None
    except sqlite3.Error as error:
        raise _worded(file, error) from None
    except SQLAlchemyError as error:
        raise StorageError(f"{file} cannot be used ({type(error).__name__}); start Signpost again") from None


def _worded(file: Path, error: BaseException | None) -> StorageError:
    code = getattr(error, "sqlite_errorcode", 0) & _BASE_CODE
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    kind, words = _KINDS.get(code, (StorageError, f"cannot be used ({name}); start Signpost again"))
    return kind(f"{file} {words}")
