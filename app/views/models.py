"""What is in models/: figures, cards, and how to add a model."""

import streamlit as st
from digit_ui import shelf

st.title("Models")
st.write("Every `.keras` file in the folder `models/`. A new file appears here and in the sidebar by itself.")

rows = shelf.table()
if rows:
    st.dataframe(rows, hide_index=True, width="stretch", column_config=shelf.COLUMNS)
else:
    st.info("The folder `models/` is empty. Train a model: `python training/train_cnn.py`.")
for entry in shelf.broken():
    st.warning(f"**{entry.path.name}** cannot be used. {entry.problem}", icon="⚠️")

for entry in shelf.with_cards():
    with st.expander(f"Card of {entry.name}: how it was made"):
        st.json(shelf.card(entry))

st.subheader("Add your own")
st.markdown(
    "Save a Keras model with `model.save('models/my_model.keras')`. It must take pictures of shape "
    "(28, 28, 1), bright ink on black with values from 0 to 1, and give ten probabilities. "
    "Only use files from people you trust."
)
