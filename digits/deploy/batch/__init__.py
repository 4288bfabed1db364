"""Millions of pictures: where they are found, how the work is cut into parts, and who does it.

sources -> items -> shards -> an engine (this machine's cores, or Ray) -> parts on the disk -> one table

`job` joins them; `read` is for as many pictures as fit into memory, without a table.
"""
