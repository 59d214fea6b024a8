"""Sessions as JSON files: one file for each person, readable by its owner only, never half-written.

A session is small, so each save writes it whole: into a new file beside the old one, forced to the disk, then put in
the old one's place in a single step. Whatever crashes, either the former or the new content is there.

A file that cannot be understood is never overwritten: loading it raises `StorageError`, and `SessionFile.set_aside`
gives it another name so that a new check can begin.
"""

from __future__ import annotations

import asyncio
import json
import os
import stat
import tempfile
from itertools import count
from pathlib import Path
from urllib.parse import quote

from bot.flow.session import Session, SessionError, from_json, to_json


class StorageError(OSError):
    """A session cannot be read or written. The text is one line: the place, what is wrong, what to do.

    It is an `OSError`, so that an edge that knows only the Protocol can go on without the disk.
    """


class SessionFile:
    """Keeps sessions in ``folder``, or a single person's in exactly ``file``. Neither needs to exist yet."""

    def __init__(self, folder: Path, file: Path | None = None) -> None:
        self._folder = folder
        self._file = file

    def path(self, key: str) -> Path:
        """The file of this person."""
        return self._file or self._folder / f"session-{quote(key, safe='')}.json"

    async def load(self, key: str) -> Session | None:
        """The session of this person, if there is one. Raises `StorageError`."""
        return await asyncio.to_thread(_read, self.path(key))

    async def save(self, key: str, session: Session) -> None:
        """Keep this session for this person; when this returns, it is on the disk. Raises `StorageError`."""
        await asyncio.to_thread(_write, self.path(key), session)

    def set_aside(self, key: str) -> Path:
        """Rename this person's file, so that a new one can be begun. Returns its new place; raises `StorageError`."""
        path = self.path(key)
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                raise _not_a_file(path)
            names = (path.with_name(f"{path.name}.damaged-{number}") for number in count(1))
            kept = next(name for name in names if not os.path.lexists(name))
            path.rename(kept)
        except StorageError:
            raise
        except OSError as error:
            raise StorageError(
                f"{path} cannot be moved out of the way ({error.strerror}); move it away yourself"
            ) from error
        return kept


def _not_a_file(path: Path) -> StorageError:
    return StorageError(f"{path} is not a plain file; name another place for the check")


def _read(path: Path) -> Session | None:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _not_a_file(path)
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(
            f"{path} cannot be read ({error.strerror}); make it readable for you, or move it away"
        ) from error
    try:
        return from_json(json.loads(text))
    except SessionError as error:
        raise StorageError(f"{path} holds no check that can be read ({error}); move it away to begin anew") from error
    except (ValueError, RecursionError):
        # `from None`: the error carries the text along, and in it somebody's answers.
        raise StorageError(f"{path} is damaged: it is not JSON; move it away to begin anew") from None


def _write(path: Path, session: Session) -> None:
    try:
        place = Path(os.path.realpath(path))  # a link stays a link; what it leads to is replaced
        if place.exists() and not place.is_file():
            raise _not_a_file(path)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(place, json.dumps(to_json(session), ensure_ascii=False, indent=1).encode())
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written ({error.strerror}); make room there, or name another place for the check"
        ) from error


def _replace(place: Path, content: bytes) -> None:
    """Put ``content`` in the place of a file in one step; `mkstemp` makes the new one readable by its owner only."""
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(place.parent, os.O_RDONLY)  # the new name itself has to reach the disk, too
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
