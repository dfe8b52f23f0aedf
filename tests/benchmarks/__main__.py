"""Prints every table of the README that was measured: `python -m tests.benchmarks --data DIR`."""

import argparse
from pathlib import Path

from tests.benchmarks import (
    archives,
    few_shot,
    fuzz,
    kills,
    load,
    long_articles,
    many_articles,
    other_news,
    overload,
    quality,
    reloads,
    review,
    same_data,
    serving,
    soak,
    stories,
    story_kills,
)
from tests.benchmarks.peers import Peers

TABLES = {
    "quality": lambda data, _: quality.main(data),
    "other_news": lambda data, _: other_news.main(data),
    "same_data": same_data.main,
    "few_shot": lambda data, _: few_shot.main(data),
    "long_articles": lambda data, _: long_articles.main(data),
    "review": lambda data, _: review.main(data),
    "archives": archives.main,
    "kills": lambda data, _: kills.main(data),
    "stories": stories.main,
    "many_articles": lambda data, _: many_articles.main(data),
    "story_kills": lambda data, _: story_kills.main(data),
    "serving": lambda data, _: serving.main(data),
    "load": load.main,
    "fuzz": lambda *_: fuzz.main(),
    "overload": lambda data, _: overload.main(data),
    "soak": lambda data, _: soak.main(data),
    "reloads": lambda data, _: reloads.main(data),
}


def main() -> None:
    """Prints the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--only", choices=TABLES, help="one table")
    parser.add_argument("--setfit", type=Path, help="a Python that has setfit")
    parser.add_argument("--bertopic", type=Path, help="a Python that has bertopic")
    parser.add_argument("--infinity", type=Path, help="a Python that has infinity_emb")
    arguments = parser.parse_args()
    peers = Peers(arguments.setfit, arguments.bertopic, arguments.infinity)
    for name, print_table in TABLES.items():
        if arguments.only in {None, name}:
            print_table(arguments.data, peers)
            print()


if __name__ == "__main__":  # worker processes import this module too
    main()
