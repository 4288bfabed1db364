"""Pictures of digits as networks take them."""

import numpy as np


def as_batch(images: np.ndarray) -> np.ndarray:
    """Return images (N, 28, 28), uint8 or float32 in [0, 1], as (N, 28, 28, 1) float32."""
    images = images[..., None]
    return images.astype(np.float32) / 255 if images.dtype == np.uint8 else images
