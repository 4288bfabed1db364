"""Fine-tuning on the Teach page: every state says what it is and what to do, and a click does it."""

import dataclasses
import json
import time

import finetune_jobs
import numpy as np
import pytest
from app_pages import html, sound, start, words

from app.teach import finetune
from digits.data.collection.store import Store
from digits.models import checkpoints, registry
from digits.train.jobs import manager
from digits.train.jobs.state import Progress, State


@pytest.fixture(autouse=True)
def models(canvas, surroundings, tiny_model, linear_model, tiny_card):
    """Put two models into models/, and one beside it that a job may make; end what is left running."""
    for name in ("mnist_advanced", "other"):
        checkpoints.save(
            tiny_model, dataclasses.replace(tiny_card, name=name), model_path(surroundings, name)
        )
    taught = dataclasses.replace(tiny_card, config={"base": "other"})
    checkpoints.save(linear_model, taught, surroundings / "taught.keras")
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


def opened():
    return sound(start(teach_part="Teach").switch_page("teach/page.py").run())


def ended(surroundings, end: str, store):
    finetune_jobs.start(surroundings, end, store.export_folder)
    return finetune_jobs.ended()


def click(app, key):
    return sound(app.button(key=key).click().run())


def keys(app) -> set[str]:
    return {button.key for button in app.button}


def test_from_too_few_digits_to_a_job_that_runs_is_stopped_and_goes_on(surroundings, request, monkeypatch):
    app = opened()
    assert [info.value[:25] for info in app.info] == ["There are no digits yet; "]
    store = request.getfixturevalue("store")
    few = store.samples(7)[:2]
    for sample in few:
        store.delete(sample.id)
    sound(app.run())
    assert "Digit 7 has 2; expected 3 or more of each." in app.info[0].value
    assert "course_start" not in keys(app)
    for sample in few:
        store.restore(sample.id)
    sound(app.run())
    assert "**Your digits: 40**" in words(app)
    assert "its figures will be rough" in words(app)
    assert app.selectbox(key="course_base").value == "mnist_advanced"

    monkeypatch.setattr(manager, "finetune_command", finetune_jobs.command(surroundings, "waits"))
    finetune_jobs.start(surroundings, "waits", store.export_folder)  # in another window
    click(app, "course_start")
    assert "one at a time" in app.error[0].value
    assert "course_stop" in keys(app)
    manager.cancel()
    manager.discard()
    app.run()
    app.radio(key="course_effort").set_value("thorough")  # reaches the app together with the click
    click(app, "course_start")
    found = manager.look()
    asked = found.state, found.request.base, found.request.effort
    assert asked == (State.RUNNING, "mnist_advanced", "thorough")
    assert len(list((found.folder / "my_digits").glob("*/own-*.png"))) == 40
    assert "**mnist_advanced** is learning your hand" in words(app)
    assert "course_start" not in keys(app)

    while not list(found.folder.glob("runs/*/checkpoints/head/state.json")):
        time.sleep(0.01)
    sound(app.run())
    curve = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    assert curve["layer"][1]["encoding"]["x"]["scale"]["domain"] == [0.5, 4.5]
    click(app, "course_stop")
    assert "You stopped the fine-tuning." in app.info[0].value
    assert keys(app) >= {"course_resume", "course_discard"}
    (found.folder / "cancelled").unlink()  # so it looks like one that was killed
    sound(app.run())
    assert "interrupted" in app.error[0].value
    click(app, "course_resume")
    assert finetune_jobs.ended().state is State.DONE


