"""What each layer of an untrusted model may be told: for every class its arguments, each with its type and
range.

Nothing of a description reaches Keras but what comes out of here: numbers, flags and words of a list. What
only training needs (initialisers, regularisers, constraints, seeds) is looked at and left out; what is not
listed is refused, so that an argument which Keras learns tomorrow opens no door.
"""

from collections.abc import Callable
from typing import Any

from digits.models.sandbox.container import Refusal, shown

Check = Callable[[Any], Any]
"""A value of the description -> what Keras is given; raises `_Wrong`."""

MOST_SIDE = 2**20
"""Of any size or count."""

MOST_SIDES = 6
"""Of a shape."""

ACTIVATIONS = {
    name: name
    for name in str.split(
        "elu exponential gelu hard_sigmoid leaky_relu linear log_softmax mish relu relu6 selu "
        "sigmoid silu softmax softplus softsign tanh hard_silu celu"
    )
} | {"swish": "silu", "softmax_v2": "softmax", "log_softmax_v2": "log_softmax", "hard_swish": "hard_silu"}
"""Names, and Keras' own for them: the later ones are those of TensorFlow's functions."""

INITIALIZERS = set(
    str.split(
        "Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer "
        "LecunNormal LecunUniform Ones Orthogonal OrthogonalInitializer RandomNormal "
        "RandomUniform TruncatedNormal VarianceScaling Zeros"
    )
)
"""None of them is made: a model that was learnt brings its values along."""

LEARNING = {
    "_initializer": INITIALIZERS,
    "_regularizer": {"L1", "L2", "L1L2", "OrthogonalRegularizer"},
    "_constraint": {"MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"},
}
"""Classes that arguments of these endings may name; only training needs them."""

DTYPES = {"float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16"}
"""What a model may have been trained in; here all compute in float32."""


class _Wrong(Exception):
    """A value is none of those that are expected; the message says which are."""


class _Absent:
    """Stands for an argument that is looked at and left out."""


LEFT_OUT = _Absent()


def whole(least: int = 1, most: int = MOST_SIDE) -> Check:
    """Take whole numbers."""

    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise _Wrong(f"a whole number from {least:,} to {most:,}")
        return value

    return check


def number(least: float, most: float) -> Check:
    """Take finite numbers."""

    def check(value: Any) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
            raise _Wrong(f"a number from {least:g} to {most:g}")
        return value

    return check


def flag(value: Any) -> bool:
    """Take true and false."""
    if not isinstance(value, bool):
        raise _Wrong("true or false")
    return value


