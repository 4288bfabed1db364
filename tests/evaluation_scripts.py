"""Run a script of evaluation/ as a user does."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(script, *flags, **options) -> subprocess.CompletedProcess:
    """Return what became of `python evaluation/<script> <flags>`, with its output as text."""
    command = [sys.executable, str(ROOT / "evaluation" / script), *map(str, flags)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)
