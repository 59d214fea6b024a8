"""`signpost graph`: a flow as a picture, written to a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from bot.cli.parts import begin, folders_of, language_of, unproved_library
from bot.cli.trouble import OK, BrokenError, UsageError
from bot.graph import draw_mermaid, draw_svg
from bot.whole_file import write_whole

_ENDINGS = (".svg", ".md")


def graph(asked: argparse.Namespace) -> int:
    """Draw the flow that was asked for; returns the exit code."""
    file: Path = asked.output
    ending = file.suffix.lower()
    if ending not in _ENDINGS:
        raise UsageError(f"'{file}' has to end in .svg (a picture) or .md (Markdown with a Mermaid chart)")
    if asked.page is not None and ending != ".svg":
        raise UsageError("only a picture has pages: use --page with a file that ends in .svg")
    settings = begin()
    library = unproved_library(folders_of(settings))  # a picture helps to mend what is not safe yet
    language = language_of(asked.language, settings, library)
    if asked.flow not in library.flows:
        raise UsageError(f"there is no flow '{asked.flow}'; there is: {', '.join(sorted(library.flows))}")
    try:
        drawn = (
            draw_svg(library, asked.flow, language, asked.page)
            if ending == ".svg"
            else draw_mermaid(library, asked.flow, language)
        )
    except IndexError as error:
        raise UsageError(f"there is no page {asked.page}; there are {error.args[0]}") from None
    try:
        write_whole(file, drawn)
    except OSError as error:
        raise BrokenError(f"'{file}' cannot be written ({error.strerror})") from error
    print(f"{file}: the flow '{asked.flow}', version {library.flows[asked.flow].version}")
    return OK
