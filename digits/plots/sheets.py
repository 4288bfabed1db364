"""Pictures side by side: digits, maps, channels, photos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from digits.models.alphabet import DIGITS
from digits.plots.colours import BRIGHT, NUMBERED, blank_figure
from digits.plots.pixels import (
    ADDED,
    ERASED,
    GROUNDS,
    heat_overlay,
    ink_change_map,
    scale_colours,
    signed_colours,
)
from digits.plots.text import two_digits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def digit_grid(images: np.ndarray, captions: list[str] | None = None, columns: int = 10) -> Figure:
    """Draw images (N, 28, 28), bright ink on black, in rows, with a caption under each."""
    figure, axes = _grid(len(images), columns, 0.9, 1.15 if captions else 0.9)
    for axis, image, caption in zip(axes, images, captions or [""] * len(images), strict=False):
        _show(axis, image)
        axis.set_title(caption, fontsize=7, y=-0.32)
    return figure


def strips(images: dict[str, np.ndarray], titles: tuple[str, ...] = ("",)) -> Figure:
    """Draw a row for each name, in it a strip of K digits under each title: images (titles, K, 28, 28)."""
    figure = blank_figure(figsize=(9, 0.5 * len(images) + 0.4), layout="constrained")
    axes = figure.subplots(len(images), len(titles), squeeze=False)
    for axis, title in zip(axes[0], titles, strict=True):
        axis.set_title(title, fontsize=8)
    for line, (name, row) in zip(axes, images.items(), strict=True):
        for axis, strip in zip(line, row, strict=True):
            axis.imshow(np.hstack(strip), cmap="gray", vmin=0, vmax=255)
            axis.set(xticks=[], yticks=[])
        line[0].set_ylabel(name.replace("_", " "), rotation=0, ha="right", va="center", fontsize=8)
    return figure


def misclassified(
    images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, names: Sequence[str] = DIGITS
) -> Figure:
    """Draw the 60 surest wrong answers among (N, 28, 28): label, arrow, answer and its confidence."""
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    wrong = wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:60]
    said = probabilities.argmax(axis=1)
    captions = [f"{names[labels[i]]} → {names[said[i]]}  {probabilities[i].max():.0%}" for i in wrong]
    return digit_grid(images[wrong], captions)


def confused_pairs(images: np.ndarray, pairs: list[dict]) -> Figure:
    """Draw the commonest mistakes, a row each: how often, and up to eight examples with their number.

    `images` (N, 28, 28) are all that were judged, bright ink on black, `pairs` from `metrics.with_examples`.
    """
    rows = max(1, len(pairs))
    figure = blank_figure(figsize=(9, 1.05 * rows))
    axes = figure.subplots(rows, 9, squeeze=False, width_ratios=[1.7] + [1] * 8)
    for axis in axes.ravel():
        axis.axis("off")
    for line, pair in zip(axes, pairs, strict=False):
        words = f"{pair['label']} read as {pair['read_as']}: {pair['count']}"
        line[0].text(0, 0.5, words, va="center", transform=line[0].transAxes)
        for axis, i in zip(line[1:], pair["examples"], strict=False):
            _show(axis, images[i])
            axis.set_title(f"#{i}", fontsize=7, y=-0.32)
    return figure


def contact_sheet(pictures: list[np.ndarray], captions: list[str], columns: int = 8) -> Figure:
    """Draw pictures (H, W) or (H, W, 3) uint8 of any size, in a few greys that keep a file small.

    Captions stand under the pictures; 8 columns suit square pictures, 4 wide ones.
    """
    figure, axes = _grid(len(pictures), columns, 8 / columns, 8 / columns * (0.65 if columns < 6 else 1.25))
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
    """Draw a digit before, the change of its ink, and after, under their titles; see `ink_change_map`. Erased
    points bear a -, added ones a +."""
    figure = blank_figure(figsize=(7.2, 2.9), layout="constrained")
    before = changed - added + erased
    pictures = before, ink_change_map(changed, erased, added), changed
    axes = figure.subplots(1, 3)
    for axis, picture, title in zip(axes, pictures, titles, strict=True):
        _show(axis, picture)
        axis.set_title(title, fontsize=9)
        axis.set(xticks=[], yticks=[])
    for name, ink, colour, sign in (("erased", erased, ERASED, "_"), ("added", added, ADDED, "+")):
        down, across = np.nonzero(ink > 0.3)
        axes[1].scatter(across, down, s=9, marker=sign, color="white", linewidths=0.7)
        if len(down):
            label = f"{sign.replace('_', '-')} {name}"
            axes[1].plot([], [], "s", ms=9, color=colour / 255, label=label)
    if axes[1].get_legend_handles_labels()[0]:
        figure.legend(loc="outside lower center", ncols=2, fontsize=8, frameon=False)
    return figure


def heat_figure(
    frame: np.ndarray, attribution: np.ndarray, title: str, strength: float, signed: bool
) -> Figure:
    """Draw a frame, beside it the same under a map, and the scale of the map; see `heat_overlay`.

    The scale shows what a value looks like on a black point, a grey one, and one of ink.
    """
    figure = blank_figure(figsize=(7.0, 3.1), layout="constrained")
    figure.suptitle(title, fontsize=10)
    left, right, bar = figure.subplots(1, 3, width_ratios=(10, 10, 1.3))
    left.imshow(frame, cmap="gray", vmin=0, vmax=1)
    right.imshow(heat_overlay(frame, attribution, strength, signed))
    for axis in (left, right):
        axis.axis("off")
    most = max(float(np.abs(attribution).max()), 1e-12)
    edges = (0, len(GROUNDS), -most if signed else 0, most)
    bar.imshow(
        scale_colours(strength, signed), aspect="auto", origin="lower", extent=edges, interpolation="nearest"
    )
    bar.set_xticks(np.arange(len(GROUNDS)) + 0.5, GROUNDS, fontsize=7, rotation=90)
    bar.tick_params(axis="x", length=0)
    bar.tick_params(axis="y", labelsize=7)
    bar.yaxis.tick_right()
    if signed:
        bar.yaxis.set_label_position("right")
        bar.set_ylabel("against          for", fontsize=8)
    return figure


def channel_sheet(channels: np.ndarray, order: np.ndarray, title: str) -> Figure:
    """Draw channels of (h, w, C) as thumbnails, those of `order` (n,), each under its number."""
    figure, axes = _grid(len(order), 8, 0.95, 1.12, title)
    for axis, channel in zip(axes, order.tolist(), strict=False):
        axis.imshow(signed_colours(channels[..., channel]), interpolation="nearest")
        axis.set_title(str(channel), fontsize=7, pad=2)
    return figure


def number_grids(grids: dict[str, np.ndarray], sentences: list[str]) -> Figure:
    """Draw arrays (h, w) side by side under their titles, small ones with numbers, and sentences below."""
    figure = blank_figure(figsize=(2.6 * len(grids), 2.9 + 0.3 * len(sentences)), layout="constrained")
    axes = figure.subplots(1, len(grids), squeeze=False)[0]
    for axis, (title, values) in zip(axes, grids.items(), strict=True):
        axis.imshow(signed_colours(values), interpolation="nearest")
        axis.set_title(title, fontsize=9)
        axis.set(xticks=[], yticks=[])
        numbered = values if max(values.shape) <= NUMBERED else values[:0]
        for (row, column), value in np.ndenumerate(numbered):
            ink = "black" if value > BRIGHT * np.abs(values).max() else "white"
            axis.text(column, row, two_digits(value), color=ink, fontsize=8, ha="center", va="center")
    figure.supxlabel("\n".join(sentences), fontsize=8)
    return figure


def _grid(
    number: int, columns: int, width: float, height: float, title: str = ""
) -> tuple[Figure, list[Axes]]:
    """Return a figure, and empty axes for so many pictures of `width` by `height` inches, row by row."""
    rows = max(1, -(-number // columns))
    room = {"layout": "constrained"} if title else {}
    figure = blank_figure(figsize=(columns * width, rows * height + (0.4 if title else 0)), **room)
    if title:
        figure.suptitle(title, fontsize=10)
    axes = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for axis in axes:
        axis.axis("off")
    return figure, axes


def _show(axis: Axes, picture: np.ndarray) -> None:
    axis.imshow(picture, cmap="gray", vmin=0, vmax=255 if picture.dtype == np.uint8 else 1)
