"""The database keeps what it is given: sessions, cards, updates seen and notes, all of a transaction or nothing."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from bot.flow.session import Session
from bot.storage.database import SEEN_FOR, Database, UnusableError
from bot.storage.errors import StorageError
from bot.storage.migrations import MIGRATIONS
from bot.storage.place import file_of
from bot.storage.transaction import Row
from tests.test_storage_kit import OTHER, SESSION, on, opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A place for a database, with a folder that does not exist yet."""
    return tmp_path / "data" / "signpost.db"


async def rows(database: Database, *keys: str) -> dict[str, Row]:
    """What is kept of these people."""
    async with database.transaction() as transaction:
        return await transaction.load(keys)


def test_what_is_saved_is_loaded(file: Path) -> None:
    """A session comes back as it was, also to a programme that starts later; the newest one counts."""

    async def save(database: Database) -> None:
        await database.save("terminal", OTHER)
        await database.save("terminal", SESSION)

    on(file, save)

    assert on(file, lambda database: database.load("terminal")) == SESSION


def test_nobody_has_a_session_at_first(file: Path) -> None:
    """A new database holds no session, no row and no note."""

    async def look(database: Database) -> None:
        assert await database.load("terminal") is None
        assert await database.note("commands") is None
        assert await rows(database, "terminal") == {}

    on(file, look)


@pytest.mark.parametrize("key", ["terminal", "-100123", "../../etc/passwd", "'; DROP TABLE people", "ü", "a%b", ""])
def test_each_person_has_a_row_of_their_own(file: Path, key: str) -> None:
    """Whatever a key is made of, its row is nobody else's."""

    async def save(database: Database) -> None:
        await database.save("somebody", OTHER)
        await database.save(key, SESSION)
        assert await database.load(key) == SESSION
        assert await database.load("somebody") == OTHER
        await database.forget(key)
        assert await database.load(key) is None
        assert await database.load("somebody") == OTHER

    on(file, save)


def test_many_people_in_one_transaction(file: Path) -> None:
    """Sessions and cards of many people are written and read together; whoever is unknown is left out."""

    async def save(database: Database) -> None:
        async with database.transaction() as transaction:
            await transaction.save({"1": SESSION, "2": OTHER, "3": None}, 500)
            await transaction.place({"1": (71, "a"), "3": (73, "c")}, 501)
            assert await transaction.load(["1", "2", "3", "4", "1"]) == {
                "1": Row(SESSION, 71, "a", 501),
                "2": Row(OTHER, None, "", 500),
                "3": Row(None, 73, "c", 501),
            }

    on(file, save)
    assert on(file, lambda database: rows(database, "3")) == {"3": Row(None, 73, "c", 501)}


def test_a_session_that_is_gone_leaves_the_card(file: Path) -> None:
    """The row of somebody without a check remembers which message has the live keyboard."""

    async def save(database: Database) -> None:
        async with database.transaction() as transaction:
            await transaction.save({"1": SESSION}, 500)
            await transaction.place({"1": (71, "a")}, 500)
            await transaction.save({"1": None}, 600)
        assert await rows(database, "1") == {"1": Row(None, 71, "a", 600)}
        assert await database.load("1") is None

    on(file, save)


def test_a_new_session_keeps_the_card(file: Path) -> None:
    """Saving a check says nothing about messages, and placing a card nothing about the check."""

    async def save(database: Database) -> None:
        async with database.transaction() as transaction:
            await transaction.save({"1": None}, 500)
            await transaction.place({"1": (71, "a")}, 500)
        async with database.transaction() as transaction:
            await transaction.save({"1": SESSION}, 501)
        async with database.transaction() as transaction:
            await transaction.place({"1": (None, "")}, 502)
        assert await rows(database, "1") == {"1": Row(SESSION, None, "", 502)}

    on(file, save)


def test_a_card_makes_no_row(file: Path) -> None:
    """A message that arrives after the person was erased does not bring anything of them back."""

    async def place(database: Database) -> None:
        async with database.transaction() as transaction:
            await transaction.save({"1": SESSION, "2": SESSION}, 500)
        async with database.transaction() as transaction:
            await transaction.erase(["1"])
        async with database.transaction() as transaction:
            await transaction.place({"1": (71, "a"), "2": (72, "b"), "3": (73, "c")}, 501)
        assert await rows(database, "1", "2", "3") == {"2": Row(SESSION, 72, "b", 501)}

    on(file, place)


def test_an_update_is_new_once(file: Path) -> None:
    """Whatever the order, the gaps or the repetitions, and also after a new start, a number counts one time."""

    async def see(database: Database, *numbers: int) -> set[int]:
        async with database.transaction() as transaction:
            return await transaction.unseen(numbers, 500)

    assert on(file, lambda database: see(database, 5, 3, 5, 9_000_000_000)) == {3, 5, 9_000_000_000}
    assert on(file, lambda database: see(database, 3, 4, 5)) == {4}
    assert on(file, see) == set()


