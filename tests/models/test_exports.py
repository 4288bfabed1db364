"""A model in every form: it answers as it did, says what it is, and is read with as before."""

import dataclasses
import io
import json
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digits import Recognizer, config
from digits.__main__ import main
from digits.deploy import export, lite
from digits.explain import report
from digits.files import read_json, sha256
from digits.models import architectures, checkpoints, runtimes
from digits.models.export import formats, metadata, tfjs, verify
from digits.models.export.formats import FORMATS

GOLDEN = Path(__file__).parents[1] / "golden"
RUNNABLE = ["tflite", "onnx"]
MOST = {"tflite-f16": 0.01, "tflite-int8": 0.05, "tfjs": 0.01}  # by which a probability may be off


@pytest.fixture(scope="module")
def source(tiny_card, tmp_path_factory) -> Path:
    """Return the file of a network by chance with separable convolutions and shortcuts, with its card."""
    import keras

    keras.utils.set_random_seed(3)
    model = architectures.build("tiny", width=4)
    rng = np.random.default_rng(3)
    for layer in model.layers:
        if layer.name.endswith("_bn"):  # shifts, as training leaves them: converters drop those of zero
            gamma, beta, *rest = layer.get_weights()
            layer.set_weights([gamma, rng.normal(0, 0.1, beta.shape), *rest])
    kernel, bias = model.get_layer("logits").get_weights()
    model.get_layer("logits").set_weights([kernel * 5, rng.normal(0, 0.1, bias.shape)])
    path = tmp_path_factory.mktemp("source") / "small.keras"
    checkpoints.save(model, dataclasses.replace(tiny_card, history=[{"epoch": 1}]), path)
    return path


@pytest.fixture(scope="module")
def made(source, tiny_digits, tmp_path_factory) -> dict[str, Path]:
    """Return what was exported, by form. No form is left out: a converter that is missing is a failure."""
    folder = tmp_path_factory.mktemp("exports")
    samples = np.concatenate([tiny_digits[0]] * 2)
    return dict(formats.write(source, list(FORMATS), folder, samples))


@pytest.fixture(scope="module")
def expected(source, tiny_digits) -> np.ndarray:
    return Recognizer.load(source).probabilities(tiny_digits[0])


@pytest.mark.parametrize("name", FORMATS)
def test_every_export_says_what_the_model_says_and_what_it_is(
    name, made, source, tiny_card, tiny_digits, expected, monkeypatch
):
    monkeypatch.setattr(verify, "TURNS", 2)
    path = made[name]
    for off in (0.2 if FORMATS[name].exact else 0.5, np.nan):  # surer of the same digits, or nonsense
        assert not verify.check(
            name, path, *tiny_digits, expected + off * np.eye(10)[expected.argmax(1)]
        ).passed
    check = verify.check(name, path, *tiny_digits, expected)
    assert check.n == 60
    assert check.bytes > 10_000
    assert check.accuracy == pytest.approx((expected.argmax(1) == tiny_digits[1]).mean(), abs=0.05)
    assert check.passed or not FORMATS[name].exact, check
    assert check.largest_difference < MOST.get(name, 1e-4)
    assert not list(path.parent.glob(".tmp*"))
    if name == "keras":
        assert path.read_bytes() == source.read_bytes()
        assert checkpoints.inspect(path).card == checkpoints.inspect(source).card
        return
    notes = metadata.read(path)
    assert (notes["name"], notes["sha256"]) == ("small", sha256(source))
    assert notes["labels"] == list("0123456789")
    assert (notes["frame_version"], notes["temperature"]) == (1, 2.0)
    assert notes["thresholds"] == tiny_card.thresholds
    assert notes["outputs"] == ["logits", "probabilities", "representation"]
    if path.suffix == ".tflite":  # what `unzip` takes out
        with zipfile.ZipFile(path) as archive:
            assert archive.read("labels.txt").split() == [b"%d" % digit for digit in range(10)]
            assert json.loads(archive.read("digits.json")) == notes
    card = metadata.card_of(notes, path.name)
    assert card == dataclasses.replace(tiny_card, sha256=sha256(source), history=[])


