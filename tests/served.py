"""The shipped library, loaded once for the tests that cannot take it as a fixture."""

from __future__ import annotations

from pathlib import Path

from bot.load import load_library

ROOT = Path(__file__).parent.parent
LIBRARY = load_library(ROOT / "flows", ROOT / "content")
FLOW = LIBRARY.flows["leg_lift"]
