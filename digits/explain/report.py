"""Why a model reads a picture as it does: the road to its answer, then every method with its own check."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from digits.config import DEFAULT_MODEL, check
from digits.explain import faithfulness
from digits.explain.attribution import CAMS, METHODS, PIXEL_METHODS, Explainer
from digits.files import sha256, write_json
from digits.models import alphabet, checkpoints
from digits.models.runtimes import keras_runtime
from digits.models.sandbox.container import plain
from digits.plots import curves, sheets
from digits.preprocessing.decode import open_picture
from digits.reading import Reading
from digits.recognizer import Recognizer

TITLES = {
    "grad_cam": "Grad-CAM",
    "grad_cam_plus_plus": "Grad-CAM++",
    "integrated_gradients": "Integrated gradients",
    "smooth_grad": "SmoothGrad",
    "gradients": "Gradients",
    "occlusion": "Occlusion",
}
"""What people call the methods."""

NOT_ASKED = (
    "a filled patch without the line of a pen, so the network was not asked; what is explained is what "
    "would speak for a {target} if it were."
)

NOTHING = {
    "blank": "the picture is blank; expected a digit",
    "several": "there are several digits; expected one",
}


def load(model: str | Path = DEFAULT_MODEL) -> Explainer:
    """Load a model to explain, by its name in models/ or by the path of a .keras file.

    Raises:
        ValueError: there is no such model, or it cannot be loaded; one sentence that says why.
    """
    path = checkpoints.find(model)
    return Explainer(checkpoints.shared(path)[0], path.stem)


def randomised(explainer: Explainer, model: str | Path, seed: int = 0) -> Explainer:
    """Return what explains a copy of a model that has learnt nothing; see `faithfulness.randomised`."""
    copy = faithfulness.randomised(checkpoints.shared(checkpoints.find(model))[0], seed)
    return Explainer(copy, explainer.name)


def likeliest(explainer: Explainer, reading: Reading) -> int:
    """Return the digit to explain: the likeliest, also where the network would not have been asked."""
    return reading.ranking[0] if reading.asked else int(explainer.logits(reading.framed[None])[0].argmax())


def explain_file(
    file: str | Path,
    model: str | Path,
    folder: Path,
    target: int | str | None = None,
    layer: str | None = None,
) -> dict[str, Any]:
    """Read a picture of one digit and write why: a PNG file per method, and explanation.json.

    Args:
        file: a picture, see `Recognizer.read_digit`.
        model: a name in models/, or the path of a .keras file.
        folder: where to write; made where it is missing.
        target: the digit or letter to explain; None is the likeliest.
        layer: the layer for Grad-CAM and Grad-CAM++; None is the last convolution.

    Returns:
        What explanation.json holds: the answer, whether the network was asked for it, and by method `file`,
        `target`, `layer` where one was looked at, what `faithfulness.judge` says, with
        `random_deletion_score` and `randomised_correlation` beside it. `left_out` says in a sentence why
        methods are missing.

    Raises:
        ValueError: the picture, the model, the target or the layer will not do; one sentence that says why.
    """
    picture, path = open_picture(file), checkpoints.find(model)
    keras_model, card = checkpoints.shared(path)
    reading = Recognizer(keras_runtime(keras_model), path.stem, card).read_digit(picture)
    if reading.status in NOTHING:
        raise ValueError(f"{file}: {NOTHING[reading.status]}.")
    explainer = Explainer(keras_model, path.stem)
    target = likeliest(explainer, reading) if target is None else _place(reading.labels, str(target))
    methods, left_out = list(METHODS), {}
    if not explainer.graph.convolutions and layer is None:
        methods, left_out = list(PIXEL_METHODS), dict.fromkeys(CAMS, explainer.without_convolutions)
    about = {
        "model": path.stem,
        "sha256": sha256(path),
        "digit": reading.digit,
        "label": reading.label,
        "confidence": round(reading.confidence, 5),
        "status": reading.status,
        "asked": reading.asked,
        "target": _named(reading.labels, target),
        "methods": _explain_frame(
            explainer, randomised(explainer, path), reading, methods, folder, target, layer
        ),
        "left_out": left_out,
    }
    write_json(folder / "explanation.json", about)
    return about


def _explain_frame(
    explainer: Explainer,
    shuffled: Explainer,
    reading: Reading,
    methods: list[str],
    folder: Path,
    target: int,
    layer: str | None = None,
) -> dict[str, dict[str, Any]]:
    """Draw what was read under the map of each method and judge it; see `explain_file`."""
    frame, name = reading.framed, _named(reading.labels, target)
    maps = {method: explainer.explain(method, frame, target, layer) for method in methods}
    by_chance = faithfulness.random_deletion_score(explainer, frame, target)
    for old in ("explanation.json", *(f"{method}.png" for method in METHODS)):  # of another digit
        (folder / old).unlink(missing_ok=True)
    said = {}
    for method, attribution in maps.items():
        title = f"{TITLES[method]} for {name}"
        about: dict[str, Any] = {"file": f"{method}.png", "target": name}
        if method in CAMS:
            about["layer"] = explainer.map_layer(layer)
            title += f", layer {about['layer']}"
        drawn = sheets.heat_figure(frame, attribution, title, 0.7, method not in CAMS)
        curves.save(drawn, folder / about["file"])
        about |= faithfulness.judge(explainer, method, attribution, frame, target)
        about["random_deletion_score"] = by_chance
        about["randomised_correlation"] = faithfulness.randomised_correlation(
            shuffled, method, attribution, frame, target, layer
        )
        said[method] = about
    return said


def _place(labels: Sequence[str], target: str) -> int:
    place = alphabet.index(labels, target)
    known = "a digit, 0 to 9" if tuple(labels) == alphabet.DIGITS else f"one of {''.join(labels)}"
    check("target", plain(target, 20), place is not None, known)
    assert place is not None
    return place


def _named(labels: Sequence[str], place: int) -> int | str:
    """Return a digit as a number, as ever, and a letter as text."""
    return int(labels[place]) if labels[place] in alphabet.DIGITS else labels[place]
