"""How long a model takes to give its reasons for one digit, once everything is compiled."""

import time

import numpy as np

from digits.explain import report

ASKED = {"grad_cam_ms": 30.0, "integrated_gradients_ms": 200.0, "occlusion_ms": 300.0}
"""At most, on two cores: one map of one frame."""


def explain_ms(model: str, frames: np.ndarray) -> tuple[dict[str, float], dict[str, float]]:
    """Return the median milliseconds per map, by the names in `ASKED`, and those of processor time.

    What is explained is the likeliest digit of each frame; the first map of a method does not count.

    Args:
        model: a name in models/, or the path of a .keras file; one with convolutions.
        frames: (N, 28, 28) float32 in [0, 1].
    """
    explainer = report.load(model)
    targets = explainer.logits(frames).argmax(axis=1)
    passed, worked = {}, {}
    for name in ASKED:
        method = name.removesuffix("_ms")
        explainer.explain(method, frames[0], targets[0])
        spans = []
        for frame, target in zip(frames, targets, strict=True):
            begin = time.perf_counter(), time.process_time()
            explainer.explain(method, frame, target)
            spans.append((time.perf_counter() - begin[0], time.process_time() - begin[1]))
        passed[name], worked[name] = np.round(1000 * np.median(spans, axis=0), 2).tolist()
    return passed, worked
