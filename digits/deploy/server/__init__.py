"""The reader as a small HTTP service; see app.py for its routes. It needs the extra `serve`.

A request's way: a place in the house, the body, counted while it comes, and the head of the picture
(requests.py); a lane, where pictures that wait together are read in one batch (service.py), by one of several
processes (readers.py); the answer, as `python -m digits read --json` gives it. Nothing that was sent is kept.
"""
