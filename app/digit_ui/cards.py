"""How a model was made and what it promises: its card in plain words, with its training curves."""

from dataclasses import asdict

import streamlit as st

from digit_ui import care, shelf
from digit_ui.sidebar import Choices
from digits import figures
from digits.network.checkpoints import Card, Entry
from digits.numbers import percent
from digits.standings import Standing, promises

LONG = {"history", "trade_off"}
"""Parts of a card that are shown otherwise."""


def show(choices: Choices) -> None:
    """Show the card of a chosen model."""
    entry = shelf.chosen_ui(choices.model, "cards_model")
    card = entry.card
    if card is None:
        st.info(
            f"**{entry.name}** has no card, or one that belongs to another file. It works all the same, but "
            "nobody says what it learnt from, and its confidence is not calibrated. The scripts in "
            "`training/` write a card with each model, e.g. `python training/train_cnn.py`."
        )
        return
    with st.container(horizontal=True, key="card_numbers"):
        for label, value in numbers(card).items():
            st.metric(label, value, width="content")
    st.markdown("**What it learnt from**")
    st.markdown("\n".join(f"- {sentence}" for sentence in sources(card)))
    st.markdown("**How it was made**")
    st.markdown("\n".join(f"- {sentence}" for sentence in making(card)))
    st.markdown("**How sure it sounds**")
    st.markdown("\n".join(f"- {sentence}" for sentence in doubt(card)))
    st.markdown("**What it promises**")
    standing = shelf.standing(entry)
    if standing:
        st.markdown("\n".join(f"- {sentence}" for sentence in kept(standing)))
    st.markdown("**How it learnt**")
    _curves(entry)
    with st.expander("The whole card"):
        st.json({key: value for key, value in asdict(card).items() if key not in LONG})


def numbers(card: Card) -> dict[str, str]:
    """Return the figures at the head of a card, by label."""
    return {
        "Parameters": f"{card.parameters:,}",
        "Minutes of training": f"{card.minutes:g}",
        "Right on validation": f"{card.validation['accuracy']:.2%}",
        "Made on": card.created[:10],
    }


def sources(card: Card) -> list[str]:
    """Say what a model learnt from, with licence and attribution."""
    return [
        f"**{source['name']}** ({source.get('licence', 'licence unknown')}): {source.get('attribution', '')}"
        for source in card.trained_on
    ]


def making(card: Card) -> list[str]:
    """Say how a model was made."""
    versions = ", ".join(f"{name} {version}" for name, version in card.versions.items())
    found = [
        f"By `{card.config.get('script', 'an unknown script')}`, architecture `{card.architecture}`, "
        f"seed {card.seed}, on {card.hardware}; {versions}."
    ]
    if "n" in card.validation:
        found.append(
            f"{card.validation['n']:,} validation digits, kept out of the training, guided it and calibrated "
            "its confidence."
        )
    return found + ([card.config["remarks"]] if card.config.get("remarks") else [])


def doubt(card: Card) -> list[str]:
    """Say how a model's confidence is corrected, and when it calls a digit doubtful."""
    kind = "as it is" if card.temperature == 1 else "raised" if card.temperature < 1 else "lowered"
    found = [
        f"The bare network's confidence is {kind}, so that 90 % means right nine times in ten "
        f"(temperature {card.temperature:.2f})."
    ]
    least = f"It says *not sure* below {percent(card.thresholds['unsure_below'])}."
    refused = "refused" in card.thresholds
    return [*found, f"{least} {care.price(card.thresholds)}" if refused else least]


def kept(model: Standing) -> list[str]:
    """Say of each promise whether it is kept."""
    found = [f"{'✅' if promise.kept else '❌'} It {promise.words}." for promise in promises(model)]
    return found or ["Nothing: its card holds no promises."]


def _curves(entry: Entry) -> None:
    histories = {one.name: one.card.history for one in shelf.usable() if one.card and one.card.history}
    if entry.name not in histories:
        st.write("No training curve was kept for this model.")
        return
    for column, metric in zip(st.columns(2, gap="medium"), ("accuracy", "loss"), strict=True):
        column.altair_chart(figures.training_chart(histories, entry.name, metric), width="stretch")
    st.caption(
        "Training digits are made harder (turned, damaged, noisy), so validation may look better. A dotted "
        "line begins a new stage. The axes are the same for all models."
    )