def test_a_saved_model_answers_files_as_it_answers_frames(made, tiny_digits):
    import tensorflow as tf

    loaded = tf.saved_model.load(str(made["savedmodel"] / "1"))
    frames = tiny_digits[0][:5]
    files = []
    for frame in frames:
        file = io.BytesIO()
        Image.fromarray(np.round(frame[..., 0] * 255).astype(np.uint8)).save(file, "PNG")
        files.append(file.getvalue())
    assert {"serving_default", "files"} == set(loaded.signatures)
    by_number = loaded.signatures["serving_default"](frames=tf.constant(frames))
    by_file = loaded.signatures["files"](image_bytes=tf.constant(files))
    for name in ("logits", "probabilities"):
        np.testing.assert_allclose(by_file[name], by_number[name], atol=1e-5)
    small = io.BytesIO()
    Image.new("L", (27, 28)).save(small, "PNG")
    for bad in (b"no picture", small.getvalue()):
        with pytest.raises(tf.errors.InvalidArgumentError):
            loaded.signatures["files"](image_bytes=tf.constant([files[0], bad]))


def test_no_shortcut_is_taken_for_a_bias_in_tfjs_and_outputs_have_their_order(made):
    model = read_json(made["tfjs"] / "model.json")
    topology = model["modelTopology"]["node"]
    constants = {node["name"] for node in topology if node["op"] == "Const"}
    fused = [node for node in topology if node["op"] == "_FusedConv2D"]
    assert len(fused) > 5, [node["op"] for node in topology]
    assert all(set(node["input"][1:]) <= constants for node in fused)
    assert sum(node["op"] == "AddV2" for node in topology) == 3  # one for each block
    assert model["userDefinedMetadata"]["structuredOutputKeys"] == [
        "logits",
        "probabilities",
        "representation",
    ]
    assert list(model["signature"]["outputs"]) == ["Identity:0", "Identity_1:0", "representation"]


def test_a_disk_that_is_full_in_the_process_of_the_tfjs_converter_is_told_of(tmp_path, monkeypatch):
    said = "Traceback ...\nOSError: [Errno 28] No space left on device\n"
    monkeypatch.setattr(
        subprocess, "run", lambda line, **_: subprocess.CompletedProcess(line, 1, stdout="", stderr=said)
    )
    with (
        pytest.raises(OSError, match=r"No space .*m\.tfjs"),
        formats._told_of_a_full_disk(tmp_path / "m.tfjs"),
    ):
        tfjs.convert(tmp_path / "saved", tmp_path / "out", True, {})


