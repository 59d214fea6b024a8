"""A database that cannot be used is told in one line with the place and what to do, and nothing in it is touched."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.storage.database import BusyError, Database, StorageError, UnusableError
from bot.storage.place import holds_nothing
from tests.test_storage_kit import OTHER, SESSION, files, on, opened

NOBODY = 65534


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A place for a database."""
    return tmp_path / "signpost.db"


@pytest.fixture
def nobody_special() -> Iterator[Path]:
    """A folder, and no more rights in it than anybody has: the system lets root write what is read-only."""
    folder = Path(tempfile.mkdtemp())
    root = os.geteuid() == 0
    if root:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o700)
        shutil.rmtree(folder)


def refused(file: Path, kind: type[StorageError] = StorageError, patience: float = 0.05) -> str:
    """The one line that opening fails with."""

    async def run() -> None:
        async with opened(file, patience):
            pass

    with pytest.raises(kind) as caught:
        asyncio.run(run())
    line = str(caught.value)
    assert type(caught.value) is kind
    assert str(file) in line
    assert "\n" not in line
    return line


def _cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 6000)


def _scribble(file: Path) -> None:
    with file.open("r+b") as content:
        content.seek(4096)
        content.write(b"groin" * 2000)


def _no_database(file: Path) -> None:
    file.write_bytes(b'{"format": 1, "inputs": ["groin"]}')


def _header_only(file: Path) -> None:
    file.write_bytes(b"SQLite format 3\0" + b"groin" * 100)


@pytest.mark.parametrize("damage", [_cut, _scribble, _no_database, _header_only])
def test_a_damaged_file(file: Path, damage: Callable[[Path], None]) -> None:
    """What is no database, or none any more, is named before anybody relies on it, and stays as it is."""
    on(file, lambda database: database.save("1", SESSION))
    damage(file)
    before = files(file)

    line = refused(file, UnusableError)

    assert "is damaged" in line
    assert "put a backup in its place, or move it away" in line
    assert "groin" not in line
    assert files(file) == before


def test_damage_that_comes_later(file: Path) -> None:
    """A file that breaks while it is in use is told in the same words, and repeats nothing that stands in it."""

    async def work() -> None:
        database = await Database.at(file)
        for number in range(50):
            await database.save(str(number), SESSION)
        await database.checkpoint()
        await database._link.pragma("cache_size=0")
        await database._link.pragma("shrink_memory")
        await asyncio.to_thread(_scribble, file)
        with pytest.raises(UnusableError, match="is damaged") as caught:
            async with database.transaction() as transaction:
                await transaction.load([str(number) for number in range(50)])
        assert "groin" not in str(caught.value)
        await database.close()

    asyncio.run(work())


def test_another_programs_database(file: Path) -> None:
    """A database with other tables is not taken over."""
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE songs (name TEXT)")
    other.close()
    before = files(file)

    assert "is the database of another program; name another place" in refused(file, UnusableError)
    assert files(file) == before


def test_a_newer_database(file: Path) -> None:
    """A database that a later version has changed is left to that version."""

    async def age(database: Database) -> None:
        async with database._transacted("BEGIN IMMEDIATE") as link:
            link.later(text("INSERT INTO signpost_migrations VALUES ('99 something new')"))

    on(file, age)
    before = files(file)

    assert "was changed by a newer version of Signpost; install that one" in refused(file, UnusableError)
    assert files(file) == before


def test_what_is_no_plain_file_is_left_alone(tmp_path: Path) -> None:
    """A folder or a device in the file's place is neither replaced nor waited for."""
    folder, pipe = tmp_path / "folder", tmp_path / "pipe"
    folder.mkdir()
    os.mkfifo(pipe)

    for place in (folder, pipe):
        assert "is not a plain file; name another place" in refused(place, UnusableError)
    assert list(folder.iterdir()) == []
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_place_that_cannot_be(tmp_path: Path) -> None:
    """A file where a folder should be, and links in a circle, are told by the system's own words."""
    (tmp_path / "file").touch()
    (tmp_path / "circle").symlink_to(tmp_path / "circle")

    assert "cannot be opened or made (" in refused(tmp_path / "file" / "signpost.db")
    assert "name another place" in refused(tmp_path / "circle")


def test_a_folder_that_may_not_be_written(nobody_special: Path) -> None:
    """No database can be made in it, and one that is there cannot be used, which is known at once."""
    file = nobody_special / "signpost.db"
    nobody_special.chmod(0o500)
    assert "cannot be opened or made (Permission denied)" in refused(file)

    nobody_special.chmod(0o700)
    on(file, lambda database: database.save("1", SESSION))
    before = files(file)
    nobody_special.chmod(0o500)

    assert "make it and its folder" in refused(file)
    assert files(file) == before


