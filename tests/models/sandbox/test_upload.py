"""Uploaded models come into models/ under a clean name, never over another, or not at all."""

import io

import pytest

from digits.models.sandbox import gate


@pytest.fixture
def models(tmp_path, monkeypatch):
    """Return an empty models/ into which every file may come."""
    monkeypatch.setenv("DIGITS_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setattr(gate, "examine", lambda path: None)
    return tmp_path / "models"


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("mine.keras", "mine"),
        ("../../etc/passwd.keras", "passwd"),
        (r"C:\models\Mein Netz (2).keras", "Mein_Netz_2"),
        ("…\n.keras", "model"),
        (".tmp-1.keras", "tmp-1"),
        ("a" * 300 + ".keras", "a" * 40),
    ],
)
def test_names_are_cleaned(given, clean):
    assert gate.clean(given) == clean


def test_no_model_is_written_over(models):
    first, second = (gate.take_in(io.BytesIO(data), "Mine.keras") for data in (b"one", b"two"))
    assert (first.name, second.name) == ("Mine.keras", "Mine-2.keras")
    assert gate.take_in(io.BytesIO(b"three"), "mine.keras").name == "mine-3.keras"
    assert [first.read_bytes(), second.read_bytes()] == [b"one", b"two"]
    assert len(list(models.iterdir())) == 3


def test_a_card_that_waits_for_a_model_does_not_get_this_one(models):
    models.mkdir()
    (models / "mine.json").write_text("{}")
    assert gate.take_in(io.BytesIO(b"one"), "mine.keras").name == "mine-2.keras"


def test_a_refused_file_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITS_MODELS_DIR", str(tmp_path / "models"))
    with pytest.raises(ValueError, match=r"^evil\.keras: It is no ZIP archive; [^\n]+\.$"):
        gate.take_in(io.BytesIO(b"a letter"), "evil.keras")
    assert list((tmp_path / "models").iterdir()) == []


def test_an_app_for_everyone_takes_in_nothing(models, monkeypatch):
    monkeypatch.setenv("DIGITS_PUBLIC", "1")
    with pytest.raises(ValueError, match="open to strangers"):
        gate.take_in(io.BytesIO(b"one"), "mine.keras")
    assert not models.exists()
