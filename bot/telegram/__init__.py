"""The bot on Telegram: the only place that knows Telegram, and the only one that imports its library.

    run             start and stop: who we are, then polling until a signal comes
      ├── polling       updates in; the next ones are asked for only when these are settled
      │     └── desk    one transaction: seen? → load → what is owed → save
      │           ├── incoming    what an update means
      │           └── dialogue    what a person is shown for it
      │                 ├── requests   what a tap or typed words ask for
      │                 ├── screen     messages as posts; where the person stands
      │                 └── pages      what is said beside a check: welcome, help, privacy
      ├── delivery      posts out, in order for each chat, what matters most first
      │     └── sender  a post as calls
      │           └── api     the Bot API, and what its errors mean
      │                 └── http_client   what may come back in place of an answer
      └── profile       commands, name and description (`presentation`), pushed when they changed

    limits          holds all that can be shown against what Telegram takes, before the bot is started
      ├── longest       the longest message of each kind that a conversation can come to
      └── origins       where the longest text in it stands

`posts`, `markup` and `buttons` are what the others speak in; `store` is what is asked of the database.
"""
