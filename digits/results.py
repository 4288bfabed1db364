"""What evaluation/ wrote about the models, for the README and for pages. Standard library only."""

from digits.contract import results_dir
from digits.files import read_json


def summary(name: str, sha256: str | None) -> dict | None:
    """Return `evaluation/results/<name>.json`, or None where there is none for this very file.

    Args:
        name: of the model, with ".canvas" for its canvas benchmark.
        sha256: of its file; a result for another file is stale and not returned.

    Raises:
        ValueError: the result is not JSON.
    """
    path = results_dir() / f"{name}.json"
    if not path.exists():
        return None
    result = read_json(path)
    return result if result.get("sha256") == sha256 else None