def one_of(*words: str) -> Check:
    """Take words of a list."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise _Wrong(f"one of {', '.join(words)}")
        return value

    return check


def several(check: Check, most: int = MOST_SIDES, least: int = 1) -> Check:
    """Take lists, each part checked."""

    def check_all(value: Any) -> tuple:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise _Wrong(f"a list of {least} to {most}")
        return tuple(check(part) for part in value)

    return check_all


def either(*checks: Check) -> Check:
    """Take what the first fitting check takes."""

    def check(value: Any) -> Any:
        wanted = []
        for one in checks:
            try:
                return one(value)
            except _Wrong as wrong:
                wanted.append(str(wrong))
        raise _Wrong(" or ".join(wanted))

    return check


def left_out(check: Check) -> Check:
    """Look at a value that predicting does not need."""

    def looked(value: Any) -> _Absent:
        check(value)
        return LEFT_OUT

    return looked


def never(value: Any) -> _Absent:
    """Take only what says that something is not used."""
    if value:
        raise _Wrong("nothing: no digit reader needs it here")
    return LEFT_OUT


def nothing(value: Any) -> None:
    """Take null alone."""
    if value is not None:
        raise _Wrong("nothing")


def plain(value: Any) -> Any:
    """Take a number, a flag, a short word, or a short list of them."""
    if isinstance(value, list) and len(value) <= MOST_SIDES:
        for part in value:
            plain(part)
    elif not isinstance(value, str | int | float):
        raise _Wrong("a plain value")
    return value


def activation(value: Any) -> Any:
    """Take the name of an activation, or a layer that is one: then `(class, its arguments)`."""
    if isinstance(value, dict) and value.get("class_name") == "function":
        value = value.get("config")
    if isinstance(value, dict) and value.get("class_name") in ("ELU", "LeakyReLU", "ReLU", "Softmax"):
        kind, config = value["class_name"], value.get("config")
        return kind, arguments(kind, config, "an activation")
    if (
        isinstance(value, dict)
        and isinstance(value.get("class_name"), str)
        and value.get("config") in ({}, None)
    ):
        value = value["class_name"].lower()
    if not isinstance(value, str) or value not in ACTIVATIONS:
        raise _Wrong("the name of an activation of Keras, such as relu or softmax")
    return ACTIVATIONS[value]


def _for_training(classes: set[str]) -> Check:
    """Take the name of a class, or its plain settings."""

    def check(value: Any) -> _Absent:
        if isinstance(value, dict):
            name, settings = value.get("class_name"), value.get("config") or {}
            good = isinstance(name, str) and name in classes and isinstance(settings, dict)
            if not good or not all(_is_plain(part) for part in settings.values()):
                raise _Wrong(f"a class like {min(classes)}, with plain settings")
        elif not isinstance(value, str):
            raise _Wrong(f"a class like {min(classes)}")
        return LEFT_OUT

    return check


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= MOST_SIDES and all(isinstance(part, int) for part in value)
    return value is None or isinstance(value, str | int | float)


def dtype(value: Any) -> _Absent:
    """Take floating numbers of usual kinds, by name or as a policy."""
    if isinstance(value, dict):
        settings = value.get("config")
        if value.get("class_name") not in ("DTypePolicy", "Policy") or not isinstance(settings, dict):
            raise _Wrong("a policy of floating numbers")
        value = settings.get("name") if set(settings) <= {"name", "source_name"} else None
    if not isinstance(value, str) or value not in DTYPES:
        raise _Wrong(f"one of {', '.join(sorted(DTYPES))}")
    return LEFT_OUT


IGNORED = left_out(plain)

SHAPE = left_out(several(either(whole(0), nothing)))

ANYWHERE: dict[str, Check] = {
    "name": IGNORED,
    "trainable": left_out(flag),
    "dtype": dtype,
    "autocast": left_out(flag),
    "batch_input_shape": SHAPE,
    "input_dim": IGNORED,
    "input_length": IGNORED,
    "lora_rank": never,
    "lora_alpha": never,
    "quantization_config": never,
    "quantization_mode": never,
}
"""Arguments that any layer may have."""


SIZE = either(whole(), several(whole(), 3))
AXIS = whole(-MOST_SIDES, MOST_SIDES)
AXES = either(AXIS, several(AXIS))
RATE = number(0, 1)
FORMAT = {"data_format": one_of("channels_last", "channels_first")}
"""`layers.plain_map` says why the second is refused."""
EDGE = whole(0, 1024)
EDGES = several(either(several(EDGE, 2, 2), EDGE), 2, 2)
PADDING = one_of("same", "valid")
SMOOTHING = one_of("nearest", "bilinear")
EPSILON = number(0, 1)

_kernel = {"activation": activation, "use_bias": flag}
_window = FORMAT | {"kernel_size": SIZE, "strides": SIZE, "padding": PADDING, "dilation_rate": SIZE} | _kernel
_convolution = _window | {"filters": whole(), "groups": whole()}
_depthwise = _window | {"depth_multiplier": whole(), "filters": never, "groups": IGNORED}
_separable = _window | {"depth_multiplier": whole(), "filters": whole(), "groups": IGNORED}
_transposed = _window | {"filters": whole(), "output_padding": never, "groups": IGNORED}
_pool = FORMAT | {"pool_size": SIZE, "strides": SIZE, "padding": PADDING}
_global = FORMAT | {"keepdims": flag}
_recurrent: dict[str, Check] = {
    "units": whole(1, 4096),
    "activation": activation,
    "use_bias": flag,
    "go_backwards": flag,
    "return_sequences": flag,
    "return_state": never,
    "stateful": never,
    "time_major": never,
    "zero_output_for_mask": IGNORED,
    "unroll": IGNORED,
    "seed": IGNORED,
    "use_cudnn": IGNORED,
    "implementation": IGNORED,
    "dropout": left_out(RATE),
    "recurrent_dropout": left_out(RATE),
}
_gated = _recurrent | {"recurrent_activation": activation}
_noise = {"rate": RATE, "seed": IGNORED, "noise_shape": never, "stddev": number(0, 1e6)}
_varied = dict.fromkeys(
    str.split(
        "factor height_factor width_factor x_factor y_factor lower upper fill_mode fill_value "
        "interpolation seed mode data_format value_range bounding_box_format"
    ),
    IGNORED,
)
_centred = {"center": flag, "scale": flag, "epsilon": EPSILON}
_statistic = either(number(-1e6, 1e6), several(number(-1e6, 1e6), 1024))

ARGUMENTS: dict[str, dict[str, Check]] = {
    "InputLayer": {
        "batch_shape": SHAPE,
        "shape": SHAPE,
        **dict.fromkeys(("sparse", "ragged", "optional"), never),
    },
    "Dense": {"units": whole(), **_kernel},
    "Activation": {"activation": activation},
    "ReLU": {
        "max_value": number(0, 1e6),
        "negative_slope": number(-1e3, 1e3),
        "threshold": number(-1e6, 1e6),
    },
    "LeakyReLU": {"negative_slope": number(-1e3, 1e3), "alpha": number(-1e3, 1e3)},
    "ELU": {"alpha": number(-1e3, 1e3)},
    "PReLU": {"shared_axes": either(several(whole(1, MOST_SIDES)), whole(1, MOST_SIDES))},
    "Softmax": {"axis": AXES},
    "Identity": {},
    "ActivityRegularization": {"l1": IGNORED, "l2": IGNORED},
    "Rescaling": {"scale": number(-1e6, 1e6), "offset": number(-1e6, 1e6)},
    "Normalization": {"axis": either(AXIS, several(AXIS, least=0)), "invert": never}
    | {"mean": _statistic, "variance": _statistic},
    "BatchNormalization": _centred
    | {
        "axis": either(AXIS, lambda value: several(AXIS, 1)(value)[0]),
        "momentum": left_out(RATE),
        "fused": IGNORED,
        "synchronized": IGNORED,
    }
    | {"renorm": never, "renorm_clipping": never, "virtual_batch_size": never, "adjustment": never}
    | {"renorm_momentum": IGNORED},
    "LayerNormalization": _centred | {"axis": AXES, "rms_scaling": never},
    "GroupNormalization": _centred | {"axis": AXIS, "groups": whole(-1)},
    "UnitNormalization": {"axis": AXES},
    "Flatten": FORMAT,
    "Reshape": {"target_shape": several(whole(-1))},
    "Permute": {"dims": several(whole(1, MOST_SIDES))},
    "RepeatVector": {"n": whole()},
    "Concatenate": {"axis": AXIS},
    "Resizing": FORMAT
    | {"height": whole(1, 1024), "width": whole(1, 1024), "interpolation": SMOOTHING}
    | {"crop_to_aspect_ratio": never, "pad_to_aspect_ratio": never, "antialias": never}
    | dict.fromkeys(("fill_mode", "fill_value"), IGNORED),
    "CenterCrop": FORMAT | {"height": whole(1, 1024), "width": whole(1, 1024)},
    "SimpleRNN": _recurrent,
    "LSTM": _gated | {"unit_forget_bias": IGNORED},
    "GRU": _gated | {"reset_after": flag},
    "ZeroPadding1D": {"padding": either(several(EDGE, 2, 2), EDGE), **FORMAT},
    "ZeroPadding2D": {"padding": either(EDGES, EDGE), **FORMAT},
    "Cropping1D": {"cropping": either(several(EDGE, 2, 2), EDGE), **FORMAT},
    "Cropping2D": {"cropping": either(EDGES, EDGE), **FORMAT},
    "UpSampling1D": {"size": SIZE, **FORMAT},
    "UpSampling2D": {"size": SIZE, "interpolation": SMOOTHING, **FORMAT},
    **dict.fromkeys(("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"), {}),
    **dict.fromkeys(("Conv1D", "Conv2D"), _convolution),
    **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D"), _depthwise),
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D"), _separable),
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose"), _transposed),
    **dict.fromkeys(("MaxPooling1D", "MaxPooling2D", "AveragePooling1D", "AveragePooling2D"), _pool),
    **{f"Global{kind}Pooling{n}D": _global for kind in ("Max", "Average") for n in (1, 2)},
    **{
        name: {key: _noise[key] for key in keys}
        for name, keys in {
            "Dropout": ("rate", "seed", "noise_shape"),
            "AlphaDropout": ("rate", "seed", "noise_shape"),
            "SpatialDropout1D": ("rate", "seed", "noise_shape"),
            "SpatialDropout2D": ("rate", "seed", "noise_shape"),
            "GaussianDropout": ("rate", "seed"),
            "GaussianNoise": ("stddev", "seed"),
        }.items()
    },
    **{
        f"Random{what}": _varied
        for what in str.split("Brightness Contrast Flip Height Rotation Shear Translation Width Zoom")
    },
}
"""Classes of layers and their arguments; `layers.RULES` says what each costs."""

for _name in ("SpatialDropout2D",):
    ARGUMENTS[_name] = ARGUMENTS[_name] | FORMAT


def arguments(kind: str, config: Any, name: str) -> dict[str, Any]:
    """Return the arguments that a layer is made with; what is not given is not in it.

    Args:
        kind: its class.
        config: what the description says of it.
        name: for the sentence.

    Raises:
        Refusal: the class is not listed, or an argument is not, or has another type or range.
    """
    table = ARGUMENTS.get(kind)
    if table is None:
        raise Refusal(f"It holds {shown(kind)}, which is not on the list of what is allowed.")
    if not isinstance(config, dict):
        raise Refusal(f"Its layer {shown(name)} has the settings {shown(config)}; expected names and values.")
    found: dict[str, Any] = {}
    for key, value in config.items():
        check = table.get(key) or ANYWHERE.get(key) or _by_ending(key)
        if check is None:
            raise Refusal(f"Its layer {shown(name)} has {shown(key)}, which no {kind} here may have.")
        if value is None:  # what Keras does unless told, but for this one
            found |= {"axis": ()} if (kind, key) == ("Normalization", "axis") else {}
            continue
        try:
            taken = check(value)
        except _Wrong as wrong:
            raise Refusal(
                f"Its layer {shown(name)} ({kind}) has {shown(key)} = {shown(value)}; expected {wrong}."
            ) from None
        if not isinstance(taken, _Absent):
            found[key] = taken
    return found


def _by_ending(key: str) -> Check | None:
    return next(
        (_for_training(classes) for ending, classes in LEARNING.items() if key.endswith(ending)), None
    )
