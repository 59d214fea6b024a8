"""Lets `python -m bot` stand for `signpost`."""

import sys

from bot.cli import main

sys.exit(main())
