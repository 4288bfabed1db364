"""The commands of `python -m digits`, a module each: `add` describes it, `run` does it.

Heavy libraries are imported within `run`: --help and a wrong word are answered at once.
"""
