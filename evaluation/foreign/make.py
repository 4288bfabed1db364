"""Make models as people keep them with their own MNIST projects: python make.py FOLDER MNIST.npz [PART OF A
NAME]

It stands alone, so that Keras of any age can run it: TensorFlow 2.13 and 2.15 in environments of their own
write what old projects have, the Keras of this project what new ones have. Each model learns a few thousand
digits, which takes seconds, and is saved with the share of test digits that it reads right when it is given
what it was trained on: `best` in FOLDER/<name>.best.
"""

import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

keras = tf.keras
L = keras.layers
OLD = tuple(map(int, tf.__version__.split(".")[:2])) < (2, 16)
"""Keras 2: layers of its own age are made as one made them then."""

LEARNT, JUDGED = 25_000, 10_000
"""Digits of the training set, and of the test set."""

EPOCHS = {"residual": 3, "both_ways": 3, "dense": 3}
"""Of builds that want more than two."""

WAYS = {
    "unit": lambda x: x / 255.0,
    "bytes": lambda x: x,
    "middle": lambda x: x / 255.0 - 0.5,
    "symmetric": lambda x: x / 127.5 - 1.0,
    "normalize": lambda x: keras.utils.normalize(x, axis=1),
    "standard": lambda x: (x / 255.0 - 0.1307) / 0.3081,
}
"""What projects do to pixels from 0 to 255, (N, 28, 28) float32, before a model sees them."""


def row(*more):
    return [keras.Input((784,)), *more]


def flat():
    return [L.Flatten(input_shape=(28, 28)) if OLD else L.Flatten(), L.Dense(128, "relu"), L.Dropout(0.2)]


def dense():
    rows = flat() if OLD else [keras.Input((28, 28)), *flat()]
    return keras.Sequential([*rows, L.Dense(10, "softmax")])


def book():
    """The example of a well-known book and of many videos."""
    layers = [L.Flatten(), L.Dense(128, tf.nn.relu), L.Dense(128, tf.nn.relu), L.Dense(10, tf.nn.softmax)]
    return keras.Sequential([keras.Input((28, 28)), *layers])


def wide():
    return keras.Sequential(row(L.Dense(256, "relu"), L.Dense(64, "relu"), L.Dense(10, "softmax")))


def logits():
    return keras.Sequential([keras.Input((28, 28)), L.Flatten(), L.Dense(128, "relu"), L.Dense(10)])


def convolutions(*before, shape=(28, 28, 1), name=None):
    return keras.Sequential(
        [
            keras.Input(shape),
            *before,
            *[L.Conv2D(16, 3, activation="relu"), L.MaxPooling2D(), L.Conv2D(32, 3, activation="relu")],
            *[L.MaxPooling2D(), L.Flatten(), L.Dropout(0.3), L.Dense(10, activation="softmax")],
        ],
        name=name,
    )


def lenet():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *[L.Conv2D(6, 5, activation="tanh", padding="same"), L.AveragePooling2D(2)],
            *[L.Conv2D(16, 5, activation="tanh"), L.AveragePooling2D(2), L.Flatten()],
            *[L.Dense(120, "tanh"), L.Dense(84, "tanh"), L.Dense(10, "softmax")],
        ]
    )


def residual():
    inputs = keras.Input((28, 28, 1))
    x = L.Conv2D(
        16, 3, strides=2, padding="same", use_bias=False, kernel_regularizer=keras.regularizers.L2(1e-4)
    )(inputs)
    x = L.BatchNormalization(momentum=0.9)(x)
    x = L.Activation("relu")(x)
    y = L.Conv2D(16, 3, padding="same", kernel_initializer="he_normal")(x)
    y = L.BatchNormalization(momentum=0.9)(y)
    x = L.ReLU()(L.add([x, y]))
    x = L.GlobalAveragePooling2D()(L.Conv2D(48, 3, activation=tf.nn.relu)(x))
    return keras.Model(inputs, L.Dense(10, activation="softmax")(x))


def recurrent():
    return keras.Sequential([keras.Input((28, 28)), L.LSTM(48), L.Dense(10, "softmax")])


def both_ways():
    layers = [
        L.Bidirectional(L.GRU(24, return_sequences=True)),
        L.GlobalMaxPooling1D(),
        L.Dense(10, "softmax"),
    ]
    return keras.Sequential([keras.Input((28, 28)), *layers])


