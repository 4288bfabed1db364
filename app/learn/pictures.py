"""What each lesson shows: pictures, tables of numbers and charts, before and after its answer is known."""

import numpy as np
import streamlit as st

from app.learn import demonstrations
from app.learn.facts import Facts
from app.learn.scene import Scene
from app.shared import charts, digit_source, widgets
from app.shared import tables as tables_
from digits.plots import pixels as pixels_
from digits.plots import text

TEST_DIGITS = 10_000
EXAMPLES = 6


def pixels(scene: Scene, facts: Facts, solved: bool) -> None:
    """The digit, and a few of its points as numbers."""
    patch = facts.seen
    inside = tables_.boxed(scene.frame, patch.corner, patch.values.shape)
    table = tables_.number_table("Inside the frame", patch.values, marked=patch.middle, hidden=not solved)
    _side_by_side({scene.digit.name: inside}, table)


def framing(scene: Scene, facts: Facts, solved: bool) -> None:
    """The steps of framing, and the small copy with what becomes of it."""
    reading, small, again = facts.seen
    widgets.show(
        {title: demonstrations.square(step) for title, step in reading.steps.items()}, "framing_steps"
    )
    shown = {"Small, in a corner": small}
    widgets.show(shown | ({"What the model gets of it": again.framed} if solved else {}), "framing_small")


def convolution(scene: Scene, facts: Facts, solved: bool) -> None:
    """Window, weights and products."""
    step = facts.seen
    place, *_ = demonstrations.largest_product(step)
    tables = [
        tables_.number_table("The window", step.patch[..., 0], marked=place),
        tables_.number_table("× weights", step.kernel.weights[..., 0], signed=True, marked=place),
        tables_.number_table(
            "= products", step.products[..., 0], signed=True, marked=place, hidden=not solved
        ),
    ]
    inside = tables_.boxed(scene.frame, step.corner, step.patch.shape[:2])
    _side_by_side({scene.digit.name: inside}, *tables)


def pooling(scene: Scene, facts: Facts, solved: bool) -> None:
    """A channel before and after, and the numbers of one window."""
    step, before, after = facts.seen
    colours = [pixels_.signed_colours(channel) for channel in (before, after)]
    wide = {"scale": 224 // before.shape[1]}, {"scale": 224 // after.shape[1]}
    inside = tables_.boxed(colours[0], step.corner, step.window.shape, **wide[0])
    result = tables_.boxed(colours[1], step.place, (1, 1), **wide[1])
    kept = demonstrations.kept_place(step) if solved else None
    table = tables_.number_table("Inside the frame", step.window, signed=True, marked=kept)
    _side_by_side({"Before pooling": inside, "After pooling": result}, table)


def softmax(scene: Scene, facts: Facts, solved: bool) -> None:
    """The ten scores and shares."""
    said = facts.seen
    shares = [text.percent(float(share)) for share in said.probabilities]
    if not solved:
        shares[said.best] = "?"
    _side_by_side({scene.digit.name: scene.frame}, tables_.score_table(said.scores, shares, said.best))


def training(scene: Scene, facts: Facts, solved: bool) -> None:
    """The curve of mistakes in training."""
    st.altair_chart(tables_.learning_chart(facts.seen), width="stretch")


def mistakes(scene: Scene, facts: Facts, solved: bool) -> None:
    """What one digit is taken for, then some of those in pictures."""
    mixed = facts.seen
    st.altair_chart(tables_.count_chart(mixed.counts, f"{mixed.label} read as"), width="stretch")
    known = digit_source.test_digits(TEST_DIGITS) if solved and mixed.examples else None
    if known:
        examples = [number for number in mixed.examples[:EXAMPLES] if number < len(known[0])]
        widgets.show({f"Test digit {number:,}": known[0][number] for number in examples}, "mistaken")


def attacks(scene: Scene, facts: Facts, solved: bool) -> None:
    """Before, the change, after, and the answer."""
    after = facts.seen.picture
    change = pixels_.change_map(scene.frame, after)
    widgets.show({"Before": scene.frame, "The change": change, "After": after}, "attacked")
    st.altair_chart(charts.probability_chart(facts.seen.probabilities), width="stretch")


PICTURES = {
    function.__name__: function
    for function in (pixels, framing, convolution, pooling, softmax, training, mistakes, attacks)
}


def _side_by_side(named: dict[str, np.ndarray], *tables: str) -> None:
    """Show pictures and tables in one row, or where that is too narrow in several."""
    beside = f'<div class="tables">{"".join(tables)}</div>'
    with st.container(key="learn_large"):
        st.html(f'<div class="pictures">{widgets.as_html(named)}{beside}</div>')
