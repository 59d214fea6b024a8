"""What a generated flow is made of: cards, rules that no other swallows, rows that say the same otherwise, causes."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

LEVELS = ("routine", "soon", "urgent", "emergency")
ALONE, COMBINED, REST = range(3)
_NEAR = 3
"""How many cards away a finding may be that is near."""
_RECENT = ("onset_hours", "onset_days")
SETTLED = ("onset_months", "better")
_CALMING = (("assessed",), ("better",), ("onset_months",), SETTLED)
FIXED = {
    "about_me": "context", "about_adult": "context", "about_child": "context", "child": "context", "older": "context",
    "onset_hours": "context", "onset_days": "context", "onset_weeks": "context", "onset_months": "context",
    "assessed": "context", "better": "context", "heard_collapse": "heard",
}  # fmt: skip
FIXED_CARDS = ("about", "age", "onset", "so_far")


@dataclass(frozen=True)
class Size:
    """How large a flow is."""

    questions: int = 60
    findings: int = 150
    rules: int = 80

    @classmethod
    def of(cls, questions: int) -> Size:
        """As many findings and rules for each question as the default size has."""
        default = cls()
        return cls(
            questions,
            questions * default.findings // default.questions,
            questions * default.rules // default.questions,
        )

    def __str__(self) -> str:
        return f"{self.questions} questions, {self.findings} findings, {self.rules} rules"


@dataclass
class Card:
    """One card; every finding is an option of its own."""

    id: str
    part: int
    choose: str
    names: list[str] = field(default_factory=list)
    when: tuple[str, ...] = ()
    """The card is asked when one of these is true; always, when there are none."""


@dataclass(frozen=True)
class Rule:
    """True when one finding of every part is, unless all of ``without`` are."""

    level: str
    unsure: str
    parts: tuple[tuple[str, ...], ...]
    without: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        """What it reads."""
        return {*itertools.chain(*self.parts), *self.without}

    def fires(self, yes: set[str]) -> bool:
        """Whether it is true of somebody who says yes to this and no to the rest."""
        calmed = bool(self.without) and yes.issuperset(self.without)
        return all(yes.intersection(part) for part in self.parts) and not calmed


class Draft:
    """A flow in outline. Raises `ValueError` for a size that no flow can have."""

    def __init__(self, size: Size, seed: int) -> None:
        self.size = size
        self.chance = random.Random(f"{size} {seed}")
        self.kinds = dict(FIXED)
        self.cards = self._cards()
        self.home = {name: place for place, card in enumerate(self.cards) for name in card.names}
        self.alone: set[str] = set()
        self.rules: list[Rule] = []
        self._alone_rules()
        self._guard()
        self.groups = self._groups()
        self._combined_rules()
        self.causes = self._causes()
        self.rows = [self._row(number) for number in range(len(self.rules))]
        read = {name for rule in self.rules for name in rule.names}
        for name, kind in self.kinds.items():
            if kind == "danger" and name not in read:  # a danger sign is one that some rule reads
                self.kinds[name] = "symptom"

    # --- cards --------------------------------------------------------------------------------------------------------

    def _cards(self) -> list[Card]:
        """Cards with their findings; those that are dangerous alone first, those that only tell causes apart last."""
        count = self.size.questions - len(FIXED_CARDS)
        left = self.size.findings - len(FIXED)
        if count < len((ALONE, COMBINED, REST)) or not count <= left <= 6 * count:
            raise ValueError(
                f"a flow of {self.size} cannot be made: one to six findings a card, and seven cards or more"
            )
        cards = []
        for number in range(count):
            part = number * 3 // count
            choose = "one" if part != ALONE and self.chance.random() < 1 / 5 else "any"
            cards.append(Card(f"card_{number + 1}", part, choose))
        room = [card for card in cards for _ in range(5 if card.part == ALONE else 3)]
        self.chance.shuffle(room)
        spare = [card for card in cards for _ in range(1 if card.part == ALONE else 3)]
        takers = [*cards, *room, *spare][:left]
        for card in sorted(takers, key=lambda card: int(card.id.removeprefix("card_"))):
            card.names.append(self._finding(card))
        return cards

    def _finding(self, card: Card) -> str:
        danger = card.part == ALONE or (card.part == COMBINED and (not card.names or self.chance.random() < 2 / 3))
        kind = "danger" if danger else "context" if card.part == COMBINED else "symptom"
        word = {"danger": "sign", "context": "state", "symptom": "symptom"}[kind]
        name = f"{word}_{len(self.kinds) - len(FIXED) + 1}"
        self.kinds[name] = kind
        return name

    def _guard(self) -> None:
        """A third of the later cards are asked only after an answer not far before."""
        for place, card in enumerate(self.cards):
            if card.part != ALONE and self.chance.random() < 1 / 3:
                near = [name for name in self._near(place, 2 * _NEAR) if self.home[name] < place]
                if near:
                    card.when = tuple(sorted(self.chance.sample(near, min(2, len(near)))))

    def _near(self, place: int, reach: int = _NEAR) -> list[str]:
        """The findings of the cards around a place that are no emergency by themselves."""
        around = self.cards[max(0, place - reach) : place + reach + 1]
        return [name for card in around for name in card.names if name not in self.alone]

    # --- rules --------------------------------------------------------------------------------------------------------

    def _alone_rules(self) -> None:
        """What is dangerous by itself: about half of the signs on the first cards."""
        self.rules.append(Rule("emergency", "emergency", (("heard_collapse",),)))
        for card in self.cards:
            if card.part == ALONE:
                signs = tuple(card.names[: (len(card.names) + 1) // 2])
                self.alone.update(signs)
                self.rules.append(Rule("emergency", "emergency", (signs,)))

    def _groups(self) -> dict[str, tuple[str, ...]]:
        """Definitions: findings that belong together, wherever several rules need one of them."""
        groups: dict[str, tuple[str, ...]] = {"recent": _RECENT}
        for number, place in enumerate(range(0, len(self.cards), 6)):
            names = [name for name in self._near(place) if self._part(name) != REST]
            if len(names) >= len(_RECENT):
                groups[f"group_{number + 1}"] = tuple(sorted(self.chance.sample(names, min(3, len(names)))))
        return groups

    def _combined_rules(self) -> None:
        """Rules of two to six findings, none of them swallowed by another."""
        signs = [name for name, kind in self.kinds.items() if kind == "danger" and name not in self.alone]
        first = [card.names[0] for card in self.cards if card.part == COMBINED]
        wanted = self.size.rules - len(self.rules)
        pressing = max(len(first), wanted * 2 // 3)
        for number in range(wanted):
            for _ in range(1000):
                sign = first[number] if number < len(first) else self.chance.choice(signs)
                rule = self._pressing(sign, number) if number < pressing else self._soon(number)
                if self._all_decide([*self.rules, rule]):
                    self.rules.append(rule)
                    break
            else:
                raise ValueError(f"no room for {self.size.rules} rules among {self.size.findings} findings")

    def _pressing(self, sign: str, number: int) -> Rule:
        level = self.chance.choice(("emergency", "urgent", "urgent"))
        unsure = self.chance.choice(("emergency", "urgent", "urgent")) if level == "emergency" else "urgent"
        alarming = [name for name in self._wide(sign) if self.kinds[name] != "symptom"]
        parts = [(sign,), *self._parts([name for name in alarming if self._part(name) != REST], number)]
        calm = _CALMING[number % len(_CALMING)]
        without = calm if number < len(_CALMING) - 1 or self.chance.random() < 1 / 3 else ()
        return Rule(level, unsure, tuple(parts), without)

    def _soon(self, number: int) -> Rule:
        own = [name for name in self.home if name not in self.alone]
        sign = self.chance.choice(own)
        parts = [(sign,), *self._parts(self._wide(sign), number)]
        return Rule("soon", "soon", tuple(parts), ("assessed",) if self.chance.random() < 1 / 2 else ())

    def _wide(self, sign: str) -> list[str]:
        """Findings to join a sign with: three quarters near it, the rest from anywhere."""
        near = [name for name in self._near(self.home[sign]) if name != sign]
        far = [name for name in self.home if name not in self.alone and name != sign]
        return near if near and self.chance.random() < 3 / 4 else far

    def _parts(self, names: list[str], number: int) -> Iterator[tuple[str, ...]]:
        """What a sign has to come with: one or two findings of each part."""
        for _ in range(self.chance.choice((1, 1, 2))):
            some = self.chance.sample(names, min(len(names), self.chance.choice((1, 2, 2))))
            groups = [group for group in self.groups.values() if {*group} & {*names}]
            if groups and self.chance.random() < 1 / 4:
                yield self.chance.choice(groups)
            elif some:
                yield tuple(sorted(some))
        if number == 0 or self.chance.random() < 1 / 4:
            timed = (_RECENT, ("onset_weeks",), ("child",), ("older",))
            yield self.chance.choice(timed) if number else _RECENT

    def _part(self, name: str) -> int:
        return self.cards[self.home[name]].part

    def _all_decide(self, rules: list[Rule]) -> bool:
        """Whether each rule has somebody of whom it is true, and no other rule of its level or above."""
        return all(any(self._decides(rule, rules, yes) for yes in self._people(rule)) for rule in rules)

    def _people(self, rule: Rule) -> Iterator[set[str]]:
        """Who fulfils a rule with as little as possible, what made their cards asked included."""
        for chosen in itertools.product(*rule.parts):
            yes, waiting = set(chosen), list(chosen)
            while waiting:
                name = waiting.pop()
                when = self.cards[self.home[name]].when if name in self.home else ()
                if when and not yes.intersection(when):
                    yes.add(when[0])
                    waiting.append(when[0])
            places = [self.home[name] for name in yes if name in self.home]
            if all(places.count(place) == 1 or self.cards[place].choose == "any" for place in places):
                yield yes

    @staticmethod
    def _decides(rule: Rule, rules: Iterable[Rule], yes: set[str]) -> bool:
        rank = LEVELS.index(rule.level)
        others = (other for other in rules if other is not rule and LEVELS.index(other.level) >= rank)
        return rule.fires(yes) and not any(other.fires(yes | set(rule.without)) for other in others)

    def _row(self, number: int) -> tuple[Rule, str]:
        """What the oracle demands where a rule is true, and how it spells that."""
        rule = self.rules[number]
        same = self.condition(rule)
        others = [each for each in self.rules if LEVELS.index(each.level) >= LEVELS.index(rule.level)]
        plain = [
            name
            for card in self.cards
            if card.choose == "any" and not card.when
            for name in card.names
            if name not in rule.names
        ]
        way = self.chance.choice(("same", "spelled", "joined", "narrowed"))
        if way == "spelled":
            ways = itertools.product(*rule.parts)
            same = " or ".join(
                self.condition(Rule("", "", tuple((each,) for each in way), rule.without)) for way in ways
            )
        elif way == "joined":
            other = self.chance.choice(others)
            rule = replace(rule, unsure=min(rule.unsure, other.unsure, key=LEVELS.index))
            same = f"{same} or {self.condition(other)}"
        elif way == "narrowed" and plain:
            same = f"{self.chance.choice(plain)} and {same}"
        return rule, same

    # --- causes -------------------------------------------------------------------------------------------------------

    def _causes(self) -> dict[str, dict[str, Any]]:
        """One for three questions. What nothing else reads speaks for the cause that is nearest to it."""
        count = max(3, self.size.questions // 3)
        later = [place for place, card in enumerate(self.cards) if card.part != ALONE]
        causes: dict[str, dict[str, Any]] = {}
        centres = [later[number * len(later) // count] for number in range(count)]
        for number, place in enumerate(centres):
            near = self._near(place)
            names = self.chance.sample(near, min(len(near), 7))
            strong, some, against = names[:2], names[2:5], names[5:7]
            causes[f"cause_{number + 1}"] = {
                "needs": " or ".join(strong),
                "for": {"strong": strong, "some": some},
                "against": {"some": against},
            }
        read = {name for rule in self.rules for name in rule.names}
        read.update(*(card.when for card in self.cards))
        used = {
            name
            for cause in causes.values()
            for side in (cause["for"], cause["against"])
            for name in itertools.chain(*side.values())
        }
        for name in self.home:
            if name not in read | used:
                nearest = min(range(count), key=lambda number: abs(centres[number] - self.home[name]))
                causes[f"cause_{nearest + 1}"]["for"]["some"].append(name)
        for name in ("child", "older", "onset_weeks", *_RECENT):
            if name not in read:
                causes["cause_1"]["for"]["some"].append(name)
        return causes

    def condition(self, rule: Rule) -> str:
        """A rule, spelled."""
        by_names = {names: name for name, names in self.groups.items()}
        plain = [by_names.get(part) or " or ".join(part) for part in rule.parts]
        terms = [f"({each})" if " or " in each else each for each in plain]
        calm = ["not settled" if rule.without == SETTLED else f"not {name}" for name in rule.without[:1]]
        return " and ".join([*terms, *calm])

    def defined(self) -> dict[str, str]:
        """The named conditions, spelled."""
        groups = {name: " or ".join(parts) for name, parts in self.groups.items()}
        return groups | {"settled": " and ".join(SETTLED)}
