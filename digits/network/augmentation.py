"""Random variation of frames as Keras layers, to stand in front of a model while it trains.

`train = keras.Model(i, model(augment(i)))`, then save `model`: a `Random*` layer inside a saved model would
also augment at prediction time and spoil exports. Backend-neutral: Keras operations only.
"""

import math

import keras
from keras import layers, ops

from digits.contract import SIDE


def light(seed: int, strength: float = 1.0) -> keras.Sequential:
    """Return the augmentation of `train_cnn.py`: other pens, then other hands.

    Args:
        seed: start of the layers' random generators.
        strength: 0 leaves frames as they are, 1 is the tuned amount.
    """
    return keras.Sequential(
        [
            RandomStrokeWidth(share=0.5 * strength, seed=seed),
            RandomAffine(
                degrees=12 * strength,
                shear=0.15 * strength,
                zoom=0.15 * strength,
                shift=2.0 * strength,
                seed=seed + 1,
            ),
        ],
        name="augmentation",
    )


class RandomAffine(layers.Layer):
    """Rotate, shear, zoom and shift each frame in one resampling, so that it is blurred only once.

    Args:
        degrees: largest rotation either way.
        shear: largest slant, pixels across per pixel down.
        zoom: largest relative change of width and of height, drawn apart.
        shift: largest move in pixels, per axis.
        seed: start of the random generator.
    """

    def __init__(self, degrees=0.0, shear=0.0, zoom=0.0, shift=0.0, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.degrees, self.shear, self.zoom, self.shift = degrees, shear, zoom, shift
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, frames, training=True):
        """(N, 28, 28, 1) -> (N, 28, 28, 1)."""
        if not training:
            return frames
        draw = keras.random.uniform((ops.shape(frames)[0], 6), -1.0, 1.0, seed=self.seed_generator)
        angle, slant, zoom_x, zoom_y, right, down = ops.unstack(draw, 6, axis=1)
        cos = ops.cos(angle * math.radians(self.degrees))
        sin = ops.sin(angle * math.radians(self.degrees))
        slant = slant * self.shear
        zoom_x, zoom_y = 1 + zoom_x * self.zoom, 1 + zoom_y * self.zoom
        # Output pixel -> input pixel, rotation * shear * zoom about the middle of the frame.
        a, b = cos / zoom_x, (cos * slant - sin) / zoom_y
        c, d = sin / zoom_x, (sin * slant + cos) / zoom_y
        middle = (SIDE - 1) / 2
        x0 = middle - a * middle - b * middle + right * self.shift
        y0 = middle - c * middle - d * middle + down * self.shift
        zero = ops.zeros_like(a)
        transform = ops.stack([a, b, x0, c, d, y0, zero, zero], axis=1)
        return ops.image.affine_transform(frames, transform, data_format="channels_last")


class RandomStrokeWidth(layers.Layer):
    """Thicken or thin the pen of a share of the frames by up to about one pixel on each side.

    Args:
        share: probability that a frame is changed, in [0, 1].
        seed: start of the random generator.
    """

    def __init__(self, share=0.5, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.share = share
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, frames, training=True):
        """(N, 28, 28, 1) -> (N, 28, 28, 1)."""
        if not training:
            return frames
        draw = keras.random.uniform((ops.shape(frames)[0], 3), seed=self.seed_generator)
        chosen, amount, thicker = (part[:, None, None] for part in ops.unstack(draw[..., None], 3, axis=1))
        thick = _grow(frames)
        thin = -_grow(-frames)
        # A mix of the frame and its dilation or erosion is a stroke wider or narrower by part of a pixel.
        other = ops.where(thicker < 0.5, thick, 0.5 * (thin + frames))
        mixed = frames + amount * (other - frames)
        return ops.where(chosen < self.share, mixed, frames)


def _grow(frames):
    """Return the maximum over each pixel and its four neighbours, (N, 28, 28, 1)."""
    across = ops.max_pool(frames, (1, 3), strides=1, padding="same")
    down = ops.max_pool(frames, (3, 1), strides=1, padding="same")
    return ops.maximum(across, down)
