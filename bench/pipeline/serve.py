"""The server alone, for programs that only make calls: prints its address, and runs until it is ended.

python -m bench.pipeline.serve --latency 0.05
"""

from __future__ import annotations

import argparse
import asyncio

from bench.pipeline.server import BotApi


async def _serve(latency: float) -> None:
    api = BotApi(latency, lambda *_: None)
    await api.start()
    print(api.url, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    asyncio.run(_serve(parser.parse_args().latency))
