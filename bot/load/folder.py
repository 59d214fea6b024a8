"""Reading files from disk, with nothing trusted: size, kind and encoding are checked before a parser sees them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.load.issues import LoadRule, Place, Report
from bot.load.yaml_reader import Document, read_yaml

MAX_BYTES = 512 * 1024
"""Size of one file; the shipped ones are a tenth of it."""


@dataclass(frozen=True)
class Folder:
    """A folder of YAML files. ``name`` is how issues call it: ``flows``, ``content/en``."""

    path: Path
    name: str
    report: Report

    @classmethod
    def at(cls, path: Path, report: Report) -> Folder:
        """The folder at ``path``, named by its own name wherever it lies."""
        return cls(path, path.resolve().name, report)

    def exists(self) -> bool:
        """Whether the folder is there and can be listed; otherwise that is noted."""
        try:
            with os.scandir(self.path):
                return True
        except OSError as error:
            reason = error.strerror or "cannot be opened"
            self.report.add(
                LoadRule.MISSING_FOLDER, Place(self.name), f"cannot read folder {self.path} ({reason}): check its path"
            )
            return False

    def place(self, file: str) -> Place:
        """The first line of a file of this folder, whether or not it exists."""
        return Place(f"{self.name}/{file}")

    def files(self) -> Iterator[str]:
        """The stems of the YAML files, sorted. A ``.yml`` is noted: it would be left out silently."""
        for entry in self._entries():
            name = Path(entry.name)
            if name.suffix == ".yml" and not entry.is_dir():
                self.report.add(
                    LoadRule.UNKNOWN_FILE, self.place(entry.name), f"not read: rename it to '{name.stem}.yaml'"
                )
            elif name.suffix == ".yaml":
                yield name.stem

    def folders(self) -> Iterator[Folder]:
        """The folders inside, sorted; a link to a folder is noted and left out."""
        for entry in self._entries():
            if entry.is_symlink() and entry.is_dir():
                self.report.add(
                    LoadRule.UNREADABLE_FILE,
                    self.place(entry.name),
                    "is a symbolic link: put the folder itself here",
                )
            elif entry.is_dir():
                yield Folder(self.path / entry.name, f"{self.name}/{entry.name}", self.report)

    def _entries(self) -> list[os.DirEntry[str]]:
        with os.scandir(self.path) as entries:
            return sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)

    def read(self, stem: str, needed_for: str = "") -> Document | None:
        """One file, or None with the reason noted. ``needed_for`` completes "needed for …" when it may not lack."""
        file = f"{stem}.yaml"
        if needed_for and not self.has(file):
            self.report.add(LoadRule.MISSING_FILE, self.place(file), f"there is no such file: it holds {needed_for}")
            return None
        text = self.text(file)
        return None if text is None else read_yaml(text, self.place(file).file, self.report)

    def has(self, file: str) -> bool:
        """Whether there is something of this name."""
        return os.path.lexists(self.path / file)

    def text(self, file: str) -> str | None:
        """The text of one file, or None with the reason noted."""
        place = self.place(file)
        try:
            raw = _bytes_of(self.path / file)
        except OSError as error:
            reason = error.strerror or "cannot be read"
            self.report.add(LoadRule.UNREADABLE_FILE, place, f"cannot be read ({reason}): mend or remove it")
            return None
        if raw is None:
            self.report.add(
                LoadRule.UNREADABLE_FILE, place, "is a symbolic link or no plain file: put the file itself here"
            )
            return None
        if len(raw) > MAX_BYTES:
            self.report.add(
                LoadRule.TOO_LARGE, place, f"is larger than {MAX_BYTES // 1024} KiB: split it, or see what swelled it"
            )
            return None
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self.report.add(LoadRule.NOT_UTF8, Place(place.file, line), "is not UTF-8: save the file as UTF-8")
            return None


def _bytes_of(path: Path) -> bytes | None:
    """At most one byte more than allowed; None for anything but a plain file, which is never opened."""
    if not stat.S_ISREG(path.lstat().st_mode):
        return None
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
