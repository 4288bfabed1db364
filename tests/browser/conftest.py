"""A real server and a real Chromium, once for all browser tests."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect, sync_playwright

from digits.config import ROOT

expect.set_options(timeout=60_000)  # the first answer waits for TensorFlow

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium():
    """Return a running Chromium; without one skip, or fail where DIGITS_REQUIRE_BROWSER is set."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        reason = "no Chromium on this machine (Debian: apt install chromium)"
        pytest.fail(reason) if os.environ.get("DIGITS_REQUIRE_BROWSER") else pytest.skip(reason)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serve():
    """Return what starts the app as a user does: a context with its address.

    It takes a new folder, for the log and what the app keeps of visitors, and further environment variables.
    """
    return _serving


@pytest.fixture(scope="session")
def server(serve, tmp_path_factory):
    """Start the app with the shipped models; return its address."""
    with serve(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def page(chromium, server):
    """Return a fresh desktop page with the canvas on it."""
    yield from open_page(chromium, server, width=1200, height=900)


@pytest.fixture
def narrow(chromium, server):
    """Return a fresh page of a small window, in which sidebar and columns compete for room."""
    yield from open_page(chromium, server, width=900, height=900)


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


@contextmanager
def _serving(folder, **environment):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app/Home.py"]
    command += ["--server.port", str(port), "--server.headless", "true", "--server.address", "127.0.0.1"]
    log, own = folder / "log.txt", {"DIGITS_USER_DIR": str(folder / "user")} | environment
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, env=os.environ | own
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/_stcore/health", process, log)
        yield address
    finally:
        process.terminate()
        process.wait()


def _wait_for(address, process, log):
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
    pytest.fail(f"The app did not start: {log.read_text()}")
