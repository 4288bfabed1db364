"""The in-browser page of web/ for its tests: built, served as a static host does, drawn on."""

import gzip
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from digits.config import ROOT

WEB = ROOT / "web"
NODE = 20
COMPLETE = "html[data-complete]"
"""Is there once the models and the finder are loaded, and kept for use without a network."""
HEARS = "html[data-hears]"
"""Is there once the line reader is, which a number asks for."""


def missing() -> str | None:
    """Return why the page cannot be built here, or None."""
    if not shutil.which("npm"):
        return "no Node.js on this machine (Debian: apt install npm)"
    version = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout
    if int(version.lstrip("v").split(".")[0]) < NODE:
        return f"Node.js {version.strip()} is too old; expected {NODE}.19 or newer"
    if not (WEB / "node_modules").is_dir():
        installed = subprocess.run(["npm", "ci"], cwd=WEB, check=False, capture_output=True, text=True)
        if installed.returncode:
            return f"npm ci failed in web/: {installed.stderr.strip().splitlines()[-1]}"
    return None


def build(target: Path) -> None:
    """Build the page into a folder."""
    vite = ["node_modules/.bin/vite", "build", "--logLevel", "warn", "--outDir", target]
    subprocess.run(vite, cwd=WEB, check=True)


class Host(SimpleHTTPRequestHandler):
    """Answers compressed, as static hosts do, and counts the bytes."""

    sent = 0

    def log_message(self, *args) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Send a file."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        body = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(body)
        Host.sent += len(body)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder; yield its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def on_screen(page: Page, strokes: list[np.ndarray]) -> list[list[tuple[float, float]]]:
    """Return strokes on a canvas of the page, (k, 2) each in its own pixels, in pixels of the window."""
    canvas = page.locator("#canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    width = 680 if page.locator("[name=mode][value=number]").is_checked() else 280
    corner = np.array([box["x"], box["y"]])
    return [
        [tuple(map(float, point)) for point in stroke * (box["width"] / width) + corner] for stroke in strokes
    ]


def draw(page: Page, strokes: list[np.ndarray]) -> None:
    """Draw strokes (k, 2) each, in pixels of the page's canvas, with the mouse."""
    for points in on_screen(page, strokes):
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=2)
        page.mouse.up()
