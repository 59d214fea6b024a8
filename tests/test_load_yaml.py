"""YAML without its surprises: what a plain word means, where a value stands, and that both parsers agree."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.load.issues import Report
from bot.load.yaml_reader import FASTEST, Document, read_yaml
from bot.shipped import content_dir, flows_dir

HERE = Path(__file__).parent
FILES = sorted(
    path for folder in (HERE / "fixtures" / "small", flows_dir(), content_dir()) for path in folder.rglob("*.yaml")
)


def read(text: str) -> Document:
    """A document without mistakes."""
    report = Report()
    document = read_yaml(text, "x.yaml", report)
    assert not report.issues
    assert document is not None
    return document


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("false", False),
        ("16", 16),
        ("-3", -3),
        ("1.5", 1.5),
        ("none", "none"),
        ("2026-11-22", "2026-11-22"),
        ("12:30", "12:30"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("'no'", "no"),
        ('"16"', "16"),
        ("y", "y"),
        ("north", "north"),
        ("9" * 30, float("9" * 30)),
    ],
)
def test_what_a_scalar_means(written: str, value: object) -> None:
    """Text, whole numbers, decimals, true and false, and nothing else."""
    read_value = read(f"key: {written}").data["key"]
    assert read_value == value
    assert type(read_value) is type(value)


@pytest.mark.parametrize("word", ["yes", "No", "ON", "off"])
def test_words_that_are_booleans_elsewhere(word: str) -> None:
    """Unquoted they are refused, as a value and as a key."""
    report = Report()
    read_yaml(f"{word}: {word}", "x.yaml", report)
    assert [issue.rule for issue in report.issues] == ["unquoted-word", "unquoted-word"]


def test_lines_of_nested_values() -> None:
    """A value stands where its key stands, an item where it begins."""
    document = read("a:\n  b:\n    - one\n    - c: >-\n        long\n        text\n      d: [x,\n          y]\n")
    lines = {
        path: document.place(*path).line
        for path in [(), ("a",), ("a", "b"), ("a", "b", 0), ("a", "b", 1, "c"), ("a", "b", 1, "d", 1)]
    }
    assert list(lines.values()) == [1, 1, 2, 3, 4, 8]
    assert document.place("a", "nothing", "here").line == 1


def test_anchors_stand_for_their_value() -> None:
    """Up to twenty aliases are fine."""
    assert read("a: &a [1, 2]\nb: *a\n").data == {"a": [1, 2], "b": [1, 2]}


@pytest.mark.parametrize("text", ["\ufeffa: b\n", "a: b\r\n", "# only\n\na: b", "---\na: b\n...\n"])
def test_harmless_differences(text: str) -> None:
    """A byte order mark, Windows line ends, comments and document marks change nothing."""
    assert read(text).data == {"a": "b"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_both_parsers_read_the_same(path: Path) -> None:
    """A machine without the C parser sees the same data on the same lines."""
    text = path.read_text(encoding="utf-8")
    fast, slow = (read_yaml(text, "x.yaml", Report(), parser) for parser in (FASTEST, yaml.SafeLoader))
    assert fast == slow


@given(st.text(alphabet="ab:-{}[]&*!#|>'\",?%@ \t\n\0\x85é0", max_size=60))
def test_any_text_is_read_or_reported(text: str) -> None:
    """No text makes the reader fail, and what it does not read it reports."""
    report = Report()
    document = read_yaml(text, "x.yaml", report)
    assert document is not None or report.issues
    assert all(issue.line >= 1 for issue in report.issues)


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\u2029", "\r"])
def test_hidden_line_breaks_are_told(sign: str) -> None:
    """A character that ends a line for YAML and not for an editor is an error, on the line that an editor shows."""
    report = Report()
    assert read_yaml(f"a: 1\nb: x{sign}y\n", "x.yaml", report) is None
    assert [(issue.rule, issue.line) for issue in report.issues] == [("yaml-syntax", 2)]
    assert f"U+{ord(sign):04X}" in report.issues[0].message
