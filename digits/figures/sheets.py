"""Pictures side by side: digits in grids and strips, contact sheets of anything."""

import cv2
import numpy as np
from matplotlib.figure import Figure


def digit_grid(images: np.ndarray, captions: list[str] | None = None, columns: int = 10) -> Figure:
    """Draw images (N, 28, 28), bright ink on black, in rows of `columns`, with a caption under each."""
    rows = max(1, -(-len(images) // columns))
    figure = Figure(figsize=(columns * 0.9, rows * (1.15 if captions else 0.9)))
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes:
        axis.axis("off")
    for position, image in enumerate(images):
        axes[position].imshow(image, cmap="gray", vmin=0, vmax=255 if image.dtype == np.uint8 else 1)
        if captions:
            axes[position].set_title(captions[position], fontsize=7, y=-0.32)
    return figure


def strips(images: dict[str, np.ndarray]) -> Figure:
    """Draw a row of images (N, 28, 28) for each name."""
    figure = Figure(figsize=(9, 0.75 * len(images)))
    axes = figure.subplots(len(images), 1, squeeze=False)[:, 0]
    for axis, (name, row) in zip(axes, images.items(), strict=True):
        axis.imshow(np.concatenate(list(row), axis=1), cmap="gray", vmin=0, vmax=255)
        axis.set(xticks=[], yticks=[])
        axis.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=8)
    return figure


def misclassified(images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, top: int = 60) -> Figure:
    """Draw the wrong answers (N, 28, 28), the surest first: label, arrow, answer and its confidence."""
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    wrong = wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:top]
    captions = [f"{labels[i]} → {probabilities[i].argmax()}  {probabilities[i].max():.0%}" for i in wrong]
    return digit_grid(images[wrong], captions)


def contact_sheet(pictures: list[np.ndarray], captions: list[str], columns: int = 8) -> Figure:
    """Draw pictures (H, W) or (H, W, 3) uint8 of any size, in a few greys that keep a file small.

    Captions stand under the pictures; 8 columns suit square pictures, 4 wide ones.
    """
    rows = max(1, -(-len(pictures) // columns))
    figure = Figure(figsize=(8, rows * 8 / columns * (0.65 if columns < 6 else 1.25)))
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes:
        axis.axis("off")
    for axis, picture, caption in zip(axes, pictures, captions, strict=False):
        grey = picture if picture.ndim == 2 else picture[..., :3].mean(axis=2).astype(np.uint8)
        shrink = min(1.0, 900 / columns / max(grey.shape))
        if shrink < 1:
            grey = cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        axis.imshow(grey // 8, cmap="gray", interpolation="nearest")  # as bright as it can be
        axis.text(0.5, -0.04, caption, fontsize=6.5, ha="center", va="top", transform=axis.transAxes)
    return figure


def thumbnail_png(picture: np.ndarray, side: int) -> bytes:
    """Return a picture (h, w) float32 in [0, 1], centred on a square of `side` pixels, as a PNG file."""
    factor = side / max(picture.shape)
    height, width = (max(1, round(n * factor)) for n in picture.shape)
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_NEAREST
    sized = cv2.resize(np.clip(picture, 0, 1), (width, height), interpolation=method)
    square = np.zeros((side, side), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = np.round(sized * 255)
    return cv2.imencode(".png", square)[1].tobytes()
