"""Words that others chose are shown as they are, on every page: no address is asked, nothing is formatted."""

import io
import json
import shutil
import zipfile

import pytest
from hands import go_to, settle
from PIL import Image
from playwright.sync_api import expect

from app.shared.widgets import JOINER, as_code, as_text
from digits.config import ROOT
from digits.files import read_json
from evaluation import browser as served

WORDS = (
    "![a](http://beacon.invalid/a.png) [b](http://beacon.invalid/b) <img src=//beacon.invalid/c.png> "
    ":material/home: :red[d] :blue-badge[e] $f^2$ $$g$$ **h** _i_ ~~j~~ `k` # l -> <- -- :smile: &amp; "
    "http://beacon.invalid/m www.beacon.invalid n@beacon.invalid 1. - + \\o"
)

NAME = "![a](x.png) **b** $c^2$ _red[d] - `e`.png"
"""As a file may be called everywhere."""

ELEMENTS = (
    "markdown",
    "caption",
    "error",
    "warning",
    "info",
    "success",
    "write",
    "expander",
    "button",
    "checkbox",
)


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory):
    """Start an app with a model whose card was written by a stranger; return its address."""
    folder = tmp_path_factory.mktemp("strangers")
    models = folder / "models"
    models.mkdir()
    for ending in (".keras", ".tflite"):
        shutil.copy(ROOT / "models" / f"mnist_tiny{ending}", models / f"a **b** $c$ _d_{ending}")
    card = read_json(ROOT / "models" / "mnist_tiny.json")
    card |= {"hardware": WORDS, "architecture": "a `" + WORDS, "versions": {WORDS: WORDS}}
    card["trained_on"] = [{"name": WORDS, "licence": WORDS, "attribution": WORDS}]
    card["config"] |= {"remarks": WORDS, "script": WORDS}
    (models / "a **b** $c$ _d_.json").write_text(json.dumps(card))
    with served.app(DIGITS_MODELS_DIR=models, DIGITS_USER_DIR=folder / "user") as app:
        yield app.address


@pytest.fixture
def visit(chromium, surroundings):
    """Yield a page, and fail if anything of it asked another server."""
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    page, asked = context.new_page(), []
    page.set_default_timeout(60_000)
    context.on("request", lambda request: asked.append(request.url))
    page.goto(surroundings)
    page.locator("canvas.upper-canvas").wait_for()
    yield page
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith((surroundings, "data:", "blob:"))] == []
    context.close()


def png() -> bytes:
    file = io.BytesIO()
    Image.new("L", (60, 60), 255).save(file, "PNG")
    return file.getvalue()


def seen(page) -> str:
    settle(page)
    return page.locator("[data-testid=stMain]").inner_text().replace(JOINER, "")


def test_every_element_shows_them_as_they_are(chromium, tmp_path):
    script = tmp_path / "shown.py"
    script.write_text(
        "import streamlit as st\n"
        f"text, code = {as_text(WORDS)!r}, {as_code(WORDS)!r}\n"
        + "".join(f"st.{kind}(text)\n" for kind in ELEMENTS)
        + "st.markdown('Said: **' + text + '** and ' + code)\n"
    )
    asked = []
    with served.app(str(script)) as app:
        page = chromium.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(app.address)
        page.get_by_text("Said:").wait_for()
        text = page.locator("[data-testid=stMain]").inner_text().replace(JOINER, "")
        assert text.rsplit("Said: ")[1].strip() == f"{WORDS} and {WORDS}"
        assert text.count(WORDS) == len(ELEMENTS) + 2
        assert page.locator("[data-testid=stMain] :is(a[href*=beacon], img, .katex)").count() == 0
        page.close()
    assert [url for url in asked if not url.startswith((app.address, "data:", "blob:"))] == []


def test_a_card_says_no_more_than_its_words(visit):
    go_to(visit, "Models")
    settle(visit)
    visit.get_by_role("radio", name="Cards", exact=True).click()
    visit.get_by_text("How it was made").wait_for()
    text = seen(visit)
    assert text.count(WORDS) >= 6
    assert visit.locator("[data-testid=stMain] :is(a[href*=beacon], img[src*=beacon], .katex)").count() == 0


@pytest.mark.parametrize("name", ["Draw a digit", "Why this answer?", "Read numbers, tables, forms"])
def test_the_name_of_a_file_is_a_name(visit, name):
    if name != "Draw a digit":
        go_to(visit, name)
    if name != "Read numbers, tables, forms":
        visit.get_by_role("radio", name="Upload").first.click()
    visit.locator("input[type=file]").first.set_input_files(
        [{"name": NAME, "mimeType": "image/png", "buffer": b"no picture"}]
    )
    expect(visit.locator("[data-testid=stAlert]").first).to_be_visible()
    text = seen(visit)
    assert NAME in text
    assert visit.locator("[data-testid=stAlert] :is(a, img, strong, em, .katex)").count() == 0


def test_the_names_inside_an_archive_are_names(visit):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("![a](http://beacon.invalid/a.png).zip", b"no picture")
        archive.writestr("3/" + NAME, b"no picture")
    go_to(visit, "Teach it my hand")
    settle(visit)
    visit.get_by_text("Bring in digits from a .zip").click()
    visit.locator("input[type=file]").last.set_input_files(
        [{"name": "a.zip", "mimeType": "application/zip", "buffer": file.getvalue()}]
    )
    visit.locator("[data-testid=stAlert]").first.wait_for()
    assert "![a](http://beacon.invalid/a.png).zip is an archive" in seen(visit)
