"""The icons of all pages: signs of the Material font, which Streamlit bundles.

Emoji are empty boxes wherever no font has them.
"""

from pathlib import Path

APP = Path(__file__).with_name("icon.svg")
"""A file: of a sign of the font as the icon of a tab Streamlit would ask a server of Google."""

DRAW = ":material/draw:"
READ = ":material/pin:"
TEACH = ":material/history_edu:"
WHY = ":material/search_insights:"
BREAK = ":material/bolt:"
LEARN = ":material/school:"
MODELS = ":material/inventory_2:"
"""Of the pages."""

HELLO = ":material/waving_hand:"
DOUBT = ":material/help:"
REFUSED = ":material/block:"
WARNING = ":material/warning:"
RIGHT = ":material/check_circle:"
WRONG = ":material/cancel:"
THANKS = ":material/favorite:"
NOTE = ":material/info:"
PRIVATE = ":material/lock:"
DONE = ":material/celebration:"
HINT = ":material/lightbulb:"
"""Of what is said."""

ADD = ":material/add_box:"
BACK = ":material/arrow_back:"
CLIP = ":material/attach_file:"
DELETE = ":material/delete:"
DICE = ":material/casino:"
DOWNLOAD = ":material/download:"
FORM = ":material/list_alt:"
FORWARD = ":material/arrow_forward:"
GO = ":material/play_arrow:"
HAND = ":material/back_hand:"
KEEP = ":material/check:"
MEASURE = ":material/speed:"
PRINT = ":material/print:"
RENAME = ":material/edit:"
SEARCH = ":material/search:"
STOP = ":material/stop:"
TABLE = ":material/table_rows:"
UNDO = ":material/undo:"
UPLOAD = ":material/upload:"
"""Of what can be done."""
