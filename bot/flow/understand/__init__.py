"""Understand what people type: dangers anywhere in it, and answers in words to the question on screen.

Deterministic and explainable: phrases are data, read from ``content/<language>/``, and every result names the words
that led to it. Nothing here knows a clock; the day of a message comes in as a value.
"""
