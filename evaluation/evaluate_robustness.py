"""Judge a model on corrupted digits; see evaluation/judges/corruptions.py."""

import tyro

from digits import experiment
from evaluation.judges.corruptions import Settings, main

if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
