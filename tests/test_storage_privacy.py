"""Who may read the database, and that what is erased is gone from the bytes of its files."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.flow.session import Answered, Session
from bot.storage.database import Database
from tests.test_storage_kit import BESIDE, MARK, MARKED, OTHER, SESSION, files, on, opened

Erasing = Callable[[Database], Awaitable[object]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A place for a database, with a folder that does not exist yet."""
    return tmp_path / "data" / "signpost.db"


@pytest.fixture(params=[0o022, 0o000, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the system takes away from new files, from usual to nothing."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(file: Path) -> dict[str, int]:
    """What others may do with the files of a database."""
    places = (file.with_name(file.name + suffix) for suffix in BESIDE)
    return {place.name: stat.S_IMODE(place.stat().st_mode) for place in places if place.exists()}


# --- access -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("umask")
def test_only_the_owner_reads_it(file: Path) -> None:
    """Answers about health are for their owner: folder 0700, each file 0600, whatever the umask says."""

    async def look(database: Database) -> dict[str, int]:
        await database.save("1", SESSION)
        return modes(file)

    assert on(file, look) == {"signpost.db": 0o600, "signpost.db-wal": 0o600, "signpost.db-shm": 0o600}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.usefixtures("umask")
def test_files_that_others_could_read_are_taken_from_them(file: Path) -> None:
    """What was laid open, such as by copying a backup back, is closed at the next start, the files beside it, too."""

    async def look() -> None:
        async with opened(file) as first:
            await first.save("1", SESSION)
            for name in modes(file):
                file.with_name(name).chmod(0o666)
            async with opened(file) as second:
                await second.save("2", SESSION)
                assert modes(file) == {"signpost.db": 0o600, "signpost.db-wal": 0o600, "signpost.db-shm": 0o600}

    asyncio.run(look())


def test_an_empty_file_that_others_could_read(file: Path) -> None:
    """A file that somebody made before the first start is closed, too."""
    file.parent.mkdir()
    file.touch()
    file.chmod(0o644)

    assert on(file, lambda database: database.load("1")) is None
    assert modes(file) == {"signpost.db": 0o600}


def test_a_folder_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    """Somebody's own folder keeps the access that they gave it."""
    tmp_path.chmod(0o755)
    on(tmp_path / "signpost.db", lambda database: database.save("1", SESSION))

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


# --- erasing ----------------------------------------------------------------------------------------------------


async def _forget(database: Database) -> None:
    await database.forget("7001")


async def _erase(database: Database) -> None:
    async with database.transaction() as transaction:
        await transaction.erase(["7001", "never-there"])
    await database.checkpoint()


async def _purge(database: Database) -> None:
    assert await database.purge(1000) == 1


async def _clear(database: Database) -> None:
    async with database.transaction() as transaction:
        await transaction.save({"7001": None}, 400)
    await database.checkpoint()


@pytest.mark.parametrize("erase", [_forget, _erase, _purge, _clear])
@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
def test_what_is_erased_stands_nowhere_in_the_files(file: Path, erase: Erasing, *, long: bool) -> None:
    """Not in the database, not in its log, nor beside it: former states of the check and pages in between included."""
    many = Session("s4", "leg", "v1", "en", 300, (Answered(MARK, (MARK * 500,), 301),) * 20, 1)

    async def look() -> None:
        async with opened(file) as database:
            async with database.transaction() as transaction:
                await transaction.save({str(number): OTHER for number in range(200)}, 5000)
            for session in (MARKED, many if long else MARKED, SESSION, MARKED):
                async with database.transaction() as transaction:
                    await transaction.save({"7001": session}, 301)
                    await transaction.place({"7001": (71, MARK)} if erase is not _clear else {}, 302)
                await database.checkpoint()
            assert any(MARK.encode() in content for content in files(file).values())
            await erase(database)
            assert not [name for name, content in files(file).items() if MARK.encode() in content]
            if erase is not _clear:
                assert not [name for name, content in files(file).items() if b"7001" in content]
            assert await database.load("17") == OTHER
        assert not [name for name, content in files(file).items() if MARK.encode() in content]

    asyncio.run(look())


def test_a_row_that_was_set_aside_is_forgotten_with_the_person(file: Path) -> None:
    """What could not be read any more belongs to its person as well."""

    async def forget(database: Database) -> None:
        await database.save("terminal", MARKED)
        await database.set_aside("terminal")
        await database.save("terminal", SESSION)
        await database.forget("terminal")
        assert not any(MARK.encode() in content for content in files(file).values())

    on(file, forget)


def test_a_row_that_cannot_be_read_is_forgotten(file: Path) -> None:
    """Erasing works for a person whose check cannot be read, too."""

    async def forget(database: Database) -> None:
        await database.save("1", MARKED)
        async with database._transacted("BEGIN IMMEDIATE") as link:
            link.later(text("UPDATE people SET session = substr(session, 1, 200)"))
        await database.forget("1")
        assert not any(MARK.encode() in content for content in files(file).values())

    on(file, forget)
