"""How long things take inside one warm process: the road by stages, pages, reasons, runtimes, training."""

import contextlib
import functools
import io
import sys
import tempfile
import time
import types
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from digits import Recognizer, recognizer
from digits.config import ROOT
from digits.data.mnist import load_train_val
from digits.deploy import lite
from digits.explain import report
from digits.models import architectures, checkpoints
from digits.models.export import formats
from digits.preprocessing import ink, lattice
from digits.robustness import sweep
from evaluation.handwriting import sets
from evaluation.handwriting.simulate import paper, pens
from evaluation.judges.corruptions import quick_reader

WHOLE = 10_000  # digits of a sweep

PHOTO, TALL = (3000, 4000), 180  # pixels: height and width of the photo, height of a digit on it

METHODS = ("grad_cam", "integrated_gradients", "occlusion")

BATCHES = (1, 64, 512)
"""Frames asked at once: a visitor's, a page of numbers, a pile of pictures."""

PROGRAMS = {"keras": "Keras, compiled", "tflite": "LiteRT", "onnx": "ONNX Runtime"}

SPAN = 1.0  # second for one figure, at least

LEARNT_TOGETHER = 128
"""Digits a step of training, as in Keras' example."""

STAGES = {
    "digits.preprocessing.decode": "decode",
    "digits.preprocessing.ink": "ink",
    "digits.preprocessing.candidates": "split",
    "digits.preprocessing.frame": "frame",
    "digits.models.runtimes": "network",
}
"""Modules whose functions are timed, where the road calls them."""


