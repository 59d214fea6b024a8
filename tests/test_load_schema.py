"""The JSON Schemas in flows/schema are those of the models, and every shipped file names its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.load.schema import schemas, write
from bot.shipped import content_dir, flows_dir

FILES = sorted(path for folder in (flows_dir(), content_dir()) for path in folder.rglob("*.yaml"))
HEADER = "# yaml-language-server: $schema="


def test_schemas_are_fresh(tmp_path: Path) -> None:
    """`make schema` was run after the last change of a model."""
    write(tmp_path)
    fresh = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    committed = {path.name: path.read_text(encoding="utf-8") for path in (flows_dir() / "schema").iterdir()}
    assert committed == fresh == schemas()


def _schema_of(path: Path) -> str:
    if path.is_relative_to(flows_dir()):
        return path.stem if path.stem in ("findings", "sources", "safety", "shared") else "flow"
    if path.parent.name in ("causes", "dangers"):
        return {"causes": "cause", "dangers": "dangers"}[path.parent.name]
    own = {name: name for name in ("language", "actions", "concepts", "answers")}
    return {**own, "findings": "said", "shared": "shared_content"}.get(path.stem, "flow_content")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_files_name_their_schema(path: Path) -> None:
    """An editor finds the schema from the first line of each file."""
    header = path.read_text(encoding="utf-8").partition("\n")[0]
    assert header.startswith(HEADER)
    assert (path.parent / header.removeprefix(HEADER)).resolve() == (
        flows_dir() / "schema" / f"{_schema_of(path)}.schema.json"
    )


def test_schemas_say_what_the_loader_says() -> None:
    """No unknown keys, the file's own names for keys, and no empty values."""
    flow = json.loads(schemas()["flow.schema.json"])
    question = flow["$defs"]["QuestionEntry"]
    assert question["additionalProperties"] is False
    assert {"from", "to"} <= question["properties"].keys()
    assert question["properties"]["when"]["type"] == "string"
    assert flow["$defs"]["TriageEntry"]["required"] == ["default", "actions"]
    assert "null" not in schemas()["flow.schema.json"]
