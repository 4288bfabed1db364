"""What the collection notes of a digit beside its label."""

from digits import Reading
from digits.collection.sample import STATUSES
from digits.files import sha256
from digits.network.checkpoints import Entry


def about(entry: Entry, reading: Reading) -> dict:
    """Return what a model said of a digit, as arguments of `Store.add`."""
    return {
        "answer": reading.digit,
        "status": reading.status if reading.status in STATUSES else "",
        "model": entry.name,
        "model_sha256": entry.card.sha256 if entry.card else sha256(entry.path),
    }
