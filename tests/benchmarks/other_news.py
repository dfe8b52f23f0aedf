"""How often the built-in model gives a topic to news of other kinds: AG News' four classes."""

from pathlib import Path

from tests.benchmarks.ag_news import read_test_set, taxonomy
from tests.benchmarks.builtin import train_builtin
from training.evaluate import label_articles


def main(data: Path) -> None:
    """Prints, for each class, the share of articles that are given any topic, and each."""
    model, encoder = train_builtin()
    topics = model.taxonomy
    rows = read_test_set(data)
    found = label_articles(model, encoder, [article for article, _ in rows])
    print(
        f"| AG News, {len(rows)} articles | any topic | {' | '.join(topics.ids)} "
        "| out of distribution |"
    )
    print("|---" * (3 + len(topics.ids)) + "|")
    for at, topic in enumerate(taxonomy().topics):
        told = [each for each, (_, class_) in zip(found, rows, strict=True) if class_ == at]
        shares = [
            sum(bool(each.labels) for each in told),
            *(sum(name in each.topics for each in told) for name in topics.ids),
            sum(each.out_of_distribution for each in told),
        ]
        print(
            f"| {topic.name} | {' | '.join(f'{n / len(told):.1%}' for n in shares)} |", flush=True
        )
