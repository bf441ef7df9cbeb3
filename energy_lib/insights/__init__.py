"""Answers: what is wrong, what it costs and emits, what was saved, what to do. One folder an answer."""
