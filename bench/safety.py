"""Brings the figures of docs/safety.md up to date: from the certificate, the oracle and the last mutants.

Run by `make prove` and `make mutants`; `tests/test_safety_case.py` holds the page to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.check.course import rounded
from bot.check.verdict import PROPERTIES
from bot.load import Library, load_library

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "safety.md"
CERTIFICATE = ROOT / "flows" / "certificate.json"
MUTANTS = ROOT / "docs" / "mutants.json"


def sections() -> dict[str, str]:
    """Each marked section of the page as it has to be."""
    library = load_library(ROOT / "flows", ROOT / "content")
    certificate = json.loads(CERTIFICATE.read_text("utf-8"))
    return {
        "properties": "\n".join(_properties(certificate)),
        "figures": "\n".join(_figures(certificate, library)),
        "calms": "\n".join(_calms(library)),
        "skips": "\n".join(_skips(library)),
        "mutants": "\n".join(_mutants(json.loads(MUTANTS.read_text("utf-8")))) if MUTANTS.exists() else "",
    }


def _properties(certificate: dict[str, Any]) -> Iterator[str]:
    yield "| property | says | shown by | |"
    yield "|---|---|---|---|"
    for name, says in PROPERTIES.items():
        how = _SHOWN_BY.get(name, "proof")
        yield f"| {name} | {says} | {how} | {'holds' if name in certificate['holds'] else 'not certified'} |"


_SHOWN_BY = {
    "S8": "inspection",
    "S9": "inspection",
    "S10": "play",
    "S12": "play",
    "S13": "proof, play",
    "S14": "trial",
    "structure": "proof, inspection",
}


def _figures(certificate: dict[str, Any], library: Library) -> Iterator[str]:
    yield "| flow | conversations | with an emergency | longest | shortest | shortest to an emergency | typical |"
    yield "|---|---|---|---|---|---|---|"
    for flow, each in certificate["flows"].items():
        yield (
            f"| {flow} | {rounded(each.get('conversations', 0))} | {rounded(each.get('emergencies', 0))}"
            f" | {each['longest']} cards | {each.get('shortest', '–')} cards"
            f" | {each.get('shortest_emergency', '–')} cards | {each.get('typical', '–')} cards |"
        )
    yield ""
    rows, sources = len(library.safety), len(library.sources)
    yield f"{rows} rows of the oracle, {sources} sources. Typical: the median of the committed patients."


def _calms(library: Library) -> Iterator[str]:
    yield "| fact | why it may | sources |"
    yield "|---|---|---|"
    for calm in library.oracle.calms.values():
        yield f"| {calm.finding} | {calm.because} | {', '.join(calm.sources)} |"


def _skips(library: Library) -> Iterator[str]:
    for meaning in library.oracle.meanings.values():
        if meaning.skip is not None:
            yield f"- `{meaning.question}`: {meaning.because}"


_COLUMNS = ("mutants", "loader", "worse", "caught", "survivors")


def _mutants(figures: dict[str, Any]) -> Iterator[str]:
    yield "| mistake | made | refused by the loader | worse | of these caught | survived |"
    yield "|---|---|---|---|---|---|"
    for kind, each in figures["kinds"].items():
        yield f"| {kind} | " + " | ".join(str(each[name]) for name in _COLUMNS) + " |"
    total = figures["total"]
    share = 100 * total["caught"] / total["worse"] if total["worse"] else 100.0
    yield (
        f"| **all** | {total['mutants']} | {total['loader']} | {total['worse']} | {total['caught']} ({share:.1f} %)"
        f" | {total['survivors']} |"
    )
    yield ""
    if not figures["survivors"]:
        yield "None survived."
    for survivor in figures["survivors"]:
        yield f"- {survivor['place']}: {survivor['what']}. {survivor.get('reason', '')}".rstrip()


def brought_up_to_date(page: str, parts: dict[str, str]) -> str:
    """The page with every marked section replaced."""
    for name, text in parts.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not pattern.search(page):
            raise SystemExit(f"docs/safety.md has no section '{name}': put its two marks back")
        page = pattern.sub(lambda marks, text=text: f"{marks[1]}{text}\n{marks[2]}", page)  # type: ignore[misc]
    return page


def main() -> None:
    """Write the page."""
    PAGE.write_text(brought_up_to_date(PAGE.read_text("utf-8"), sections()), "utf-8")


if __name__ == "__main__":
    main()
