"""Photometric augmentation: what happens to a picture between pen and network, as Keras layers.

Noise, blur, uneven background, contrast, lines and panels across the digit, hollow pens. They are simpler
than, and apart from, the corruptions that judge a model (`digits.robustness.corruptions`): those stay a test.
Backend-neutral: Keras operations only.
"""

import math

import keras
from keras import layers, ops

from digits.config import SIDE
from digits.train.augmentation import RandomAffine, RandomStrokeWidth, grow


def photometric_augmentation(seed: int, augment: float = 1.0, damage: float = 1.0) -> keras.Sequential:
    """Return the augmentation of the strong models: other pens, other hands, then what befalls a picture.

    Args:
        seed: start of the layers' random generators.
        augment: strength of the geometry, with wider pens and larger moves than `augmentation.light`, and
            bending: 0 none, 1 as tuned.
        damage: times the usual shares of photometric changes; at 1 about 54 of 100 frames suffer one or more.
    """
    kinds = (
        (Hollow, 0.05),
        (Patch, 0.05),
        (Lines, 0.1),
        (Background, 0.1),
        (Panel, 0.08),
        (Contrast, 0.1),
        (Blur, 0.1),
        (Noise, 0.15),
    )
    changes = [kind(min(1.0, share * damage), seed + 100 + n) for n, (kind, share) in enumerate(kinds)]
    geometry = [
        RandomStrokeWidth(share=0.4 * augment, most=2, seed=seed),
        RandomAffine(
            degrees=17 * augment,
            shear=0.25 * augment,
            zoom=0.2 * augment,
            shift=2.5 * augment,
            bend=1.0 * augment,
            seed=seed + 1,
        ),
    ]
    chosen = geometry * bool(augment) + changes * bool(damage)
    return keras.Sequential(chosen or [layers.Identity()], name="augmentation")


class Photometric(layers.Layer):
    """Change a share of the frames while training; each subclass says how.

    Args:
        share: probability that a frame is changed, in [0, 1].
        seed: start of the random generator.
    """

    def __init__(self, share=0.5, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.share = share
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, frames, training=True):
        """(N, 28, 28, 1) in [0, 1] -> the same."""
        if not training:
            return frames
        new = ops.clip(self.changed(frames), 0.0, 1.0)
        return ops.where(self.uniform(frames) < self.share, new, frames)

    def changed(self, frames):
        """Return all frames changed, not yet clipped."""
        raise NotImplementedError

    def uniform(self, frames, low=0.0, high=1.0, shape=(1, 1, 1)):
        """Return a random number per frame, (N, *shape)."""
        return keras.random.uniform((ops.shape(frames)[0], *shape), low, high, seed=self.seed_generator)


class Hollow(Photometric):
    """Keep only the outline of the ink, as of a hollow or worn felt pen."""

    def changed(self, frames):
        """Subtract the ink itself, or its inner part, from the thickened digit."""
        ink = ops.cast(frames > self.uniform(frames, 0.25, 0.6), "float32")
        inside = ops.where(self.uniform(frames) < 0.5, ink, -grow(-ink))
        return (grow(ink) - inside) * self.uniform(frames, 0.6, 1.0)


class Blur(Photometric):
    """Blur along, across or both ways with a triangle of three to seven pixels, out of focus or moved."""

    def changed(self, frames):
        """Average with the neighbours once or twice, each way with a strength of its own."""
        for _ in range(2):
            for window in ((1, 3), (3, 1), (1, 5), (5, 1)):
                amount = self.uniform(frames, -0.6, 1.0)
                mean = ops.average_pool(frames, window, strides=1, padding="same")
                frames = frames + ops.maximum(amount, 0.0) * (mean - frames)
        return frames


