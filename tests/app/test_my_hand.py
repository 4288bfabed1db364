"""My hand: what is put right counts from the next drawing on, of one hand of several, and is taken back."""

import io

import numpy as np
from app_pages import choose, html, sound, start, texts, words
from handwriting import strokes
from PIL import Image

from app.shared import hand
from digits.data.collection.archive import export_zip
from digits.data.collection.hands import FIRST, FIRST_NAME, Hands
from digits.data.collection.store import Store
from digits.data.strokes import draw
from digits.models.runtimes import Runtime
from digits.preprocessing.lattice import frame_single

HAND = "Your hand made this a 7; the network alone says 1."


def mine(slant: int = 0) -> np.ndarray:
    """Return one of my sevens, (280, 280) uint8: many take them for a 1."""
    return 255 - draw([np.array([(80, 106), (140, 70), (140 - slant, 220)], np.float32)], 280, 18)


def keep(picture: np.ndarray, label: int, store: Store | None = None, **about):
    return (Store() if store is None else store).add(
        picture, frame_single(picture).framed, label, origin="draw", **about
    )


def say(app, right):
    key = next(b.key for b in app.button if b.key.startswith("right-") and b.key.endswith(f"-{right}"))
    return sound(app.button(key=key).click().run())


def click(app, key):
    return sound(app.button(key=key).click().run())


def type_name(app, name: str):
    return sound(app.text_input(key="hand_name").set_value(name).run())


def test_only_the_newest_of_very_many_digits_are_said_to_be_remembered():
    assert [hand.remembered(digits) for digits in (1, 1000)] == ["1 digit", "1,000 digits"]
    assert hand.remembered(1234) == "the newest 1,000 of 1,234 digits"


def test_what_is_put_right_counts_from_the_next_drawing_on_until_it_is_taken_back(canvas):
    canvas.image = mine()
    app = start()
    assert "1" in texts(app)
    assert app.toggle(key="my_hand").disabled
    say(app, 7)
    assert "Your hand: 1 digit" in words(app), "the sidebar knows it at once"
    canvas.image = mine(6)
    assert "7" in texts(sound(app.run()))
    assert HAND in words(app)
    say(app, 7)
    assert [sample.answer for sample in Store().samples()] == [1, 1], "what the network said by itself"
    choose(app, "toggle", "my_hand", False)
    assert "1" in texts(app)
    assert HAND not in words(app)
    app = sound(start())
    assert not app.toggle(key="my_hand").value, "on the next visit too"
    choose(app, "toggle", "my_hand", True)
    assert "7" in texts(app)
    for sample in Store().samples():
        Store().delete(sample.id)  # elsewhere
    assert "1" in texts(sound(app.run()))


def test_why_says_that_the_network_alone_is_explained(canvas):
    keep(mine(), 7)
    canvas.image = mine(6)
    app = start()
    assert "7" in texts(app)
    sound(app.switch_page("explain/page.py").run())
    said = "Your hand makes this a 7. What the network says alone is explained here."
    assert "1" in texts(app)
    assert said in words(app)
    choose(app, "toggle", "my_hand", False)
    assert said not in words(app)


def test_hands_are_added_chosen_renamed_and_removed_after_asking_once(canvas):
    keep(mine(), 7)
    canvas.image = mine(4)
    app = start()
    assert "7" in texts(app)
    assert not [box for box in app.selectbox if box.key == "hand"], "there is but one"
    click(type_name(app, "left hand"), "hand_add")
    assert "1" in texts(app), "the left hand knows nothing"
    assert app.selectbox(key="hand").value != FIRST
    click(type_name(app, "My Hand"), "hand_add")
    assert "There is a hand “My Hand” already" in app.error[0].value
    click(type_name(app, "paw"), "hand_rename")
    assert list(Hands().names().values()) == [FIRST_NAME, "paw"]
    choose(app, "selectbox", "hand", FIRST)
    assert "7" in texts(app)
    app = sound(start())
    assert app.selectbox(key="hand").value == FIRST, "on the next visit too"
    click(app, "hand_ask")
    assert any("**My hand** with 1 digit? There is no way back." in text for text in texts(app))
    click(app, "hand_keep")
    assert len(Hands().names()) == 2
    click(click(app, "hand_ask"), "hand_remove")
    assert list(Hands().names().values()) == ["paw"]
    assert "1" in texts(app)
    Hands().remove(Hands().add("gone").hand)
    assert sound(app.run())


