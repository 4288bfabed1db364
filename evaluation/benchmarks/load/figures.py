"""Figures of bench_load.py: how long answers took, and whether memory grows."""

import numpy as np


def waiting(seconds: list[float]) -> dict:
    """Return the number of answers, and within how many seconds half, 95 % and all of them came.

    >>> waiting([0.1, 0.3, 0.2])
    {'n': 3, 'p50_s': 0.2, 'p95_s': 0.29, 'max_s': 0.3}
    >>> waiting([])
    {'n': 0, 'p50_s': None, 'p95_s': None, 'max_s': None}
    """
    if not seconds:
        return {"n": 0, "p50_s": None, "p95_s": None, "max_s": None}
    half, most, longest = (round(float(np.quantile(seconds, share)), 3) for share in (0.5, 0.95, 1.0))
    return {"n": len(seconds), "p50_s": half, "p95_s": most, "max_s": longest}


def growth(at: list[float], mib: list[float], after: float) -> dict[str, float]:
    """Return how a process' memory grew once it was warm.

    Args:
        at: when it was weighed: seconds, predictions or whatever, ascending.
        mib: how much it held.
        after: from when on it counts as warm.

    Returns:
        `warm_mib` and `end_mib`, each the median of a tenth of what was weighed since then, `growth_mib`
        between them, and `mib_per_unit`, the slope of the straight line through all of it.

    Raises:
        ValueError: it was weighed less than twice since then.
    """
    x, y = (np.asarray(values, float)[np.asarray(at) >= after] for values in (at, mib))
    if len(x) < 2:
        raise ValueError(f"Memory was weighed {len(x)} times after {after:g}; expected 2 or more.")
    tenth = max(1, len(x) // 10)
    warm, end = float(np.median(y[:tenth])), float(np.median(y[-tenth:]))
    return {
        "warm_mib": round(warm, 1),
        "end_mib": round(end, 1),
        "growth_mib": round(end - warm, 1),
        "mib_per_unit": float(np.polyfit(x, y, 1)[0]),
    }
