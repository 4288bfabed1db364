"""The parts of provoke_faults.py: each kind of fault, and what it is provoked with."""