def test_a_transaction_that_fails_leaves_nothing(file: Path) -> None:
    """Whatever goes wrong in it, an update is not seen and a session is not changed."""

    async def half(database: Database) -> None:
        async with database.transaction() as transaction:
            assert await transaction.unseen([7], 500) == {7}
            await transaction.save({"1": SESSION, "2": SESSION}, 500)
            await transaction.erase(["1"])
            raise ZeroDivisionError

    async def fail(database: Database) -> None:
        await database.save("1", OTHER)
        with pytest.raises(ZeroDivisionError):
            await half(database)
        async with database.transaction() as transaction:
            assert await transaction.unseen([7], 500) == {7}
            assert await transaction.load(["1", "2"]) == {"1": Row(OTHER, None, "", 200)}

    on(file, fail)


def test_what_is_asked_at_the_same_time_happens_in_turn(file: Path) -> None:
    """Many tasks of one program use the one connection without mixing their transactions."""

    async def count(database: Database) -> None:
        async with database.transaction() as transaction:
            row = (await transaction.load(["1"])).get("1", Row())
            await asyncio.sleep(0)
            await transaction.save({"1": None}, row.touched + 1)

    async def all_at_once(database: Database) -> int:
        await asyncio.gather(*(count(database) for _ in range(50)))
        return (await rows(database, "1"))["1"].touched

    assert on(file, all_at_once) == 50


def test_a_thousand_people_take_a_moment(file: Path) -> None:
    """One statement for all of them, whatever limits the database sets for one; the bound is wide."""
    people = {str(number): Session(f"s{number}", "leg", "v1", "en", number) for number in range(5000)}

    async def save_and_load(database: Database) -> None:
        async with database.transaction() as transaction:
            assert len(await transaction.unseen(range(5000), 500)) == 5000
            await transaction.save(people, 500)
            await transaction.place(dict.fromkeys(people, (1, "x")), 500)
            found = await transaction.load(people)
            assert {key: row.session for key, row in found.items()} == people
        async with database.transaction() as transaction:
            await transaction.erase(people)
            assert await transaction.load(people) == {}

    began = time.monotonic()
    on(file, save_and_load)

    assert time.monotonic() - began < 5


def test_who_was_away_for_long_is_erased(file: Path) -> None:
    """The time of the last save decides; the number of people erased comes back, and updates seen long ago go, too."""

    async def purge(database: Database) -> None:
        async with database.transaction() as transaction:
            await transaction.save({"1": SESSION, "2": None}, 1000)
            await transaction.save({"3": SESSION}, 2000)
            await transaction.unseen([1], 1000)
            await transaction.unseen([2], 1001)
            await transaction.unseen([3], 1001 + SEEN_FOR)
        assert await database.purge(1000) == 0
        assert await database.purge(1001) == 2
        assert set(await rows(database, "1", "2", "3")) == {"3"}
        async with database.transaction() as transaction:
            assert await transaction.unseen([1, 2, 3], 3000) == {1}

    on(file, purge)


def test_notes(file: Path) -> None:
    """What the bot notes about itself is there at the next start, as it was noted last."""

    async def note(database: Database) -> None:
        await database.set_note("commands", "first")
        await database.set_note("commands", "second")

    on(file, note)

    assert on(file, lambda database: database.note("commands")) == "second"


# --- what cannot be read ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "says"),
    [
        ("", "damaged: no JSON"),
        ('{"format": 1, "groin', "damaged: no JSON"),
        ("[" * 100_000, "damaged: no JSON"),
        ("[]", "must be an object"),
        ('{"format": 2}', "format 2 is not 1"),
    ],
)
def test_a_session_that_cannot_be_read(file: Path, stored: str, says: str) -> None:
    """It is told in one line that repeats no answer, other people are not held up, and it stays as it is."""

    async def look(database: Database) -> None:
        await database.save("1", SESSION)
        await database.save("2", OTHER)
        async with database._transacted("BEGIN IMMEDIATE") as link:
            link.later(text("UPDATE people SET session = :it WHERE key = '1'"), {"it": stored})
        with pytest.raises(UnusableError) as caught:
            await database.load("1")
        line = str(caught.value)
        assert f"{database.file} holds a check for '1' that cannot be read" in line
        assert says in line
        assert "groin" not in line
        assert caught.value.__cause__ is None
        assert await rows(database, "1", "2") == {
            "1": Row(None, None, "", 102, unreadable=True),
            "2": Row(OTHER, None, "", 200),
        }
        async with database._transacted("BEGIN") as link:
            assert await link.scalar(text("SELECT session FROM people WHERE key = '1'")) == stored

    on(file, look)


