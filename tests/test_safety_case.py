"""docs/safety.md says what was proved, and nothing else."""

from __future__ import annotations

import json
import re

from bench.safety import CERTIFICATE, PAGE, brought_up_to_date, sections
from bot.check import certificate
from bot.check.verdict import PROPERTIES
from tests.served import LIBRARY, ROOT


def test_the_page_is_up_to_date() -> None:
    """Properties, figures, calming facts, skips and mutants are those of certificate, oracle and last run."""
    page = PAGE.read_text("utf-8")
    assert page == brought_up_to_date(page, sections()), "run 'make prove'"


def test_the_certificate_is_of_these_flows() -> None:
    """The shipped certificate is about the flows, texts and checker as they are: a start need not prove them again."""
    proved = certificate.hash_of(ROOT / "flows", ROOT / "content")
    assert certificate.certified(proved, ROOT / "flows"), "run 'make prove'"


def test_the_certificate_names_every_property() -> None:
    """Nothing is left out of what is certified."""
    data = json.loads(CERTIFICATE.read_text("utf-8"))
    assert set(data["holds"]) == set(PROPERTIES)
    assert set(data["flows"]) == set(LIBRARY.flows)


def test_what_the_page_points_to_is_there() -> None:
    """Files and commands that the page names exist."""
    page = PAGE.read_text("utf-8")
    for path in re.findall(r"`((?:bot|flows|tests|docs)/[\w./]+\.\w+)`", page):
        assert (ROOT / path).exists(), path
    for link in re.findall(r"\]\(([\w./-]+)\)", page):
        assert (PAGE.parent / link).exists(), link
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"make ([a-z]+)", page):
        assert f"\n{target}:" in makefile, target


def test_the_page_stays_short() -> None:
    """Two pages of text; tables aside."""
    text = [line for line in PAGE.read_text("utf-8").splitlines() if not line.startswith(("|", "- `", "<!--"))]
    assert sum(map(len, text)) < 7000
