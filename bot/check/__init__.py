"""The proof: every property of docs/safety.md shown of every flow for all answers, or what breaks it.

    prove               the plot: each flow, each property, the time it took
      ├── safe (S0 S1 S2 S4)  calm (S3)  reach (S5 S6)  course (S7 S11)  texts (S8 S9)  history (S10 S12)  words (S13)
      │     heard (S14)  structure
      ├── subject       one flow with all that a property needs
      │     ├── reading, again, scores     the engine in symbols: replay, second asking, ranking
      │     ├── oracle                     the answers as safety.yaml reads them
      │     ├── circuit, prover            statements, and the solver that decides them
      │     └── play, chat                 what the solver found, played by the real engine, written as a chat
      ├── count         how many conversations there are
      ├── apart         what is done beside the proof, in a process of its own
      ├── verdict, report                  what comes out
      └── certificate   what was proved once need not be proved at every start

Nothing is cut off, and no answers are sampled: a solver decides each property for all of them at once. What changes and
time do (S10, S12) is played in the engine.
"""
