"""The one use case: an event comes in, the session moves, messages go out."""
