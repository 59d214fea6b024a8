"""What came of a trial: what must not be, what is counted, and what is worth a look."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bot.flow.engine import outcome_of
from tests.chaos.copies import Copies, found
from tests.chaos.plan import End, end_of
from tests.chaos.replay import Finding, judge
from tests.chaos.trial import Trial
from tests.chaos.walker import Walker
from tests.served import FLOW

SOON = 10.0
"""Seconds within which the bot has to end."""

_REPEATED = "answerCallbackQuery: 400"
"""A tap that is answered again, as nobody could know that its answer had arrived."""


@dataclass(slots=True)
class Verdict:
    """``faults`` must not be: none of them, and the trial is passed. ``lines`` are the figures."""

    copies: Copies
    faults: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


async def verdict(trial: Trial, undisturbed: dict[str, End]) -> Verdict:
    """Judge a trial. ``undisturbed``: where people ended while nothing disturbed them, by seed."""
    sandbox, killer, statement = trial.sandbox, trial.killer, trial.statement
    copies = found(sandbox.journal, statement.owed, killer.times, killer.wire.lost)
    made = Verdict(copies)
    await _people(trial, undisturbed, made)
    _calls(trial, made)
    _end(trial, made)
    return made


async def _people(trial: Trial, undisturbed: dict[str, End], made: Verdict) -> None:
    """Whether everybody got where they get undisturbed, by each of their updates, and by each once."""
    wrong: Counter[str] = Counter()
    places = {update: place for place, update in enumerate(trial.statement.applied)}
    acts = 0
    for walker in trial.walkers:
        acts += len(walker.updates)
        trouble = await _trouble(trial, walker, places, undisturbed)
        wrong.update(kind for kind, _ in trouble)
        made.faults += [f"{kind}: {walker.seed!r} {what}".rstrip() for kind, what in trouble]
    made.faults += [f"{Finding.TWICE}: update {update}" for update in trial.statement.twice]
    strange = wrong[Finding.LOST] + wrong[Finding.OTHER]
    lost = wrong["did not finish"] + wrong["another outcome"] + strange
    kinds = f"unfinished {wrong['did not finish']}, another outcome {wrong['another outcome']}, not applied {strange}"
    made.lines += [
        f"people      {len(trial.walkers)}, {trial.setting.people} at once, {acts} updates",
        f"lost        {lost} ({kinds})",
        f"twice       {wrong[Finding.TWICE] + len(trial.statement.twice)}",
    ]


async def _trouble(
    trial: Trial, walker: Walker, places: dict[int, int], undisturbed: dict[str, End]
) -> list[tuple[str, str]]:
    expected, session = await end_of(walker.seed), trial.statement.sessions.get(walker.person.user.id)
    found: list[tuple[str, str]] = []
    if undisturbed.get(walker.seed, expected) != expected:
        found.append(("another outcome", "already without any disturbance"))
    outcome = outcome_of(FLOW, session) if session else None
    if walker.result is None:
        found.append(("did not finish", f"\n{walker.person.screen()[-600:]}"))
    elif outcome is None or End(outcome.level, walker.result.text) != expected:
        found.append(("another outcome", f"{outcome and outcome.level} in place of {expected.level}"))
    missing = walker.updates.keys() - places.keys()
    if missing:
        found.append((Finding.LOST, f"updates {sorted(missing)}"))
    taken = sorted(walker.updates.keys() & places.keys(), key=places.__getitem__)
    finding = await judge((walker.updates[number] for number in taken), session)
    return [*found, *([(finding, "")] if finding else [])]


def _calls(trial: Trial, made: Verdict) -> None:
    sandbox, copies, walkers = trial.sandbox, made.copies, trial.walkers
    violations = Counter(sandbox.violations)
    excusable = bool(trial.killer.times or trial.setting.lost)
    again = {line for line in violations if excusable and line.startswith(_REPEATED)}
    made.faults += [f"violation ({number} times): {line}" for line, number in violations.items() if line not in again]
    made.faults += [f"{number} copies too many in chat {chat}" for chat, number in copies.excess.items()]
    several = {chat.id: len(sandbox.world.keyboards(chat)) - 1 for chat in sandbox.world.chats.values()}
    left = {chat: number for chat, number in several.items() if number > 0}
    more = {chat: number for chat, number in left.items() if number > copies.by_chat[chat]}
    worst = ", ".join(f"{number} in chat {chat}" for chat, number in copies.by_chat.most_common(3))
    lost = sum(len(times) for times in trial.killer.wire.lost.values())
    where = f"in {len(copies.by_chat)} of {len(walkers)} chats (worst: {worst or 'none'})"
    made.lines += [
        f"copies      {copies.by_chat.total()} of {copies.sent} messages, {where}; {lost} responses to them got lost",
        f"alike       {copies.alike} messages like an earlier one of their chat, asked for or not",
        f"taps        {len(sandbox.unanswered)} not answered, {sum(violations[line] for line in again)} answered again",
        f"keyboards   {sum(left.values())} too many in {len(left)} chats; not because of copies: {more or 'none'}",
    ]
    made.lines += [f"refused     {number} × {line}" for line, number in Counter(sandbox.refusals).most_common()]


def _end(trial: Trial, made: Verdict) -> None:
    killer, statement = trial.killer, trial.statement
    if not trial.came_to_rest:
        made.faults.append("it did not come to rest")
    if statement.left:
        made.faults.append(f"{statement.left} messages are owed still")
    if statement.sound != "ok":
        made.faults.append(f"the database is damaged: {statement.sound}")
    if trial.code != 0 or trial.ending > SOON:
        made.faults.append(f"the end: exit code {trial.code} after {trial.ending:.1f} s")
    if not trial.setting.lost:  # with lost answers, a start may give up; somebody then starts it again
        made.faults += [f"it ended by itself, {number} times: {how}" for how, number in killer.ends.items()]
    ends = ", ".join(f"{number} × {how}" for how, number in killer.ends.items())
    kills = f"{len(killer.times)}, {killer.starting} of these while it was starting"
    end = f"exit code {trial.code} after {trial.ending:.1f} s; database {statement.sound}, {statement.left} owed"
    made.lines += [
        f"kills       {kills}; ends by itself: {ends or 'none'}",
        f"end         {end}",
        f"cost        {trial.seconds:.0f} s, {killer.memory:.0f} MB at most",
    ]
