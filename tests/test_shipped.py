"""The shipped flows and texts are found wherever Signpost is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.shipped import ShippedFilesMissingError, content_dir, flows_dir


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """An import package with nothing in or around it."""
    package = tmp_path / "somewhere" / "bot"
    package.mkdir(parents=True)
    return package


def test_this_checkout_has_flows_and_texts() -> None:
    """Without a word about where, the real folders come back."""
    assert list(flows_dir().glob("*.yaml"))
    assert list(content_dir().iterdir())


def test_an_installed_package_carries_its_own(package: Path) -> None:
    """Installed, the folders inside the package are the ones."""
    for name in ("flows", "content"):
        (package / "_shipped" / name).mkdir(parents=True)

    assert flows_dir(package) == package / "_shipped" / "flows"
    assert content_dir(package) == package / "_shipped" / "content"


def test_a_checkout_has_them_at_its_top(package: Path) -> None:
    """In a checkout the folders beside the package are the ones."""
    (package.parent / "pyproject.toml").touch()
    for name in ("flows", "content"):
        (package.parent / name).mkdir()

    assert flows_dir(package) == package.parent / "flows"
    assert content_dir(package) == package.parent / "content"


def test_another_packages_folder_is_not_taken_for_ours(package: Path) -> None:
    """A folder that happens to be called flows and lies beside an installed package is somebody else's."""
    (package.parent / "flows").mkdir()

    with pytest.raises(ShippedFilesMissingError):
        flows_dir(package)


@pytest.mark.parametrize(("find", "name"), [(flows_dir, "flows"), (content_dir, "content")])
def test_a_missing_folder_is_named_in_one_line(package: Path, find: Callable[[Path], Path], name: str) -> None:
    """A damaged installation says what is missing and what to do about it."""
    with pytest.raises(ShippedFilesMissingError) as caught:
        find(package)

    message = str(caught.value)
    assert f"'{name}' is missing" in message
    assert "install Signpost again" in message
    assert "\n" not in message
