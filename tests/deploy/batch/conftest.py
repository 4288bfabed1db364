"""Pictures to read."""

import piles
import pytest


@pytest.fixture(scope="session")
def digit_files(tiny_digits) -> dict[str, bytes]:
    """Return 30 small pictures of digits by name, and two that are none."""
    frames, labels = tiny_digits
    members = {
        f"{place:03d}_is_{label}.png": piles.encoded((frame[..., 0] * 255).round().astype("uint8"))
        for place, (frame, label) in enumerate(zip(frames[:30], labels[:30], strict=True))
    }
    return members | {"010_is_text.png": b"seven", "020_is_small.png": piles.png(3)}
