"""The page that reads forms, through Streamlit's own test harness: templates, photos, files."""

import csv
import io
import json

import pytest
import streamlit as st
from app_pages import choose, sound, start, words
from forms_made import PHOTOS, PLACE, TEMPLATE, expected, marks
from test_read_page import kept, start_again

from digits import Recognizer
from digits.forms import Form

TRUE = {row.pop("file"): row for row in expected()}


@pytest.fixture
def taken(monkeypatch):
    """Return what the buttons for files hold, by their words."""
    found, button = {}, st.download_button

    def download_button(label, data, *rest, **more):
        found[label] = data() if callable(data) else data
        return button(label, data, *rest, **more)

    monkeypatch.setattr(st, "download_button", download_button)
    return found


@pytest.fixture
def known_photos(monkeypatch, recognizer):
    """Read each of the sample's photos once for all tests."""
    monkeypatch.setattr(Recognizer, "read_form", once(Recognizer.read_form))


READ = {}


def once(read):
    def read_form(self, image, form):
        name = image.size, image.convert("L").resize((9, 9)).tobytes(), form
        if name not in READ:
            READ[name] = read(self, image, form)
        return READ[name]

    return read_form


def bring(app, key: str, *paths):
    """Bring files to one of the places for them."""
    files = [(path.name, path.read_bytes(), "") for path in paths]
    place = app.file_uploader(key=key)
    return sound(place.set_value(files if key != "template_file" else files[0]).run())


def form_page(*photos):
    """Open the Read page for forms, with the sample's template and photos."""
    app = bring(start("read", read_what="Form"), "template_file", TEMPLATE)
    return bring(app, "form read_files", *photos) if photos else app


def test_x(editor, taken, known_photos):
    app = start("read", read_what="Form")
    assert "A form is marked once" in words(app)
    print([b.label for b in app.button])
    app.button(key="template_sample").click().run()
    print(app.exception, words(app), [e.value for e in app.error])
    print(app.dataframe[0].value.to_string())
    print(editor.grid, taken["CSV"])
    assert 0
