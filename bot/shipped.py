"""Where the flows and texts are that Signpost comes with.

In a checkout they are the folders `flows/` and `content/` at its top, so that they are easy to find and to edit. In an
installed package they travel inside it, as `bot/_shipped/`.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


class ShippedFilesMissingError(Exception):
    """A folder that belongs to Signpost is gone: the installation is damaged."""


def flows_dir(package: Path = _PACKAGE) -> Path:
    """The folder with the shipped flows.

    Raises:
        ShippedFilesMissingError: neither the package nor a checkout around it has the folder.
    """
    return _shipped("flows", package)


def content_dir(package: Path = _PACKAGE) -> Path:
    """The folder with the shipped texts, one folder in it for each language.

    Raises:
        ShippedFilesMissingError: neither the package nor a checkout around it has the folder.
    """
    return _shipped("content", package)


def _shipped(name: str, package: Path) -> Path:
    installed = package / "_shipped" / name
    if installed.is_dir():
        return installed
    checkout = package.parent
    # Without this look, a folder of the same name that another package left in site-packages would pass for ours.
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    raise ShippedFilesMissingError(
        f"the shipped folder '{name}' is missing, in {installed} and in {checkout / name}; install Signpost again"
    )