def test_a_file_that_may_not_be_written(nobody_special: Path) -> None:
    """A database that can only be read is refused at the start, not at somebody's first answer."""
    file = nobody_special / "signpost.db"
    on(file, lambda database: database.save("1", SESSION))
    file.chmod(0o400)
    before = file.read_bytes()

    assert "make it and its folder writable" in refused(file)
    assert file.read_bytes() == before


def test_a_file_that_may_not_be_read(nobody_special: Path) -> None:
    """A database that is not ours to read is told so."""
    file = nobody_special / "signpost.db"
    on(file, lambda database: database.save("1", SESSION))
    file.chmod(0)

    assert "Permission denied" in refused(file)


def test_a_full_disk(file: Path) -> None:
    """What does not fit is told, nothing of it is kept, and what was there before is; it goes on when there is room."""

    async def fill(database: Database) -> None:
        await database.save("1", OTHER)
        (pages,) = await database._link.pragma("page_count")
        await database._link.pragma(f"max_page_count={pages}")
        with pytest.raises(StorageError, match=r"signpost\.db does not fit on the disk; make room there"):
            async with database.transaction() as transaction:
                await transaction.save({str(number): SESSION for number in range(500)}, 500)
        assert await database.load("1") == OTHER
        assert await database.load("2") is None
        await database._link.pragma("max_page_count=100000")
        await database.save("2", SESSION)
        assert await database.load("2") == SESSION

    on(file, fill)


def test_another_process_that_writes_and_does_not_finish(file: Path) -> None:
    """It is waited for a while, then it is told; afterwards everything works."""
    on(file, lambda database: database.save("1", SESSION))
    other = sqlite3.connect(file, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")

        async def wait() -> None:
            with pytest.raises(BusyError, match="is busy: another process is writing to it"):
                await Database.at(file, patience=0.2)
            other.execute("ROLLBACK")
            async with opened(file, patience=0.2) as database:
                other.execute("BEGIN IMMEDIATE")
                began = time.monotonic()
                with pytest.raises(BusyError, match="is busy"):
                    await database.save("1", OTHER)
                assert time.monotonic() - began >= 0.2
                assert await database.load("1") == SESSION
                other.execute("ROLLBACK")
                await database.save("1", OTHER)
                assert await database.load("1") == OTHER

        asyncio.run(wait())
    finally:
        other.close()


def test_another_process_that_finishes_in_time(file: Path) -> None:
    """Nobody notices a writer who needs a moment."""
    on(file, lambda database: database.save("1", SESSION))
    other = sqlite3.connect(file, isolation_level=None)
    try:

        async def wait() -> None:
            async with opened(file) as database:
                other.execute("BEGIN IMMEDIATE")
                asyncio.get_running_loop().call_later(0.3, other.execute, "ROLLBACK")
                await database.save("1", OTHER)
                assert await database.load("1") == OTHER

        asyncio.run(wait())
    finally:
        other.close()


def test_a_reader_that_keeps_the_log_from_being_emptied(file: Path) -> None:
    """Who asks to be forgotten is not told that all is gone while another process still reads the old state."""
    on(file, lambda database: database.save("1", SESSION))
    other = sqlite3.connect(file, isolation_level=None)
    try:

        async def forget() -> None:
            async with opened(file, patience=0.05) as database:
                await database.save("2", SESSION)
                other.execute("BEGIN")
                other.execute("SELECT * FROM people").fetchall()
                with pytest.raises(BusyError, match="not all that was erased is gone yet; try again"):
                    await database.forget("1")
                other.execute("ROLLBACK")
                await database.forget("1")

        asyncio.run(forget())
    finally:
        other.close()


def test_no_value_stands_in_an_error(file: Path) -> None:
    """Neither the line nor a traceback repeats a statement, its values or what they were."""

    async def fail(database: Database) -> None:
        await database._link.pragma("query_only=ON")
        await database.save("1", SESSION)

    with pytest.raises(StorageError) as caught:
        on(file, fail)

    told = [caught.value, caught.value.__cause__]
    assert not any(word in repr(told) for word in ("groin", "INSERT", "people"))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_what_holds_nothing(tmp_path: Path) -> None:
    """Only where there is no file, or an empty one, nothing can be lost."""
    (tmp_path / "empty").touch()
    (tmp_path / "full").write_text("x")

    assert holds_nothing(tmp_path / "none")
    assert holds_nothing(tmp_path / "empty")
    assert holds_nothing(tmp_path / "empty" / "below")
    assert not holds_nothing(tmp_path / "full")
    assert not holds_nothing(tmp_path)
