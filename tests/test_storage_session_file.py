"""Sessions in files: whole or not at all, for their owner only, and what cannot be read is never lost."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from pathlib import Path

import pytest

from bot.flow.session import Answered, Session, to_json
from bot.storage.session_file import SessionFile, StorageError

SESSION = Session(
    "s1", "leg", "v1", "en", 100, (Answered("age", (), 101, number=45), Answered("pain", ("groin",), 102)), 2
)
OTHER = Session("s2", "leg", "v1", "en", 200)


def save(store: SessionFile, session: Session, key: str = "terminal") -> None:
    """Save and wait for it."""
    asyncio.run(store.save(key, session))


def load(store: SessionFile, key: str = "terminal") -> Session | None:
    """Load and wait for it."""
    return asyncio.run(store.load(key))


def trouble(store: SessionFile) -> str:
    """The one line that loading fails with."""
    with pytest.raises(StorageError) as caught:
        load(store)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    """A session comes back as it was, also to a programme that starts later; the newest one counts."""
    save(SessionFile(tmp_path / "state"), OTHER)
    save(SessionFile(tmp_path / "state"), SESSION)

    assert load(SessionFile(tmp_path / "state")) == SESSION


def test_nobody_has_a_session_at_first(tmp_path: Path) -> None:
    """A folder that does not exist yet holds no session, and looking does not make it."""
    assert load(SessionFile(tmp_path / "state")) is None
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("key", ["terminal", "chat:17", "../../etc/passwd", "a/b", ".", "ü", "a b", ""])
def test_each_person_has_a_file_of_their_own(tmp_path: Path, key: str) -> None:
    """Whatever a key is made of, its file lies in the folder and is nobody else's."""
    store = SessionFile(tmp_path / "state")
    save(store, OTHER, "somebody")
    save(store, SESSION, key)

    assert load(store, key) == SESSION
    assert load(store, "somebody") == OTHER
    assert len(list((tmp_path / "state").iterdir())) == 2
    assert store.path(key).parent == tmp_path / "state"


def test_a_named_file_is_that_file(tmp_path: Path) -> None:
    """With a file named, the session is there and nowhere else."""
    store = SessionFile(tmp_path / "state", tmp_path / "mine.json")
    save(store, SESSION)

    assert [path.name for path in tmp_path.iterdir()] == ["mine.json"]
    assert load(store) == SESSION


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    """Answers about health are for their owner: folder 0700, file 0600, whatever the umask says."""
    before = os.umask(0)
    try:
        store = SessionFile(tmp_path / "state")
        save(store, SESSION)
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert stat.S_IMODE(store.path("terminal").stat().st_mode) == 0o600


def test_a_folder_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    """Somebody's own folder keeps the access that they gave it."""
    tmp_path.chmod(0o755)
    save(SessionFile(tmp_path), SESSION)

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_save_that_fails_keeps_the_former_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk gives up in the middle, the former session is still there, and nothing half-written beside it."""
    store = SessionFile(tmp_path)
    save(store, OTHER)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left on device"):
        save(store, SESSION)

    assert load(store) == OTHER
    assert list(tmp_path.iterdir()) == [store.path("terminal")]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """Who keeps the file elsewhere by a link finds the session there."""
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    save(SessionFile(tmp_path, tmp_path / "link.json"), SESSION)

    assert (tmp_path / "link.json").is_symlink()
    assert load(SessionFile(tmp_path, tmp_path / "real.json")) == SESSION


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "must be an object"),
        (b"{}", "format None is not 1"),
        (b'{"format": 2}', "format 2 is not 1"),
        (json.dumps(to_json(SESSION) | {"inputs": [{"do": "dance"}]}).encode(), "unknown kind"),
    ],
)
def test_a_damaged_file_is_named_and_kept(tmp_path: Path, content: bytes, says: str) -> None:
    """What is no session is told with its place and what to do, and stays as it is."""
    store = SessionFile(tmp_path)
    path = store.path("terminal")
    path.write_bytes(content)

    line = trouble(store)

    assert str(path) in line
    assert says in line
    assert "move it away" in line
    assert path.read_bytes() == content


def test_no_answer_stands_in_the_error(tmp_path: Path) -> None:
    """A file that broke off in the middle holds answers; the error and what caused it repeat none."""
    store = SessionFile(tmp_path)
    store.path("terminal").write_text(json.dumps(to_json(SESSION))[:-5])

    with pytest.raises(StorageError) as caught:
        load(store)

    assert "groin" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_each_damaged_file_is_kept_aside(tmp_path: Path) -> None:
    """Setting aside renames, counts on, and overwrites nothing."""
    store = SessionFile(tmp_path)
    path = store.path("terminal")
    for content in ("first", "second"):
        path.write_text(content)
        store.set_aside("terminal")

    assert load(store) is None
    assert (tmp_path / f"{path.name}.damaged-1").read_text() == "first"
    assert (tmp_path / f"{path.name}.damaged-2").read_text() == "second"


def test_what_is_no_plain_file_is_left_alone(tmp_path: Path) -> None:
    """A folder or a device in the file's place is neither replaced nor renamed."""
    place = tmp_path / "device"
    os.mkfifo(place)
    store = SessionFile(tmp_path, place)

    assert "not a plain file" in trouble(store)
    with pytest.raises(StorageError, match="not a plain file"):
        save(store, SESSION)
    with pytest.raises(StorageError, match="not a plain file"):
        store.set_aside("terminal")
    assert list(tmp_path.iterdir()) == [place]
    assert stat.S_ISFIFO(place.stat().st_mode)


def test_a_place_that_cannot_be(tmp_path: Path) -> None:
    """A file where a folder should be is told for reading, writing and setting aside."""
    (tmp_path / "file").touch()
    store = SessionFile(tmp_path / "file")

    assert "cannot be read (Not a directory)" in trouble(store)
    with pytest.raises(StorageError, match="cannot be written"):
        save(store, SESSION)
    with pytest.raises(StorageError, match="cannot be moved out of the way"):
        store.set_aside("terminal")
