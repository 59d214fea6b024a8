"""Makes `bot_api.json`, what each method takes, without the prose: `python -m bot.sandbox.make_spec SOURCE`.

SOURCE is a JSON file of the shape that aiogram derives from Telegram's documentation: ``methods`` and ``types``, each
name with its ``fields`` (name, type, required, description). Of the types, those stay that a parameter can contain.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

SPEC_FILE = Path(__file__).with_name("bot_api.json")

# A type without fields whose description lists the types it stands for, one a line.
LISTED = re.compile(r"^\s*-\s*(\w+)\s*$", re.MULTILINE)
# "Scope type, must be chat", "Type of the reaction, always 'emoji'"
CONSTANT = re.compile(r"(?:must be|always) ['\"“‘]?([a-z_]+)['\"”’]?\.?$")
TYPE_NAME = re.compile(r"\b[A-Z]\w+\b")
ATTRIBUTION = (
    "Names, types and necessity of parameters, derived from the schema of aiogram "
    "(https://github.com/aiogram/aiogram), "
    "Copyright (c) 2017-2022 Alex Root Junior, under the MIT License: Permission is hereby granted, free of "
    'charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to '
    "deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, "
    "publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the "
    "Software is "
    "furnished to do so, subject to the following conditions: The above copyright notice and this permission notice "
    'shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", '
    "WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, "
    "FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE "
    "LIABLE "
    "FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT "
    "OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."
)


def make_spec(source: dict[str, Any]) -> dict[str, Any]:
    """Leave of ``source`` what checking parameters takes; see `bot.sandbox.spec` for the shape of the result."""
    methods = {name: _fields(method["fields"]) for name, method in source["methods"].items()}
    types = {}
    found = [kind for fields in methods.values() for kind in _kinds(fields)]
    while found:
        name = found.pop()
        if name in types or name not in source["types"]:
            continue
        types[name] = _type(source["types"][name])
        found += types[name]["one_of"] if "one_of" in types[name] else _kinds(types[name])
    return {
        "version": source["version"],
        "release_date": source["release_date"],
        "derived_from": source["derived_from"],
        "license": ATTRIBUTION,
        "methods": methods,
        "types": dict(sorted(types.items())),
    }


def _type(type_: dict[str, Any]) -> dict[str, Any]:
    listed = LISTED.findall(type_["description"])
    if not type_["fields"] and listed:
        return {"one_of": listed}
    made = _fields(type_["fields"])
    constant = {
        field["name"]: said[1]
        for field in type_["fields"]
        if field["type"] == "String" and field["required"] and (said := CONSTANT.search(field["description"]))
    }
    return made | ({"constant": constant} if constant else {})


def _fields(fields: list[dict[str, Any]]) -> dict[str, Any]:
    needed = {field["name"]: field["type"] for field in fields if field["required"]}
    optional = {field["name"]: field["type"] for field in fields if not field["required"]}
    return {"required": needed, "optional": optional}


def _kinds(made: dict[str, Any]) -> list[str]:
    return [name for kinds in (made["required"], made["optional"]) for kind in kinds.values() for name in _names(kind)]


def _names(kind: str) -> list[str]:
    return TYPE_NAME.findall(kind)


def _as_text(spec: dict[str, Any]) -> str:
    """JSON with one line for each method and type, so that a new version of the Bot API is a readable difference."""
    lines = [f" {json.dumps(key)}: {json.dumps(spec[key])}," for key in spec if key not in {"methods", "types"}]
    for part, end in (("methods", ","), ("types", "")):
        rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in spec[part].items())
        lines.append(f' "{part}": {{\n{rows}\n }}{end}')
    return "{\n" + "\n".join(lines) + "\n}\n"


def main(arguments: list[str]) -> int:
    """Write `bot_api.json` beside this module from the file named in ``arguments``; returns the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m bot.sandbox.make_spec SOURCE\n")
        return 2
    SPEC_FILE.write_text(_as_text(make_spec(json.loads(Path(arguments[0]).read_text("utf-8")))), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