def nested():
    inner = [keras.Input((28, 28, 1)), L.Conv2D(16, 3, strides=2, activation="relu"), L.BatchNormalization()]
    eye = keras.Sequential([*inner, L.Flatten()], name="eye")
    inputs = keras.Input((28, 28, 1))
    return keras.Model(inputs, L.Dense(10, "softmax")(L.Dense(32, "relu")(eye(inputs))))


def two_inside():
    eye_in = keras.Input((28, 28, 1))
    eye = keras.Model(eye_in, L.MaxPooling2D()(L.Conv2D(8, 3, activation="relu")(eye_in)), name="eye")
    mind = keras.Sequential([L.Flatten(), L.Dense(64, "relu"), L.Dense(10, "softmax")], name="mind")
    return keras.Sequential([keras.Input((28, 28, 1)), eye, mind])


def in_a_list():
    inputs = keras.Input((28, 28, 1))
    x = L.Flatten()(L.Conv2D(8, 3, strides=2, activation="relu")(inputs))
    return keras.Model([inputs], [L.Dense(10, "softmax")(x)])


def batch_of_32():
    inputs = keras.Input(batch_shape=(32, 28, 28, 1)) if not OLD else keras.Input((28, 28, 1), batch_size=32)
    x = L.Flatten()(L.Conv2D(8, 3, strides=2, activation="relu")(inputs))
    return keras.Model(inputs, L.Dense(10, "softmax")(x))


def augmented():
    vary = [L.RandomRotation(0.05), L.RandomTranslation(0.05, 0.05), L.RandomZoom(0.05)]
    return convolutions(*vary, L.Rescaling(1 / 255))


def stretched():
    vary = [L.RandomHeight(0.1), L.RandomWidth(0.1)] if OLD else [L.RandomZoom(0.1)]
    return convolutions(L.Rescaling(1 / 127.5, offset=-1), *vary, L.Resizing(28, 28))


def adapted():
    known = L.Normalization(axis=None)
    known.adapt(data()[0][:2000][..., None])
    return convolutions(known)


def divided():
    inputs = keras.Input((28, 28))
    x = L.Flatten()(inputs / 255.0)
    return keras.Model(inputs, L.Dense(10, "softmax")(L.Dense(64, "relu")(x)))


def sigmoid():
    return keras.Sequential(row(L.Dense(100, "relu"), L.Dense(10, "sigmoid")))


def separable():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *[L.SeparableConv2D(16, 3, padding="same"), L.LeakyReLU(), L.MaxPooling2D()],
            *[L.DepthwiseConv2D(3, depth_multiplier=2), L.PReLU(shared_axes=[1, 2]), L.BatchNormalization()],
            *[L.Flatten(), L.Dense(10), L.Softmax()],
        ]
    )


def small():
    """Few enough weights for a file of some kilobytes."""
    layers = [L.Conv2D(4, 5, strides=2, activation=tf.nn.relu), L.BatchNormalization(momentum=0.8)]
    inner = keras.Sequential([keras.Input((28, 28, 1)), *layers], name="eye")
    inputs = keras.Input((28, 28, 1), batch_size=32)
    x = L.Conv2D(8, 5, strides=2, activation="relu")(inner(inputs))
    return keras.Model(inputs, L.Dense(10, tf.nn.softmax)(L.Flatten()(x)))


def varied():
    """What old files write in ways of their own, in one: tests/models/sandbox/old has its files."""
    inputs = keras.Input((28, 28, 1), batch_size=32)
    eye = [L.Conv2D(3, 5, strides=4, activation=tf.nn.relu), L.BatchNormalization()]
    x = L.RandomRotation(0.1)(inputs)
    x = keras.Sequential([keras.Input((28, 28, 1)), *eye], name="eye")(x / 255.0)
    x = L.add([x, L.SeparableConv2D(3, 3, padding="same")(x)])
    x = L.Reshape((4, 8))(L.Conv2D(2, 3, activation="relu")(x))
    x = L.LSTM(3)(L.Bidirectional(L.GRU(3, return_sequences=True))(x))
    model = keras.Model([inputs], [L.Dense(10, tf.nn.softmax)(L.Dense(4, tf.nn.tanh)(x))])
    rng = np.random.default_rng(5)
    model.set_weights([rng.normal(0, 0.5, w.shape) + (1 if w.ndim == 1 else 0) for w in model.get_weights()])
    return model


