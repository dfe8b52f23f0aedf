"""Prints every table of the README that was measured: `python -m tests.benchmarks --data DIR`."""

import argparse
from pathlib import Path

from tests.benchmarks import few_shot, quality, serving

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
parser.add_argument("--only", choices=["quality", "few_shot", "serving"], help="one table")
arguments = parser.parse_args()

for table in (quality, few_shot, serving):
    if arguments.only in {None, table.__name__.rpartition(".")[2]}:
        table.main(arguments.data)
        print()
