"""Words of the picture: pieces of text with a look, conditions made readable, and texts that nothing can break.

A condition is shown as its author wrote it, with the names in plain words and with every pair of brackets that a reader
needs: ``weak and not pop or numb`` becomes *(weak and not pop) or numb*. It is never simplified.
"""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.flow.model import Level


class Look(StrEnum):
    """How a piece of text looks. The levels have looks of their own, of the same names as the levels."""

    PLAIN = "plain"
    STRONG = "strong"
    DEFINED = "defined"
    QUIET = "quiet"
    EMERGENCY = "emergency"
    URGENT = "urgent"
    SOON = "soon"
    ROUTINE = "routine"

    @property
    def bold(self) -> bool:
        """Whether it is set in bold type, which is wider."""
        return self not in {Look.PLAIN, Look.DEFINED, Look.QUIET}


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text with one look."""

    text: str
    look: Look = Look.PLAIN


Runs = tuple[Run, ...]


def look_of(level: Level) -> Look:
    """The look of a level's word."""
    return Look(level.value)


def plain(text: str) -> Runs:
    """A text without any look of its own."""
    return (Run(clean(text)),)


def strong(text: str) -> Runs:
    """A text in bold."""
    return (Run(clean(text), Look.STRONG),)


def quiet(text: str) -> Runs:
    """A text that stands back."""
    return (Run(clean(text), Look.QUIET),)


def clean(text: str) -> str:
    """One line: every kind of space a plain one, and nothing that a file may not hold or that turns text round."""
    kept = (" " if sign.isspace() else sign for sign in text)
    return " ".join("".join(sign for sign in kept if sign == " " or _is_shown(sign)).split())


_JOINERS = frozenset("\u200c\u200d")  # several scripts are spelled with them


def _is_shown(sign: str) -> bool:
    return sign in _JOINERS or (unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Cn"})


def spoken(name: str) -> str:
    """An id as words."""
    return name.replace("_", " ")


def listed(runs: Iterable[Runs], between: str = ", ") -> Runs:
    """Several pieces with something between them."""
    joined: list[Run] = []
    for piece in runs:
        if joined:
            joined.append(Run(between))
        joined.extend(piece)
    return tuple(joined)


def readable(condition: str, defined: Collection[str]) -> Runs:
    """A condition that the loader has accepted, for people; ``defined`` are the names with a definition."""
    return tuple(_read(ast.parse(condition, mode="eval").body, frozenset(defined)))


def name_of(name: str, defined: Collection[str]) -> Run:
    """A finding or a definition; the latter looks different, for it has to be looked up."""
    return Run(spoken(name), Look.DEFINED if name in defined else Look.PLAIN)


def _read(node: ast.expr, defined: frozenset[str]) -> Iterator[Run]:
    if isinstance(node, ast.BoolOp):
        word = " and " if isinstance(node.op, ast.And) else " or "
        for place, value in enumerate(node.values):
            if place:
                yield Run(word, Look.STRONG)
            yield from _part(value, defined, last=place == len(node.values) - 1)
    elif isinstance(node, ast.UnaryOp):
        yield Run("not ", Look.STRONG)
        yield from _part(node.operand, defined)
    elif isinstance(node, ast.Name):
        yield name_of(node.id, defined)
    else:
        raise TypeError(f"no condition: {ast.unparse(node)}")


def _part(node: ast.expr, defined: frozenset[str], *, last: bool = True) -> Iterator[Run]:
    """A part of a condition, in brackets where somebody could read on beyond its end."""
    if isinstance(node, ast.BoolOp) or (isinstance(node, ast.UnaryOp) and not last):
        yield Run("(")
        yield from _read(node, defined)
        yield Run(")")
    else:
        yield from _read(node, defined)
