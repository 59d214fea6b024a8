"""What all tests share: the shipped library, loaded once, and the option that rewrites golden transcripts."""

from __future__ import annotations

import pytest

from bot.flow.model import Flow
from bot.load import Library
from tests.served import FLOW, LIBRARY


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update``."""
    parser.addoption("--update", action="store_true", help="write the golden transcripts anew")


@pytest.fixture(scope="session")
def library() -> Library:
    """The shipped flows and texts."""
    return LIBRARY


@pytest.fixture(scope="session")
def flow() -> Flow:
    """The shipped leg flow."""
    return FLOW
