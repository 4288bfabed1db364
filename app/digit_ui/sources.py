"""Where the pictures on the Read page come from: upload, camera or the wide canvas."""

import hashlib
from dataclasses import dataclass

import streamlit as st

from digit_ui import canvas
from digit_ui.sidebar import Choices
from digits.batch import Opener, pictures
from digits.data.folders import SUFFIXES

SOURCES = ("Upload", "Camera", "Draw")
DRAWING = "drawing.png"  # the name of what is written on the canvas
LARGEST_PICTURE = 30  # megabytes; only an archive may have as many as .streamlit/config.toml says
HINTS = {
    "Upload": "👋 Choose a picture of a number. For many choose many, or a .zip of them: you get a table.",
    "Camera": "👋 Take a picture of a number, as large and as level as you can.",
    "Draw": "👋 Write a number into the box, several lines if you like. The answer follows each stroke.",
}


@dataclass(frozen=True)
class Source:
    """One picture that waits to be read."""

    key: str
    """The same for the same picture, as long as the visit lasts."""
    name: str
    open: Opener


def sources_ui(choices: Choices) -> tuple[str, list[Source]]:
    """Draw the widgets; return which source was chosen, and the pictures that it holds."""
    chosen = st.segmented_control(
        "Where the number comes from",
        SOURCES,
        default="Upload",
        required=True,
        key="read_source",
        label_visibility="collapsed",
    )
    if chosen == "Draw":
        return chosen, _drawn(canvas.show(choices.brush, choices.dark, "number", canvas.WIDE))
    if chosen == "Camera":
        photo = st.camera_input("Hold the number in front of the camera", resolution="1080p")
        return chosen, _uploaded([photo] if photo else [])
    files = st.file_uploader(
        "Pictures of numbers, or a .zip of them",
        type=[suffix[1:] for suffix in sorted(SUFFIXES)] + ["zip"],
        accept_multiple_files=True,
        key="read_files",
    )
    return chosen, _uploaded(files)


def _drawn(image) -> list[Source]:
    if image is None:
        return []
    return [Source(hashlib.sha1(image.tobytes()).hexdigest(), DRAWING, lambda: image)]


def _uploaded(files: list) -> list[Source]:
    return [
        Source(f"{file.file_id}/{place}", name, opener)
        for file in files
        for place, (name, opener) in enumerate(pictures([file]))
    ]
