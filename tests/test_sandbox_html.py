"""Telegram's HTML, with its entities and its errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.errors import ApiError
from bot.sandbox.markup import parse_html
from bot.sandbox.text import cut, find, settle, units


@pytest.mark.parametrize(
    ("text", "says", "entities"),
    [
        ("a &lt;b&gt; &amp; &quot; &#128512; &eacute;", 'a <b> & " 😀 &eacute;', []),
        ("<b>x</b><strong>y</strong>", "xy", [("bold", 0, 1), ("bold", 1, 1)]),
        ("😀<i>x</i>", "😀x", [("italic", 2, 1)]),
        ("<b>y<i>x</i></b>", "yx", [("bold", 0, 2), ("italic", 1, 1)]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
        ('<a href="https://a.org/">x</a>', "x", [("text_link", 0, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
        ("<pre><code class='language-py'>x</code></pre>", "x", [("pre", 0, 1)]),
        ("<b></b>x", "x", []),
    ],
)
def test_tags_become_entities(text: str, says: str, entities: list[tuple[str, int, int]]) -> None:
    """Tags become entities."""
    words, found = parse_html(text)
    assert words == says
    assert sorted((each["type"], each["offset"], each["length"]) for each in found) == entities


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a < b", "byte offset 2"),
        ("<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 0'),
        ("é<x>", "at byte offset 2"),
        ("<b>x", "Can't find end tag corresponding to start tag"),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", "expected"),
        ("<b", "byte offset 0"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "parse entities"),
    ],
)
def test_mistakes_are_told_as_telegram_tells_them(text: str, says: str) -> None:
    """Mistakes are told as telegram tells them."""
    with pytest.raises(ApiError) as error:
        parse_html(text)
    assert error.value.description.startswith("Bad Request: can't parse entities")
    assert says in error.value.description


PIECES = st.sampled_from(
    ["<b>", "</b>", "<i>", "</i>", "&lt;", "&", "😀", "x", " ", "\n", "<blockquote>", "</blockquote>", "<"]
)


@given(st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join))
def test_any_text_is_parsed_or_refused_and_entities_lie_within_it(text: str) -> None:
    """Any text is parsed or refused and entities lie within it."""
    try:
        text.encode()
        words, marked = parse_html(text)
    except (ApiError, UnicodeEncodeError):
        return
    said, entities = settle(words, marked)
    for entity in entities:
        assert entity["length"] > 0
        assert 0 <= entity["offset"] <= entity["offset"] + entity["length"] <= units(said)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("/start now", [("bot_command", "/start")]),
        (
            "see /help@a_bot, @someone #tag",
            [("bot_command", "/help@a_bot"), ("mention", "@someone"), ("hashtag", "#tag")],
        ),
        ("1/2 and a/b", []),
        ("https://a.org/x. and b@c.org", [("url", "https://a.org/x"), ("email", "b@c.org")]),
    ],
)
def test_commands_and_links_are_found_by_themselves(text: str, kinds: list[tuple[str, str]]) -> None:
    """Commands and links are found by themselves."""
    found = sorted(find(text, []), key=lambda entity: entity["offset"])
    assert [(each["type"], cut(text, each["offset"], each["length"])) for each in found] == kinds
