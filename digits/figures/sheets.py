"""Pictures side by side: digits in grids and strips, contact sheets of anything."""

import cv2
import numpy as np
from matplotlib.figure import Figure

from digits.figures.pictures import ADDED, ERASED, ink_change_map


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


def severity_strips(images: dict[str, np.ndarray]) -> Figure:
    """Draw each kind of damage as a row: images (6, K, 28, 28) of the same K digits at severities 0 to 5."""
    figure = Figure(figsize=(9, 0.48 * len(images) + 0.4), layout="constrained")
    axes = figure.subplots(len(images), 6, squeeze=False)
    for line, (name, graded) in zip(axes, images.items(), strict=True):
        for severity, (axis, row) in enumerate(zip(line, graded, strict=True)):
            axis.imshow(np.concatenate(list(row), axis=1), cmap="gray", vmin=0, vmax=255)
            axis.set(xticks=[], yticks=[])
            if name == next(iter(images)):
                axis.set_title(f"severity {severity}" if severity else "as it was", fontsize=8)
        line[0].set_ylabel(name.replace("_", " "), rotation=0, ha="right", va="center", fontsize=8)
    return figure


def misclassified(images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, top: int = 60) -> Figure:
    """Draw the wrong answers (N, 28, 28), the surest first: label, arrow, answer and its confidence."""
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    wrong = wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:top]
    captions = [f"{labels[i]} → {probabilities[i].argmax()}  {probabilities[i].max():.0%}" for i in wrong]
    return digit_grid(images[wrong], captions)


def confused_pairs(images: np.ndarray, pairs: list[dict], columns: int = 8) -> Figure:
    """Draw the commonest mistakes, a row each: how often, and examples with their number.

    Args:
        images: (N, 28, 28), all that were judged, bright ink on black.
        pairs: from `metrics.with_examples`.
        columns: most examples of a pair.
    """
    rows = max(1, len(pairs))
    figure = Figure(figsize=(0.9 * (columns + 2), 1.05 * rows))
    axes = figure.subplots(rows, columns + 1, squeeze=False, width_ratios=[1.7] + [1] * columns)
    for axis in axes.ravel():
        axis.axis("off")
    for line, pair in zip(axes, pairs, strict=False):
        words = f"{pair['label']} read as {pair['read_as']}: {pair['count']}"
        line[0].text(0, 0.5, words, va="center", transform=line[0].transAxes)
        for axis, i in zip(line[1:], pair["examples"], strict=False):
            axis.imshow(images[i], cmap="gray", vmin=0, vmax=255 if images.dtype == np.uint8 else 1)
            axis.set_title(f"#{i}", fontsize=7, y=-0.32)
    return figure


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


def ink_change(
    changed: np.ndarray, erased: np.ndarray, added: np.ndarray, titles: tuple[str, str, str]
) -> Figure:
    """Draw a digit before, the change of its ink, and after; erased points bear a -, added ones a +.

    Args:
        changed, erased, added: see `ink_change_map`.
        titles: of the three pictures, e.g. ("Read as 4", "The change", "Read as 9").
    """
    figure = Figure(figsize=(7.2, 2.9), layout="constrained")
    before = changed - added + erased
    pictures = before, ink_change_map(changed, erased, added), changed
    axes = figure.subplots(1, 3)
    for axis, picture, title in zip(axes, pictures, titles, strict=True):
        axis.imshow(picture, cmap="gray", vmin=0, vmax=255 if picture.ndim == 3 else 1)
        axis.set_title(title, fontsize=9)
        axis.set(xticks=[], yticks=[])
    for name, ink, colour, sign in (("erased", erased, ERASED, "_"), ("added", added, ADDED, "+")):
        down, across = np.nonzero(ink > 0.3)
        axes[1].scatter(across, down, s=9, marker=sign, color="white", linewidths=0.7)
        if len(down):
            axes[1].plot(
                [], [], "s", ms=9, color=colour / 255, label=f"{'-' if sign == '_' else sign} {name}"
            )
    if axes[1].get_legend_handles_labels()[0]:
        figure.legend(loc="outside lower center", ncols=2, fontsize=8, frameon=False)
    return figure
