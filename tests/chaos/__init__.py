"""The kill test: many people talk with the bot while it is killed over and over, and all they may notice is a wait.

    trial           one setting: the sandbox, the people in it, and the bot, killed and started again
      ├── walker        a person in front of the screen: acts on what is shown, and once more when nothing happens
      ├── killer        the process, and when it is killed
      └── witness       triggers in the bot's database that note which updates were applied, and what was owed
    verdict         what came of it, held against the plan of each person
      ├── replay        the session that must come of the updates of a person, each applied once
      └── copies        messages that were sent more often than they were owed
    plan            what a person answers to each question: nothing else decides where they end

`python -m tests.chaos`, or `make chaos`, runs it in full; `tests/test_chaos.py` in small.
"""