def pictures(n: int, photos: int, seed: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return n canvases, (280, 280) uint8, and photos of 12 megapixels with ten digits each."""
    material = sets.Material(development=True, seed=seed)
    canvases = sets.single(pens.canvas)(material, "speed", n)
    numbers = sets.several(lambda digits, rng: paper.number_photo(digits, rng, TALL, PHOTO)[0], 10, 10)
    made = (canvases, numbers(material, "speed photo", photos))
    return tuple([example.make() for example in examples] for examples in made)


def road(model: Path, canvases: list[np.ndarray], photos: list[np.ndarray], seed: int) -> dict:
    """Return how long canvases and photos take as the app reads them, and where the time goes by stage."""
    reader, rng = lite.load(model), np.random.default_rng(seed)
    batch = [canvases[i] for i in rng.permutation(len(canvases))]
    for warm in range(2):  # the second time, nothing is compiled any more
        reader.read_digit(canvases[warm % len(canvases)])
        reader.read_digits(batch)
    reader.read_number(photos[0])
    alone = [1000 * _clock(reader.read_digit, canvas) for canvas in canvases]
    return {
        "canvas_ms": round(float(np.median(alone)), 2),
        "canvas_ms_95": round(float(np.quantile(alone, 0.95)), 2),
        "canvases_per_second": round(len(batch) / _clock(reader.read_digits, batch), 1),
        "photo_seconds": round(float(np.median([_clock(reader.read_number, one) for one in photos])), 3),
        "canvas_stages_ms": _stages_ms(reader, reader.read_digit, canvases),
        "photo_stages_ms": _stages_ms(reader, reader.read_number, photos),
    }


def _clock(function: Callable, *given) -> float:
    """Return the seconds that a call takes."""
    begin = time.perf_counter()
    function(*given)
    return time.perf_counter() - begin


def _stages_ms(reader: Recognizer, function: Callable, given: list) -> dict[str, float]:
    """Return the milliseconds per picture that each stage takes, in the order of the road."""
    with watched(reader) as watch:
        for picture in given:
            function(picture)
    names = [*STAGES.values(), "judge"]
    return {name: round(1000 * watch.seconds[name] / len(given), 3) for name in names}


class Watch:
    """Adds up the seconds spent in each stage; a stage inside another stops the outer one's clock."""

    def __init__(self):
        self.seconds, self._running, self._since = defaultdict(float), ["judge"], time.perf_counter()

    def switch(self, stage: str | None) -> None:
        """Enter a stage, or leave the innermost with None."""
        now = time.perf_counter()
        self.seconds[self._running[-1]] += now - self._since
        self._since = now
        self._running.append(stage) if stage else self._running.pop()

    def wrap(self, function: Callable, stage: str) -> Callable:
        """Return `function` with its time booked on `stage`."""

        @functools.wraps(function)
        def timed(*args, **options):
            self.switch(stage)
            try:
                return function(*args, **options)
            finally:
                self.switch(None)

        return timed


@contextlib.contextmanager
def watched(reader: Recognizer) -> Iterator[Watch]:
    """Time the stages of the road inside the block, without a word about it in the road itself.

    A stage's time is what is spent in the functions of its module, less what these spend in other stages.
    """
    watch, before = Watch(), [(reader, "_runtime", reader._runtime)]
    reader._runtime = watch.wrap(reader._runtime, "network")
    for module in (ink, lattice, recognizer):
        for name, value in list(vars(module).items()):
            stage = STAGES.get(getattr(value, "__module__", None))
            if stage and value.__module__ != module.__name__ and not isinstance(value, type):
                before.append((module, name, value))
                setattr(module, name, watch.wrap(value, stage))
    try:
        yield watch
        watch.switch("judge")
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


def sweep_seconds(model: str, n: int) -> float:
    """Return the seconds that all kinds of damage at all severities take, reckoned for 10,000 digits."""
    reader, data = quick_reader(model), load_train_val()
    images, labels = data.x_val[:n], data.y_val[:n]
    begin = time.perf_counter()
    for _ in sweep.sweep([reader], images, labels):
        pass
    return round((time.perf_counter() - begin) * WHOLE / len(labels), 1)


def severity_change(turns: int) -> list[float]:
    """Return the seconds that each of so many moves of the severity slider takes on the Robustness page.

    By Streamlit's test harness: all but browser and network. A test digit, and the models that the page
    begins with. The first answer, for which models load, does not count. The harness runs the whole page each
    time, a browser only the part around the slider.
    """
    from streamlit.testing.v1 import AppTest

    # The canvas cannot be imported outside a server; the page asks only whether anything was drawn.
    canvas = types.ModuleType("streamlit_drawable_canvas")
    canvas.st_canvas = lambda **arguments: types.SimpleNamespace(image_bytes=None, json_data=None)
    sys.modules["streamlit_drawable_canvas"] = canvas
    main = sys.modules["__main__"]  # the harness puts a page in its place, which processes would begin with
    try:
        app = AppTest.from_file(str(ROOT / "app" / "Home.py"), default_timeout=300)
        app.session_state["robustness_source"] = "A test digit"
        app = app.run().switch_page("robustness/page.py").run()
        seconds = []
        for turn in range(turns + 1):
            slider = app.slider(key="damage_severity").set_value(1 + turn % 5)
            begin = time.perf_counter()
            app = slider.run()
            seconds.append(time.perf_counter() - begin)
            if app.exception:
                raise ValueError(f"The page failed: {app.exception[0].value}")
    finally:
        sys.modules["__main__"] = main
    return seconds[1:]


def explain_ms(model: str, frames: np.ndarray) -> tuple[dict[str, float], dict[str, float]]:
    """Return the median milliseconds of a map by each method, `<method>_ms`, and those of processor time.

    What is explained is the likeliest digit of each frame; the first map of a method does not count.

    Args:
        model: a name in models/, or the path of a .keras file; one with convolutions.
        frames: (N, 28, 28) float32 in [0, 1].
    """
    explainer = report.load(model)
    targets = explainer.logits(frames).argmax(axis=1)
    passed, worked = {}, {}
    for method in METHODS:
        explainer.explain(method, frames[0], targets[0])
        spans = []
        for frame, target in zip(frames, targets, strict=True):
            begin = time.perf_counter(), time.process_time()
            explainer.explain(method, frame, target)
            spans.append((time.perf_counter() - begin[0], time.process_time() - begin[1]))
        medians = np.round(1000 * np.median(spans, axis=0), 2).tolist()
        passed[f"{method}_ms"], worked[f"{method}_ms"] = medians
    return passed, worked


def runtimes(frames: np.ndarray) -> list[dict]:
    """Return a row for each model in models/ of this checkout and each program: frames a second by batch.

    Args:
        frames: (N, 28, 28) float32 in [0, 1], as many as the largest batch.
    """
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for path in checkpoints.files(ROOT / "models"):
            with contextlib.redirect_stdout(io.StringIO()):
                made = dict(formats.write(path, ["tflite", "onnx"], Path(folder)))
            for program, file in {"keras": path, **made}.items():
                ask = Recognizer.load(file).logits
                speeds = {str(n): round(_speed(ask, frames[:n, ..., None]), 1) for n in BATCHES}
                about = {"model": path.stem, "program": program, "words": PROGRAMS[program]}
                rows.append(about | {"per_second": speeds})
    return rows


def _speed(ask: Callable[[np.ndarray], np.ndarray], batch: np.ndarray) -> float:
    """Return the frames a second of a batch, by the median of its turns; the first ones do not count."""
    ask(batch), ask(batch)
    spans: list[float] = []
    while sum(spans) < SPAN or len(spans) < 5:
        spans.append(_clock(ask, batch))
    return len(batch) / float(np.median(spans))


def training_per_second(limit: int) -> dict[str, float]:
    """Return the digits a second of an epoch, the one after the first, for three trainings.

    `plain example` is "Simple MNIST convnet" of Keras' own pages (F. Chollet): two convolutions of 3 x 3 with
    32 and 64 channels, no augmentation, no checkpoints. Then the same network in our training: in a new order
    each epoch, turned, shifted, thickened, and saved after it. Then our standard network in it.

    Args:
        limit: digits of MNIST to learn from.
    """
    data, plain = load_train_val(limit), simple_convnet()
    frames = data.x_train[..., None].astype(np.float32) / 255
    _compile(plain, from_logits=False)
    together = {"batch_size": LEARNT_TOGETHER, "verbose": 0}
    return {
        "plain example": _rate(len(frames), lambda: plain.fit(frames, data.y_train, **together)),
        "the same network, our training": _own_rate(simple_convnet(), data),
        "mnist_cnn, our training": _own_rate(architectures.build("cnn"), data),
    }


def simple_convnet():
    """Return the example's network, its last layer split as ours are: logits, then a softmax."""
    import keras  # late: most parts need no TensorFlow
    from keras import layers

    inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(32, 3, activation="relu")(inputs)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    return keras.Model(inputs, layers.Softmax(name="probabilities")(layers.Dense(10, name="logits")(x)))


def _own_rate(network, data) -> float:
    """Return the rate of an epoch in our training, without its look at the validation digits."""
    from digits.train import augmentation, fit

    training = fit.with_augmentation(network, augmentation.light(1, 1.0))
    _compile(training, from_logits=True)
    with tempfile.TemporaryDirectory() as folder:
        epochs, few = iter((1, 2)), (data.x_val[:100], data.y_val[:100])

        def epoch() -> None:
            batches = fit.Batches(data.x_train, data.y_train, LEARNT_TOGETHER)
            last = next(epochs)
            fit.fit(training, batches, few, Path(folder), epochs=last, seed=1, callbacks=[], verbose=0)

        return _rate(len(data.y_train), epoch)


def _compile(model, from_logits: bool) -> None:
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])


def _rate(n: int, epoch: Callable[[], object]) -> float:
    epoch()  # compiles
    return round(n / _clock(epoch), 1)
