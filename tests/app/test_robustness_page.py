"""The page that damages and attacks digits, through Streamlit's own test harness."""

import base64
import io
import re

import numpy as np
import pytest
import streamlit as st
from app_pages import SEVEN, choose, html, pictures, sound, start, words
from PIL import Image

from digits.robustness import sweep


@pytest.fixture
def drawn(canvas):
    """Return the page after a seven was drawn, with the shipped models."""
    canvas.image = SEVEN
    return start("robustness")


@pytest.fixture
def two_models(own_models, tiny_model):
    """Put two untrained models of the same weights, and small test digits, in place of the real ones."""
    for name in ("mine", "yours"):
        tiny_model.save(own_models / f"{name}.keras")
    return own_models


def cards(app) -> dict[str, str]:
    """Return what each model says, in words, by its name."""
    found = [element.value for element in app.get("html") if 'class="opinion' in element.value]
    plain = [re.sub(r"<[^>]+>", "|", text).strip("|").split("|", 1) for text in found]
    return {name: re.sub(r"\|+", " ", rest).strip() for name, rest in plain}


def as_points(app, name: str) -> np.ndarray:
    """Return a picture of the page as numbers from 0 to 1."""
    (source,) = (source for known, source in pictures(app).items() if known.startswith(name))
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1])))) / 255


def test_a_drawn_digit_is_damaged_and_read_by_all_chosen_models(drawn):
    assert drawn.title[0].value == "Try to break it"
    assert drawn.multiselect(key="rivals").value == ["handwriting", "mnist_cnn", "mnist_robust"]
    said = cards(drawn)
    assert list(said) == ["handwriting", "mnist_cnn", "mnist_robust"]
    assert said["handwriting"].startswith("7 sure")
    assert said["handwriting"].endswith("✓ the same as before")
    assert html(drawn).count('<table class="bars">') == 3
    assert list(pictures(drawn)) == ["Your drawing, as a network sees it", "Camera noise: 20% of the range"]
    assert "Camera noise: 20% of the range" in words(drawn)
    choose(drawn, "slider", "damage_severity", 0)
    before, same = pictures(drawn).values()
    assert same == before
    assert cards(drawn)["mnist_cnn"].startswith("7")
    assert all("same as before" in said for said in cards(drawn).values())
    choose(drawn, "slider", "damage_severity", 5)
    assert list(pictures(drawn).values())[1] != before
    assert cards(drawn)["mnist_cnn"].endswith("✗ before: 7")
    choose(drawn, "selectbox", "damage_kind", "fog")
    assert "Fog: severity 5 of 5" in pictures(drawn)
    choose(drawn, "selectbox", "damage_kind", "rotation")
    assert "Tilted either way: 45 degrees" in pictures(drawn)
    choose(drawn, "slider", "damage_severity", 2)
    care = next(slider for slider in drawn.sidebar.select_slider if slider.label == "How careful?")
    care.set_value(len(care.options) - 1).run()  # it counts for the sidebar's model alone
    assert "not sure" in cards(drawn)["handwriting"]
    assert "not sure" not in cards(drawn)["mnist_cnn"]


def test_an_attack_stays_within_its_bounds_and_says_what_it_did(drawn):
    choose(drawn, "segmented_control", "way", "Attack")
    assert list(pictures(drawn))[1:] == ["The change", "Attacked"]
    choose(drawn, "selectbox", "attack_model", "mnist_cnn")
    choose(drawn, "slider", "attack_epsilon", 0.2)
    before, after = as_points(drawn, "Your drawing"), as_points(drawn, "Attacked")
    assert 0.15 < np.abs(after - before).max() < 0.2 + 1 / 255
    assert as_points(drawn, "The change").shape == (28, 28, 3)
    assert "up to 20% of the range" in words(drawn)
    assert re.search(r"\*\*mnist_cnn\*\* now reads \d instead of 7", words(drawn))
    assert cards(drawn)["mnist_cnn"].endswith("✗ before: 7")
    choose(drawn, "slider", "attack_epsilon", 0.3)
    choose(drawn, "selectbox", "attack_goal", 2)
    assert "**mnist_cnn** now reads 2 instead of 7" in words(drawn)
    choose(drawn, "selectbox", "attack_goal", 7)
    assert drawn.info[0].value == "That is a 7 already. Choose another goal."
    choose(drawn, "selectbox", "attack_goal", "any other digit")
    choose(drawn, "segmented_control", "attack_method", "fgsm")
    choose(drawn, "slider", "attack_epsilon", 0.0)
    np.testing.assert_array_equal(as_points(drawn, "Your drawing"), as_points(drawn, "Attacked"))
    assert "withstands: still 7. Move the slider to the right." in words(drawn)


