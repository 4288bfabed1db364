"""Numbers as plots for files. Matplotlib without pyplot: safe in any thread."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from digits.contract import CLASSES
from digits.figures.style import FRIENDLY, GREY, INK, PALE, SECOND


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
    axis.pcolormesh(
        np.arange(CLASSES), np.arange(CLASSES), mistakes, cmap="Oranges", vmax=max(1, mistakes.max()) * 1.6
    )
    axis.invert_yaxis()
    axis.set_aspect("equal")
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


def _plain(figure: Figure) -> Figure:
    for axis in figure.axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(axis="y", alpha=0.25)
    return figure
