"""The template of a form: brought as JSON, or marked on a picture of one; kept for the visit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import streamlit as st

from app.read import editor, known
from app.read.desk import Desk, Item
from app.read.sources import PAGE, Source
from app.shared import icons, widgets, work
from app.shared.widgets import as_text
from digits.config import ROOT
from digits.deploy.batch.read import pictures
from digits.deploy.boxes import View
from digits.deploy.form_draft import Draft, picture_of, summed, tidied
from digits.forms import Form
from digits.forms.box import MOST_NAME
from digits.forms.find import find_boxes
from digits.preprocessing.decode import to_grey, to_rgb
from digits.reading import Reading

SLOT = "template"  # in the work: its file
STEP = "form_step"
STEPS = MARK, READ = "Template", "Photos"
CHOSEN = "template_box"  # in the session: of which template which box is looked at
SAMPLE = ROOT / "docs" / "samples" / "form"
HINT = (
    f"{icons.HELLO} A form is marked once, and then read on as many photos as you like. Bring its "
    "template, a JSON file; or a photo or scan of the form, empty or filled in, that lies upright and "
    "shows little around: its boxes are looked for, and you say what they are called."
)
HELP = {
    "digits": (
        "Boxes for a digit each",
        "8",
        "How many such boxes stand side by side in it; nothing where it is written freely.",
    ),
    "pattern": ("Written like", "DD.MM.YYYY", known.HELP),
    "between": ("From, to", "0, 20", None),
    "length": ("So many digits", "8", None),
    "values": ("One of", "1204, 1731", None),
    "step": ("In steps of", "5", None),
    "check": ("Check digit", "luhn", "luhn, mod11, mod97, isbn, or iban: and a country, e.g. iban:DE"),
}


@dataclass(frozen=True, kw_only=True)
class TemplateDesk(Desk):
    """The boxes of a template: what is said of one is its name."""

    draft: Draft

    kind = "template"
    tools = ("draw", "delete")
    teaches = False
    told = ("All boxes have names. Click one to change it.", "boxes have names.")

    @property
    def first(self) -> Draft:
        """Those that were found, or loaded."""
        return self.draft

    def said(self, item: Item) -> str | None:
        """Return its name, where a person gave it."""
        return item.text if self.edits.boxes[item.key].is_named else None

    def note(self, item: Item) -> str:
        """Return what is known of it."""
        return str(self.edits.boxes[item.key])

    def changed(self, before: Draft, action: Mapping[str, Any]) -> Draft:
        """See `Desk.changed`."""
        kind, key = action.get("do"), action.get("key")
        if kind == "add":
            return before.add(self.drawn(action))
        item = self.item(key)
        if kind == "delete":
            return before.without(item.key)
        self.choose(item.key)
        if kind == "move":
            return before.change(item.key, box=self.drawn(action))
        if kind == "say":
            name = action.get("text")
            return before.rename(item.key, str(name)[: MOST_NAME + 1]) if name is not None else before
        raise ValueError("This cannot be done here.")

    def choose(self, key: object) -> None:
        """Look at a box."""
        st.session_state[CHOSEN] = self.source.key, self.item(key).key


def key() -> str:
    """Return by which the template is known, as long as it is there."""
    file = _file()
    return file.id if file else ""


def form() -> Form | None:
    """Return the template as a form, None where there is none.

    Raises:
        ValueError: something said of it is wrong; one sentence that says what.
    """
    file = _file()
    if file is None:
        return None
    draft = _draft(file)
    kept = st.session_state.get("template_form")
    if kept is None or kept[:2] != (file.id, draft):
        kept = st.session_state["template_form"] = file.id, draft, draft.form(_base(file.id, file))
    return kept[2]


def ui(photos: str) -> bool:
    """Draw the template, or the ways to one; return whether photos are asked for.

    Args:
        photos: begins the names under which the photos are kept.
    """
    file = _file()
    if file is None:
        _bring_ui(photos)
        return False
    try:
        with st.spinner("Looking for boxes …"):
            draft = _draft(file)
    except ValueError as error:
        st.error(as_text(error))
        _bring_ui(photos)
        return False
    with st.container(horizontal=True, vertical_alignment="center", key="template"):
        step = widgets.switch_ui("Step", STEPS, STEP)
        words = f"{icons.FORM} {plain(draft.name)}: {_count(draft)}"
        st.markdown(words, width="content")
        _file_ui()
        st.button("Take away", key="forget_template", type="tertiary", on_click=_bring, args=(None,))
    if step == READ:
        return True
    _mark_ui(file, draft)
    return False


def plain(words: str) -> str:
    """Return words with names of boxes in them, of which no sign means anything."""
    return widgets.as_text(words)


def _file() -> work.File | None:
    return next(iter(work.of(PAGE).get(SLOT, [])), None)


def _bring_ui(photos: str) -> None:
    st.container(key="status").write(HINT)
    st.file_uploader(
        "A template (.json), or a picture of the form",
        [*widgets.KINDS, "json"],
        max_upload_size=widgets.LARGEST_PICTURE,
        key="template_file",
        on_change=_brought,
    )
    if SAMPLE.is_dir():
        st.button("Try the sample", key="template_sample", icon=icons.FORM, on_click=_sample, args=(photos,))


def _brought() -> None:
    file = st.session_state["template_file"]
    if file is not None:
        _bring(work.File(file.file_id, file.name, file.getvalue()))


def _bring(file: work.File | None) -> None:
    old = _file()
    if old:
        work.of(PAGE).get("edits", {}).pop(("template", old.id), None)
    work.of(PAGE)[SLOT] = [file] if file else []
    st.session_state[STEP] = READ if file and _is_json(file) else MARK
    work.save()


def _sample(photos: str) -> None:
    def of(path: Path) -> work.File:
        return work.File(f"sample {path.name}", path.name, path.read_bytes())

    work.of(PAGE)[f"{photos}Upload"] = [of(path) for path in sorted(SAMPLE.glob("photo*.jpg"))]
    _bring(of(SAMPLE / "marks.json"))


def _is_json(file: work.File) -> bool:
    return PurePath(file.name).suffix.lower() == ".json"


@st.cache_resource(max_entries=4, show_spinner=False)  # of a picture it is 40 MB
def _base(key: str, _file: work.File) -> Form | np.ndarray:
    """Return the form of a JSON file, or the picture (H, W, 3) uint8 RGB on which boxes are marked."""
    if _is_json(_file):
        return Form.load(_file.data)
    found = list(pictures([_file.open()]))
    if len(found) != 1:
        raise ValueError(f"{_file.name} has {len(found)} pages; expected one, that of the form.")
    return to_rgb(found[0][1]())


def _draft(file: work.File) -> Draft:
    """Return all boxes with what is said of them by now."""
    known = work.of(PAGE).setdefault("edits", {})
    name = ("template", file.id)
    if name not in known:
        base = _base(file.id, file)
        if isinstance(base, Form):
            draft = Draft.of(base.name, base.boxes, base.totals)
        else:
            title = PurePath(file.name).stem.strip()[:MOST_NAME].strip() or "Form"
            draft = Draft.of(title, find_boxes(to_grey(base)), named=False)
        known[name] = [draft]
        work.save()
    return known[name][-1]


def _file_ui() -> None:
    try:
        found = form()
    except ValueError:
        found = None
    st.download_button(
        "JSON",
        found.to_json() if found else "",
        f"{found.name if found else 'form'}.json",
        "application/json",
        icon=icons.DOWNLOAD,
        on_click="ignore",
        key="take_template",
        disabled=found is None,
        help="The template as a file, to keep and to use again.",
    )


def _mark_ui(file: work.File, draft: Draft) -> None:
    """Draw the picture with its boxes, what is known of the chosen one, and what is wrong."""
    no_digits: list[Reading] = []
    items = [
        Item(key, one.name, one.box, one.name, 1.0, not one.is_named, no_digits, (place, 0, 1, 1))
        for place, (key, one) in enumerate(draft.boxes.items())
    ]
    picture = picture_of(_base(file.id, file))
    source = Source(file.id, file.name, lambda: picture)
    st.container(key="status").write(_in_words(draft))
    words = "The form, every box on it"
    waiting = [key for key, one in draft.boxes.items() if not one.is_named]
    of, chosen = st.session_state.get(CHOSEN, ("", ""))
    if of != file.id or chosen not in draft.boxes:
        chosen = next(iter([*waiting, *draft.boxes]), None)
    desk = TemplateDesk(
        source, View.whole(picture), items, words, (len(items), 1), chosen=chosen, draft=draft
    )
    editor.show(desk)
    if chosen is not None:
        _known_ui(file, draft, chosen)
    try:
        form()
    except ValueError as error:
        if draft.boxes:
            st.error(as_text(error))
    else:
        st.button("Read photos with it", type="primary", key="template_done", on_click=_go_on)


def _in_words(draft: Draft) -> str:
    if not draft.boxes:
        return "No boxes of closed lines were found. Choose *+ Box*, and draw one with mouse or finger."
    waiting = sum(not one.is_named for one in draft.boxes.values())
    named = (
        f"{waiting} of them {'has' if waiting == 1 else 'have'} no name yet" if waiting else "all have names"
    )
    return (
        f"{_count(draft)}, {named}. Type a name and press *Enter*; draw, drag and delete boxes on "
        "the picture. What stands in the boxes is not kept."
    )


def _count(draft: Draft) -> str:
    return f"{len(draft.boxes)} {'box' if len(draft.boxes) == 1 else 'boxes'}"


def _go_on() -> None:
    st.session_state[STEP] = READ


def _known_ui(file: work.File, draft: Draft, chosen: str) -> None:
    """Draw what is known of a box."""
    one = draft.boxes[chosen]
    with st.container(border=True, key="template_known"):
        st.markdown(f"What is known of **{plain(one.name)}**")
        columns = st.columns(3)
        said = {"digits": one.digits, **one.field}
        for place, (name, (label, example, hint)) in enumerate(HELP.items()):
            with columns[place % len(columns)]:
                st.text_input(
                    label,
                    placeholder=example,
                    help=hint,
                    **_told(file, chosen, name, said.get(name, "")),
                )
        st.toggle(
            "Points, commas and minus signs are written in it", **_told(file, chosen, "marks", one.marks)
        )
        others = [key for key in draft.boxes if key != chosen]
        for place, parts in enumerate([*one.sums, ()] if others else []):
            st.multiselect(
                "It is also the sum of" if place else "It is the sum of",
                others,
                format_func=lambda key: draft.boxes[key].name if key in draft.boxes else "",
                **_told(file, chosen, f"sum {place}", list(parts)),
            )
        try:
            one.made()
        except ValueError as error:
            st.error(as_text(error))
    st.text_input("Name of the form", **_told(file, "", "name", draft.name))


def _told(file: work.File, box: str, name: str, value: Any) -> dict[str, Any]:
    """Return what a widget needs to show what is said, and to take in what else is."""
    widget = f"said {file.id} {box} {name}"
    st.session_state[widget] = value
    return {"key": widget, "on_change": _say, "args": (box, name, widget)}


def _say(box: str, name: str, widget: str) -> None:
    desk, value = st.session_state[editor.DESK], st.session_state[widget]
    if not isinstance(desk, TemplateDesk) or (box and box not in desk.edits.boxes):
        return
    before: Draft = desk.edits
    if not box:
        after = replace(before, name=value.strip())
    elif name == "marks":
        after = before.change(box, marks=value)
    elif name == "digits":
        after = before.change(box, digits=value.strip())
    elif name.startswith("sum "):
        old = [*before.boxes[box].sums, ()]
        sums = [value if place == int(name[4:]) else parts for place, parts in enumerate(old)]
        after = before.change(box, sums=summed(sums))
    else:
        said = {**before.boxes[box].field, name: tidied(name, value)}
        after = before.change(box, field={one: text for one, text in said.items() if text})
    editor.push(desk, after)
