"""What several readers say together, and how far they disagree, in plain numpy.

After Lakshminarayanan, Pritzel & Blundell, "Simple and Scalable Predictive Uncertainty Estimation using Deep
Ensembles", 2017, arXiv:1612.01474. All take probabilities (M, ..., 10) of M readers on the same digits.
"""

import numpy as np


def together(probabilities: np.ndarray) -> np.ndarray:
    """Return the mean over readers, (..., 10): what they say together."""
    return np.mean(probabilities, axis=0)


def doubt(probabilities: np.ndarray) -> np.ndarray:
    """Return what the mean over readers leaves for all digits but its first, (...) in [0, 0.9].

    >>> doubt(np.eye(10)[[7, 7, 7, 1]]).item()  # three say 7, one says 1, all quite sure
    0.25
    """
    return 1 - together(probabilities).max(axis=-1)


def disagreement(probabilities: np.ndarray) -> np.ndarray:
    """Return the mean divergence of the readers from what they say together, (...) in bits.

    0 where all say the same, sure or not, so that it tells quarrel from common doubt; at most log2(M). It is
    the mutual information between the answer and who gives it, the paper's measure but for a factor.

    >>> disagreement(np.eye(10)[[7, 1]]).item()
    1.0
    """
    probabilities = np.asarray(probabilities, np.float64)
    return np.mean(-_entropy(probabilities), axis=0) + _entropy(together(probabilities))


def _entropy(probabilities: np.ndarray) -> np.ndarray:
    return -(probabilities * np.log2(np.maximum(probabilities, 1e-300))).sum(axis=-1)
