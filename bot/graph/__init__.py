"""The flow as a picture: something a clinician can print, read and argue with.

    story       what is told, as plain data: cards, rules, causes    ── words     conditions in words, clean text
      ├── boxes       which text stands beside which sign            ── measure   room for text, lines
      │     └── page        rows and boxes on sheets of A4
      │           └── svg         the sheets as one file
      └── mermaid     the same for a page of a repository: a chart and a table

Nothing is drawn that is not in the files, and no condition is simplified: what is printed is what decides.
"""

from __future__ import annotations

from bot.graph.boxes import boxes_of
from bot.graph.mermaid import mermaid_of
from bot.graph.page import paginate
from bot.graph.story import tell
from bot.graph.svg import svg_of
from bot.load import Library

__all__ = ["draw_mermaid", "draw_svg"]


def draw_svg(library: Library, flow: str, language: str, page: int | None = None) -> str:
    """The flow as SVG in this language: all pages below each other, or only one of them.

    Raises:
        KeyError: there is no such flow or language.
        IndexError: there is no such page; its argument is the number of pages.
    """
    story = tell(library, flow, language)
    sheets = list(enumerate(paginate(boxes_of(story)), 1))
    if page is not None and not 1 <= page <= len(sheets):
        raise IndexError(len(sheets))
    shown = sheets if page is None else sheets[page - 1 : page]
    return svg_of(story, shown, len(sheets))


def draw_mermaid(library: Library, flow: str, language: str) -> str:
    """The flow as Markdown with a Mermaid chart; `KeyError` when there is no such flow or language."""
    return mermaid_of(tell(library, flow, language))
