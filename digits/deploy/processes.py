"""Processes of ours beside this one."""

import multiprocessing
import os
import signal
import threading

from digits.config import silence

SPAWN = multiprocessing.get_context("spawn")  # a fork would take along threads that are not there


def begin() -> None:
    """Get this process ready: it leaves Ctrl+C to its parent, does not outlive it, and says nothing."""
    silence(2)  # libraries in C++ greet there
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
    os._exit(1)
