"""`topicwire train`."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.screen import out, print_json, progress_bar
from service.settings import Settings
from training.encoder import Precision


def train(
    taxonomy: Annotated[
        Path | None, typer.Option(help="TOML file of topics. Default: the built-in taxonomy.")
    ] = None,
    corpus: Annotated[
        list[Path] | None,
        typer.Option(help="JSONL file of labelled texts; may be given more than once."),
    ] = None,
    encoder: Annotated[
        str | None, typer.Option(help="Name or folder of a sentence-transformers model.")
    ] = None,
    finetune: Annotated[
        bool, typer.Option("--finetune", help="Tune the encoder too: minutes, not seconds.")
    ] = False,
    store: Annotated[Path | None, typer.Option(help="Folder of models.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the folds.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Fit a model and make it the current one.

    Without arguments, the built-in topics from the built-in corpus. With a taxonomy and no
    corpus, from the topics' names, descriptions and seed phrases alone.

    Example: `topicwire train --taxonomy mine.toml --corpus mine.jsonl`
    """
    from service.cli.tables import metrics_table
    from training.corpus import Corpus, builtin_corpus, load_corpus
    from training.sentence_encoder import load_encoder
    from training.store import Store
    from training.taxonomy import builtin_taxonomy, load_taxonomy
    from training.train import finetune_model, train_model
    from training.weights import DEFAULT_ENCODER

    topics = load_taxonomy(taxonomy) if taxonomy else builtin_taxonomy()
    if corpus:
        texts = load_corpus(corpus, topics)
    else:
        texts = Corpus(()) if taxonomy else builtin_corpus(topics)
    settings = Settings()
    target = Store(store or settings.store)
    name = encoder or DEFAULT_ENCODER
    with progress_bar("tuning" if finetune else "training") as progress:
        if finetune:
            untuned = load_encoder(name, Precision.FLOAT32)
            trained = finetune_model(topics, texts, untuned, seed=seed, progress=progress)
        else:
            loaded = load_encoder(name, settings.precision)
            trained = train_model(topics, texts, loaded, seed=seed, progress=progress)
    model = trained.model
    number = target.publish(model, trained.tuned)
    target.promote(number)
    if as_json:
        print_json({"model": number, **model.metrics.model_dump()})
    else:
        out.print(metrics_table(model.metrics))
        out.print(
            f"Model {number} of {target.root}, fitted on {len(texts.rows)} texts, is current."
        )
