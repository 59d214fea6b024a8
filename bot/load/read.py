"""A file of a certain shape: read, parsed and validated in one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from bot.load.folder import Folder
from bot.load.validate import validate
from bot.load.yaml_reader import Document

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Read(Generic[Model]):
    """A file's content, and where each part of it stands."""

    model: Model
    document: Document


def read(folder: Folder, stem: str, model: type[Model], needed_for: str = "") -> Read[Model] | None:
    """The file, or None with every reason noted. ``needed_for`` says what it holds, when it may not be missing."""
    document = folder.read(stem, needed_for)
    content = None if document is None else validate(document, model, folder.report)
    return None if document is None or content is None else Read(content, document)
