"""A SavedModel as a TF.js graph model, by a process of its own: python -m digits.models.export.tfjs SETTINGS

SETTINGS are JSON, see `convert`. The converter imports packages that it does not need for a SavedModel, some
of which no longer fit each other. Empty modules stand in for them, which nobody else shall meet.
"""

import json
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

from digits.config import ROOT
from digits.files import read_json, write_text

UNUSED = (
    "tensorflow_decision_forests",
    "tf_keras",
    "tensorflow_hub",
    "jax",
    "jax.experimental",
    "jax.experimental.jax2tf",
)


def convert(saved: Path, to: Path, weights: str | None, metadata: dict[str, Any]) -> None:
    """Convert the SavedModel in a folder.

    Args:
        saved: the folder.
        to: the folder to write.
        weights: "float16"; "uint8", between the least and the largest of a tensor; or None, as they are.
        metadata: goes along in model.json.

    Raises:
        RuntimeError: the converter failed; the message is the last of its words.
    """
    settings = {"saved": str(saved), "to": str(to), "weights": weights, "metadata": metadata}
    line = [sys.executable, "-m", "digits.models.export.tfjs", json.dumps(settings)]
    places = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(line, env=os.environ | {"PYTHONPATH": places}, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1])


def main(saved: str, to: str, weights: str | None, metadata: dict[str, Any]) -> None:
    """Convert, in this process."""
    import tensorflow  # noqa: F401 - before the converter, which would else meet half of it

    sys.modules.update({name: types.ModuleType(name) for name in UNUSED})
    from tensorflowjs.converters import tf_saved_model_conversion_v2 as converter

    converter.normalize_bias_add = types.SimpleNamespace(normalize_bias_add_op=_name_biases)
    converter.convert_tf_saved_model(
        saved,
        to,
        quantization_dtype_map={weights: "*"} if weights else None,
        use_structured_outputs_names=True,
        metadata=metadata,
    )
    _order_outputs(Path(to) / "model.json")


def _name_biases(graph):
    """Call the sum of a convolution and a constant vector a bias, which lets both become one step.

    The converter's own rule also takes the shortcut of a residual block for a bias, and a constant of more
    axes; TensorFlow crashes over the outcome, and TF.js refuses it or not, by backend.
    """
    from tensorflowjs.converters.normalize_bias_add import normalize_bias_add_op

    sums = {node.name: node.op for node in graph.node if node.op in ("Add", "AddV2")}
    constants = [node for node in graph.node if node.op == "Const"]
    vectors = {node.name for node in constants if len(node.attr["value"].tensor.tensor_shape.dim) == 1}
    graph = normalize_bias_add_op(graph)
    for node in graph.node:
        if node.name in sums and node.op == "BiasAdd" and node.input[1] not in vectors:
            node.op = sums[node.name]
            del node.attr["data_format"]
    return graph


def _order_outputs(path: Path) -> None:
    """List the outputs by name, the order that TF.js goes by: the converter leaves it to chance."""
    model = read_json(path)
    outputs = sorted(model["signature"]["outputs"].items())  # Identity, Identity_1
    model["signature"]["outputs"] = dict(outputs)
    write_text(path, json.dumps(model))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
