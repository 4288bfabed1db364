"""A real server and a real Chromium, once for all browser tests of a worker."""

import os
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from evaluation import browser as served
from evaluation.browser import FLAGS

expect.set_options(timeout=60_000)  # the first answer waits for the model


@pytest.fixture(scope="session")
def chromium():
    """Return a running Chromium. Without one on this machine skip, or fail if DIGITS_REQUIRE_BROWSER."""
    if not shutil.which("chromium"):
        reason = "There is no Chromium on this machine."
        pytest.fail(reason) if os.environ.get("DIGITS_REQUIRE_BROWSER") else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=served.chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """Return the folder in which the app keeps what visitors choose and teach."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(autouse=True)
def first_visit(kept):
    """Let nothing that a test chose or taught be remembered in the next."""
    for path in kept.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture(scope="session")
def server(kept):
    """Start the app with the shipped models; return its address."""
    with served.app(DIGITS_USER_DIR=kept) as app:
        yield app.address


@pytest.fixture
def page(chromium, server):
    """Return a fresh desktop page with the canvas on it."""
    yield from open_page(chromium, server, width=1200, height=900)


@pytest.fixture
def phone(chromium, server):
    """Return a fresh page of a phone, 360 pixels wide, with touch."""
    yield from open_page(chromium, server, width=360, height=740, has_touch=True, is_mobile=True)


def open_page(chromium, server, width, height, **options):
    """Yield a page of a new visitor, then close it."""
    context = chromium.new_context(viewport={"width": width, "height": height}, **options)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(server)
    page.locator("canvas.upper-canvas").wait_for()
    yield page
    context.close()
