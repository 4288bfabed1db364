"""The reader as a small HTTP service; see app.py for its routes. It needs the extra `serve`.

A request's way: a place in the house and its body, counted while it comes (uploads.py); the head of the
picture; a lane, where pictures that wait together are read in one batch (lane.py, service.py); the answer,
as `python -m digits read --json` gives it (answers.py). Nothing that was sent is kept.
"""
