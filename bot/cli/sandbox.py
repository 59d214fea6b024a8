"""`signpost sandbox`: the local Telegram. It imports nothing of the bot, so it reads no settings either."""

from __future__ import annotations

import argparse

from bot.cli.trouble import OK
from bot.sandbox.command import Weather, serve
from bot.sandbox.faults import Failure, Rule


def sandbox(wish: argparse.Namespace) -> int:
    """Serve until it is told to end; returns the exit code."""
    rules: list[Rule] = list(wish.fault)
    if wish.latency or wish.jitter:
        rules.append(Rule(Failure.SLOW, seconds=wish.latency / 1000, jitter=wish.jitter / 1000))
    try:
        return serve(wish.port, wish.token, Weather(rules, wish.seed, wish.limits))
    except KeyboardInterrupt:
        return OK
