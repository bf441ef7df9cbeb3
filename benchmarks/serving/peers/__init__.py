"""Other servers of the same model, each in a process and an environment of its own: `python -m <module> PORT`.

MODEL=<folder of an exported model> says which. None of them knows who asks, limits anyone or keeps an audit.
"""
