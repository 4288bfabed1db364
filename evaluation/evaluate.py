"""Judge a model on MNIST's test digits; see evaluation/judges/accuracy.py."""

import tyro

from digits import experiment
from evaluation.judges.accuracy import Settings, main

if __name__ == "__main__":
    experiment.command(lambda: main(tyro.cli(Settings)))
