"""Networks that several tests look at, and none changes."""

import pytest


@pytest.fixture(scope="session")
def networks() -> dict:
    """Return an untrained network of every architecture, by name."""
    from digits.models import architectures

    return {name: architectures.build(name) for name in architectures.REGISTRY}
