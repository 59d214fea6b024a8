"""Conditions: boolean algebra over findings, read in Kleene's three values.

A condition is text such as ``(saddle or bladder) and not steady``: ``and``, ``or``, ``not``, parentheses and
names, nothing else. Python's own parser reads it; every other construct is an error. It is compiled once, with
negation pushed down to the names (negation normal form) and with all names of one ``and`` or ``or`` packed into
two bit masks, so that evaluating it costs a few integer operations.

What a person said is two bit masks as well: the findings that are *yes* and those that are *no*. A finding in
neither is unknown. Kleene's logic then gives ``True``, ``False`` or ``None`` (undecided), and adding a fact can
decide an undecided condition but never turn a decided one round. The engine and the proof both rest on that.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

Truth = TypeVar("Truth")

MAX_LENGTH = 2000
"""Characters in one condition; far above anything a person can read."""


class ConditionError(ValueError):
    """A condition that cannot be read: the author's mistake. The message names what and how to mend it."""


class Logic(Protocol[Truth]):
    """Something in which statements can be joined: ``all`` of none is true, ``any`` of none is false."""

    def all(self, parts: Iterable[Truth]) -> Truth:
        """True when every part is."""

    def any(self, parts: Iterable[Truth]) -> Truth:
        """True when one part is, or more."""


def places(mask: int) -> Iterator[int]:
    """The places of the findings in a mask, in order."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


@dataclass(frozen=True, slots=True)
class Condition:
    """One compiled ``and`` (``every=True``) or ``or`` (``every=False``) node.

    ``wanted`` holds the findings that stand plainly, ``unwanted`` those under ``not``; ``parts`` the nested nodes.
    An empty ``and`` is true, an empty ``or`` is false.
    """

    every: bool
    wanted: int = 0
    unwanted: int = 0
    parts: tuple[Condition, ...] = ()

    def value(self, yes: int, no: int) -> bool | None:
        """Kleene value for the given facts: ``True``, ``False`` or ``None`` when undecided."""
        if self.every:
            if (self.wanted & no) or (self.unwanted & yes):
                return False
            decided = not (self.wanted & ~yes) and not (self.unwanted & ~no)
            for part in self.parts:
                value = part.value(yes, no)
                if value is False:
                    return False
                if value is None:
                    decided = False
            return True if decided else None
        if (self.wanted & yes) or (self.unwanted & no):
            return True
        decided = not (self.wanted & ~no) and not (self.unwanted & ~yes)
        for part in self.parts:
            value = part.value(yes, no)
            if value is True:
                return True
            if value is None:
                decided = False
        return False if decided else None

    def spelled(self, logic: Logic[Truth], yes: Sequence[Truth], no: Sequence[Truth]) -> Truth:
        """When `value` is ``True``, in any logic: the proof reads the very condition that the engine evaluates.

        ``yes`` and ``no`` say, by the finding's place, when it is yes and when it is no. When `value` is ``False`` is
        the same of the opposite condition (`negate`).
        """
        facts = [yes[place] for place in places(self.wanted)]
        facts += [no[place] for place in places(self.unwanted)]
        facts += [part.spelled(logic, yes, no) for part in self.parts]
        return logic.all(facts) if self.every else logic.any(facts)

    @property
    def plain(self) -> int:
        """Mask of the findings that stand plainly (not under ``not``) anywhere in the condition."""
        mask = self.wanted
        for part in self.parts:
            mask |= part.plain
        return mask

    @property
    def negated(self) -> int:
        """Mask of the findings that stand under ``not`` anywhere in the condition."""
        mask = self.unwanted
        for part in self.parts:
            mask |= part.negated
        return mask

    @property
    def reads(self) -> int:
        """Mask of every finding the condition reads."""
        return self.plain | self.negated


ALWAYS = Condition(every=True)
"""The condition that is true whatever was said."""


def negate(condition: Condition) -> Condition:
    """The opposite condition, again in negation normal form (De Morgan)."""
    return Condition(
        every=not condition.every,
        wanted=condition.unwanted,
        unwanted=condition.wanted,
        parts=tuple(negate(part) for part in condition.parts),
    )


def compile_condition(
    text: str, findings: Mapping[str, int], defined: Mapping[str, Condition] | None = None
) -> Condition:
    """Compile ``text``.

    ``findings`` maps each finding to its bit mask, ``defined`` each named condition to its compiled form.
    Raises `ConditionError` with the reason and a remedy; an unknown name is an error, never false.
    """
    names = defined or {}
    return _build(_parse(text).body, _lookup(findings, names))


def names_in(text: str) -> tuple[str, ...]:
    """The names a condition mentions, in order of appearance, each once. Raises `ConditionError`."""
    found = [node.id for node in ast.walk(_parse(text)) if isinstance(node, ast.Name)]
    return tuple(dict.fromkeys(found))


def _parse(text: str) -> ast.Expression:
    if len(text) > MAX_LENGTH:
        raise ConditionError(f"condition has {len(text)} characters, at most {MAX_LENGTH}: split it with define")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else "too deeply nested"
        raise ConditionError(f"cannot read condition ({reason}): use names, and, or, not, parentheses") from None
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise ConditionError(
                f"'{ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__}' is not allowed"
                " in a condition: use names, and, or, not, parentheses"
            )
    return tree


_ALLOWED = (ast.Expression, ast.BoolOp, ast.UnaryOp, ast.Name, ast.Load, ast.And, ast.Or, ast.Not)


def _lookup(findings: Mapping[str, int], defined: Mapping[str, Condition]) -> Callable[[str], Condition]:
    def find(name: str) -> Condition:
        if name in findings:
            return Condition(every=True, wanted=findings[name])
        if name in defined:
            return defined[name]
        raise ConditionError(f"unknown name '{name}': no finding and no definition has it")

    return find


def _build(node: ast.expr, find: Callable[[str], Condition]) -> Condition:
    if isinstance(node, ast.Name):
        return find(node.id)
    if isinstance(node, ast.UnaryOp):
        return negate(_build(node.operand, find))
    if isinstance(node, ast.BoolOp):
        return _join(tuple(_build(value, find) for value in node.values), every=isinstance(node.op, ast.And))
    raise ConditionError(f"'{ast.unparse(node)}' is not allowed in a condition")


def _join(conditions: tuple[Condition, ...], *, every: bool) -> Condition:
    """Join under one node, folding same-kind nodes and single names into its masks."""
    wanted = unwanted = 0
    parts: list[Condition] = []
    for condition in conditions:
        single = not condition.parts and condition.wanted.bit_count() + condition.unwanted.bit_count() == 1
        if single or condition.every == every:
            wanted |= condition.wanted
            unwanted |= condition.unwanted
            parts.extend(condition.parts)
        else:
            parts.append(condition)
    return Condition(every=every, wanted=wanted, unwanted=unwanted, parts=tuple(parts))
