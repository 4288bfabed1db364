"""`python -m digits batch`, run and watched: how much memory it and all its processes take."""

import subprocess
import sys
import time
from pathlib import Path

EVERY = 0.25  # seconds between two looks


def watched(words: list[str]) -> dict[str, float]:
    """Run the command; return its seconds, and its largest size in MB: in all, and in its first tenth.

    Raises:
        ValueError: there is no /proc here, or the command failed; one sentence.
    """
    if not Path("/proc/self/smaps_rollup").exists():
        raise ValueError("Memory is measured in /proc; expected Linux.")
    begin, seen = time.perf_counter(), []
    command = [sys.executable, "-m", "digits", "batch", *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        while running.poll() is None:
            seen.append(_megabytes(running.pid))
            time.sleep(EVERY)
    if running.returncode != 0:
        raise ValueError(f"{' '.join(command)} ended with {running.returncode}; expected 0.")
    return {
        "seconds": round(time.perf_counter() - begin, 1),
        "peak_mb": round(max(seen), 1),
        "peak_mb_first_tenth": round(max(seen[: max(1, len(seen) // 10)]), 1),
    }


def _megabytes(pid: int) -> float:
    """Return the size of a process and all that it started; a page that k share counts as 1/k in each."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        children = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:  # it has ended meanwhile
        return 0.0
    own = next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return own / 1024 + sum(_megabytes(int(child)) for some in children for child in some)
