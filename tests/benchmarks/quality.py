"""The built-in model on real passages about war, which it has never seen."""

from pathlib import Path

from training.corpus import builtin_corpus, load_corpus
from training.evaluate import evaluate
from training.sentence_encoder import load_encoder
from training.taxonomy import builtin_taxonomy
from training.train import train_model


def main(data: Path) -> None:
    """Prints precision, recall and F1 of each topic, held out and on the real passages."""
    taxonomy = builtin_taxonomy()
    encoder = load_encoder()
    corpus = builtin_corpus(taxonomy)
    model = train_model(taxonomy, corpus, encoder)
    real = load_corpus([data / "conflict_dev.jsonl"], taxonomy)
    scores = {
        f"built-in corpus, held out ({len(corpus.rows)})": model.metrics,
        f"real passages ({len(real.rows)})": evaluate(model, encoder, real),
    }
    print("| texts | macro-F1 |", " | ".join(taxonomy.ids), "| largest ECE |")
    print("|---" * (3 + len(taxonomy.ids)) + "|")
    for name, metrics in scores.items():
        f1 = " | ".join(f"{topic.f1:.3f}" for topic in metrics.topics.values())
        ece = max(topic.ece for topic in metrics.topics.values())
        print(f"| {name} | {metrics.macro_f1:.3f} | {f1} | {ece:.3f} |")