class Background(Photometric):
    """Lay an uneven grey over the frame, bright or dark, fine or coarse, and cut the contrast to fit."""

    def changed(self, frames):
        """Mix with a random field of 2 x 2 to 7 x 7 points, smooth in between."""
        fields = [
            ops.image.resize(
                self.uniform(frames, shape=(points, points, 1)),
                (SIDE, SIDE),
                "bilinear",
                data_format="channels_last",
            )
            for points in (2, 4, 7)
        ]
        which = self.uniform(frames, 0.0, 3.0)
        field = ops.where(which < 1, fields[0], ops.where(which < 2, fields[1], fields[2]))
        amount = self.uniform(frames, 0.1, 2.0)
        return (frames + amount * field) / (1 + amount * self.uniform(frames, 0.3, 1.0))


class Contrast(Photometric):
    """Pale ink on grey paper: other contrast, other brightness."""

    def changed(self, frames):
        """Scale and shift all values of a frame."""
        return frames * self.uniform(frames, 0.35, 1.3) + self.uniform(frames, -0.1, 0.55)


class Lines(Photometric):
    """One to three straight lines across the frame, bright like ink or dark like a scratch."""

    def changed(self, frames):
        """Draw each line at a random place and angle."""
        for wanted in (1.0, 0.5, 0.3):
            angle = self.uniform(frames, 0.0, math.pi)
            distance = ops.abs(_across(angle) - self.uniform(frames, -11.0, 11.0))
            line = ops.clip(self.uniform(frames, 0.3, 1.4) - distance + 0.5, 0.0, 1.0)
            value = ops.where(self.uniform(frames) < 0.7, self.uniform(frames, 0.3, 1.0), 0.0)
            line = line * ops.cast(self.uniform(frames) < wanted, "float32")
            frames = frames + line * (value - frames)
        return frames


class Panel(Photometric):
    """The edge of the paper in the picture: beyond a straight edge, all is bright or turned inside out."""

    def changed(self, frames):
        """Change one or two half planes that leave the middle of the frame alone."""
        for wanted in (1.0, 0.5):
            beyond = _across(self.uniform(frames, 0.0, 2 * math.pi)) - self.uniform(frames, 4.5, 13.0)
            panel = ops.clip(beyond + 0.5, 0.0, 1.0) * ops.cast(self.uniform(frames) < wanted, "float32")
            inverted = ops.abs(self.uniform(frames, 0.5, 1.0) - frames)
            flat = ops.maximum(frames, self.uniform(frames, 0.2, 0.7))
            frames = frames + panel * (ops.where(self.uniform(frames) < 0.6, inverted, flat) - frames)
        return frames


class Noise(Photometric):
    """Grain of a camera: additive noise, noise that grows with the ink, wrong pixels."""

    def changed(self, frames):
        """Add all three, each with a strength of its own, mostly weak."""
        shape = (SIDE, SIDE, 1)
        grain = keras.random.normal((ops.shape(frames)[0], *shape), seed=self.seed_generator)
        even, uneven = (self.uniform(frames, 0.0, most) ** 2 for most in (0.6, 0.9))
        frames = frames + grain * (even + uneven * frames)
        wrong = self.uniform(frames, shape=shape) < self.uniform(frames, -0.2, 0.3)
        return ops.where(wrong, self.uniform(frames, shape=shape), frames)


class Patch(Photometric):
    """A spot of dirt or a finger: a rectangle of one grey."""

    def changed(self, frames):
        """Cover a rectangle of up to 10 x 10 pixels (Cutout; DeVries and Taylor, 2017, arXiv:1708.04552)."""
        place = ops.cast(ops.arange(SIDE), "float32")
        down = ops.abs(place[None, :, None, None] - self.uniform(frames, 0, SIDE))
        rows = down < self.uniform(frames, 0.5, 5)
        across = ops.abs(place[None, None, :, None] - self.uniform(frames, 0, SIDE))
        columns = across < self.uniform(frames, 0.5, 5)
        value = ops.maximum(self.uniform(frames, -0.5, 1.0), 0.0)
        return ops.where(ops.logical_and(rows, columns), value, frames)


def _across(angle):
    """Return each pixel's signed distance (N, 28, 28, 1) from a line through the middle of the frame."""
    place = ops.cast(ops.arange(SIDE), "float32") - (SIDE - 1) / 2
    return place[None, None, :, None] * ops.cos(angle) + place[None, :, None, None] * ops.sin(angle)