PLAIN = {
    "dense": (dense, "unit bytes middle symmetric normalize standard"),
    "book": (book, "unit normalize"),
    "wide": (wide, "unit standard"),
    "logits": (logits, "unit bytes symmetric"),
    "cnn": (convolutions, "unit bytes middle symmetric normalize standard"),
    "lenet": (lenet, "unit middle symmetric normalize"),
    "residual": (residual, "unit bytes middle"),
    "recurrent": (recurrent, "unit normalize"),
    "both_ways": (both_ways, "unit"),
    "nested": (nested, "unit bytes"),
    "two_inside": (two_inside, "unit symmetric"),
    "in_a_list": (in_a_list, "unit bytes"),
    "batch_of_32": (batch_of_32, "unit bytes"),
    "augmented": (augmented, "bytes"),
    "stretched": (stretched, "bytes"),
    "adapted": (adapted, "bytes"),
    "divided": (divided, "bytes"),
    "sigmoid": (sigmoid, "unit"),
    "separable": (separable, "unit"),
    "small": (small, "unit middle"),
}
"""Builders, and the ways of their pixels."""

FEWER = (
    "dense-unit",
    "dense-normalize",
    "book-normalize",
    "cnn-unit",
    "cnn-bytes",
    "logits-bytes",
    "residual-unit",
)
"""Of those that are saved in the old form too, beside all that are not plain; see `forms`."""


def data():
    """Return images (N, 28, 28) float32 from 0 to 255 and labels, to learn from, and to judge by."""
    with np.load(sys.argv[2]) as found:
        images, labels = found["x_train"][:LEARNT], found["y_train"][:LEARNT]
        return (
            images.astype(np.float32),
            labels,
            found["x_test"][:JUDGED].astype(np.float32),
            found["y_test"][:JUDGED],
        )


def forms(name):
    """Return the endings of the files in which a model is kept."""
    kept = [".keras"]
    if name in FEWER or name.split("-")[0] in (
        "nested",
        "in_a_list",
        "two_inside",
        "divided",
        "small",
        "recurrent",
    ):
        kept.append(".h5")
    if name in ("cnn-unit", "dense-normalize"):
        kept.append(".h5.keras")
    return kept


def learnt(name):
    """Return a trained model, and how much of the test digits it reads right."""
    keras.utils.set_random_seed(1)
    build, way = PLAIN[name.split("-")[0]][0], WAYS[name.split("-")[1]]
    model = build()
    x, y, x_test, y_test = data()

    def fed(images):
        takes = model.input_shape[1:]
        flat = len(takes) == 1  # whoever takes rows of 784 makes them first
        return way(images.reshape(-1, *takes) if flat else images).reshape(-1, *takes).astype(np.float32)

    raw = name.startswith("logits")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=raw)
    model.compile("adam", loss, metrics=["accuracy"])
    whole = len(x) // 32 * 32, len(x_test) // 32 * 32
    model.fit(
        fed(x[: whole[0]]), y[: whole[0]], batch_size=32, epochs=EPOCHS.get(name.split("-")[0], 2), verbose=0
    )
    answers = model.predict(fed(x_test[: whole[1]]), batch_size=32, verbose=0)
    answers = answers[0] if isinstance(answers, list) else answers
    return model, float((answers.argmax(axis=1) == y_test[: whole[1]]).mean())


def main():
    folder, part = Path(sys.argv[1]), sys.argv[3] if len(sys.argv) > 3 else ""
    folder.mkdir(parents=True, exist_ok=True)
    for name in [f"{build}-{way}" for build, (_, ways) in PLAIN.items() for way in ways.split()]:
        if part not in name or (folder / f"{name}.best").exists():
            continue
        model, best = learnt(name)
        for ending in forms(name):
            path = folder / f"{name}{ending}"
            model.save(path.with_suffix("") if ending == ".h5.keras" else path)
            if ending == ".h5.keras":
                path.with_suffix("").rename(path)
        about = {"best": best, "tensorflow": tf.__version__, "forms": forms(name)}
        (folder / f"{name}.best").write_text(json.dumps(about))
        print(name, round(best, 4), flush=True)
        keras.backend.clear_session()


if __name__ == "__main__":
    main()
