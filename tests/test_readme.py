"""What the README shows is what the program says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TYPED = "1\n34\n7\n7\n1\n"


def test_the_transcript_is_true(tmp_path: Path) -> None:
    """Every line of the README's conversation is said in this order by `signpost chat`."""
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = readme.split("<!-- transcript -->\n```text\n")[1].split("```")[0].splitlines()
    done = subprocess.run(
        [sys.executable, "-m", "bot", "chat", "--session", str(tmp_path / "s.json")],
        input=TYPED,
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    said = iter(done.stdout.splitlines())
    for line in shown:
        if line != "…" and not line.startswith("> "):
            assert line in said, line


def test_every_document_that_is_named_exists() -> None:
    """No link of the README or the contributing guide leads nowhere."""
    for name in ("README.md", "CONTRIBUTING.md"):
        for part in (ROOT / name).read_text("utf-8").split("](")[1:]:
            target = part.split(")")[0]
            if not target.startswith(("http", "#")):
                assert (ROOT / target).exists(), f"{name}: {target}"


def test_the_readme_says_that_nobody_has_reviewed_it() -> None:
    """The disclaimer stands in the README in plain words."""
    assert "No clinician has reviewed" in (ROOT / "README.md").read_text("utf-8").replace("\n> ", " ")
