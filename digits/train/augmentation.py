"""Random variation of frames as Keras layers, to stand in front of a model while it trains.

`train = keras.Model(i, model(augment(i)))`, then save `model`: a `Random*` layer inside a saved model would
also augment at prediction time and spoil exports. Backend-neutral: Keras operations only.
"""

import math

import keras
from keras import layers, ops

from digits.config import SIDE


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
    """Rotate, shear, zoom, shift and bend each frame in one resampling, so that it is blurred only once.

    Bending is the elastic deformation of Simard, Steinkraus and Platt, "Best Practices for Convolutional
    Neural Networks", 2003: a smooth field of small moves.

    Args:
        degrees: largest rotation either way.
        shear: largest slant, pixels across per pixel down.
        zoom: largest relative change of width and of height, drawn apart.
        shift: largest move in pixels, per axis.
        bend: standard deviation, in pixels, of the moves at 5 x 5 points, smooth in between.
        seed: start of the random generator.
    """

    def __init__(self, degrees=0.0, shear=0.0, zoom=0.0, shift=0.0, bend=0.0, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.degrees, self.shear, self.zoom, self.shift, self.bend = degrees, shear, zoom, shift, bend
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, frames, training=True):
        """(N, 28, 28, 1) -> (N, 28, 28, 1)."""
        if not training:
            return frames
        draw = keras.random.uniform((ops.shape(frames)[0], 6), -1.0, 1.0, seed=self.seed_generator)
        angle, slant, zoom_x, zoom_y, right, down = ops.unstack(draw[..., None, None], 6, axis=1)
        cos = ops.cos(angle * math.radians(self.degrees))
        sin = ops.sin(angle * math.radians(self.degrees))
        slant = slant * self.shear
        zoom_x, zoom_y = 1 + zoom_x * self.zoom, 1 + zoom_y * self.zoom
        # Output pixel -> input pixel, rotation * shear * zoom about the middle of the frame.
        middle = (SIDE - 1) / 2
        place = ops.cast(ops.arange(SIDE), "float32") - middle
        x, y = place[None, None, :], place[None, :, None]
        from_x = cos / zoom_x * x + (cos * slant - sin) / zoom_y * y + middle + right * self.shift
        from_y = sin / zoom_x * x + (sin * slant + cos) / zoom_y * y + middle + down * self.shift
        if self.bend:
            moves = keras.random.normal((ops.shape(frames)[0], 5, 5, 2), seed=self.seed_generator)
            moves = self.bend * ops.image.resize(moves, (SIDE, SIDE), "bicubic", data_format="channels_last")
            from_x, from_y = from_x + moves[..., 0], from_y + moves[..., 1]
        return _resample(frames, from_x, from_y)


class RandomStrokeWidth(layers.Layer):
    """Thicken or thin the pen of a share of the frames.

    Args:
        share: probability that a frame is changed, in [0, 1].
        most: how much thicker at most, in pixels on each side.
        seed: start of the random generator.
    """

    def __init__(self, share=0.5, most=1, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.share, self.most = share, most
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, frames, training=True):
        """(N, 28, 28, 1) -> (N, 28, 28, 1)."""
        if not training:
            return frames
        draw = keras.random.uniform((ops.shape(frames)[0], 3), seed=self.seed_generator)
        chosen, amount, thicker = (part[:, None, None] for part in ops.unstack(draw[..., None], 3, axis=1))
        thick = frames
        for _ in range(self.most):
            thick = grow(thick)
        thin = -grow(-frames)
        # A mix of the frame and its dilation or erosion is a stroke wider or narrower by part of a pixel.
        other = ops.where(thicker < 0.5, thick, 0.5 * (thin + frames))
        mixed = frames + amount * (other - frames)
        return ops.where(chosen < self.share, mixed, frames)


def grow(frames):
    """Return the maximum over each pixel and its four neighbours, frames (N, 28, 28, 1)."""
    across = ops.max_pool(frames, (1, 3), strides=1, padding="same")
    down = ops.max_pool(frames, (3, 1), strides=1, padding="same")
    return ops.maximum(across, down)


def _resample(frames, x, y):
    """Return frames (N, 28, 28, 1) at the places x, y (N, 28, 28), bilinear, black outside."""
    padded = ops.pad(frames[..., 0], ((0, 0), (1, 1), (1, 1)))  # so that all outside clips to black
    flat = ops.reshape(padded, (-1, (SIDE + 2) ** 2))
    x, y = ops.clip(x + 1, 0, SIDE + 0.999), ops.clip(y + 1, 0, SIDE + 0.999)
    left, top = ops.floor(x), ops.floor(y)
    right, down = x - left, y - top
    corner = ops.reshape(ops.cast(top * (SIDE + 2) + left, "int32"), (-1, SIDE * SIDE))

    def at(step):
        return ops.reshape(ops.take_along_axis(flat, corner + step, axis=1), (-1, SIDE, SIDE))

    upper = (1 - right) * at(0) + right * at(1)
    lower = (1 - right) * at(SIDE + 2) + right * at(SIDE + 3)
    return ((1 - down) * upper + down * lower)[..., None]
