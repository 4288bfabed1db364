"""Millions of pictures: where they are found, how the work is cut into parts, and who does it.

sources -> items -> shards -> an engine (this machine's cores, or Ray) -> parts on the disk -> one table

What is done with a shard is the business of whoever calls; see digits/deploy/batch/job.py.
"""
