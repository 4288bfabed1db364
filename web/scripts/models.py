"""Bring models into the page: python web/scripts/models.py    # one minute

Writes web/public/models/<name>/: the network as a TensorFlow.js graph with 16-bit weights (a very small one
keeps its 32 bits, what sees has 8), which answers `logits`, the `representation` that they
are made of, for a memory, and, for the picture of what it sees, `maps` of its first convolution; and
card.json, all that the page needs to know about it. The finder answers `ink` and `maps`, the glimpse reader
`answer`, the line reader `text`. Then run web/golden/make.py.

Needs, beside the app's packages: pip install --no-deps tensorflowjs==4.22.0
"""

import argparse
from functools import cached_property
from pathlib import Path

from digits import config, experiment
from digits.files import read_json, write_json
from digits.models import alphabet, checkpoints, finder, glimpse, line
from digits.models.card import Card
from digits.models.export.converters import Source, to_tfjs
from digits.models.runtimes import REPRESENTATION

PUBLIC = Path(__file__).resolve().parents[1] / "public" / "models"
EYES = {finder.NAME: ("ink", "maps"), glimpse.NAME: ("answer",), line.NAME: ("text",)}
"""The networks that see, and what they answer to the page."""
MODELS = ("mnist_tiny", "handwriting", "characters", *EYES)
FIRST_LAYER = "stem1_relu"
SMALL = 100_000
"""Parameters. Half of so few is soon downloaded, and rounding them shows: each counts for more."""


class ForPage(Source):
    """A model on its way to the page."""

    @property
    def notes(self) -> dict:
        """Nothing: card.json says it."""
        return {}


class Shown(ForPage):
    """A model that also shows what its first layer sees."""

    @cached_property
    def served(self):
        """The model with all outputs, on the same layers and weights."""
        import keras

        outputs = {"logits": "logits", "maps": FIRST_LAYER}
        layers = {name: self.model.get_layer(layer).output for name, layer in outputs.items()}
        layers[REPRESENTATION] = self.model.get_layer("logits").input
        return keras.Model(self.model.inputs[0], layers, name="shown")


class Eyes(ForPage):
    """The finder, without the outputs that only its training needs, the glimpse or the line reader."""

    @cached_property
    def served(self):
        """The model with the outputs that the page asks for, on the same layers and weights."""
        import keras

        outputs = dict(zip(EYES[self.path.stem], self.model.outputs, strict=False))
        return keras.Model(self.model.inputs[0], outputs, name="eyes")


def card(name: str, about: Card, signature: dict) -> dict:
    """Return what the page needs to know about a model; keys as TypeScript spells them."""
    common = {"name": name, "parameters": about.parameters, "sha256": about.sha256}
    if name in EYES:
        return common
    return common | {
        "temperature": about.temperature,
        "unsureBelow": about.thresholds["unsure_below"],
        "notADigitBelow": about.thresholds.get("not_a_digit_below"),
        **({"labels": about.labels} if alphabet.has_letters(about.labels) else {}),
        **{output: signature["outputs"][output]["name"] for output in ("logits", "maps", REPRESENTATION)},
    }


def open_source(name: str) -> ForPage:
    """Return a model on its way to the page."""
    if name in EYES:  # no readers: `checkpoints` would refuse it
        import keras

        path = config.models_dir() / f"{name}.keras"
        return Eyes(path, keras.models.load_model(path, compile=False), Card.read(path.with_suffix(".json")))
    path = checkpoints.find(name)
    return Shown(path, *checkpoints.load(path))


def main() -> None:
    """Convert the models named, or all that the page has."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=MODELS, help="of models in models/")
    names = parser.parse_args().names
    config.need("tensorflowjs", "export", "The page's form of a model")
    for name in names:
        target, source = PUBLIC / name, open_source(name)
        if source.card is None:
            raise ValueError(f"{source.path} has no card; expected one that describes it.")
        eight = isinstance(source, Eyes)
        to_tfjs(source, target, "uint8" if eight else "float16" if source.card.parameters > SMALL else None)
        signature = read_json(target / "model.json")["signature"]
        write_json(target / "card.json", card(name, source.card, signature))
        print(f"{name}: {sum(file.stat().st_size for file in target.iterdir()):,} bytes")


if __name__ == "__main__":
    experiment.command(main)
