"""The parts of bench_speed.py, each of which times one thing."""