def test_strangers_have_no_hand(canvas, monkeypatch):
    keep(mine(), 7)
    monkeypatch.setenv("DIGITS_PUBLIC", "yes")
    canvas.image = mine()
    app = start()
    assert "1" in texts(app)
    assert "my_hand" not in {toggle.key for toggle in app.toggle}
    assert "Your hand" not in words(app)


def test_a_model_without_features_says_so_in_a_sentence(canvas, monkeypatch):
    def look(self, frames):
        raise ValueError("The model answers without its representation.")

    monkeypatch.setattr(Runtime, "look", look)
    keep(mine(9), 7)
    canvas.image = mine(9)
    app = sound(start().run())
    assert "1" in texts(app)
    assert "without its representation" in words(app)
    assert "my_hand" not in {toggle.key for toggle in app.toggle}
    sound(app.switch_page("teach/page.py").run())
    app.session_state["teach_part"] = "Memory"
    assert "without its representation" in sound(app.run()).info[0].value


def test_the_page_memory_tells_what_it_did_and_what_to_doubt(canvas):
    for slant in range(0, 20, 4):
        keep(mine(slant), 7)
    wrong = keep(mine(10), 1)
    app = sound(start("teach", teach_part="Memory"))
    assert any("Of your 6 digits the network alone reads **1** right, and" in text for text in texts(app))
    assert "**Turned right.**" in words(app)
    assert "was<br>1" in html(app)
    assert "worth its while from about 300" in words(app)
    box = next(box for box in app.selectbox if box.label == f"Label of digit {wrong.id}")
    box.set_value(7)
    sound(app.run())
    assert any("reads **0** right, and **6** with" in text for text in texts(app))
    click(app, f"delete-{wrong.id}")
    assert any("Of your 5 digits" in text for text in texts(app))
    assert any("Of your 6 digits" in text for text in texts(click(app, "undo_delete")))


def test_a_hand_is_brought_in_as_a_file_and_chosen(canvas, tmp_path):
    keep(mine(), 7, Hands(tmp_path / "other").add("left hand"))
    data = export_zip(Hands(tmp_path / "other").store(2))
    app = sound(start("teach"))
    switch = next(group for group in app.get("button_group") if group.label == "Whose digits they are")
    switch.set_value("As a new hand").run()
    app.file_uploader[0].set_value([("lies.zip", data, "")]).run()
    assert list(Hands().names().values()) == [FIRST_NAME, "left hand"]
    assert app.selectbox(key="hand").value == 2
    assert app.success[0].value == "Added: 1 digit."
    sound(app.run())
    assert len(Hands().names()) == 2, "not brought in again"


def test_learning_happens_once_for_each_change(canvas, monkeypatch):
    from digits.train import memory

    lessons, study = [], memory.study
    monkeypatch.setattr(memory, "study", lambda *given: lessons.append(1) or study(*given))
    keep(mine(), 7)
    canvas.image = mine(4)
    app = start()
    for _ in range(3):
        sound(app.run())
    assert len(lessons) == 1
    say(app, 7)
    sound(app.run())
    assert len(lessons) == 2


def slanted(digit: int, by: float, wide: int, seed: int) -> np.ndarray:
    """Return a digit in a slanting hand, (280, 280) uint8, bright ink on black."""
    rng = np.random.default_rng(seed)
    pen = [stroke + rng.normal(0, 2, stroke.shape) for stroke in strokes(digit, 150, 60, 60)]
    lean = [np.stack([x + by * (140 - y), y], axis=1) for x, y in (stroke.T for stroke in pen)]
    return draw([stroke.astype(np.float32) for stroke in lean], 280, wide)


def test_a_page_in_another_hand_is_told_and_switched_to_by_a_click(editor):
    left = Hands().add("left hand")
    for n in range(30):
        keep(255 - slanted(n % 10, 0.0, 10, n), n % 10)
        keep(255 - slanted(n % 10, 0.35, 22, n), n % 10, left)
    row = np.hstack([slanted(digit, 0.35, 22, 99) for digit in (2, 0, 3, 5, 6, 7, 9, 4, 2, 3)])
    file = io.BytesIO()
    Image.fromarray(255 - row).save(file, "PNG")
    app = start("read")
    app.file_uploader[0].set_value([("page.png", file.getvalue(), "")]).run()
    assert any("looks like the writing of **left hand**" in text for text in texts(sound(app)))
    click(app, "whose_switch")
    assert app.selectbox(key="hand").value == left.hand
    assert not any("looks like the writing" in text for text in texts(app))
