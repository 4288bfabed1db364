"""axe, which tells what shuts people out: from the npm registry, as the in-browser page has it."""

import os

import pytest
from playwright.sync_api import Page
from static_site import WEB, missing

SERIOUS = ("serious", "critical")


def source() -> str:
    """Return axe as JavaScript. Without Node.js skip, or fail if DIGITS_REQUIRE_NODE."""
    path = WEB / "node_modules" / "axe-core" / "axe.min.js"
    if not path.exists() and (reason := missing()):
        pytest.fail(reason) if os.environ.get("DIGITS_REQUIRE_NODE") else pytest.skip(reason)
    return path.read_text(encoding="utf-8")


def violations(page: Page, impacts: tuple[str, ...] = ()) -> list[str]:
    """Return what axe objects to, once it is on the page.

    Args:
        page: with `source()` run on it.
        impacts: those that count; none: all.
    """
    page.wait_for_timeout(300)  # colours change slowly
    found = page.evaluate("axe.run().then(result => result.violations)")
    return [
        f"{rule['impact']} {rule['id']}: {node['html'][:160]}"
        for rule in found
        for node in rule["nodes"]
        if not impacts or rule["impact"] in impacts
    ]
