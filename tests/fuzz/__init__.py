"""Updates at random: as the Bot API describes them, and as nobody should ever send them, through the real update path.

    __main__        the program (`make fuzz`): as many updates as wanted, a table, an exit code
      └── fuzz          one run, and what came of it
            ├── path        the bot's own parts, put together in this process, with nothing between them but this folder
            │     └── server    a Telegram that answers at once, and fails now and then
            ├── traffic     what people, groups, channels and strangers send, round by round
            │     ├── shapes    values of every type of the Bot API (`update_types.json`, made by `make_types`)
            │     └── damage    the same, spoilt
            ├── posts       bodies and forged posts to the real web server
            └── judge       what must not be: in the log, in the metrics, in the database, in what was sent

The same seed gives the same updates. What a person types and who they are carries `marks`, so that the log can be
searched for both.
"""
