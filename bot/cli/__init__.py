"""The command `signpost`: reads what is asked for, puts the parts together, and turns every failure into plain words.

```
command       what there is to ask for; starts it, and ends with an exit code
  chat        signpost chat         the conversation in the terminal
  run         signpost run          the bot on Telegram
  check       signpost check        the proof
  graph       signpost graph        a flow as a picture, in a file
  understand  signpost understand   what is heard in a text, and why
  sandbox     signpost sandbox      a local Telegram: bot.sandbox, which knows nothing of the bot
parts         settings and library, loaded for any of them
trouble       what is said when something fails, and the exit codes
```

What needs time to import is imported when it is asked for: `--help` answers at once.
"""

from bot.cli.command import main

__all__ = ["main"]
