"""Makes the news encoder anew: `python -m training.news_encoder`.

It is the default encoder, tuned to tell the built-in topics apart on the passages of
`data/tuning`. No head is fitted on these: heads are fitted, and scored, on the passages of
`data/corpus`, which the news encoder has not seen, so that their held-out scores stay honest.
"""

from importlib.resources import files
from pathlib import Path

from rich.progress import Progress

from training.corpus import tuning_corpus
from training.encoder import Precision
from training.encoder_update import pack_update
from training.finetune import TuningTexts, tune
from training.seeds import seed_texts
from training.sentence_encoder import load_encoder
from training.taxonomy import builtin_taxonomy
from training.weights import DEFAULT_ENCODER, NEWS_UPDATE

SEEDS = (0, 1, 2, 3)


def make_update() -> bytes:
    """What tuning changes in the default encoder; takes about eighty minutes on two cores."""
    taxonomy = builtin_taxonomy()
    corpus = tuning_corpus(taxonomy)
    before = load_encoder(DEFAULT_ENCODER, Precision.FLOAT32)
    texts, owners = seed_texts(taxonomy)
    examples = TuningTexts(before.tokenize(corpus.texts), corpus.targets(taxonomy))
    seeds = TuningTexts(before.tokenize(texts), owners)
    with Progress() as bar:
        epochs = bar.add_task("tuning", total=None)
        after = tune(
            before,
            examples + seeds,
            SEEDS,
            lambda done, total: bar.update(epochs, completed=done, total=total),
        )
    return pack_update(before.model.state_dict(), after.model.state_dict())


if __name__ == "__main__":
    Path(str(files("training") / "data" / NEWS_UPDATE)).write_bytes(make_update())
