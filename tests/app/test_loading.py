"""Loaded models stay as they are between two runs of a page."""

from app_pages import SEVEN, start, texts


def test_a_run_of_a_page_leaves_compiled_models_alone(canvas, monkeypatch):
    canvas.image = SEVEN
    app = start()
    assert "7" in texts(app)
    from tensorflow.python.eager import context

    cleared = []
    monkeypatch.setattr(context.context(), "clear_kernel_cache", lambda: cleared.append(True))
    app.run()
    assert "7" in texts(app)
    assert not cleared
