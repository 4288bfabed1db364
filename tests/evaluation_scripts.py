"""Run a module of evaluation/ as a user does."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(module, *flags, **options) -> subprocess.CompletedProcess:
    """Return what became of `python -m evaluation.<module> <flags>`, with its output as text."""
    command = [sys.executable, "-m", f"evaluation.{module}", *map(str, flags)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, **options)