def test_a_test_digit_has_a_label_to_be_right_about(two_models):
    app = start("robustness")  # nothing is drawn, so it begins with a test digit
    name = next(iter(pictures(app)))
    assert re.fullmatch(r"Test digit 0, labelled \d", name)
    assert list(cards(app)) == ["mine"]
    choose(app, "multiselect", "rivals", ["mine", "yours"])
    said = cards(app)
    assert said["mine"] == said["yours"]
    assert all("✓ right" in text or f"✗ labelled {name[-1]}" in text for text in said.values())
    sound(app.button(key="robustness_another").click().run())
    for way in ("Damage", "Sweep", "Attack"):
        choose(app, "segmented_control", "way", way)
        choose(app, "multiselect", "rivals", [])
        assert "Choose one model" in app.info[0].value
    for path in two_models.iterdir():
        path.unlink()
    app = start("robustness")
    assert "train_cnn.py" in app.error[0].value
    assert not cards(app)


def test_without_test_digits_the_page_says_so(two_models, monkeypatch):
    def missing(part):
        raise FileNotFoundError("MNIST was found nowhere: put mnist.npz into the folder data/.")

    monkeypatch.setattr("digits.data.mnist.load_arrays", missing)
    app = start("robustness")
    assert any("There are no test digits here. MNIST was found nowhere" in info.value for info in app.info)
    choose(app, "segmented_control", "way", "Sweep")
    assert any("There are no test digits here" in info.value for info in app.info)
    assert not [button for button in app.button if button.key == "sweep_start"]


def test_a_sweep_measures_all_models_and_can_be_cancelled(two_models, monkeypatch):
    app = start("robustness", way="Sweep")
    assert app.multiselect(key="sweep_kinds").value == ["noise"]
    assert "Press Start" in words(app)
    choose(app, "multiselect", "rivals", ["mine", "yours"])
    choose(app, "slider", "sweep_n", 100)
    sound(app.button(key="sweep_start").click().run())
    assert not [button for button in app.button if button.key == "sweep_cancel"]
    assert len(app.get("vega_lite_chart")) == 2  # and which line is which model
    (table,) = (frame.value for frame in app.dataframe)
    assert table["Model"].tolist() == ["mine", "yours"]
    assert list(table.columns) == ["Damage", "Model", "0", "1", "2", "3", "4", "5"]
    assert (table.iloc[0, 2:] == table.iloc[1, 2:]).all()  # the same weights
    assert "100 test digits" in words(app)
    assert len(app.get("download_button")) == 1
    app.run()
    assert app.dataframe[0].value.equals(table)  # what was measured stays

    asked, whole = [], sweep.compare

    def clicked_away(*arguments):
        for number, row in enumerate(whole(*arguments)):
            if number == 5:
                st.stop()  # as a click does
            asked.append(row)
            yield row

    monkeypatch.setattr(sweep, "compare", clicked_away)
    choose(app, "toggle", "sweep_all", True)
    app.button(key="sweep_start").click().run()
    sound(app.button(key="sweep_cancel").click().run())
    assert len(asked) == 5
    assert "Stopped: 5 of 288 measured" in app.info[0].value
    assert app.dataframe[0].value["2"].notna().sum() == 1
    assert len(app.get("vega_lite_chart")) == 2  # of 24 kinds, one was begun
    assert not [button for button in app.button if button.key == "sweep_cancel"]
