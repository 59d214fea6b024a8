"""JSON Schemas of the files, for editors that complete and check while typing.

``python -m bot.load.schema`` writes them to flows/schema. They are generated from the same models that the loader
validates with; a test fails when the written ones are stale. A file names its schema in its first line:
``# yaml-language-server: $schema=schema/flow.schema.json``, from content ``../../flows/schema/….json``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bot.load import answers_file, content_files, files, phrase_files

SCHEMAS: dict[str, type[BaseModel]] = {
    "findings": files.FindingsFile,
    "sources": files.SourcesFile,
    "safety": files.SafetyFile,
    "shared": files.SharedFile,
    "flow": files.FlowFile,
    "language": content_files.LanguageFile,
    "said": content_files.FindingTextsFile,
    "shared_content": content_files.SharedTextsFile,
    "flow_content": content_files.FlowTextsFile,
    "actions": content_files.ActionsFile,
    "cause": content_files.CauseFile,
    "answers": answers_file.AnswersFile,
    "concepts": phrase_files.ConceptsFile,
    "dangers": phrase_files.DangersFile,
}


def schemas() -> dict[str, str]:
    """Each schema's file name and text."""
    return {f"{name}.schema.json": _text(model) for name, model in SCHEMAS.items()}


def _text(model: type[BaseModel]) -> str:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
    return json.dumps(_tidy(schema), indent=2, ensure_ascii=False) + "\n"


def _tidy(schema: Any, *, names: bool = False) -> Any:  # noqa: ANN401  # plain JSON data
    """Without defaults, which say nothing to an author, and without ``null``, which nobody can write.

    ``names``: the keys of this part are names that an author writes.
    """
    if isinstance(schema, list):
        return [_tidy(part) for part in schema if part != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if names or key != "default"}
    tidy = {key: _tidy(value, names=not names and key in ("properties", "$defs")) for key, value in kept.items()}
    if not names and len(only := tidy.get("anyOf", ())) == 1:
        del tidy["anyOf"]
        return {**only[0], **tidy}
    return tidy


def write(folder: Path) -> None:
    """Write every schema into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("flows/schema"))
