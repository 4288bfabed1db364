"""What is in models/: how the models stand, what they say to one digit, mistake, and learnt from."""

import streamlit as st
from digit_ui import arena, cards, leaderboard, loading, mistakes, shelf, sidebar

choices = sidebar.choices()
PARTS = {
    "Leaderboard": leaderboard.show,
    "Arena": arena.show,
    "Mistakes": mistakes.show,
    "Cards": cards.show,
}


@st.fragment
def page():
    """Show the chosen part; only that runs."""
    part = st.segmented_control(
        "Part of this page",
        list(PARTS),
        default=next(iter(PARTS)),
        required=True,
        key="models_part",
        persist_state="session",
        label_visibility="collapsed",
    )
    with st.container(key="models"):
        PARTS[part](choices)


st.title("Models")
st.write("Every `.keras` file in the folder `models/`. A new file appears here and in the sidebar by itself.")
for entry in shelf.broken():
    st.warning(f"**{entry.path.name}** cannot be used. {entry.problem}", icon="⚠️")
if shelf.usable():
    page()
else:
    st.info("There is no usable model in the folder `models/`. Train one: `python training/train_cnn.py`.")

st.subheader("Add your own")
st.markdown(
    "Save a Keras model with `model.save('models/my_model.keras')`. It must take pictures of shape "
    "(28, 28, 1), bright ink on black with values from 0 to 1, and give ten probabilities. "
    "Only use files from people you trust."
)
loading.start(choices.model)