def test_what_it_brought_is_shown_adopted_under_a_good_name_and_rolled_back(store, surroundings):
    ended(surroundings, "done", store)
    app = opened()
    assert "| Your digits held out | 7 of 10 | **9 of 10** |" in words(app)
    assert "| MNIST's validation digits | 99.71% | **99.68%** |" in words(app)
    assert "MNIST's 6,000" in words(app)
    assert "✓ was read as 9, now 4" in html(app)
    assert "own-2" not in html(app), "that digit is not in the collection"
    for name, why in (("my hand", "no name for a model"), ("other", "not made here")):
        app.text_input(key="course_name").set_value(name).run()
        click(app, "course_adopt")
        assert why in app.error[0].value
        assert manager.look().state is State.DONE
        assert not registry.published()

    app.text_input(key="course_name").set_value("mine")  # reaches the app together with the click
    click(app, "course_adopt")
    assert "**mine** is in use now" in app.success[0].value
    assert app.sidebar.selectbox(key="model").value == "mine"
    assert checkpoints.inspect(model_path(surroundings, "mine")).card.name == "mine"
    assert manager.look().state is State.NONE
    base = app.selectbox(key="course_base")
    assert base.value == "other", "an adopted model is made anew from the one it came from"
    assert base.options == ["mnist_advanced", "other"], "what learnt some of the digits held out would cheat"
    click(app, "roll_back_mine")
    assert "**mine** was taken out." in app.success[0].value
    assert app.sidebar.selectbox(key="model").value in ("mnist_advanced", "other")
    assert "roll_back_mine" not in keys(app)


def test_nobody_decides_on_another_job_than_the_one_shown(store, surroundings):
    ended(surroundings, "done", store)
    app = opened()
    manager.discard()  # in another window, where the next one goes on
    finetune_jobs.start(surroundings, "waits", store.export_folder)
    click(app, "course_adopt")
    assert "in another window" in app.error[0].value
    assert not registry.published()
    assert manager.look().state is State.RUNNING


def test_a_refused_job_is_adopted_after_asking_once_with_its_price(store, surroundings):
    ended(surroundings, "refused", store)
    app = click(opened(), "course_ask")
    assert not registry.published(), "it asks first"
    assert "reads 9 of 10 of your digits held out, 7 before" in app.warning[1].value
    assert "misreads 3 in 10,000 more" in app.warning[1].value
    app.text_input(key="course_name").set_value("other").run()
    assert "not made here" in click(app, "course_adopt").error[0].value
    app.text_input(key="course_name").set_value("mine")
    click(app, "course_adopt")
    assert app.sidebar.selectbox(key="model").value == "mine"
    assert manager.look().state is State.NONE
    click(app, "roll_back_mine")
    assert not registry.published()


def test_a_job_that_brought_nothing_says_why_and_is_discarded(store, surroundings):
    found = ended(surroundings, "refused", store)
    app = opened()
    assert "It gained nothing." in app.warning[0].value
    assert "wrong labels" in words(app)
    assert "7 of 10" in words(app)
    assert "course_adopt" not in keys(app)
    found.model.unlink()  # as earlier versions left it
    assert "course_ask" not in keys(sound(app.run()))
    assert "course_start" in keys(click(app, "course_discard"))
    ended(surroundings, "fails", store)
    sound(app.run())
    assert "ValueError: 3.png is no picture." in app.error[0].value
    assert "course_resume" not in keys(app)
    assert "course_start" in keys(click(app, "course_discard"))
    assert manager.look().state is State.NONE


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (Progress(0, []), "Getting ready"),
        (Progress(4, []), "Epoch 1 of 4: the last layer alone"),
        (Progress(4, [{"seconds": 50.0}] * 2), "Epoch 3 of 4: all layers, about 2 min left"),
        (Progress(4, [{"seconds": 50.0}] * 3), "Epoch 4 of 4: all layers, about 50 s left"),
        (Progress(6, [{"seconds": 50.0}] * 4, rest=2), "Judging"),
        (Progress(6, [{"seconds": 50.0}] * 4, rest=2, again=1), "Epoch 6 of 6: with the digits held out"),
        (Progress(6, [{"seconds": 50.0}] * 4, rest=2, again=2), "Judging"),
    ],
)
def test_how_far_it_is_in_words(now, said):
    assert finetune.words(now).startswith(said)
