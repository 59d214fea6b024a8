"""Every way in which one slip changes a condition."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

Neighbour = Callable[[str], str | None]
"""Another name that could stand in the place of one by mistake."""

INVERTED = "inverted"
DROPPED = "part dropped"
JOINED = "and for or, or for and"
NEGATED = "name negated"
REPLACED = "name replaced"


def variants(text: str, neighbour: Neighbour) -> Iterator[tuple[str, str, str]]:
    """Each slip as its kind, what it does, and the condition then; each condition once."""
    tree = ast.parse(" ".join(text.split()), mode="eval").body
    seen = {ast.unparse(tree)}
    whole = ast.UnaryOp(ast.Not(), tree)
    for kind, what, changed in [(INVERTED, "is inverted", whole), *_slips(tree, neighbour)]:
        written = ast.unparse(changed)
        if written not in seen:
            seen.add(written)
            yield kind, what, written


def _slips(node: ast.expr, neighbour: Neighbour) -> Iterator[tuple[str, str, ast.expr]]:
    if isinstance(node, ast.Name):
        yield NEGATED, f"says 'not {node.id}'", ast.UnaryOp(ast.Not(), node)
        other = neighbour(node.id)
        if other:
            yield REPLACED, f"says '{other}' for '{node.id}'", ast.Name(other)
    elif isinstance(node, ast.UnaryOp):
        yield NEGATED, f"loses 'not' before '{ast.unparse(node.operand)}'", node.operand
        for kind, what, inner in _slips(node.operand, neighbour):
            if not isinstance(inner, ast.UnaryOp):  # twice 'not' is none
                yield kind, what, ast.UnaryOp(ast.Not(), inner)
    elif isinstance(node, ast.BoolOp):
        word, operator = ("or", ast.Or()) if isinstance(node.op, ast.And) else ("and", ast.And())
        yield JOINED, f"joins '{ast.unparse(node)}' with '{word}'", ast.BoolOp(operator, node.values)
        for place, operand in enumerate(node.values):
            rest = [*node.values[:place], *node.values[place + 1 :]]
            less = rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
            yield DROPPED, f"loses '{ast.unparse(operand)}'", less
            for kind, what, inner in _slips(operand, neighbour):
                changed = [*node.values[:place], inner, *node.values[place + 1 :]]
                yield kind, what, ast.BoolOp(node.op, changed)
