"""The page that damages and attacks digits, through Streamlit's own test harness."""

import base64
import io
import re

import numpy as np
import pytest
import streamlit as st
from app_pages import SEVEN, start, texts
from PIL import Image

from digits.robustness import sweep


@pytest.fixture
def drawn(canvas):
    """Return the page after a seven was drawn, with the shipped models."""
    canvas.image = SEVEN
    app = start().switch_page("robustness/page.py").run()
    assert not app.exception
    return app


@pytest.fixture
def two_models(canvas, surroundings, tiny_model):
    """Put two untrained models of the same weights, and small test digits, in place of the real ones."""
    st.cache_resource.clear()  # the test digits of other tests
    for name in ("mine", "yours"):
        tiny_model.save(surroundings / "models" / f"{name}.keras")
    yield surroundings
    st.cache_resource.clear()


def open_page(**state):
    app = start(**state).switch_page("robustness/page.py").run()
    assert not app.exception
    return app


def html(app) -> list[str]:
    return [element.value for element in app.get("html")]


def pictures(app) -> list[str]:
    """Return the pictures that stand on the page, with their names."""
    return re.findall(r'<img src="([^"]+)" alt="([^"]+)"', "".join(html(app)))


def cards(app) -> dict[str, str]:
    """Return what each model says, in words, by its name."""
    found = [text for text in html(app) if 'class="opinion' in text]
    plain = [re.sub(r"<[^>]+>", "|", text).strip("|").split("|", 1) for text in found]
    return {name: re.sub(r"\|+", " ", rest).strip() for name, rest in plain}


def words(app) -> str:
    return " ".join(texts(app) + [caption.value for caption in app.caption])


def test_a_drawn_digit_is_damaged_and_read_by_all_chosen_models(drawn):
    assert drawn.title[0].value == "Try to break it"
    assert drawn.multiselect(key="rivals").value == ["handwriting", "mnist_cnn", "mnist_robust"]
    said = cards(drawn)
    assert list(said) == ["handwriting", "mnist_cnn", "mnist_robust"]
    assert said["handwriting"].startswith("7 sure")
    assert said["handwriting"].endswith("✓ the same as before")
    assert len(drawn.get("vega_lite_chart")) == 3
    names = [name for _, name in pictures(drawn)]
    assert names == ["Your drawing, as a network sees it", "Camera noise: 20% of the range"]
    assert "Camera noise: 20% of the range" in words(drawn)


def test_severity_and_kind_change_picture_and_answers(drawn):
    severity = drawn.slider(key="damage_severity")
    severity.set_value(0).run()
    (before, _), (same, _) = pictures(drawn)
    assert same == before
    assert cards(drawn)["mnist_cnn"].startswith("7")
    assert all("same as before" in said for said in cards(drawn).values())
    drawn.slider(key="damage_severity").set_value(5).run()
    assert pictures(drawn)[1][0] != before
    assert cards(drawn)["mnist_cnn"].endswith("✗ before: 7")
    drawn.selectbox(key="damage_kind").set_value("rotation").run()
    assert pictures(drawn)[1][1] == "Tilted either way: 45 degrees"
    drawn.selectbox(key="damage_kind").set_value("fog").run()
    assert pictures(drawn)[1][1] == "Fog: severity 5 of 5"


def test_a_test_digit_has_a_label_to_be_right_about(two_models):
    app = open_page()  # nothing is drawn, so it begins with a test digit
    (_, name), _ = pictures(app)
    assert re.fullmatch(r"Test digit 0, labelled \d", name)
    assert list(cards(app)) == ["mine"]
    app.multiselect(key="rivals").set_value(["mine", "yours"]).run()
    said = cards(app)
    assert said["mine"] == said["yours"]
    assert all("✓ right" in text or f"✗ labelled {name[-1]}" in text for text in said.values())
    app.button(key="robustness_another").click().run()
    assert not app.exception


def test_the_sidebars_care_counts_for_its_model_alone(drawn):
    care = next(slider for slider in drawn.sidebar.select_slider if slider.label == "How careful?")
    drawn.selectbox(key="damage_kind").set_value("rotation").run()
    drawn.slider(key="damage_severity").set_value(2).run()
    care.set_value(len(care.options) - 1).run()
    assert "not sure" in cards(drawn)["handwriting"]
    assert "not sure" not in cards(drawn)["mnist_cnn"]


def test_without_models_or_with_none_chosen_the_page_says_what_to_do(two_models):
    app = open_page()
    app.multiselect(key="rivals").set_value([]).run()
    assert not app.exception
    assert "Choose one model" in app.info[0].value
    for way in ("Sweep", "Attack"):
        app.segmented_control(key="way").set_value(way).run()
        assert not app.exception
        assert "Choose one model" in app.info[0].value
    for path in (two_models / "models").iterdir():
        path.unlink()
    app = open_page()
    assert "train_cnn.py" in app.error[0].value
    assert not cards(app)


