"""The bot on Telegram: the only place that knows Telegram, and the only one that imports its library.

    run             start and stop: who we are, what is still owed, then updates until a signal comes
      ├── polling       updates in; the next ones are asked for only when the first of these are settled
      │     └── watchdog    a poller that died begins anew
      ├── webhook       or posted to us, and confirmed by the answer once they are settled
      │     └── web         the server for that, for health and for metrics
      ├── writer        one transaction after the other, each for all that waits: updates, and what arrived
      │     ├── desk        seen? → load → what is owed → save (`batch`; an update has a `ticket`)
      │     │     ├── incoming    what an update means
      │     │     └── dialogue    what a person is shown for it
      │     │           ├── requests   what a tap or typed words ask for
      │     │           ├── screen     messages as posts; where the person stands
      │     │           └── pages      what is said beside a check: welcome, help, privacy
      │     └── changes     what delivery has to have written down
      ├── delivery      what is `owed` goes out, in order for each `chat`, what matters most first
      │     ├── late        what is too old says so, or is left out
      │     └── sender      a post as calls, at the `pace` that Telegram allows
      │           └── api     the Bot API, and what its errors mean
      │                 └── http_client   what may come back in place of an answer
      ├── housekeeping  what was kept for too long is erased
      └── profile       commands, name and description (`presentation`), pushed when they changed

    limits          holds all that can be shown against what Telegram takes, before the bot is started
      ├── longest       the longest message of each kind that a conversation can come to
      └── origins       where the longest text in it stands

`posts`, `markup` and `buttons` are what the others speak in; `store` is what is asked of the database.
"""
