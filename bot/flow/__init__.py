"""The pure core: what a flow is, and what a conversation does with it.

No clock, no randomness, no I/O, no texts for people. Time comes in as a value; what to show goes out as effects.

```
engine       start, resume: events in, effects out
  edit       what each event does to the list of inputs; words: what typed words do to it
  replay     from the inputs to where the person stands
    weigh    which dangers in a text count             understand   what a text says
    triage   how soon to see whom        causes   which causes fit
      events   events and effects        session  inputs and their JSON
        model    the flow                conditions   Kleene's logic over bit masks
```
"""
