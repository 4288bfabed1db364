"""The parts of bench_load.py: visitors with and without a browser, and what they are weighed with."""
