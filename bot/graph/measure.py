"""How much room text takes, estimated so that it is never too little, and text broken into lines.

Which font a reader's machine takes for the generic family is not known. The widths are those of the widest usual one
(DejaVu Sans, nearly that of Verdana), rounded up: in a narrower font the lines end a little earlier.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

from bot.graph.words import Look, Run, Runs

_WIDTHS = {
    sign: width
    for width, signs in (
        (0.3, "'IJijl"),
        (0.35, " ,./:;\\|"),
        (0.4, "()-[]ft"),
        (0.45, "!r"),
        (0.5, '"*_`'),
        (0.55, "?csz"),
        (0.6, "FLkvxy"),
        (0.65, "$0123456789EPSTYabdeghnopqu{}"),
        (0.7, "ABCKRVXZ"),
        (0.75, "NU"),
        (0.8, "&DGHOQ"),
        (0.85, "#+<=>^w~"),
        (0.9, "M"),
        (1.0, "%@Wm"),
    )
    for sign in signs
}
_LETTER = 0.9
_ANYTHING = 1.1
_BOLD = 1.15


def width_of(text: str, look: Look, size: float) -> float:
    """The width of a text in the picture's units."""
    return sum(map(_width, text)) * size * (_BOLD if look.bold else 1.0)


def width_of_all(runs: Iterable[Run], size: float) -> float:
    """The width of pieces in one line."""
    return sum(width_of(run.text, run.look, size) for run in runs)


@cache
def _width(sign: str) -> float:
    if sign in _WIDTHS:
        return _WIDTHS[sign]
    if unicodedata.combining(sign):
        return 0.0
    base = unicodedata.normalize("NFD", sign)[0]
    return _WIDTHS.get(base, _LETTER if base.isalpha() and unicodedata.east_asian_width(base) == "N" else _ANYTHING)


def lines_of(runs: Iterable[Run], width: float, size: float) -> list[Runs]:
    """The text in lines of at most ``width``, broken at spaces; a word that is too long for a line is cut."""
    lines: list[Runs] = []
    line: list[Run] = []
    used = 0.0
    for word in _words(runs):
        takes = width_of_all(word, size)
        space = width_of(" ", line[-1].look, size) if line else 0.0
        if line and used + space + takes > width:
            lines.append(_joined(line))
            line, used, space = [], 0.0, 0.0
        if takes > width:
            *full, word = _cut(word, width, size)  # noqa: PLW2901 - what is left of the word goes on
            lines += map(_joined, full)
            takes = width_of_all(word, size)
        if line:
            line.append(Run(" ", line[-1].look))
        line += word
        used += space + takes
    if line:
        lines.append(_joined(line))
    return lines


def shortened(runs: Iterable[Run], width: float, size: float) -> Runs:
    """The text in one line, with an ellipsis where something had to be left out."""
    lines = lines_of(runs, width - width_of("…", Look.PLAIN, size), size)
    if not lines:
        return ()
    return lines[0] if len(lines) == 1 else (*lines[0], Run("…"))


def _words(runs: Iterable[Run]) -> Iterator[list[Run]]:
    """The words; one that changes its look inside has several pieces."""
    word: list[Run] = []
    for run in runs:
        for place, piece in enumerate(run.text.split(" ")):
            if place and word:
                yield word
                word = []
            if piece:
                word.append(Run(piece, run.look))
    if word:
        yield word


def _cut(word: Iterable[Run], width: float, size: float) -> list[list[Run]]:
    parts: list[list[Run]] = [[]]
    used = 0.0
    for run in word:
        for sign in run.text:
            takes = width_of(sign, run.look, size)
            if parts[-1] and used + takes > width:
                parts.append([])
                used = 0.0
            parts[-1].append(Run(sign, run.look))
            used += takes
    return parts


def _joined(runs: Iterable[Run]) -> Runs:
    """Neighbours of one look as one."""
    joined: list[Run] = []
    for run in runs:
        if joined and joined[-1].look is run.look:
            joined[-1] = Run(joined[-1].text + run.text, run.look)
        else:
            joined.append(run)
    return tuple(joined)
