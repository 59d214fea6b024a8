"""Seeded faults, and what becomes of them. `bench.mutants` is the program.

faults            every mutant, in a fixed order
  ├── flows, options, texts      the kinds: the course and the judging, what options say, what people read
  ├── wording                    every slip in a condition
  └── files                      the shipped files as data, and the real loader made quick
judge             refused, worse, caught
  └── standing    a flow as it was, beside which its mutants are read
        └── people               who counts as the same person before and after
"""
