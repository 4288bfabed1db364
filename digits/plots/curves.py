"""Numbers as plots for files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from digits.config import CLASSES
from digits.files import atomic_path
from digits.models.alphabet import DIGITS
from digits.plots.colours import DIGIT_COLOURS, FRIENDLY, GREY, INK, PALE, ROOM, SECOND, WORST, blank_figure
from digits.plots.text import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STABLE = {"svg.hashsalt": "digits", "svg.fonttype": "none"}
"""The same figure gives the same file."""

MARKERS = "os^Dv<P"


def save(figure: Figure, path: Path, dpi: int = 110) -> None:
    """Write `figure` as PNG, whole or not at all, and beside it as SVG unless it is made of pictures."""
    from matplotlib import rc_context

    made_of_pictures = any(axis.images for axis in figure.axes)
    for suffix in (".png",) if made_of_pictures else (".png", ".svg"):
        about = {"Date": None} if suffix == ".svg" else None
        with atomic_path(path.with_suffix(suffix)) as temporary, rc_context(STABLE):
            figure.savefig(temporary, dpi=dpi, bbox_inches="tight", metadata=about)


def trials(rows: list[dict[str, float]], settings: list[str], score: str) -> Figure:
    """Draw the `score` of trials over each of their `settings`, a panel per setting."""
    figure = blank_figure(figsize=(2.6 * len(settings), 2.8))
    panels = figure.subplots(1, len(settings), sharey=True, squeeze=False)[0]
    best = max(rows, key=lambda row: row[score])
    for panel, setting in zip(panels, settings, strict=True):
        panel.scatter([row[setting] for row in rows], [row[score] for row in rows], color=PALE, s=24)
        panel.scatter(best[setting], best[score], color=SECOND, s=40, label="best")
        panel.set_xlabel(setting.replace("_", " "))
    panels[0].set_ylabel(score.replace("_", " "))
    panels[0].legend(frameon=False)
    return _plain(figure)


def probability_plot(answers: dict[str, np.ndarray]) -> Figure:
    """Draw ten probabilities (10,) as bars, a panel for each name; the best three bear their values."""
    figure = blank_figure(figsize=(3.6 * len(answers), 2.6), layout="constrained")
    panels = figure.subplots(1, len(answers), sharey=True, squeeze=False)[0]
    for axis, (name, probabilities) in zip(panels, answers.items(), strict=True):
        order = np.argsort(-probabilities, kind="stable")
        bars = axis.bar(range(len(probabilities)), probabilities, color=PALE)
        bars[int(order[0])].set_color(INK)
        for digit in order[:3].tolist():
            words = percent(float(probabilities[digit])).replace("over ", "> ").replace("under ", "< ")
            axis.annotate(words, (digit, probabilities[digit]), ha="center", va="bottom", fontsize=7)
        axis.set(title=name, xticks=range(len(probabilities)), yticks=[], ylim=(0, 1.12))
        axis.title.set_fontsize(9)
    return _plain(figure)


def class_distribution(parts: dict[str, np.ndarray]) -> Figure:
    """Draw how often each digit occurs in each named array of labels (N,)."""
    figure = blank_figure(figsize=(8, 3.2))
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
    from matplotlib.ticker import MaxNLocator

    figure = blank_figure(figsize=(6, 3.6))
    axis = figure.subplots()
    epochs = [row["epoch"] for row in history]
    axis.plot(epochs, [row[metric] for row in history], color=SECOND, label="training (augmented)")
    axis.plot(epochs, [row[f"val_{metric}"] for row in history], color=INK, label="validation")
    axis.set(xlabel="epoch", ylabel=metric)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.legend(frameon=False)
    return _plain(figure)


def confusion_matrix(confusion: np.ndarray, labels: Sequence[str] = DIGITS) -> Figure:
    """Draw counts (K, K), row = label, column = answer; only mistakes are coloured."""
    from matplotlib.colors import PowerNorm

    classes = len(confusion)
    figure = blank_figure(figsize=(6.2 * max(1, classes / 20), 5.2 * max(1, classes / 20)))
    axis = figure.subplots()
    shares = confusion * (1 - np.eye(classes)) / np.maximum(1, confusion.sum(axis=1, keepdims=True))
    # The same colours for every model, and one mistake in a thousand can still be seen.
    scale = PowerNorm(0.5, 0, WORST, clip=True)
    mesh = axis.pcolormesh(np.arange(classes), np.arange(classes), shares, cmap="Oranges", norm=scale)
    axis.invert_yaxis()
    axis.set_aspect("equal")
    for row, column in np.argwhere(confusion > 0):
        axis.text(column, row, confusion[row, column], ha="center", va="center", fontsize=8)
    axis.set(xlabel="read as", ylabel="label")
    axis.set_xticks(range(classes), labels)
    axis.set_yticks(range(classes), labels)
    bar = figure.colorbar(mesh, shrink=0.8, extend="max", ticks=(0, 0.001, 0.005, 0.01, 0.02, WORST))
    bar.ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    bar.set_label("share of the label's digits misread")
    return figure


def risk_coverage(curves: dict[str, list[list[float]]]) -> Figure:
    """Draw, by name, the share of wrong answers over the share answered, as pairs (coverage, risk).

    The scale is the same for all: even up to one in a thousand, then by powers of ten up to all.
    """
    figure = blank_figure(figsize=(6.4, 4))
    axis = figure.subplots()
    for number, (name, points) in enumerate(curves.items()):
        axis.plot(*zip(*points, strict=True), **_line_style(number), label=name)
    axis.set(xlabel="share answered, the surest first", ylabel="share wrong among them", xlim=(0, 1))
    axis.set_yscale("symlog", linthresh=0.001, linscale=0.5)
    axis.set(ylim=(-0.00005, 1.1), yticks=(0, 0.001, 0.01, 0.1, 1))
    for side in (axis.xaxis, axis.yaxis):
        side.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    axis.legend(frameon=False, fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
    return _plain(figure)


def reliability(panels: dict[str, dict[str, list[dict]]]) -> Figure:
    """Draw accuracy over confidence; where the two are the same, confidence keeps its word.

    Args:
        panels: by data set and by reader the bins from `metrics.reliability`, drawn with their intervals;
            below, how many answers each bin holds.
    """
    figure = blank_figure(figsize=(4.4 * len(panels), 5.9), layout="constrained")
    lines = figure.subplots(2, len(panels), sharex=True, sharey="row", squeeze=False, height_ratios=(4, 1))
    for name, above, below in zip(panels, *lines, strict=True):
        above.plot([0, 1], [0, 1], "--", color=GREY, label="perfect")
        for number, (reader, bins) in enumerate(panels[name].items()):
            sure, right, n = (np.array([row[key] for row in bins]) for key in ("confidence", "accuracy", "n"))
            low, high = np.array([row["interval_95"] for row in bins]).reshape(-1, 2).T
            style = {"color": FRIENDLY[number], "marker": "os^D"[number % 4], "ms": 4}
            ends = np.abs([right - low, high - right])  # rounded bounds may cross
            above.errorbar(sure, right, ends, **style, lw=0.8, elinewidth=0.7, label=reader)
            below.plot(sure, n, **style, ls="")
            below.vlines(sure, 0.5, n, color=FRIENDLY[number], lw=0.7)
        above.set(xlim=(0, 1.03), ylim=(0, 1.03))
        legend = above.legend(title=name, frameon=False, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1))
        legend.set_alignment("left")
        below.set(yscale="log", ylim=(0.5, 20_000), xlabel="confidence")
        below.yaxis.set_major_formatter("{x:,.0f}")
    lines[0, 0].set_ylabel("share right, 95 % interval")
    lines[1, 0].set_ylabel("answers")
    return _plain(figure)


def severity_curves(sweeps: dict[str, dict]) -> Figure:
    """Draw accuracy over severity, a panel per kind of damage and a line per model, all on one scale: `clean`
    and `rows` of the results of evaluation.judges.corruptions by model."""
    kinds = list(dict.fromkeys(row["kind"] for result in sweeps.values() for row in result["rows"]))
    columns = min(6, len(kinds))
    lines = -(-len(kinds) // columns)
    figure = blank_figure(figsize=(1.9 * columns, 1.7 * lines + 0.5), layout="constrained")
    panels = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for panel, kind in zip(panels, kinds, strict=False):
        for number, (name, result) in enumerate(sweeps.items()):
            rows = [row for row in result["rows"] if row["kind"] == kind]
            points = [(row["severity"], row["accuracy"], *row["interval_95"]) for row in rows]
            points.insert(0, (0, result["clean"]["accuracy"], *result["clean"]["interval_95"]))
            _line_with_band(panel, number, points, ms=3, label=name)
        panel.set_title(kind.replace("_", " "), fontsize=9)
        panel.set(ylim=(0, 1.03), xticks=range(6))
        panel.yaxis.set_major_formatter("{x:.0%}")
    for panel in panels[len(kinds) :]:
        panel.axis("off")
    figure.supxlabel("severity (0: as it was)", fontsize=9)
    figure.supylabel("share read right", fontsize=9)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=6, frameon=False)
    return _plain(figure)


def attacks(rows: list[dict]) -> Figure:
    """Draw accuracy over epsilon with its intervals, FGSM and PGD: `rows` of evaluation.judges.attacks."""
    figure = blank_figure(figsize=(5.4, 4))
    axis = figure.subplots()
    for number, method in enumerate(("fgsm", "pgd")):
        points = [(row["epsilon"], row[method], *row[f"{method}_interval_95"]) for row in rows]
        _line_with_band(axis, number, points, ms=4, label=method.upper())
    axis.set(xlabel="epsilon: largest change of a pixel, of 1", ylabel="share read right", ylim=(0, 1.03))
    axis.legend(frameon=False)
    return _plain(figure)


def map_plot(
    places: np.ndarray,
    labels: np.ndarray,
    own: tuple[float, float],
    guides: Sequence[int],
    axes: tuple[str, str],
) -> Figure:
    """Draw digits (N,) at their places (N, 2); a star is the one asked about, lines lead to its guides."""
    figure = blank_figure(figsize=(7, 6), layout="constrained")
    axis = figure.subplots()
    for (x, y), label in zip(places, labels.tolist(), strict=True):
        bold: dict[str, Any] = {"fontsize": 7, "weight": "bold", "ha": "center", "va": "center"}
        axis.text(x, y, str(label), color=DIGIT_COLOURS[label], **bold)
    axis.update_datalim([*places, own])
    axis.margins(ROOM)
    axis.autoscale_view()
    for i in guides:
        axis.plot(*np.transpose([own, places[i]]), color=GREY, linewidth=1)
    axis.plot(*own, marker="*", markersize=18, color="#facc15", markeredgecolor="#111827")
    axis.set(xticks=[], yticks=[], xlabel=axes[0], ylabel=axes[1])
    axis.spines[:].set_visible(False)
    return figure


def _line_with_band(axis: Axes, number: int, points: list[tuple], ms: int, label: str) -> None:
    """Draw a line through points (x, y, low, high), and the band between low and high."""
    x, y, low, high = zip(*points, strict=True)
    style = _line_style(number)
    axis.fill_between(x, low, high, color=style["color"], alpha=0.2, lw=0)
    axis.plot(x, y, **style, marker=MARKERS[number % len(MARKERS)], ms=ms, label=label)


def _line_style(number: int) -> dict[str, Any]:
    """Return colour and dashes of the so many-th line of a plot."""
    dashes = ("-", "--", ":", "-.")[number // len(FRIENDLY) % 4]
    return {"color": FRIENDLY[number % len(FRIENDLY)], "ls": dashes}


def _plain(figure: Figure) -> Figure:
    for axis in figure.axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(axis="y", alpha=0.25)
    return figure
