"""What the project promises about its packages: each is explained, each is locked, and no lock names a host."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME: list[str] = PROJECT["project"]["dependencies"]
BUILD: list[str] = PROJECT["dependency-groups"]["build"]
DEVELOPMENT: list[str] = [line for line in PROJECT["dependency-groups"]["dev"] if isinstance(line, str)]
LOCKS = {"runtime.txt": RUNTIME, "build.txt": BUILD, "lock.txt": RUNTIME + BUILD + DEVELOPMENT}


def names(requirements: list[str]) -> set[str]:
    """The packages' names in the spelling that all tools agree on."""
    return {re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", line)[0]).lower() for line in requirements}


def test_every_dependency_is_explained() -> None:
    """The document gives a reason for each package that the project asks for, and for no other."""
    rows = re.findall(r"^\| ([\w, -]+) \| .{20,} \|$", (ROOT / "docs/dependencies.md").read_text("utf-8"), re.MULTILINE)

    assert names([name for row in rows for name in row.split(", ")]) == names(RUNTIME + BUILD + DEVELOPMENT)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_locked(lock: str) -> None:
    """What the project asks for has an exact version in the lock; `make lock` brings it there."""
    locked = re.findall(r"^(\S+)==", (ROOT / "requirements" / lock).read_text("utf-8"), re.MULTILINE)

    assert names(LOCKS[lock]) <= names(locked)


@pytest.mark.parametrize("lock", [*LOCKS, "bench.txt"])
def test_every_locked_package_is_hashed(lock: str) -> None:
    """No package gets installed unchecked."""
    packages = re.split(r"^(?=\w)", (ROOT / "requirements" / lock).read_text("utf-8"), flags=re.MULTILINE)[1:]

    assert packages
    assert all("--hash=sha256:" in package for package in packages)


@pytest.mark.parametrize("lock", [*LOCKS, "bench.txt"])
def test_no_lock_names_a_place_to_download_from(lock: str) -> None:
    """Where packages come from is for whoever installs to decide."""
    assert not re.search(r"://|index|find-links", (ROOT / "requirements" / lock).read_text("utf-8"))


def test_the_smaller_locks_agree_with_the_big_one() -> None:
    """The program runs with the very versions that it was tested with."""
    pins = {
        lock: set(re.findall(r"^\S+==\S+", (ROOT / "requirements" / lock).read_text("utf-8"), re.MULTILINE))
        for lock in LOCKS
    }

    assert pins["runtime.txt"] | pins["build.txt"] <= pins["lock.txt"]
