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
    """What a bot marks with tags is shown so marked, and what is no tag stays as it is written."""
    words, found = parse_html(text)
    assert words == says
    assert sorted((each["type"], each["offset"], each["length"]) for each in found) == entities


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 0'),
        ("é<x>", 'Unsupported start tag "x" at byte offset 2'),
        ("\r\u202e<x>", 'Unsupported start tag "x" at byte offset 4'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b>x</I>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a =x>y</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=é>y</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        (
            "<blockquote>a<blockquote>b</blockquote></blockquote>",
            "Nested blockquotes are not supported at byte offset 13",
        ),
    ],
)
def test_mistakes_are_told_as_telegram_tells_them(text: str, says: str) -> None:
    """A bot author reads the very words that Telegram has for a mistake, with its place in what was sent."""
    with pytest.raises(ApiError) as error:
        parse_html(text)
    assert error.value.description == f"Bad Request: can't parse entities: {says}"


@pytest.mark.parametrize(
    ("text", "says", "entities"),
    [
        ("<b>x</B>", "x", [("bold", 0, 1)]),
        ("a\tb\0c", "a b c", []),
        ("a\r\n<b>b\r\u202ec</b>\u2028d", "a\nbcd", [("bold", 2, 2)]),
        ("<b>\u202e</b>a<i>b\u0333\u033f\u030a</i>c", "abc", [("italic", 1, 1)]),
        ("😀\r<b>x\r😀</b>", "😀x😀", [("bold", 2, 3)]),
        ("\u200e\u200f\u200ea\u200f", "\u200c\u200c\u200ea\u200f", []),
        (" \n a \n\t", "a", []),
        ("\u00a0a\u3000", "\u00a0a\u3000", []),
        (" <b> a</b> ", " a", [("bold", 0, 2)]),
        ("a<b> \n</b>", "a", []),
        ("a<b>b \n</b> ", "ab", [("bold", 1, 1)]),
        ("<b>\u200b\u2060</b>", "\u200b\u2060", [("bold", 0, 2)]),
        ("<b>\u200b\u200f</b>\ufeff", "", []),
        ("\u00a0\u2800\ufffc\u3000\U000e0001", "", []),
    ],
)
def test_texts_are_kept_as_telegram_keeps_them(text: str, says: str, entities: list[tuple[str, int, int]]) -> None:
    """What Telegram drops from a text is gone, its tags still cover the same words, and an invisible text is none."""
    words, found = settle(*parse_html(text))
    assert words == says
    assert sorted((each["type"], each["offset"], each["length"]) for each in found) == entities


PIECES = st.sampled_from(
    ["<b>", "</b>", "<i>", "</i>", "&lt;", "&", "😀", "x", " ", "\n", "<blockquote>", "</blockquote>", "<"]
)


@given(st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join))
def test_any_text_is_parsed_or_refused_and_entities_lie_within_it(text: str) -> None:
    """No text crashes the sandbox, and no mark reaches beyond the words."""
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
    """What looks like a command, a link, an address, a name or a tag can be tapped without being marked."""
    found = sorted(find(text, []), key=lambda entity: entity["offset"])
    assert [(each["type"], cut(text, each["offset"], each["length"])) for each in found] == kinds
