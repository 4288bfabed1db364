"""A page of the app as a program sees it: Streamlit's messages, put together.

A page is a tree, and each message that brings something names its place by a path of numbers. Containers and
widgets with a key bear it in their id: "$$ID-<hash>-answer". What a run does not send again is gone when it
has finished.
"""

import re
from typing import Any

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

Place = tuple[int, ...]


class Page:
    """What one session shows, and what its widgets hold."""

    def __init__(self):
        self.hash = ""
        """Streamlit's name of the page that is shown."""
        self.others: dict[str, str] = {}
        """The names of all pages, by their address."""
        self.widgets: dict[str, WidgetState] = {}
        """By key."""
        self._elements: dict[Place, Element] = {}
        self._keys: dict[Place, str] = {}
        self._fragments: dict[Place, str] = {}
        self._fresh: set[Place] = set()
        self._again: set[str] = set()  # fragments that run again; none: the whole page does

    def take(self, message: ForwardMsg) -> bool:
        """Take one message in; return whether a run ended with it, and no other one follows."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._fresh, self._again = set(), set(message.metadata.run.fragment_ids)
            self.hash = message.new_session.page_script_hash
        elif kind == "navigation":
            self.others = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
        elif kind == "delta":
            self._put(tuple(message.metadata.delta_path), message.delta)
        elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self._drop_stale()
            return True
        return False

    def brings(self, message: ForwardMsg, key: str) -> bool:
        """Tell whether a message brings an element into the container with a key."""
        if message.WhichOneof("type") != "delta" or not message.delta.HasField("new_element"):
            return False
        place = tuple(message.metadata.delta_path)
        return any(self._keys.get(place[:depth]) == key for depth in range(len(place)))

    def text(self, key: str) -> str | None:
        """Return the first Markdown in the container with a key."""
        texts = (element.markdown.body for element in self.within(key) if element.HasField("markdown"))
        return next(texts, None)

    def within(self, key: str) -> list[Element]:
        """Return what stands in the container with a key, from top to bottom."""
        roots = [root for root, name in self._keys.items() if name == key]
        places = [place for place in self._elements if any(place[: len(root)] == root for root in roots)]
        return [self._elements[place] for place in sorted(places)]

    def widget(self, key: str) -> str:
        """Return Streamlit's name of the widget whose key begins so.

        Raises:
            ValueError: there is none on the page.
        """
        names = (getattr(_widget(element), "id", "") for element in self._elements.values())
        found = next((name for name in names if key_of(name).startswith(key)), None)
        if found is None:
            raise ValueError(f"There is no {key} on the page; it shows {self.problems() or 'no error'}.")
        return found

    def fragment(self, key: str) -> str:
        """Return Streamlit's name of the fragment in which the container with a key stands."""
        return next((self._fragments[place] for place, name in self._keys.items() if name == key), "")

    def problems(self) -> list[str]:
        """Return the words of each exception and each red box that is shown."""
        found = []
        for element in self._elements.values():
            if element.HasField("exception"):
                found.append(f"{element.exception.type}: {element.exception.message}")
            elif element.HasField("alert") and element.alert.format == Alert.ERROR:
                found.append(element.alert.body)
        return found

    def _put(self, place: Place, delta: Delta) -> None:
        if delta.HasField("new_transient"):  # a spinner: beside what stands there
            return
        self._fresh.add(place)
        self._fragments[place] = delta.fragment_id
        self._keys.pop(place, None)
        self._elements.pop(place, None)
        if delta.HasField("add_block"):
            self._keys[place] = key_of(delta.add_block.id)
            return
        self._elements[place] = delta.new_element
        state = first_state(_widget(delta.new_element))
        key = key_of(state.id) if state else ""
        known = self.widgets[key].id if key in self.widgets else ""
        if state and (known != state.id or getattr(_widget(delta.new_element), "set_value", False)):
            self.widgets[key] = state

    def _drop_stale(self) -> None:
        for place in self._fragments.keys() - self._fresh:
            if not self._again or self._fragments[place] in self._again:
                for known in (self._elements, self._keys, self._fragments):
                    known.pop(place, None)
        shown = {getattr(_widget(element), "id", "") for element in self._elements.values()}
        self.widgets = {key: state for key, state in self.widgets.items() if state.id in shown}


def key_of(name: str) -> str:
    """Return the key in the id of a container or widget, or nothing.

    >>> key_of("$$ID-c6a9bd87be6a3b8a2b5d231fdd121495-care-handwriting")
    'care-handwriting'
    """
    found = re.fullmatch(r"\$\$ID-[0-9a-f]+-(.+)", name)
    return found[1] if found else ""


def _widget(element: Element) -> Any:
    return getattr(element, element.WhichOneof("type") or "empty")


def first_state(widget: Any) -> WidgetState | None:
    """Return what a browser says that a widget holds which nobody has touched, or None: it says nothing."""
    kind, state = type(widget).__name__, WidgetState(id=getattr(widget, "id", ""))
    told = getattr(widget, "set_value", False)  # by the app, in the session
    if kind == "Checkbox":
        state.bool_value = widget.value if told else widget.default
    elif kind == "Selectbox":
        state.string_value = widget.raw_value if told else widget.options[widget.default]
    elif kind == "Slider" and not widget.options:
        state.double_array_value.data.extend(widget.value if told else widget.default)
    elif kind in ("Slider", "MultiSelect", "ButtonGroup"):
        raw = widget.raw_value if kind == "Slider" else widget.raw_values
        words = [getattr(option, "content", option) for option in widget.options]
        state.string_array_value.data.extend(raw if told else [words[int(i)] for i in widget.default])
    else:
        return None
    return state
