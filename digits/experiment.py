"""A training run: its settings, its seeds, its folder."""

import dataclasses
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from digits.config import check, check_backend, check_least, models_dir, runs_dir, told
from digits.files import read_json, sweep, write_json

LEAST_LIMIT = 100
"""Digits of a quick try, at least, so that every digit occurs."""

NOT_COMPARED = {"resume", "min_accuracy", "force", "most_forgotten"}
"""Settings that may differ between a run and its resumption."""

TRAINS, TESTS = "trains", "has MNIST's test digits"
"""What a process may do, one or the other, see `claim_process`."""

_claims: set[str] = set()


def claim_process(use: str) -> None:
    """Let this process train, or have MNIST's test digits: never both, so that no training can see them.

    Args:
        use: `TRAINS` or `TESTS`.

    Raises:
        ValueError: it has claimed the other.
    """
    _claims.add(use)
    if len(_claims) > 1:
        _claims.remove(use)
        raise ValueError(
            "MNIST's test digits are for evaluation alone: a process that trains must not load them, "
            "nor train once it has; validation digits (digits.data.mnist.load_train_val) choose."
        )


def check_sample(seed: int, limit: int | None) -> None:
    """Raise a ValueError that names --seed or --limit unless both are in range."""
    check("--seed", seed, 0 <= seed < 2**32, "0 to 4294967295")
    enough = limit is None or limit >= LEAST_LIMIT
    check("--limit", limit, enough, f"{LEAST_LIMIT} or more, so that every digit occurs")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The knobs that all training scripts share; each script adds its own by inheritance."""

    SCRIPT: ClassVar[str]  # name of the training script, without .py
    NAME: ClassVar[str]  # of what it makes
    SUFFIX: ClassVar[str] = ".keras"  # of the file that it makes

    out: Path | None = None
    """File to write (None: into models/, but with --limit into the run's folder)."""
    epochs: int = 40
    """Most passes over the training digits; early stopping may end sooner."""
    batch_size: int = 128
    """Digits per step."""
    seed: int = 1
    """Start of every random choice: weights, order, dropout, augmentation."""
    limit: int | None = None
    """Train on the first so many digits only, for a quick try (None: all 54,000)."""
    resume: bool = False
    """Go on with the newest unfinished run of this script at its last finished epoch."""
    deterministic: bool = False
    """Slower operations that give the same weights bit for bit every time."""
    min_accuracy: float = 0.0
    """Save nothing and exit with 1 when validation accuracy stays below this share, e.g. 0.995."""

    def __post_init__(self) -> None:
        check_least(self, epochs=1, batch_size=1)
        check_sample(self.seed, self.limit)
        check("--min-accuracy", self.min_accuracy, 0 <= self.min_accuracy <= 1, "a share from 0 to 1")
        good = self.out is None or self.out.suffix == self.SUFFIX
        check("--out", self.out, good, f"a file name that ends in {self.SUFFIX}")

    def checkpoint(self, folder: Path) -> Path:
        """Return where to write the model of the run in `folder`: a quick try never replaces a whole one."""
        usual = models_dir() if self.limit is None else folder
        return self.out or usual / f"{self.NAME}{self.SUFFIX}"

    def as_dict(self, full_paths: bool = True) -> dict:
        """Return the settings as plain values for JSON, paths in full or as bare names."""
        return {key: _plain(value, full_paths) for key, value in dataclasses.asdict(self).items()}


@dataclass(frozen=True, kw_only=True)
class StrongSettings(Settings):
    """The knobs of the scripts that train with strong augmentation."""

    augment: float = 1.0
    """Strength of the geometry and of the styles of writing: 0 none, 1 as for mnist_advanced."""
    damage: float = 1.0
    """Strength of the photometric damage: 0 none, 1 as for mnist_advanced."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check("--augment", self.augment, 0 <= self.augment <= 2, "0 to 2")
        check("--damage", self.damage, 0 <= self.damage <= 2, "0 to 2")


@dataclass(frozen=True, kw_only=True)
class SceneSettings(Settings):
    """The knobs of the scripts that train on made scenes."""

    epochs: int = 20
    """Times --steps batches; the rate falls along a cosine to zero over all of them."""
    limit: int | None = None
    """A quick try: write with MNIST's first so many digits only (None: all 54,000), beside those of pens."""
    steps: int = 1000
    """Batches per epoch."""
    base: Path | None = None
    """Begin with the weights of this network of the same kind (None: from chance)."""
    printed: float = 0.0
    """Share of the hands that print, in the fonts of this machine."""
    digits: Path | None = None
    """Strokes file of digits (None: handwriting/unipen_strokes.npz in the data folder)."""
    letters: Path | None = None
    """Strokes file of letters (None: handwriting/letters_strokes.npz)."""
    sites: tuple[str, ...] = ("ced", "ibm", "syn")
    """Whose digits are learnt from."""
    letter_sites: tuple[str, ...] = ("apa", "ced", "ibm", "syn")
    """Whose letters are learnt from."""
    hold_out: tuple[str, ...] = ("apa",)
    """Whose digits validate."""
    letter_hold_out: tuple[str, ...] = ("kai", "mot")
    """Whose letters validate."""
    learning_rate: float = 2e-3
    """AdamW's rate at the start."""
    weight_decay: float = 0.01
    """AdamW's pull of all weights towards zero."""
    makers: int = 2
    """Processes that make scenes."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_least(self, steps=1, makers=1)
        check("--printed", self.printed, 0 <= self.printed <= 1, "a share from 0 to 1")
        check_rate(self.learning_rate)
        check("--weight-decay", self.weight_decay, 0 <= self.weight_decay < 1, "0 to below 1")
        for flag, learnt, held in (
            ("--hold-out", self.sites, self.hold_out),
            ("--letter-hold-out", self.letter_sites, self.letter_hold_out),
        ):
            both = ", ".join(sorted({*learnt} & {*held}))
            check(flag, both, not both, "sites that are not learnt from")
        check("--base", self.base, self.base is None or self.base.is_file(), "the file of a network")


def check_rate(rate: float) -> None:
    """Raise a ValueError that names --learning-rate unless `rate` is one."""
    check("--learning-rate", rate, 0 < rate <= 1, "above 0, up to 1")


def _plain(value: Any, full_paths: bool) -> Any:
    if isinstance(value, tuple):
        return [_plain(item, full_paths) for item in value]
    if isinstance(value, Path):
        return str(value.resolve()) if full_paths else value.name
    return value


def start(settings: Settings) -> Path:
    """Seed everything and return the folder of a run: a new one, or with `resume` an unfinished one.

    Raises:
        ValueError: the unfinished run was started with other settings, or this process has test digits.
    """
    claim_process(TRAINS)
    seed_everything(settings.seed, settings.deterministic)
    folder = _unfinished(settings) if settings.resume else None
    if folder is None:
        folder = new_folder(settings.SCRIPT)
        write_json(folder / "args.json", settings.as_dict())
    else:
        sweep(folder)
    settings.checkpoint(folder).parent.mkdir(parents=True, exist_ok=True)  # fails now, not after half an hour
    return folder


def describe(settings: Settings, folder: Path) -> str:
    """Return the lines with which a run announces itself: its folder and every setting."""
    lines = [f"Run folder: {folder}"]
    if settings.resume and not (folder / "checkpoints").exists():
        lines.append("There was nothing to resume: starting from the first epoch.")
    return "\n".join([*lines, *(f"  {name} = {value}" for name, value in settings.as_dict().items())])


def new_folder(name: str) -> Path:
    """Make and return an empty folder `<name>-<time>` in runs/."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    for suffix in ("", *(f"-{i}" for i in range(2, 100))):
        folder = runs_dir() / f"{name}-{stamp}{suffix}"
        with suppress(FileExistsError):
            folder.mkdir(parents=True)
            return folder
    raise ValueError(f"{runs_dir()} already holds 100 runs named {name}-{stamp}.")


def seed_everything(seed: int, deterministic: bool = False) -> None:
    """Seed Python, numpy and Keras; with `deterministic`, make TensorFlow repeat itself bit for bit."""
    import keras  # late: reading settings needs no TensorFlow

    keras.utils.set_random_seed(seed)
    if deterministic and keras.config.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def command(main: Callable[[], None]) -> None:
    """Run a script's `main`; bad input ends in one sentence on stderr and exit status 2."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's notes would drown our sentences
    logging.basicConfig(format="%(message)s", stream=sys.stdout)
    logging.getLogger("digits.train").setLevel(logging.INFO)
    try:
        check_backend()
        main()
    except (ValueError, OSError, ModuleNotFoundError) as error:
        sys.stderr.write(f"{told(error)}\n")
        raise SystemExit(2) from None


def _unfinished(settings: Settings) -> Path | None:
    """Return the newest run of this script with the same settings that has no metrics.json yet."""
    problem = None
    folders = sorted(runs_dir().glob(f"{settings.SCRIPT}-*/args.json"), reverse=True)
    for folder in (path.parent for path in folders):
        before = read_json(folder / "args.json")
        if (folder / "metrics.json").exists() or before.get("out") != settings.as_dict()["out"]:
            continue
        differing = (
            (key, before.get(key), value)
            for key, value in settings.as_dict().items()
            if key not in NOT_COMPARED and before.get(key) != value
        )
        key, old, new = next(differing, (None, None, None))
        if key is None:
            return folder
        problem = problem or (
            f"Cannot resume {folder}: it was started with {key} = {old!r}, not {new!r}; "
            "give the same flags or leave out --resume."
        )
    if problem:
        raise ValueError(problem)
    return None
