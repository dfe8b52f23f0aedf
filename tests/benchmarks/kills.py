"""A job that is killed fifty times at random moments, against the same job left alone."""

import random
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import pandas as pd

from tests.benchmarks.builtin import train_builtin
from training.store import Store

KILLS = 50
COLUMNS = ("--title-column", "2", "--text-column", "3")


def main(data: Path) -> None:
    """Prints how many rows differ; labels, evidence and probabilities to three decimals."""
    model, _ = train_builtin()
    with TemporaryDirectory() as folder:
        store = Store(Path(folder) / "models")
        store.promote(store.publish(model))
        command: list[str | Path] = [
            *(Path(sys.executable).with_name("topicwire"), "label", data / "ag_news_test.csv"),
            *("--store", store.root, *COLUMNS, "--output"),
        ]
        start = perf_counter()
        subprocess.run([*command, Path(folder) / "alone"], check=True, stdout=subprocess.DEVNULL)
        whole = perf_counter() - start
        alone = _read(Path(folder) / "alone")
        killed, jobs, different = 0, 0, 0
        while killed < KILLS:
            output = Path(folder) / f"killed-{jobs}"
            killed += _run_with_kills([*command, output], whole, KILLS - killed)
            different += _count_differences(alone, _read(output))
            jobs += 1
    print(f"{killed} kills over {jobs} jobs of {len(alone)} articles: {different} rows differ")


def _run_with_kills(command: list[str | Path], whole: float, most: int) -> int:
    """How often the job was killed before it was done; its own moments, seeded."""
    moments, killed = random.Random(most), 0
    while True:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            wait = moments.uniform(0, whole / 2) if killed < most else None
            if process.wait(wait) == 0:
                return killed
            raise RuntimeError(f"the job ended with {process.returncode}")
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1


def _read(output: Path) -> pd.DataFrame:
    """One row an article, in an order that does not depend on the parts."""
    table = pd.read_parquet(output / "articles").sort_values(["file", "row"], ignore_index=True)
    rounded = table["probabilities"].map(
        lambda each: {topic: round(p, 3) for topic, p in each.items()}
    )
    evidence = table["labels"].map(
        lambda labels: [
            (label["topic"], each["field"], each["start"], each["end"])
            for label in labels
            for each in label["evidence"]
        ]
    )
    return table[["id", "row"]].assign(probabilities=rounded, evidence=evidence)


def _count_differences(one: pd.DataFrame, other: pd.DataFrame) -> int:
    if len(one) != len(other):
        return abs(len(one) - len(other))
    return int((one != other).any(axis=1).sum())
