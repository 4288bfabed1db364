"""The lesson on the Teach page: every state says what it is and what to do, and a click does it."""

import dataclasses
import json
import time

import finetune_jobs
import numpy as np
import pytest
from app_pages import start, texts

from digits.data.collection.store import Store
from digits.models import checkpoints, registry
from digits.train.jobs import manager
from digits.train.jobs.state import State


@pytest.fixture(autouse=True)
def models(canvas, surroundings, tiny_model, tiny_card):
    """Put two models into models/, and one beside it that a lesson may make; end what is left running."""
    for name in ("mnist_advanced", "other"):
        checkpoints.save(
            tiny_model, dataclasses.replace(tiny_card, name=name), model_path(surroundings, name)
        )
    checkpoints.save(tiny_model, tiny_card, surroundings / "taught.keras")
    yield
    manager.cancel()


@pytest.fixture
def store(surroundings):
    """Return a collection of four digits of each class; the first of all is a 4 with the number 1."""
    found = Store()
    for number in range(40):
        picture = np.full((40, 40), 255, np.uint8)
        picture[5:35, 10 : 12 + number // 2] = number
        found.add(picture, np.zeros((28, 28), np.float32), (number + 4) % 10, origin="guided")
    return found


def model_path(surroundings, name):
    return surroundings / "models" / f"{name}.keras"


def opened(**state):
    app = start(teach_part="Teach", **state)
    app.switch_page("teach/page.py").run()
    assert not app.exception
    return app


def ended(surroundings, end: str, store):
    """Let a lesson end, and open the page."""
    finetune_jobs.start(surroundings, end, store.export_folder)
    finetune_jobs.ended()
    return opened()


def said(app) -> str:
    return "\n".join([*texts(app), *(one.value for one in app.main.caption)])


def click(app, key):
    app.button(key=key).click().run()
    assert not app.exception
    return app


def keys(app) -> set[str]:
    return {button.key for button in app.button}


def test_without_digits_it_says_what_is_missing():
    app = opened()
    assert [info.value[:25] for info in app.info] == ["There are no digits yet; "]
    assert "course_start" not in keys(app)


def test_too_few_of_a_class_are_named(store):
    for sample in store.samples(7)[:2]:
        store.delete(sample.id)
    app = opened()
    assert "Digit 7 has 2; expected 3 or more of each." in app.info[0].value
    assert "course_start" not in keys(app)


def test_a_lesson_starts_from_the_page(store, surroundings, monkeypatch):
    monkeypatch.setattr(manager, "finetune_command", finetune_jobs.command(surroundings, "waits"))
    app = opened()
    assert "**Your digits: 40**" in texts(app)
    assert "its figures will be rough" in said(app)
    assert app.selectbox(key="course_base").value == "mnist_advanced"
    app.radio(key="course_effort").set_value("thorough")  # reaches the app together with the click
    click(app, "course_start")
    found = manager.look()
    assert (found.state, found.request.base, found.request.effort) == (
        State.RUNNING,
        "mnist_advanced",
        "thorough",
    )
    assert len(list((found.folder / "my_digits").glob("*/own-*.png"))) == 40
    assert "**mnist_advanced** is learning your hand" in said(app)
    assert "course_start" not in keys(app)


def test_an_adopted_model_is_not_taught_on_but_made_anew(store, surroundings):
    path = model_path(surroundings, "mine")
    model, card = checkpoints.load(model_path(surroundings, "other"))
    config = {"base": "other", "adopted": {"when": "2026-11-21T00:00:00+00:00", "replaces": None}}
    checkpoints.save(model, dataclasses.replace(card, name="mine", config=config), path)
    app = opened(model="mine")
    assert app.sidebar.selectbox(key="model").value == "mine"
    base = app.selectbox(key="course_base")
    assert base.value == "other"
    assert base.options == ["mnist_advanced", "other"], "what learnt some of the digits held out would cheat"


def test_a_second_tab_is_told_that_one_is_running(store, surroundings, monkeypatch):
    monkeypatch.setattr(manager, "finetune_command", finetune_jobs.command(surroundings, "waits"))
    app = opened()
    finetune_jobs.start(surroundings, "waits", store.export_folder)
    click(app, "course_start")
    assert "one at a time" in app.error[0].value
    assert "course_stop" in keys(app)


def test_a_running_lesson_shows_its_curve_and_can_be_stopped(store, surroundings):
    found = finetune_jobs.start(surroundings, "waits", store.export_folder)
    while not list(found.folder.glob("runs/*/checkpoints/head/state.json")):
        time.sleep(0.01)
    app = opened()
    curve = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    assert curve["layer"][1]["encoding"]["x"]["scale"]["domain"] == [0.5, 4.5]
    click(app, "course_stop")
    assert "You stopped the lesson." in app.info[0].value
    assert keys(app) >= {"course_resume", "course_discard"}
    click(app, "course_discard")
    assert "course_start" in keys(app)


def test_a_lesson_that_ended_shows_what_it_brought(store, surroundings):
    app = ended(surroundings, "done", store)
    assert "| Your digits held out | 7 of 10 | **9 of 10** |" in said(app)
    assert "| MNIST's validation digits | 99.71% | **99.68%** |" in said(app)
    assert "MNIST's 6,000" in said(app)
    html = "".join(element.value for element in app.get("html"))
    assert "✅ was read as 9, now 4" in html
    assert "own-2" not in html, "that digit is not in the collection"


def test_a_model_is_adopted_and_chosen(store, surroundings):
    app = ended(surroundings, "done", store)
    app.text_input(key="course_name").set_value("mine").run()
    click(app, "course_adopt")
    assert "**mine** is in use now" in app.success[0].value
    assert app.sidebar.selectbox(key="model").value == "mine"
    assert checkpoints.inspect(model_path(surroundings, "mine")).card.name == "mine"
    assert manager.look().state is State.NONE
    assert keys(app) >= {"course_start", "roll_back_mine"}


def test_the_name_counts_that_was_typed_just_before_the_click(store, surroundings):
    app = ended(surroundings, "done", store)
    app.text_input(key="course_name").set_value("mine")  # both reach the app at once
    click(app, "course_adopt")
    assert [one.name for one in registry.published()] == ["mine"]


def test_nobody_decides_on_another_lesson_than_the_one_shown(store, surroundings):
    app = ended(surroundings, "done", store)
    manager.discard()  # in another window, where the next one goes on
    finetune_jobs.start(surroundings, "waits", store.export_folder)
    click(app, "course_adopt")
    assert "in another window" in app.error[0].value
    assert not registry.published()
    assert manager.look().state is State.RUNNING


@pytest.mark.parametrize(("name", "words"), [("my hand", "no name for a model"), ("other", "not made here")])
def test_a_wrong_name_is_refused_and_nothing_is_lost(store, surroundings, name, words):
    app = ended(surroundings, "done", store)
    app.text_input(key="course_name").set_value(name).run()
    click(app, "course_adopt")
    assert words in app.error[0].value
    assert manager.look().state is State.DONE
    assert not registry.published()


def test_a_model_can_be_discarded(store, surroundings):
    app = click(ended(surroundings, "done", store), "course_discard")
    assert "course_start" in keys(app)
    assert manager.look().state is State.NONE


def test_a_refused_lesson_shows_the_reason_and_what_to_do(store, surroundings):
    app = ended(surroundings, "refused", store)
    assert "It gained nothing." in app.warning[0].value
    assert "wrong labels" in said(app)
    assert "7 of 10" in said(app)
    assert "course_adopt" not in keys(app)
    assert "course_start" in keys(click(app, "course_discard"))


def test_a_failed_lesson_shows_its_last_words(store, surroundings):
    app = ended(surroundings, "fails", store)
    assert "ValueError: 3.png is no picture." in app.error[0].value
    assert "course_resume" not in keys(app)


def test_an_interrupted_lesson_goes_on(store, surroundings):
    finetune_jobs.start(surroundings, "waits", store.export_folder)
    manager.cancel()
    (manager.look().folder / "cancelled").unlink()  # so it looks like one that was killed
    app = opened()
    assert "interrupted" in app.error[0].value
    click(app, "course_resume")
    assert finetune_jobs.ended().state is State.DONE


def test_rolling_back(surroundings):
    registry.publish(surroundings / "taught.keras", "mine")
    app = opened(model="mine")
    click(app, "roll_back_mine")
    assert "**mine** was taken out." in app.success[0].value
    assert app.sidebar.selectbox(key="model").value in ("mnist_advanced", "other")
    assert "roll_back_mine" not in keys(app)


def test_how_far_it_is_in_words(canvas):
    from app.teach.finetune import words
    from digits.train.jobs.state import Progress

    row = {"epoch": 1, "val_accuracy": 0.9, "seconds": 50.0}
    assert words(Progress(0, [])).startswith("Getting ready")
    assert words(Progress(4, [])) == "Epoch 1 of 4: the last layer alone"
    assert words(Progress(4, [row] * 2)) == "Epoch 3 of 4: all layers, about 2 min left"
    assert words(Progress(4, [row] * 3)) == "Epoch 4 of 4: all layers, about 50 s left"
    assert words(Progress(4, [row] * 4)).startswith("Judging")
    assert words(Progress(6, [row] * 4, rest=2)).startswith("Judging")
    assert words(Progress(6, [row] * 4, rest=2, again=1)).startswith("Epoch 6 of 6: with the digits held out")
    assert words(Progress(6, [row] * 4, rest=2, again=2)).startswith("Judging")