def test_exports_are_read_with_and_leave_tensorflow_alone(made, source, tiny_digits, tmp_path):
    files = [str(made[name]) for name in RUNNABLE]
    code = (
        "import sys; import numpy as np; from digits import Recognizer; from PIL import Image\n"
        "for number, file in enumerate(sys.argv[4:]):\n"
        "    reader = Recognizer.load(file)\n"
        "    assert reader.read_digit(Image.open(sys.argv[1])).asked\n"
        "    np.save(f'{sys.argv[3]}/{number}.npy', reader.logits(np.load(sys.argv[2])))\n"
        "    assert reader.temperature == 2.0 and reader.card.name == 'tiny'\n"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    np.save(tmp_path / "frames.npy", tiny_digits[0])
    places = [GOLDEN / "7.png", tmp_path / "frames.npy", tmp_path]
    done = subprocess.run([sys.executable, "-c", code, *places, *files], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    expected = Recognizer.load(source).logits(tiny_digits[0])
    for number in range(len(files)):
        assert np.load(tmp_path / f"{number}.npy") == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("name", RUNNABLE)
def test_many_threads_get_their_own_answers(name, made, tiny_digits):
    reader, frames = Recognizer.load(made[name]), tiny_digits[0]
    together = reader.logits(frames)
    with ThreadPoolExecutor(4) as pool:
        alone = list(pool.map(lambda i: reader.logits(frames[i : i + 1 + i % 3])[0], range(len(frames))))
    assert np.stack(alone) == pytest.approx(together, abs=1e-4)


@pytest.mark.parametrize("name", RUNNABLE)
def test_an_export_only_answers_and_a_broken_one_is_refused_in_a_sentence(name, made, tmp_path):
    path = made[name]
    with pytest.raises(ValueError, match=r"only answers: to explain, .* give the \.keras file"):
        report.load(path)
    with pytest.raises(ValueError, match="only answers"):
        list(formats.write(path, ["keras"], tmp_path))
    broken, data = tmp_path / path.name, path.read_bytes()
    for half in (b"no model", data[: len(data) // 3]):
        broken.write_bytes(half)
        with pytest.raises(ValueError, match=rf"^{path.name} .*\.$"):
            Recognizer.load(broken)
    with pytest.raises(ValueError, match="There is no model"):
        Recognizer.load(tmp_path / f"none{path.suffix}")


def test_notes_of_others_are_refused(source):
    notes = metadata.about("small", sha256(source), None, ["probabilities"])
    assert metadata.card_of(notes, "x.onnx") is None
    with pytest.raises(ValueError, match="x.onnx was made for frame version 7; expected 1"):
        metadata.card_of(notes | {"frame_version": 7}, "x.onnx")
    with pytest.raises(ValueError, match="expected the digits 0 to 9"):
        metadata.card_of({"labels": ["cat", "dog"]}, "x.onnx")


def test_an_untrusted_model_is_exported_without_card_and_answers_many_frames(tmp_path, tiny_digits):
    import keras

    path = tmp_path / "theirs.keras"
    dense = keras.layers.Dense(10, "softmax")
    keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), dense]).save(path)
    ((_, file),) = formats.write(path, ["onnx"], tmp_path)
    reader = Recognizer.load(file)
    assert (reader.card, reader.temperature, reader.name) == (None, 1.0, "theirs")
    assert reader.sha256 == lite.origin(file) == sha256(file), "no other model's memory is its own"
    frames = np.concatenate([tiny_digits[0]] * 2)[: 3 * runtimes.ONNX_BATCH + 1]  # in four parts
    expected = Recognizer.load(path).probabilities(frames)
    assert reader.probabilities(frames) == pytest.approx(expected, abs=1e-5)


def test_wrong_wishes_are_refused_before_anything_is_written(source, tmp_path):
    out = tmp_path / "out"
    for wanted, samples, words in (
        (["keras", "coreml"], None, "'coreml'; expected some of: keras, h5"),
        ([], None, "Export to nothing"),
        (["keras", "tflite-int8"], None, "0 were given; expected 100"),
        (["keras", "tflite-int8"], np.zeros((5, 28, 28, 1)), "5 were given; expected 100"),
    ):
        with pytest.raises(ValueError, match=words):
            list(formats.write(source, wanted, out, samples))
    with pytest.raises(ValueError, match="no digits"):
        verify.check("keras", source, *np.zeros((3, 0)))
    with pytest.raises(ValueError, match="the model itself"):
        list(formats.write(source, ["keras"], source.parent))
    assert not out.exists()


def test_a_missing_converter_is_named_with_its_line(source, tmp_path, monkeypatch):
    monkeypatch.setattr(config, "find_spec", lambda asked: None if asked.startswith("t") else True)
    for name, module, line in (
        ("onnx", "tf2onnx", r"pip install -e '\.\[export\]'"),
        ("tfjs", "tensorflowjs", r"pip install --no-deps tensorflowjs=="),
    ):
        with pytest.raises(ValueError, match=f"Export to {name} needs {module}, .* not installed: {line}"):
            list(formats.write(source, ["keras", name], tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_the_command_line_exports_checks_and_saves_the_figures(source, surroundings, capsys, monkeypatch):
    monkeypatch.setattr(verify, "TURNS", 2)
    shutil.copytree(source.parent, surroundings / "models", dirs_exist_ok=True)
    out = surroundings / "out"
    assert main(["export", "small", "--to", "keras,h5", "--out", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["small.keras", "small.h5"]
    assert all("agrees on 100.0% of 150 digits" in line for line in lines)
    saved = read_json(out / "small.exports.json")
    assert saved["sha256"] == sha256(source)
    assert [(row["format"], row["agreement"], row["passed"]) for row in saved["exports"]] == [
        ("keras", 1.0, True),
        ("h5", 1.0, True),
    ]
    monkeypatch.setattr(verify, "EXACT", (1.0, -1.0))
    (out / "small.keras").unlink()
    assert main(["export", "small", "--to", "keras", "--out", str(out)]) == 1
    assert "expected 100.0% and at most -1" in capsys.readouterr().err
    assert (out / "small.keras").is_file(), "for a look at it"
    assert not read_json(out / "small.exports.json")["exports"][0]["passed"]


def test_bad_input_exits_with_two(source, surroundings, capsys, monkeypatch):
    assert main(["export", "none", "--to", "h5", "--out", str(surroundings / "out")]) == 2
    assert "There is no model 'none'" in capsys.readouterr().err

    def missing(limit=None):
        raise FileNotFoundError("MNIST was not found.")

    monkeypatch.setattr(export, "load_train_val", missing)
    with pytest.raises(ValueError, match="tflite-int8 is fitted to sample digits, and there are none. MNIST"):
        export.sample_frames(source)
    assert main(["export", str(source), "--to", "h5", "--out", str(surroundings / "out")]) == 2
    assert "MNIST was not found" in capsys.readouterr().err
