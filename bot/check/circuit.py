"""Statements about everything that people can answer, as one shared graph of *and* and *not*.

A statement is a number (a literal): twice its node, plus one for the opposite. Equal statements are the same number, so
that much is decided while it is built: whatever is always true is `TRUE`. Solvers and counters read the graph.
(The field calls this an and-inverter graph with structural hashing.)
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

Statement = int
"""A literal of a `Circuit`."""

TRUE: Statement = 0
FALSE: Statement = 1


def opposite(statement: Statement) -> Statement:
    """What is true exactly when the statement is not."""
    return statement ^ 1


class Circuit:
    """The graph. ``parts[node]`` holds the two statements that a node joins, or ``None`` for a fact of its own."""

    def __init__(self) -> None:
        self.parts: list[tuple[Statement, Statement] | None] = [None]
        self._known: dict[tuple[Statement, Statement], Statement] = {}

    def fact(self) -> Statement:
        """A new fact: true or false as somebody chooses."""
        self.parts.append(None)
        return 2 * (len(self.parts) - 1)

    def both(self, one: Statement, other: Statement) -> Statement:
        """True when both are."""
        if FALSE in (one, other) or one == opposite(other):
            return FALSE
        if one in {TRUE, other}:
            return other
        if other == TRUE:
            return one
        key = (one, other) if one < other else (other, one)
        known = self._known.get(key)
        if known is None:
            self.parts.append(key)
            known = self._known[key] = 2 * (len(self.parts) - 1)
        return known

    def all(self, parts: Iterable[Statement]) -> Statement:
        """True when every part is; of none: true."""
        joined = TRUE
        for part in parts:
            joined = self.both(joined, part)
            if joined == FALSE:
                break
        return joined

    def any(self, parts: Iterable[Statement]) -> Statement:
        """True when one part is, or more; of none: false."""
        return opposite(self.all(opposite(part) for part in parts))

    def implies(self, one: Statement, other: Statement) -> Statement:
        """True when the first is false or the second true."""
        return opposite(self.both(one, opposite(other)))

    def same(self, one: Statement, other: Statement) -> Statement:
        """True when both are true or both are false."""
        return self.both(self.implies(one, other), self.implies(other, one))

    def exactly_one(self, parts: Iterable[Statement]) -> Statement:
        """True when one part is and no other."""
        none_yet, one_yet = TRUE, FALSE
        for part in parts:
            one_yet = self.any((self.both(one_yet, opposite(part)), self.both(none_yet, part)))
            none_yet = self.both(none_yet, opposite(part))
        return one_yet

    def below(self, root: Statement, known: Container[int] = ()) -> list[int]:
        """The nodes that a statement is made of, itself included, each after those it joins; not those ``known``."""
        found: set[int] = set()
        waiting = [root >> 1]
        while waiting:
            node = waiting.pop()
            if node not in found and node not in known:
                found.add(node)
                parts = self.parts[node]
                if parts:
                    waiting += [parts[0] >> 1, parts[1] >> 1]
        return sorted(found)  # a node is always made after its parts

    def values(self, facts: Mapping[Statement, bool]) -> list[bool]:
        """Every node's truth when the facts are as given; facts that are not given are false."""
        values: list[bool] = []
        for node, parts in enumerate(self.parts):
            if parts is None:
                values.append(node == 0 or facts.get(2 * node, False))
            else:
                one, other = parts
                values.append((values[one >> 1] ^ bool(one & 1)) and (values[other >> 1] ^ bool(other & 1)))
        return values


def holds(statement: Statement, values: list[bool]) -> bool:
    """A statement's truth, given every node's."""
    return values[statement >> 1] ^ bool(statement & 1)
