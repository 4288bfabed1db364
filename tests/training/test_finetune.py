"""Fine-tuning on own digits: it gains, it does not forget, and what harms is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from digits.data import augment, handwriting, outliers
from digits.data.mnist import load_train_val
from digits.models import calibration, checkpoints
from digits.train import acceptance, finetune_data
from digits.train.acceptance import Scores
from digits.train.trainer import logits_of

OPTIONS = {
    "epochs": 3,
    "per_epoch": 600,
    "batch_size": 60,
    "limit": 1000,
    "learning_rate": 2e-3,
    "damage": 0.0,
}


@pytest.fixture(scope="session")
def base_file(tiny_data, tmp_path_factory, tiny_card):
    """Return a small network that reads the tiny MNIST, but has seen no other hand."""
    import keras

    from digits.files import read_npz
    from digits.models import architectures

    keras.utils.set_random_seed(1)
    model = architectures.build("cnn", width=8, depth=1, dropout=0.0)
    model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
    images, labels = read_npz(tiny_data / "mnist.npz", ("x_train", "y_train")).values()
    model.fit(images[..., None].astype("float32") / 255, labels, epochs=12, batch_size=50, verbose=0)
    path = tmp_path_factory.mktemp("base") / "base.keras"
    checkpoints.save(model, tiny_card, path)
    return path


@pytest.fixture
def finetune(script, base_file, surroundings):
    """Return a function that fine-tunes the base on `data` and returns the file to be written."""
    module = script("finetune_on_custom")
    out = surroundings / "models" / "own.keras"

    def run(data, **options):
        module.main(module.Settings(data=data, out=out, **({"base": str(base_file)} | OPTIONS | options)))
        return out

    run.out = out
    return run


def shuffled(path, folder):
    arrays = dict(np.load(path))
    arrays["labels"] = np.random.default_rng(1).permutation(arrays["labels"])
    np.savez(folder / "shuffled.npz", **arrays)
    return folder / "shuffled.npz"


def test_own_digits_gain_and_what_was_there_is_kept(finetune, strokes_file, base_file):
    finetune.out.write_bytes(base_file.read_bytes())
    out = finetune(strokes_file, hold_out=("there",), most_forgotten=8.0)
    figures = json.loads(out.with_suffix(".json").read_text())["validation"]
    assert figures["own_n"] == 40
    assert figures["own_after"] > figures["own_before"]
    assert figures["mnist_after"] > 0.85
    kept = out.parent / "previous" / "own.keras"
    assert kept.read_bytes() == base_file.read_bytes()
    assert [entry.name for entry in checkpoints.entries()] == ["own"], "what is kept is not listed"


def test_a_lesson_leaves_its_outcome(finetune, strokes_file):
    out = finetune(strokes_file, hold_out=("there",), most_forgotten=8.0)
    (path,) = (out.parents[1] / "runs").glob("*/outcome.json")
    outcome = json.loads(path.read_text())
    figures = json.loads(out.with_suffix(".json").read_text())["validation"]
    assert outcome["refusal"] is None
    assert outcome["out"] == str(out)
    assert outcome["counts"] == [12] * 10
    assert outcome["before"]["own"] == figures["own_before"]
    assert outcome["after"] | {"own": figures["own_after"], "own_n": 40} == outcome["after"]
    gained = round(40 * (figures["own_after"] - figures["own_before"]))
    right = [(row["after"] == row["label"]) - (row["before"] == row["label"]) for row in outcome["changed"]]
    assert sum(right) == gained
    assert all(row["file"].startswith("sample ") for row in outcome["changed"])
    mnist = outcome["mnist_changed"]["mended"] - outcome["mnist_changed"]["broken"]
    n = outcome["after"]["mnist_n"]
    assert mnist == round(n * (outcome["after"]["mnist"] - outcome["before"]["mnist"]))


def test_a_refused_lesson_leaves_its_outcome_too(finetune, strokes_file, tmp_path):
    with pytest.raises(SystemExit):
        finetune(shuffled(strokes_file, tmp_path), hold_out=("there",), epochs=1)
    (path,) = (finetune.out.parents[1] / "runs").glob("*/outcome.json")
    assert "labels do not seem to fit" in json.loads(path.read_text())["refusal"]


def test_an_effort_stands_for_settings(script, strokes_file):
    module = script("finetune_on_custom")
    quick = module.Settings(data=strokes_file, effort="quick").spelled_out()
    assert quick.epochs * quick.per_epoch < 30_000
    assert quick.again > 0
    aside = module.Settings(data=strokes_file, effort="quick", hold_out=("anna",))
    assert aside.spelled_out().again == 0, "who is named to judge is not learnt"
    assert module.Settings(data=strokes_file).spelled_out() == module.Settings(data=strokes_file)


def test_too_few_digits_of_a_class_are_refused(strokes_file, tmp_path):
    arrays = dict(np.load(strokes_file))
    arrays["labels"] = np.where(np.isin(arrays["labels"], (4, 7)), 3, arrays["labels"])
    arrays["labels"][:1] = 4
    np.savez(tmp_path / "few.npz", **arrays)
    with pytest.raises(ValueError, match="[Dd]igit 4 has 1 and digit 7 has none; expected 3 or more"):
        finetune_data.prepare(tmp_path / "few.npz")


def test_shuffled_labels_are_refused_and_the_old_file_stays(finetune, strokes_file, tmp_path, base_file):
    finetune.out.write_bytes(base_file.read_bytes())
    with pytest.raises(SystemExit, match="labels do not seem to fit.*was not written"):
        finetune(shuffled(strokes_file, tmp_path), hold_out=("there",))
    assert finetune.out.read_bytes() == base_file.read_bytes()
    assert not (finetune.out.parent / "previous").exists()


def test_it_learns_to_tell_letters_and_a_later_teacher_keeps_that(finetune, strokes_file, letters_file):
    options = {"hold_out": ("there",), "force": True, "epochs": 3, "per_epoch": 1800, "blend": 1.0}
    out = finetune(strokes_file, not_digits=letters_file, not_digits_hold_out=("elsewhere",), **options)
    model, card = checkpoints.load(out)
    assert card.thresholds == card.trade_off[calibration.USUAL]
    assert all({"not_a_digit_below", "letters_caught"} <= row.keys() for row in card.trade_off)
    assert card.config["learnt_from"] == {"pen.npz": ["here", "there"], "letters.npz": ["elsewhere", "here"]}
    letters, digits = handwriting.load_outliers(letters_file), handwriting.load(strokes_file)
    seen = [np.median(calibration.energy(logits_of(model, some.frames))) for some in (letters, digits)]
    assert seen[0] < seen[1] - 0.1, "there is less evidence of a digit in letters than in digits"

    kept = out.with_name("base.keras")
    out.rename(kept)
    out.with_suffix(".json").rename(kept.with_suffix(".json"))
    finetune(strokes_file, base=str(kept), **(options | {"epochs": 1, "per_epoch": 60}))
    assert "not_a_digit_below" in json.loads(out.with_suffix(".json").read_text())["thresholds"]


def test_a_base_that_cannot_tell_learns_digits_only(finetune, strokes_file):
    out = finetune(strokes_file, hold_out=("there",), force=True, epochs=1, per_epoch=60)
    assert "not_a_digit_below" not in json.loads(out.with_suffix(".json").read_text())["thresholds"]


def test_digits_are_refused_where_letters_are_expected(strokes_file):
    with pytest.raises(ValueError, match="120 samples 0 to 9; expected no digits"):
        handwriting.load_outliers(strokes_file)


def test_force_saves_all_the_same(finetune, strokes_file, tmp_path):
    options = {"epochs": 1, "per_epoch": 60}
    assert finetune(shuffled(strokes_file, tmp_path), force=True, **options).exists()


def test_a_stopped_fine_tuning_resumes(finetune, killed, strokes_file, script, base_file):
    settings = {"hold_out": ("there",), "force": True, "resume": True}
    killed(lambda options: finetune(strokes_file, **options), settings)
    assert not finetune.out.exists()
    finetune(strokes_file, **settings)
    history = next((finetune.out.parents[1] / "runs").glob("*/history.json"))
    assert [row["epoch"] for row in json.loads(history.read_text())] == [1, 1, 2, 3]


def test_a_folder_of_pictures_is_read_by_its_names(tmp_path, strokes_file):
    from digits.data.strokes import draw, fit_box, load_strokes

    pen = load_strokes(strokes_file)
    for number in range(30):
        digit = int(pen.labels[number])
        (tmp_path / str(digit)).mkdir(exist_ok=True)
        picture = draw(fit_box(pen[number], 90, (70, 70)), 140, 8)
        Image.fromarray(255 - picture).save(tmp_path / str(digit) / f"anna-{number}.png")
    Image.new("L", (60, 60), "white").save(tmp_path / "3" / "empty_1.png")
    own = handwriting.load(tmp_path)
    assert own.frames.shape == (30, 28, 28)
    assert own.frames.max() > 200
    assert sorted(own.labels.tolist()) == sorted(pen.labels[:30].tolist())
    assert set(own.sources) == {"anna"}
    assert "blank" in own.skipped[0]
    held = handwriting.hold_out(own, (), share=0.34, seed=1)
    assert np.bincount(own.labels[held], minlength=10).tolist() == [1] * 10


def test_every_drawing_of_a_digit_lands_on_the_same_side(strokes_file):
    own = handwriting.load(strokes_file, seed=1, renders=3)
    held = handwriting.hold_out(own, (), share=0.2, seed=1)
    assert not set(own.ids[held]) & set(own.ids[~held])
    once = own.part(held).once()
    assert len(once) == len(set(own.ids[held])) == held.sum() / 3


@pytest.mark.parametrize(
    ("sources", "words"),
    [(("nowhere",), "'nowhere' does not occur"), (("here", "there"), "some on either side")],
)
def test_impossible_sources_are_named(strokes_file, sources, words):
    own = handwriting.load(strokes_file)
    with pytest.raises(ValueError, match=words):
        handwriting.hold_out(own, sources, share=0, seed=1)


def test_batches_are_half_own_and_balanced(surroundings, strokes_file):
    lesson = finetune_data.prepare(strokes_file, hold_out=("there",))
    lesson = finetune_data.FinetuneData(lesson.own.part(lesson.own.labels < 8), lesson.held, lesson.mnist)
    batches = lesson.batches(100, 4000, replay=True, habits=0)
    own = batches.order < len(lesson.own)
    assert own.mean() == pytest.approx(0.5, abs=0.03)
    counts = np.bincount(batches.labels[batches.order[own]], minlength=10)
    assert counts[:8] == pytest.approx(counts.sum() / 8, rel=0.25)
    assert counts[8:].sum() == 0


def test_wrong_cuts_need_a_lesson_with_strangers(surroundings, strokes_file, base_file):
    lesson = finetune_data.prepare(strokes_file, hold_out=("there",))
    assert lesson.strangers is None
    with pytest.raises(ValueError, match="this one has none"):
        lesson.with_neighbours(checkpoints.load(base_file)[0], seed=1)


def test_misread_digits_come_more_often(surroundings, strokes_file, base_file):
    lesson = finetune_data.prepare(strokes_file, hold_out=("there",))
    model = checkpoints.load(base_file)[0]
    misread = logits_of(model, lesson.own.frames).argmax(axis=1) != lesson.own.labels
    assert misread.any()
    assert not misread.all()
    often = lesson.often(model, 4.0)
    assert often.tolist() == np.where(misread, 4.0, 1.0).tolist()
    batches = lesson.batches(100, 20_000, replay=False, habits=0, often=often)
    counts = np.bincount(batches.order, minlength=len(misread))
    assert counts[misread].mean() / counts[~misread].mean() == pytest.approx(4, rel=0.1)


def test_a_share_of_the_batches_is_no_digit(surroundings, strokes_file, letters_file):
    lesson = finetune_data.prepare(strokes_file, hold_out=("there",))
    strangers = outliers.outliers(lesson.mnist, letters_file, hold_out=("elsewhere",), renders=2, seed=1)
    assert strangers.sources == ["elsewhere", "here"]
    assert len(strangers.held) == 20
    assert len(strangers.learnt) > 1000, "most are made from MNIST's digits"
    lesson = replace(lesson, strangers=strangers)
    batches = lesson.batches(100, 4000, replay=True, habits=0, strangers=0.3)
    labels = batches.labels[batches.order]
    assert (labels == 10).mean() == pytest.approx(0.3, abs=0.03)
    assert (batches.order < len(lesson.own)).mean() == pytest.approx(0.35, abs=0.03)


def test_without_letters_made_strangers_judge(surroundings, strokes_file):
    lesson = finetune_data.prepare(strokes_file, limit=200)
    strangers = outliers.outliers(lesson.mnist)
    assert strangers.held.shape == (len(lesson.mnist.y_val), 28, 28)
    assert strangers.sources == []


def test_some_of_mnist_comes_again_as_small_scans(surroundings):
    mnist = load_train_val(200)
    more = augment.with_scans(mnist, seed=1)
    assert len(more.y_train) == len(more.x_train) == 300
    assert np.array_equal(more.x_train[:200], mnist.x_train)
    assert np.array_equal(more.x_val, mnist.x_val)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ((0.9, 0.99), (0.9, 0.99), "gained nothing"),
        ((0.1, 0.99), (0.2, 0.99), "labels do not seem to fit"),
        ((0.9, 0.99), (0.95, 0.987), "forgot 0.30 points"),
        ((0.9, 0.99), (0.95, 0.988), None),
    ],
)
def test_the_guard_weighs_gain_against_forgetting(before, after, words):
    reason = acceptance.refusal(Scores(*before), Scores(*after), most_forgotten=0.2)
    assert reason is None if words is None else words in reason


@pytest.mark.parametrize(
    ("after", "gained"),
    [
        ({"learnt": 0.95}, True),
        ({"own_loss": 0.1}, True),
        ({"learnt": 0.9, "own_loss": 0.199}, False),
        ({"own": 0.98, "learnt": 1.0, "own_loss": 0.1}, False),
    ],
)
def test_where_all_held_out_are_read_right_what_was_learnt_decides(after, gained):
    before = Scores(1.0, 0.99, learnt=0.9, own_loss=0.2)
    reason = acceptance.refusal(before, replace(before, **after), most_forgotten=0.2)
    assert (reason is None) == gained
    assert gained or "gained nothing" in reason


def test_learning_strangers_is_a_gain_where_nothing_is_lost():
    before, worse = Scores(0.9, 0.99), Scores(0.89, 0.99)
    assert acceptance.refusal(before, before, 0.2, learns_strangers=True) is None
    assert "gained nothing" in acceptance.refusal(before, worse, 0.2, learns_strangers=True)


def test_blending_goes_from_the_old_weights_to_the_new(tiny_model):
    before = tiny_model.get_weights()
    taught = [weight + 1 for weight in before]
    tiny_model.set_weights(taught)
    finetune_data.blend(tiny_model, before, 0.25)
    found = tiny_model.get_weights()
    tiny_model.set_weights(before)
    assert all(np.allclose(new, old + 0.25) for new, old in zip(found, before, strict=True))


def test_a_model_of_a_stranger_is_refused_as_base():
    import keras

    from digits.models.architectures import logits_model

    stranger = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    with pytest.raises(ValueError, match="no layer named logits"):
        logits_model(stranger)
