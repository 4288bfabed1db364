"""Arrays in, figures out, for files and pages alike. Matplotlib without pyplot: safe in any thread."""

from pathlib import Path

import altair as alt
import cv2
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from digits.contract import CLASSES
from digits.files import atomic_path

INK, SECOND = "#6366f1", "#ea580c"
PALE, GREY = "#a5b4fc", "#808495"  # both legible on light and on dark pages
FRIENDLY = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#000000")
"""Told apart by colour-blind people too (Okabe & Ito, 2008)."""


def save(figure: Figure, path: Path, dpi: int = 110) -> None:
    """Write `figure` as PNG, whole or not at all."""
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=dpi, bbox_inches="tight")


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


def trials(rows: list[dict[str, float]], settings: list[str], score: str) -> Figure:
    """Draw the `score` of trials over each of their `settings`, a panel per setting."""
    figure = Figure(figsize=(2.6 * len(settings), 2.8))
    panels = figure.subplots(1, len(settings), sharey=True, squeeze=False)[0]
    best = max(rows, key=lambda row: row[score])
    for panel, setting in zip(panels, settings, strict=True):
        panel.scatter([row[setting] for row in rows], [row[score] for row in rows], color=PALE, s=24)
        panel.scatter(best[setting], best[score], color=SECOND, s=40, label="best")
        panel.set_xlabel(setting.replace("_", " "))
        _plain(figure)
    panels[0].set_ylabel(score.replace("_", " "))
    panels[0].legend(frameon=False)
    return figure


def class_distribution(parts: dict[str, np.ndarray]) -> Figure:
    """Draw how often each digit occurs in each named array of labels (N,)."""
    figure = Figure(figsize=(8, 3.2))
    axis = figure.subplots()
    width = 0.8 / len(parts)
    for number, (name, labels) in enumerate(parts.items()):
        counts = np.bincount(labels, minlength=CLASSES)
        axis.bar(np.arange(CLASSES) + number * width - 0.4 + width / 2, counts, width, label=name)
    axis.set(xticks=range(CLASSES), xlabel="digit", ylabel="samples")
    axis.legend(frameon=False)
    return _plain(figure)


def training_curve(history: list[dict[str, float]], metric: str) -> Figure:
    """Draw `metric` ("loss", "accuracy") and its validation twin over the epochs."""
    figure = Figure(figsize=(6, 3.6))
    axis = figure.subplots()
    epochs = [row["epoch"] for row in history]
    axis.plot(epochs, [row[metric] for row in history], color=SECOND, label="training (augmented)")
    axis.plot(epochs, [row[f"val_{metric}"] for row in history], color=INK, label="validation")
    axis.set(xlabel="epoch", ylabel=metric)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.legend(frameon=False)
    return _plain(figure)


def confusion_matrix(confusion: np.ndarray) -> Figure:
    """Draw counts (10, 10), row = label, column = answer; only mistakes are coloured."""
    figure = Figure(figsize=(5.4, 5.2))
    axis = figure.subplots()
    mistakes = confusion * (1 - np.eye(CLASSES))
    axis.imshow(mistakes, cmap="Oranges", vmax=max(1, mistakes.max()) * 1.6)
    for row, column in np.argwhere(confusion > 0):
        axis.text(column, row, confusion[row, column], ha="center", va="center", fontsize=8)
    axis.set(xticks=range(CLASSES), yticks=range(CLASSES), xlabel="read as", ylabel="label")
    return figure


def confused_pairs(pairs: list[dict[str, int]]) -> Figure:
    """Draw the commonest mistakes, from `metrics.most_confused`, as bars."""
    figure = Figure(figsize=(5.4, 3.4))
    axis = figure.subplots()
    names = [f"{pair['label']} read as {pair['read_as']}" for pair in pairs][::-1]
    axis.barh(names, [pair["count"] for pair in pairs][::-1], color=INK)
    axis.set_xlabel("digits")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.spines[["top", "right"]].set_visible(False)
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


def risk_coverage(curves: dict[str, list[list[float]]]) -> Figure:
    """Draw, by name, the share of wrong answers over the share answered, as pairs (coverage, risk)."""
    figure = Figure(figsize=(6.4, 4))
    axis = figure.subplots()
    for number, (name, points) in enumerate(curves.items()):
        style = ("-", "--", ":", "-.")[number // len(FRIENDLY) % 4]
        axis.plot(*zip(*points, strict=True), style, color=FRIENDLY[number % len(FRIENDLY)], label=name)
    axis.set(xlabel="share answered, the surest first", ylabel="share wrong among them", xlim=(0, 1))
    axis.legend(frameon=False, fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
    return _plain(figure)


def reliability(bins: list[dict[str, float]]) -> Figure:
    """Draw accuracy over confidence, from `metrics.reliability`; on the line, confidence keeps its word."""
    figure = Figure(figsize=(4.4, 4))
    axis = figure.subplots()
    axis.plot([0, 1], [0, 1], "--", color=GREY, label="perfect")
    confidence, accuracy = ([row[key] for row in bins] for key in ("confidence", "accuracy"))
    axis.plot(confidence, accuracy, "o-", color=INK, label="this reader")
    for row in bins:
        axis.annotate(
            f"{row['n']:,}",
            (row["confidence"], row["accuracy"]),
            (4, -9),
            fontsize=7,
            textcoords="offset points",
        )
    axis.set(xlabel="confidence", ylabel="share right (how many answers beside the points)", ylim=(0, 1.03))
    axis.legend(frameon=False, loc="upper left")
    return _plain(figure)


def probability_chart(probabilities: np.ndarray) -> alt.Chart:
    """Return a bar chart of ten probabilities (10,), the best three with their values."""
    best = set(np.argsort(-probabilities, kind="stable")[:3].tolist())
    rows = [
        {
            "digit": str(digit),
            "probability": float(p),
            "name": percent(float(p)).replace("over ", "> ").replace("under ", "< ") if digit in best else "",
            "rank": "first" if digit == int(probabilities.argmax()) else "other",
        }
        for digit, p in enumerate(probabilities)
    ]
    bars = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("digit:N", title=None, axis=alt.Axis(labelAngle=0, labelFontSize=15, ticks=False)),
        y=alt.Y("probability:Q", title=None, scale=alt.Scale(domain=[0, 1.08]), axis=None),
        tooltip=[alt.Tooltip("digit:N"), alt.Tooltip("probability:Q", format=".2%")],
    )
    colour = alt.Color("rank:N", legend=None, scale=alt.Scale(domain=["first", "other"], range=[INK, PALE]))
    names = bars.mark_text(dy=-8, fontSize=12, color=GREY).encode(text="name:N")
    return alt.layer(bars.mark_bar(cornerRadius=3).encode(color=colour), names).properties(height=190)


def percent(share: float) -> str:
    """Return a share in words that never claim certainty.

    >>> percent(0.9876), percent(0.99999)
    ('98.8 %', 'over 99.9 %')
    """
    if share > 0.999:
        return "over 99.9 %"
    return f"{100 * share:.1f} %" if share >= 0.001 else "under 0.1 %"


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


def _plain(figure: Figure) -> Figure:
    for axis in figure.axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(axis="y", alpha=0.25)
    return figure