def test_without_test_digits_the_page_says_so(two_models, monkeypatch):
    def missing(part):
        raise FileNotFoundError("MNIST was found nowhere: put mnist.npz into the folder data/.")

    monkeypatch.setattr("digits.data.mnist.load_arrays", missing)
    app = open_page()
    assert any("There are no test digits here. MNIST was found nowhere" in info.value for info in app.info)
    app.segmented_control(key="way").set_value("Sweep").run()
    assert not app.exception
    assert any("There are no test digits here" in info.value for info in app.info)
    assert not [button for button in app.button if button.key == "sweep_start"]


def sweep_page(n=100):
    app = open_page(way="Sweep")
    assert app.multiselect(key="sweep_kinds").value == ["noise"]
    assert "Press Start" in words(app)
    app.multiselect(key="rivals").set_value(["mine", "yours"]).run()
    app.slider(key="sweep_n").set_value(n).run()
    return app


def test_a_sweep_measures_all_models_and_is_a_chart_a_table_and_a_file(two_models):
    app = sweep_page()
    app.button(key="sweep_start").click().run()
    assert not app.exception
    assert not [button for button in app.button if button.key == "sweep_cancel"]
    assert len(app.get("vega_lite_chart")) == 2  # and which line is which model
    (table,) = (frame.value for frame in app.dataframe)
    assert table["Model"].tolist() == ["mine", "yours"]
    assert list(table.columns) == ["Damage", "Model", "0", "1", "2", "3", "4", "5"]
    assert (table.iloc[0, 2:] == table.iloc[1, 2:]).all()  # the same weights
    assert "100 test digits" in words(app)
    assert len(app.get("download_button")) == 1
    before = table
    app.run()  # what was measured stays
    assert app.dataframe[0].value.equals(before)


def test_a_cancelled_sweep_keeps_what_was_measured_and_does_not_go_on(two_models, monkeypatch):
    asked = []
    whole = sweep.compare

    def clicked_away(*arguments):
        for number, row in enumerate(whole(*arguments)):
            if number == 5:
                st.stop()  # as a click does
            asked.append(row)
            yield row

    monkeypatch.setattr(sweep, "sweep", clicked_away)
    app = sweep_page()
    app.toggle(key="sweep_all").set_value(True).run()
    app.button(key="sweep_start").click().run()
    assert [button for button in app.button if button.key == "sweep_cancel"]
    app.button(key="sweep_cancel").click().run()
    assert not app.exception
    assert len(asked) == 5
    assert "Stopped: 5 of 288 measured" in app.info[0].value
    assert app.dataframe[0].value["2"].notna().sum() == 1
    assert len(app.get("vega_lite_chart")) == 2  # of 24 kinds, one was begun
    assert not [button for button in app.button if button.key == "sweep_cancel"]


def as_points(app, name: str) -> np.ndarray:
    """Return a picture of the page as numbers from 0 to 1."""
    (source,) = (source for source, known in pictures(app) if known.startswith(name))
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1])))) / 255


def test_an_attack_stays_within_its_bounds_and_says_what_it_did(drawn):
    drawn.segmented_control(key="way").set_value("Attack").run()
    assert not drawn.exception
    assert [name for _, name in pictures(drawn)][1:] == ["The change", "Attacked"]
    drawn.selectbox(key="attack_model").set_value("mnist_cnn").run()
    drawn.slider(key="attack_epsilon").set_value(0.2).run()
    before, after = as_points(drawn, "Your drawing"), as_points(drawn, "Attacked")
    assert 0.15 < np.abs(after - before).max() < 0.2 + 1 / 255
    assert as_points(drawn, "The change").shape == (28, 28, 3)
    assert "up to 20% of the range" in words(drawn)
    assert re.search(r"\*\*mnist_cnn\*\* now reads \d instead of 7", words(drawn))
    assert cards(drawn)["mnist_cnn"].endswith("✗ before: 7")


def test_no_change_and_a_goal_that_is_reached_are_told_in_words(drawn):
    drawn.segmented_control(key="way").set_value("Attack").run()
    drawn.segmented_control(key="attack_method").set_value("fgsm").run()
    drawn.slider(key="attack_epsilon").set_value(0.0).run()
    np.testing.assert_array_equal(as_points(drawn, "Your drawing"), as_points(drawn, "Attacked"))
    assert "withstands: still 7. Move the slider to the right." in words(drawn)
    drawn.selectbox(key="attack_goal").set_value(7).run()
    assert not drawn.exception
    assert drawn.info[0].value == "That is a 7 already. Choose another goal."


def test_an_attack_can_lead_to_a_chosen_digit(drawn):
    drawn.segmented_control(key="way").set_value("Attack").run()
    drawn.selectbox(key="attack_model").set_value("mnist_cnn").run()
    drawn.slider(key="attack_epsilon").set_value(0.3).run()
    drawn.selectbox(key="attack_goal").set_value(2).run()
    assert "**mnist_cnn** now reads 2 instead of 7" in words(drawn)
