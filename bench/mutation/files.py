"""The shipped files as data, a mutant of them, and the real loader made quick enough to be asked thousands of times.

What does not change is read once: an unchanged file is the same data, and what the loader builds from unchanged data
alone is the same again. Everything else goes through `bot.load` as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from bot.flow import conditions
from bot.load import Library, build, flows, language, load_library
from bot.load.files import FlowFile, SafetyFile
from bot.load.flows import Base, BuiltFlow
from bot.load.folder import Folder
from bot.load.issues import Place, Report
from bot.load.language import Language
from bot.load.library import Key, Oracle, Texts
from bot.load.names import Names
from bot.load.phrases import PhraseBook, Written
from bot.load.read import Model, Read
from bot.load.validate import validate
from bot.load.yaml_reader import Document, Spot, read_yaml

Path_ = tuple[str | int, ...]
"""Where something stands in a file."""


class _Removed:
    """Stands for what is no longer there."""


REMOVED = _Removed()


@dataclass(frozen=True)
class Edit:
    """One change of a file's data: what stands at ``path`` becomes ``value``, or goes when that is `REMOVED`."""

    file: str
    path: Path_
    value: Any


@dataclass(frozen=True)
class Mutant:
    """One seeded fault. ``place``: file and line; ``what``: the fault in one line."""

    kind: str
    place: str
    what: str
    edits: tuple[Edit, ...]

    def seeded(self, document: Document) -> Document:
        """A file with the fault in it; what is changed stands in the line in which it stood."""
        data, spot = document.data, document.spot
        for edit in self.edits:
            if edit.file == document.file:
                data = _edited(data, edit.path, edit.value)
                if edit.value is REMOVED:
                    spot = _without(spot, edit.path)
        return Document(document.file, data, spot)


def _edited(data: Any, path: Path_, value: Any) -> Any:  # noqa: ANN401  # whatever stands in the file
    """The data with one change; only what lies on the path is copied."""
    if not path:
        return value
    copy = dict(data) if isinstance(data, dict) else list(data)
    if len(path) == 1 and value is REMOVED:
        del copy[path[0]]
    else:
        inner = copy.get(path[0]) if isinstance(copy, dict) else copy[path[0]]
        copy[path[0]] = _edited(inner, path[1:], value)
    return copy


def _without(spot: Spot, path: Path_) -> Spot:
    """The lines of a file without those of what was removed."""
    inside: Any = spot.inside.copy() if spot.inside is not None else {}
    if len(path) == 1:
        del inside[path[0]]
    else:
        inside[path[0]] = _without(inside[path[0]], path[1:])
    return Spot(spot.line, inside)


@dataclass(frozen=True)
class Shipped:
    """Every YAML file of a folder of flows and one of texts, by its name as the loader calls it: ``flows/x.yaml``."""

    flows_dir: Path
    content_dir: Path
    documents: Mapping[str, Document]

    @classmethod
    def at(cls, flows_dir: Path, content_dir: Path) -> Shipped:
        """Read the files, which have to be right."""
        documents: dict[str, Document] = {}
        report = Report()
        for folder in (flows_dir, content_dir):
            for path in sorted(folder.rglob("*.yaml")):
                name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
                document = read_yaml(path.read_text("utf-8"), name, report)
                if document:
                    documents[name] = document
        report.raise_any()
        return cls(flows_dir, content_dir, documents)

    def place(self, file: str, *path: str | int) -> str:
        """File and line of a part."""
        place = self.documents[file].place(*path)
        return f"{place.file}:{place.line}"


