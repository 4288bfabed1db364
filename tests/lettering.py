"""Letters and digits of a plotter's font, and a reader of them made in a second: the nearest mean wins."""

from dataclasses import replace

import cv2
import numpy as np

from digits.models import checkpoints
from digits.preprocessing.frame import frame

FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX)


def write(text, font=FONTS[0], scale=3.0, thick=9):
    """Return a picture (H, W) uint8 of a text, dark on light."""
    (width, height), base = cv2.getTextSize(text, font, scale, thick)
    page = np.full((height + base + 60, width + 60), 255, np.uint8)
    cv2.putText(page, text, (30, height + 30), font, scale, 0, thick, cv2.LINE_AA)
    return page


def spread(text, gap=40):
    """Return a picture of a text whose signs stand well apart."""
    pages = [write(one) for one in text]
    high = max(page.shape[0] for page in pages)
    padded = [np.pad(page, ((0, high - page.shape[0]), (0, gap)), constant_values=255) for page in pages]
    return np.concatenate(padded, axis=1)


def make_reader(labels, card, path):
    """Write a linear network that reads the font, with its card beside it, and return its path."""
    import keras

    means = []
    for label in labels:
        inks = [1 - write(label, font, thick=thick) / 255 for font in FONTS for thick in (7, 10)]
        means.append(np.mean([frame(ink.astype(np.float32)).ravel() for ink in inks], axis=0))
    means = np.array(means)
    inputs = keras.Input((28, 28, 1), name="frame")
    logits = keras.layers.Dense(len(labels), name="logits")
    outputs = keras.layers.Softmax(name="probabilities")(logits(keras.layers.Flatten()(inputs)))
    logits.set_weights([means.T, -(means**2).sum(axis=1) / 2])
    model = keras.Model(inputs, outputs, name="lettering")
    said = replace(
        card, name=path.stem, labels=list(labels), temperature=1.0, parameters=model.count_params()
    )
    checkpoints.save(model, said, path)
    return path
