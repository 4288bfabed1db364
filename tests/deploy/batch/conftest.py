"""A model that reads without TensorFlow, and a pile of digits for it."""

import piles
import pytest


@pytest.fixture(scope="session")
def small_models(tmp_path_factory, linear_model, tiny_card):
    """Return a folder of models with one, `small`, and a place for its light copy; see `light_model`."""
    from digits.models import checkpoints

    folder = tmp_path_factory.mktemp("models")
    checkpoints.save(linear_model, tiny_card, folder / "small.keras")
    return folder


@pytest.fixture(scope="session")
def light_model(small_models, tmp_path_factory):
    """Return the path of that model's light copy."""
    from digits.deploy import lite

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGITS_RUNS_DIR", str(tmp_path_factory.mktemp("runs")))
        said = []
        copy = lite.light_copy(small_models / "small.keras", said.append)
        again = lite.light_copy(small_models / "small.keras", said.append)
    assert copy == again
    assert len(said) == 1
    assert "needs no TensorFlow" in said[0]
    return copy


@pytest.fixture(scope="session")
def digit_files(tiny_digits) -> dict[str, bytes]:
    """Return 60 small pictures of digits by name, and two that are none."""
    frames, labels = tiny_digits
    members = {
        f"{place:03d}_is_{label}.png": piles.encoded((frame[..., 0] * 255).round().astype("uint8"))
        for place, (frame, label) in enumerate(zip(frames, labels, strict=True))
    }
    return members | {"010_is_text.png": b"seven", "020_is_small.png": piles.png(3)}