class Loader:
    """Loads mutants, many in one process."""

    def __init__(self, shipped: Shipped) -> None:
        self.shipped = shipped
        self._mutant: Mutant | None = None
        self._read: dict[str, Any] = {}
        self._flow: dict[str, BuiltFlow] = {}
        self._oracle: dict[str, Oracle] = {}
        self._texts: dict[object, Texts] = {}
        self._books: dict[str, PhraseBook] = {}
        self._places: dict[str, list[tuple[Key, Place]]] = {}
        self.load(None)

    def load(self, mutant: Mutant | None) -> Library:
        """The library with the fault in it. Raises `LoadError`."""
        self._mutant = mutant
        with self._quick():
            return load_library(self.shipped.flows_dir, self.shipped.content_dir)

    @contextmanager
    def _quick(self) -> Iterator[None]:
        with (
            mock.patch.object(build, "read", self.read),
            mock.patch.object(language, "read", self.read),
            mock.patch.object(build, "build_flow", self.flow),
            mock.patch.object(build, "build_oracle", self.oracle),
            mock.patch.object(build, "build_phrases", self.phrases),
            mock.patch.object(build, "build_texts", self.texts),
            mock.patch.object(build, "places_of_language", self.places),
            mock.patch.object(flows, "version_of", _no_version),
            mock.patch.object(conditions, "_parse", _parse),
        ):
            yield

    def read(self, folder: Folder, stem: str, model: type[Model], needed_for: str = "") -> Read[Model] | None:
        """As `bot.load.read.read`: an unchanged file is read once, a changed one is validated as it stands."""
        name = f"{folder.name}/{stem}.yaml"
        if self._mutant and any(edit.file == name for edit in self._mutant.edits):
            known = self.shipped.documents[name]
            document = self._mutant.seeded(known)
            content = validate(document, model, folder.report)
            return None if content is None else Read(content, document)
        if name not in self._read:
            self._read[name] = _read(folder, stem, model, needed_for)
        found: Read[Model] | None = self._read[name]
        return found

    def flow(self, file: FlowFile, document: Document, base: Base) -> BuiltFlow:
        """As `bot.load.flows.build_flow`; the same again when everything it is made of is unchanged."""
        if self._changed("flows/findings.yaml", "flows/shared.yaml", "flows/sources.yaml", document.file):
            return _build_flow(file, document, base)
        if document.file not in self._flow:
            self._flow[document.file] = _build_flow(file, document, base)
        return self._flow[document.file]

    def oracle(self, file: SafetyFile, document: Document, base: Base) -> Oracle:
        """As `bot.load.safety.build_oracle`, in the same way."""
        if self._changed("flows/findings.yaml", "flows/sources.yaml", document.file):
            return _build_oracle(file, document, base)
        if document.file not in self._oracle:
            self._oracle[document.file] = _build_oracle(file, document, base)
        return self._oracle[document.file]

    def phrases(
        self, written: Written, names: Names | None, report: Report, *, named_elsewhere: Iterable[str] | None
    ) -> PhraseBook:
        """As `bot.load.phrases.build_phrases`, in the same way. Mutants leave what people type as it is."""
        key = written.concepts.document.file if written.concepts else ""
        if self._changed("flows/findings.yaml") or not key:
            return _build_phrases(written, names, report, named_elsewhere=named_elsewhere)
        if key not in self._books:
            self._books[key] = _build_phrases(written, names, report, named_elsewhere=named_elsewhere)
        return self._books[key]

    def texts(self, files: Language, uses: Mapping[str, Collection[str]], book: PhraseBook, report: Report) -> Texts:
        """As `bot.load.language.build_texts`, in the same way."""
        if self._edited(files):
            return _build_texts(files, uses, book, report)
        key = (files.code, tuple((flow, tuple(used)) for flow, used in uses.items()))
        if key not in self._texts:
            self._texts[key] = _build_texts(files, uses, book, report)
        return self._texts[key]

    def places(self, files: Language) -> list[tuple[Key, Place]]:
        """As `bot.load.places.places_of_language`, in the same way."""
        if self._edited(files):
            return list(_places_of_language(files))
        if files.code not in self._places:
            self._places[files.code] = list(_places_of_language(files))
        return self._places[files.code]

    def _edited(self, files: Language) -> bool:
        """Whether a text of a language is changed."""
        inside = f"{files.folder.name}/"
        return self._mutant is not None and any(edit.file.startswith(inside) for edit in self._mutant.edits)

    def _changed(self, *files: str) -> bool:
        return self._mutant is not None and any(edit.file in files for edit in self._mutant.edits)


_read = build.read
_build_flow = build.build_flow
_build_oracle = build.build_oracle
_build_phrases = build.build_phrases
_build_texts = build.build_texts
_places_of_language = build.places_of_language
_parse = cache(conditions._parse)  # noqa: SLF001  # the same text is the same tree, and nobody changes one


def _no_version(*_: object) -> str:
    """A version tells sessions of one flow apart from those of another; nobody here has a session."""
    return "seeded"
