"""Makes `update_types.json`, all that an update can contain: `python -m tests.fuzz.make_types SOURCE`.

SOURCE is the file that `bot.sandbox.make_spec` reads, too. Beside the fields of each type, this keeps the values that a
text can have where the documentation lists them (``values``).
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from bot.sandbox.make_spec import ATTRIBUTION, LISTED, TYPE_NAME, _type

TYPES_FILE = Path(__file__).with_name("update_types.json")

_LISTING = re.compile(r"\b(?:one of|can be|either)\b")
_QUOTED = re.compile(r"'([a-z_]+)'")


def make_types(source: dict[str, Any]) -> dict[str, Any]:
    """Leave of ``source`` what updates are made of."""
    types: dict[str, Any] = {}
    found = ["Update"]
    while found:
        name = found.pop()
        if name in types or name not in source["types"]:
            continue
        given = source["types"][name]
        types[name] = made = _type(given) | _values(given)
        if "one_of" in made:
            found += LISTED.findall(given["description"])
        else:
            kinds = [*made["required"].values(), *made["optional"].values()]
            found += [each for kind in kinds for each in TYPE_NAME.findall(kind)]
    head = {name: source[name] for name in ("version", "release_date", "derived_from")}
    return head | {"license": ATTRIBUTION, "types": dict(sorted(types.items()))}


def _values(given: dict[str, Any]) -> dict[str, Any]:
    listed = {
        field["name"]: _QUOTED.findall(field["description"])
        for field in given["fields"]
        if field["type"] == "String" and _LISTING.search(field["description"])
    }
    values = {name: found for name, found in listed.items() if len(found) > 1}
    return {"values": values} if values else {}


def _as_text(made: dict[str, Any]) -> str:
    """JSON with one line for each type."""
    lines = [f" {json.dumps(key)}: {json.dumps(made[key])}," for key in made if key != "types"]
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in made["types"].items())
    return "{\n" + "\n".join(lines) + f'\n "types": {{\n{rows}\n }}\n' + "}\n"


def main(arguments: list[str]) -> int:
    """Write `update_types.json` beside this module from the file named in ``arguments``; returns the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m tests.fuzz.make_types SOURCE\n")
        return 2
    TYPES_FILE.write_text(_as_text(make_types(json.loads(Path(arguments[0]).read_text("utf-8")))), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
