"""Signpost: a guided check for one worried moment, from the first question to where to go and how soon.

Imports point down only; `make check` holds it (import-linter, see pyproject.toml).

     cli                              what `signpost …` does; the one place that puts the parts together
      │
    EDGES     telegram   terminal     people
              storage    settings     the database; what the operator set
              shipped                 where things are; no edge knows another
      │
    USE CASE  conversation            one turn: load the session, ask the engine, save, show
      │                               (what it needs saved is a Protocol that storage satisfies)
    READ      check                   the proof that every conversation is safe
              graph                   a flow as a picture
              load                    text files into the model, every mistake with file and line
      │
    PURE      flow                    model, conditions, session, engine, triage, causes
                                      no clock, no chance, no input or output: time comes in as a value

Below all that lie `whole_file`, which writes a file whole or not at all, and what operators watch the bot with: `log`
and `metrics`. The core touches neither. Beside it stands `sandbox`, a local Telegram for trying and testing, which
imports none of it.

New here? Read `bot.flow` first: everything that decides how a conversation goes lives there.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("signpost-bot")
except PackageNotFoundError:  # read from a checkout that nobody installed: there is no release to name
    __version__ = "0+unknown"
