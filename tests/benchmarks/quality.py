"""The built-in topics on real passages about war, which no model here has seen.

The encoder as it comes, and tuned on the built-in corpus.
"""

from pathlib import Path
from time import perf_counter

from training.corpus import builtin_corpus, load_corpus
from training.encoder import Precision
from training.evaluate import evaluate
from training.metrics import Metrics
from training.sentence_encoder import load_encoder
from training.taxonomy import builtin_taxonomy
from training.train import Trained, finetune_model, train_model

TAXONOMY = builtin_taxonomy()


def main(data: Path) -> None:
    """Prints F1 held out and on the real passages, calibration, and seconds to train."""
    real = load_corpus([data / "conflict_dev.jsonl"], TAXONOMY)
    print("| encoder | texts | macro-F1 |", " | ".join(TAXONOMY.ids), "| largest ECE | seconds |")
    print("|---" * (5 + len(TAXONOMY.ids)) + "|")
    for name, train in (("as it comes", _frozen), ("tuned", _tuned)):
        start = perf_counter()
        trained = train()
        seconds = perf_counter() - start
        _print_row(name, "held out", trained.model.metrics, seconds)
        _print_row(name, "real", evaluate(trained.model, trained.encoder, real), seconds)


def _frozen() -> Trained:
    return train_model(TAXONOMY, builtin_corpus(TAXONOMY), load_encoder())


def _tuned() -> Trained:
    encoder = load_encoder(precision=Precision.FLOAT32)
    return finetune_model(TAXONOMY, builtin_corpus(TAXONOMY), encoder)


def _print_row(name: str, texts: str, metrics: Metrics, seconds: float) -> None:
    f1 = " | ".join(f"{topic.f1:.3f}" for topic in metrics.topics.values())
    ece = max(topic.ece for topic in metrics.topics.values())
    row = f"| {name} | {texts} | {metrics.macro_f1:.3f} | {f1} | {ece:.3f} | {seconds:.0f} |"
    print(row, flush=True)
