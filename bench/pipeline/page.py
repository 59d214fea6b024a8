"""docs/performance.md and its plot, from what was measured (docs/performance.json). No figure is typed by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bench.http_clients import table as clients_table
from bench.pipeline import parts
from bench.pipeline.contestants import CONTESTANTS
from bench.plot import Line, plot

Results = dict[str, Any]

_WIDTH, _HEIGHT = 750, 450


def verdicts(results: Results) -> list[tuple[str, str, bool]]:
    """Every target that something was measured for: what it says, what was found, and whether it is met."""
    found = []
    for each in results.get("pairs", []):
        name = CONTESTANTS[each["other"]].title
        wanted = f"turns/s, as a multiple of {name}, {each['latency']} ms: at least {each['target']:g}"
        spread = f"{each['ratio']:.2f} ({parts.spread(each['ratios'])}; by processor time {each['by_processor']:.2f})"
        found.append((wanted, spread, each["ratio"] >= each["target"]))
    for each in results.get("half", []):
        wanted = f"p99 at half load, as a multiple of the floor's, {each['latency']} ms: at most {parts.HALF_LOAD:g}"
        found.append((wanted, f"{each['ratio']:.2f}", each["ratio"] <= parts.HALF_LOAD))
    if run := results.get("memory"):
        wanted = f"growth over {run['wished']:,} conversations: under {parts.GROWTH:g} MiB"
        told = f"{run['growth']:.1f} MiB over {run['conversations']:,}"
        found.append((wanted, told, run["growth"] < parts.GROWTH and run["conversations"] >= run["wished"]))
    if run := results.get("stored"):
        wanted = f"time a turn with {run['rows']:,} stored sessions: at most {parts.STORED:g} times that with none"
        told = f"{run['ratio']:.2f} (by processor time {run['by_processor']:.2f})"
        found.append((wanted, told, run["ratio"] <= parts.STORED))
    if lost := sum(each[who]["lost"] for each in results.get("pairs", []) for who in ("us", "them")):
        found.append(("conversations that nobody answered: none", str(lost), False))
    return found


def page(results: Results) -> str:
    """The page."""
    return "\n\n".join(_paragraphs(results)) + "\n"


def _paragraphs(results: Results) -> Iterator[str]:
    yield "# How fast it is"
    yield (
        "<!-- Written by `make bench-pipeline ARGS=--write` from performance.json; the words are in "
        "bench/pipeline/page.py. -->\n" + _when(results)
    )
    yield (
        "What is measured is the whole way of an update, in a closed loop of whole conversations: people on a server "
        "that answers like Telegram's send `/start leg_lift`, and tap a button as soon as a message with new buttons "
        "is there, until the result; then somebody new comes. A *turn* is an update that was answered by a visible "
        "change, its time the one from the update being there for the bot to the new message being accepted. "
        "Signpost runs as it is shipped, with SQLite on the disk and every turn durable before Telegram hears that "
        "it was taken, only without its own limit of messages a second, since this server has none. The server waits "
        "as long as the *latency* says before it answers any call; it and the people run in a process of their own."
    )
    yield "## Targets"
    rows = [[wanted, told, "met" if met else "**missed**"] for wanted, told, met in verdicts(results)]
    yield _table(["target", "found (least–largest pair)", ""], rows)
    for title, part, write in _SECTIONS:
        if results.get(part):
            yield f"## {title}"
            yield from write(results[part])


def _pairs(found: list[Results]) -> Iterator[str]:
    yield (
        "Trials of two bots one after the other, again and again; the ratio is the median of the pairs'. At 0 ms "
        f"there are {parts.CHATS[0]} chats in flight, which keep any of these bots busy; at 50 ms, where most of a "
        f"conversation is on the way, {parts.CHATS[50]}. *Processor* is the bot's own processor time; *server* is the "
        "share of a core that the server and the people took, which shows that nobody waited for them. A ratio *by "
        "processor time* compares the turns that a second of the bot's own processor time is good for; it hardly "
        "depends on what else the machine does."
    )
    head = ["", "latency", "turns/s", "p50", "p99", "calls a turn", "processor a turn", "memory", "server", "ratio"]
    rows = []
    for each in found:
        for who, name in (("us", "us"), ("them", each["other"])):
            ratio = f"{each['ratio']:.2f}" if who == "us" else ""
            rows.append([CONTESTANTS[name].title, f"{each['latency']} ms", *_cells(each[who]), ratio])
    yield _table(head, rows)
    yield (
        "*The floor* is a bot on the same HTTP client and the same way to get updates that makes the very calls of "
        "Signpost, recorded beforehand, and knows nothing: where somebody stands is in the data of their buttons. So "
        "it decides nothing, stores nothing, and loses what it has taken when it is killed. *aiogram_dialog* is a "
        "wizard with the same cards in memory, *ConversationHandler* the same on python-telegram-bot with "
        "`PicklePersistence`, both on the defaults of their libraries. None of these two makes a turn durable before "
        "it confirms it."
    )


def _half(found: list[Results]) -> Iterator[str]:
    yield (
        "Taps come at random moments, half as many a second as Signpost has answered above, whatever the bot does: who "
        "has waited longest taps next. The floor gets the same number a second."
    )
    rows = []
    for each in found:
        for who, name in (("us", "us"), ("them", "floor")):
            ratio = f"{each['ratio']:.2f}" if who == "us" else ""
            p50, p99 = (_milliseconds(each[who][key]) for key in ("p50", "p99"))
            rows.append([CONTESTANTS[name].title, f"{each['latency']} ms", f"{each['rate']:.0f}", p50, p99, ratio])
    yield _table(["", "latency", "turns/s", "p50", "p99", "ratio of p99"], rows)


def _sweep(found: list[Results]) -> Iterator[str]:
    yield "![Turns a second, and the slowest of a hundred, against chats in flight](performance.svg)"
    chats = sorted({each["chats"] for each in found})
    for latency in sorted({each["latency"] for each in found}):
        rows = []
        for name in parts.SWEPT:
            at = {each["chats"]: each for each in found if (each["contestant"], each["latency"]) == (name, latency)}
            cells = [f"{at[n]['turns']:.0f}/s, {_milliseconds(at[n]['p99'])}" if n in at else "–" for n in chats]
            rows.append([CONTESTANTS[name].title, *cells])
        yield f"At {latency} ms, turns a second and p99:"
        yield _table(["chats in flight", *map(str, chats)], rows)


def _memory(run: Results) -> Iterator[str]:
    yield (
        f"{run['conversations']:,} conversations in {run['seconds'] / 60:.0f} minutes, {parts.CHATS[0]} at once. After "
        f"the first {parts.WARM:.0%} the process held {run['start']:.1f} MiB, at the end "
        f"{run['start'] + run['growth']:.1f} MiB."
    )


def _stored(run: Results) -> Iterator[str]:
    yield (
        f"A file with {run['rows']:,} sessions ({run['bytes'] / 2**20:.0f} MiB), copied from real ones, and an empty "
        f"one, one after the other: {run['full']['turns']:.0f} turns/s and {run['none']['turns']:.0f}, with "
        f"{run['full']['processor']:.2f} ms and {run['none']['processor']:.2f} ms of processor time a turn."
    )


def _clients(rows: list[Results]) -> Iterator[str]:
    yield (
        "Each client behind the library's own seam, editing messages with a keyboard (`python -m bench.http_clients`): "
        "calls a second and p99."
    )
    yield clients_table(rows)


_SECTIONS: tuple[tuple[str, str, Callable[[Any], Iterator[str]]], ...] = (
    ("Beside others", "pairs", _pairs),
    ("At half load", "half", _half),
    ("With few and with many chats", "sweep", _sweep),
    ("Memory", "memory", _memory),
    ("Many stored sessions", "stored", _stored),
    ("HTTP clients", "clients", _clients),
)


def _when(results: Results) -> str:
    machine = results["machine"]
    told = (
        f"Measured on {results['day']} on one machine with {machine['cores']} cores, Python {machine['python']}, with "
        "`make bench-pipeline ARGS=--write`. Another machine gives other figures; the ratios carry over."
    )
    rough = " **A quick run (`--quick`): rough figures, and targets that were not really put to the test.**"
    return told + (rough if results["quick"] else "")


def _cells(found: Results) -> list[str]:
    return [
        f"{found['turns']:.0f}",
        _milliseconds(found["p50"]),
        _milliseconds(found["p99"]),
        f"{found['calls']:.2f}",
        f"{found['processor']:.2f} ms",
        f"{found['memory']:.0f} MiB",
        f"{found['server']:.0%}",
    ]


def _milliseconds(value: float) -> str:
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"  # noqa: PLR2004 - two digits are enough


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


# --- the plot ---------------------------------------------------------------------------------------------------------


def drawn(found: list[Results]) -> str:
    """Four plots in one picture: turns a second above, p99 below; a column for each latency."""
    latencies = sorted({each["latency"] for each in found})
    kinds = (("turns", "turns a second"), ("p99", "p99, milliseconds"))
    panels = [
        _panel(_lines(found, latency, key), f"{up}, at {latency} ms", across * _WIDTH, down * _HEIGHT)
        for down, (key, up) in enumerate(kinds)
        for across, latency in enumerate(latencies)
    ]
    size = f"0 0 {_WIDTH * len(latencies)} {_HEIGHT * len(kinds)}"
    return (
        "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" role="img">', *panels, "</svg>"]) + "\n"
    )


def _lines(found: list[Results], latency: int, key: str) -> list[Line]:
    lines = []
    for name in parts.SWEPT:
        mine = [each for each in found if (each["contestant"], each["latency"]) == (name, latency)]
        points = sorted((each["chats"], each[key]) for each in mine)
        lines.append(Line(CONTESTANTS[name].title, CONTESTANTS[name].colour, points))
    return lines


def _panel(lines: list[Line], up: str, x: int, y: int) -> str:
    drawing = plot(f"{up}, against chats in flight", "chats in flight", up, lines).strip().splitlines()[1:-1]
    return "\n".join([f'<g transform="translate({x} {y})">', *drawing, "</g>"])
