"""Who is measured: how each of them is started as a process against a Bot API server on this machine."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.pipeline.server import TOKEN

ROOT = Path(__file__).parents[2]
OTHER_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
"""Has aiogram, which wants older packages than we do."""

_GRACE = 15.0


@dataclass(frozen=True)
class Contestant:
    """Its name in tables and plots, its module, its colour there, and which Python it runs on."""

    title: str
    module: tuple[str, ...]
    colour: str
    python: Path = Path(sys.executable)


CONTESTANTS = {
    "us": Contestant("Signpost", ("bot", "run"), "#2f7fd8"),
    "floor": Contestant("the floor", ("bench.pipeline.floor",), "#777"),
    "dialog": Contestant("aiogram_dialog", ("bench.pipeline.dialog_bot",), "#c8641e", OTHER_PYTHON),
    "typical": Contestant("ConversationHandler", ("bench.pipeline.typical_bot",), "#a03fb0"),
    "tasks": Contestant("concurrent_updates(256)", ("bench.pipeline.typical_bot", "--tasks"), "#3f9a4c"),
}


@asynccontextmanager
async def running(
    name: str, url: str, script: Path, folder: Path | None = None, listens: str = ""
) -> AsyncIterator[int]:
    """A contestant's process, until the end; its id.

    ``script``: the recorded conversations. ``folder``: where it runs and keeps what it keeps; a new one without it.
    ``listens``: the ``host:port`` where it takes updates as a webhook; without it, it polls.
    """
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="bench-") as new:
            async with running(name, url, script, Path(new), listens) as pid:
                yield pid
        return
    contestant = CONTESTANTS[name]
    command = [str(contestant.python), "-m", *contestant.module]
    if profile := os.environ.get("BENCH_PROFILE"):
        command[1:1] = ["-m", "cProfile", "-o", profile]
    environment = os.environ | {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": url,
        "DATABASE_URL": f"sqlite:///{folder}/bench.db",
        "MESSAGES_PER_SECOND": "0",  # the server has no limit, so the bot must not keep one
        "PYTHONPATH": str(ROOT),
        "BENCH_SCRIPT": str(script),
    }
    if listens:
        environment |= {"WEBHOOK_URL": "https://bench.example/hook", "HTTP_LISTEN": listens, "WEBHOOK_SECRET": "s" * 32}
    log = folder / "log"
    process = await _started(command, folder, environment, log)
    try:
        yield process.pid
    except BaseException:
        print(f"{name}: {_told(log)}", file=sys.stderr)
        raise
    finally:
        with suppress(ProcessLookupError):  # it may have ended by itself
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _GRACE)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _started(command: list[str], folder: Path, environment: dict[str, str], log: Path) -> Process:
    with log.open("wb") as lines:
        return await asyncio.create_subprocess_exec(*command, cwd=folder, env=environment, stdout=lines, stderr=lines)


def _told(log: Path) -> str:
    return log.read_text("utf-8", "replace").strip()[-1500:]


def processor_seconds(pid: int) -> float:
    """Processor time that a process has used, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Mebibytes that a process holds (RSS)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
