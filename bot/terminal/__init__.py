"""The conversation in the terminal: typed lines from a pipe, or keys on a screen; one conversation behind both.

```
plain        lines in, plain text or JSON lines out        tty          keys in, colours out
  transcript   messages as plain text                        menu         what a key does, and what stands there (pure)
  json_lines   messages as JSON objects                      screen       messages, drawn with rich
                                                             keys         keys, read with prompt_toolkit
        └──────────── input       what a typed line asks for (pure)
                      chat        one person's conversation, step by step
                      view        what an answer refers to
                      words       what only the terminal says
```

`prompt_toolkit` and `rich` are imported by `tty` alone, so that a pipe does not wait for them.
"""