def test_each_row_that_is_set_aside_is_kept(file: Path) -> None:
    """Setting aside counts on and overwrites nothing; forgetting the person erases all of it, and of nobody else."""

    async def set_aside(database: Database) -> None:
        for session in (SESSION, OTHER):
            await database.save("terminal", session)
            await database.set_aside("terminal")
        assert await database.load("terminal") is None
        assert await database.load("terminal.damaged-1") == SESSION
        assert await database.load("terminal.damaged-2") == OTHER
        await database.save("terminal2", OTHER)
        await database.save("terminal.damage", OTHER)
        await database.forget("terminal")
        left = await rows(database, "terminal2", "terminal.damage", "terminal.damaged-1", "terminal.damaged-2")
        assert set(left) == {"terminal2", "terminal.damage"}

    on(file, set_aside)


def test_the_name_of_a_row_that_is_set_aside(file: Path) -> None:
    """The caller learns where the row is now."""

    async def set_aside(database: Database) -> str:
        await database.save("terminal", SESSION)
        return await database.set_aside("terminal")

    assert on(file, set_aside) == "terminal.damaged-1"


# --- where it is and how it grows -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///data/signpost.db", "data/signpost.db"),
        ("sqlite:////var/lib/signpost.db", "/var/lib/signpost.db"),
        ("sqlite:///a b%20c.db", "a b%20c.db"),
    ],
)
def test_the_file_of_a_url(url: str, file: str) -> None:
    """Three slashes begin a path from here, four a whole path."""
    assert file_of(url) == Path(file)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://signpost:secret@db/signpost",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///a.db?mode=secret",
        "data/secret.db",
        "",
    ],
)
def test_a_url_that_names_no_file(url: str) -> None:
    """One line says what is supported and how to write it; it never repeats the URL, which may hold a password."""
    with pytest.raises(StorageError) as caught:
        asyncio.run(Database.open(url))

    line = str(caught.value)
    assert "only SQLite is supported so far; write sqlite:///data/signpost.db" in line
    assert "\n" not in line
    assert "secret" not in line


def test_it_opens_by_url(tmp_path: Path) -> None:
    """The database of a URL is the file that it names."""

    async def save() -> None:
        database = await Database.open(f"sqlite:///{tmp_path}/mine.db")
        await database.save("1", SESSION)
        await database.close()

    asyncio.run(save())

    assert on(tmp_path / "mine.db", lambda database: database.load("1")) == SESSION


def test_closed_it_is_one_file(file: Path) -> None:
    """Nothing of it lies beside the file any more, so that a plain copy is a backup."""
    on(file, lambda database: database.save("1", SESSION))

    assert [path.name for path in file.parent.iterdir()] == ["signpost.db"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """Who keeps the file elsewhere by a link finds the database there, and what is beside it, too."""
    (tmp_path / "elsewhere").mkdir()
    link, real = tmp_path / "link.db", tmp_path / "elsewhere" / "real.db"
    link.symlink_to(real)

    def beside() -> list[str]:
        return sorted(path.name for path in tmp_path.iterdir())

    async def look(database: Database) -> None:
        await database.save("1", SESSION)

        assert await asyncio.to_thread(beside) == ["elsewhere", "link.db"]

    on(link, look)

    assert link.is_symlink()
    assert on(real, lambda database: database.load("1")) == SESSION


def test_a_new_step_is_done_once_and_keeps_everything(file: Path) -> None:
    """A database of an earlier version is brought up to date at the next start."""
    on(file, lambda database: database.save("1", SESSION))
    done: list[str] = []

    def add(connection: Connection) -> None:
        done.append("colour")
        connection.execute(text("ALTER TABLE people ADD COLUMN colour TEXT"))

    async def grow() -> None:
        for _ in range(2):
            database = await Database.at(file, migrations={**MIGRATIONS, "2 colour": add})
            assert await database.load("1") == SESSION
            await database.close()

    asyncio.run(grow())

    assert done == ["colour"]


def test_a_step_that_fails_is_rolled_back_and_still_pending(file: Path) -> None:
    """A start that breaks off in the middle of a change leaves the database as it was, and the next one tries again."""

    def half(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE people ADD COLUMN colour TEXT"))
        connection.execute(text("DELETE FROM people"))
        raise ZeroDivisionError

    def whole(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE people ADD COLUMN colour TEXT"))

    async def grow() -> None:
        async with opened(file) as database:
            await database.save("1", SESSION)
        with pytest.raises(ZeroDivisionError):
            await Database.at(file, migrations={**MIGRATIONS, "2 colour": half})
        async with opened(file) as database:
            assert await database.load("1") == SESSION
        database = await Database.at(file, migrations={**MIGRATIONS, "2 colour": whole})
        await database.close()

    asyncio.run(grow())
