"""`topicwire train`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import JsonOption, StoreOption
from service.cli.screen import out, print_json, progress_bar
from service.settings import Settings, read_settings
from training.encoder import Precision

if TYPE_CHECKING:
    from training.corpus import Corpus
    from training.publishing import Published
    from training.taxonomy import Taxonomy
    from training.train import Trained


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
    fast: Annotated[
        bool,
        typer.Option(
            "--fast", help="Give it a student too, for label --mode fast; three minutes more."
        ),
    ] = False,
    store: StoreOption = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the folds.")] = 0,
    corrections: Annotated[
        bool, typer.Option("--corrections", help="Learn the corrections that were submitted too.")
    ] = False,
    audit: Annotated[
        bool, typer.Option("--audit", help="Publish nothing; list texts whose labels look wrong.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Make it current even if it is worse.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Fit a model and make it the current one, unless that one is better.

    Without arguments, the built-in topics from the built-in corpus. With a taxonomy and no
    corpus, from the topics' names, descriptions and seed phrases alone.

    Example: `topicwire train --taxonomy mine.toml --corpus mine.jsonl`
    """
    from service.cli.opening import fit
    from training.publishing import promote, publish
    from training.store import Store
    from training.weights import DEFAULT_ENCODER, NEWS_ENCODER

    settings = read_settings(store=store)
    topics, texts = _read(taxonomy, corpus)
    if corrections:
        texts = _corrected(texts, topics, settings)
    target = Store(settings.store)
    name = encoder or (DEFAULT_ENCODER if taxonomy else NEWS_ENCODER)
    if finetune:
        trained = _finetune(topics, texts, name, seed)
    else:
        trained = fit(topics, texts, name, settings, seed)
    if audit:
        _audit(trained, as_json=as_json)
        return
    if fast:
        trained = _with_student(trained)
    published = publish(target, trained)
    if as_json:
        changes = published.changes.model_dump() if published.changes else None
        metrics = trained.model.metrics.model_dump()
        print_json({"model": published.number, **metrics, "changes": changes})
    else:
        _show(trained, published)
    promote(target, published, force=force)
    if not as_json:
        size = len(texts.rows)
        out.print(f"Model {published.number} of {target.root}, fitted on {size} texts, is current.")


def _read(taxonomy: Path | None, corpus: list[Path] | None) -> "tuple[Taxonomy, Corpus]":
    from training.corpus import Corpus, builtin_corpus, load_corpus
    from training.taxonomy import builtin_taxonomy, load_taxonomy

    topics = load_taxonomy(taxonomy) if taxonomy else builtin_taxonomy()
    if corpus:
        return topics, load_corpus(corpus, topics)
    return topics, Corpus(()) if taxonomy else builtin_corpus(topics)


def _corrected(texts: "Corpus", topics: "Taxonomy", settings: Settings) -> "Corpus":
    """The corpus with every correction in it but those that name topics of other taxonomies."""
    from service.storage.corrections import open_corrections
    from training.corpus import LabelledText

    return texts.corrected(
        LabelledText(
            text=each.text,
            labels=each.labels,
            id=each.article_id,
            source=each.source or "corrections",
        )
        for each in open_corrections(settings.database_url).all()
        if {*each.labels} <= {*topics.ids}
    )


def _audit(trained: "Trained", *, as_json: bool) -> None:
    from training.audit import find_suspects

    suspects = find_suspects(trained)
    for suspect in suspects:
        if as_json:
            print_json(suspect.model_dump())
        else:
            given, suggested = (
                ", ".join(labels) or "none" for labels in (suspect.labels, suspect.suggested)
            )
            out.print(
                f"row {suspect.row} {suspect.source} {suspect.id}: {given} → {suggested}?",
                markup=False,
            )
            out.print(suspect.text, style="dim", markup=False)
    if not as_json:
        out.print(f"{len(suspects)} of {len(trained.corpus.rows)} texts have suspicious labels.")


def _finetune(topics: "Taxonomy", texts: "Corpus", encoder: str, seed: int) -> "Trained":
    from training.sentence_encoder import load_encoder
    from training.train import finetune_model

    untuned = load_encoder(encoder, Precision.FLOAT32)
    with progress_bar("tuning") as progress:
        return finetune_model(topics, texts, untuned, seed=seed, progress=progress)


def _with_student(trained: "Trained") -> "Trained":
    from training.distil import distil_model

    with progress_bar("distilling") as progress:
        return replace(trained, model=distil_model(trained, progress))


def _show(trained: "Trained", published: "Published") -> None:
    from service.cli.tables import changes_table, metrics_table

    out.print(metrics_table(trained.model.metrics))
    if published.changes:
        changes = published.changes
        out.print(changes_table(changes))
        counts = (
            f"{changes.added} added, {changes.removed} removed, {changes.relabelled} relabelled"
        )
        out.print(f"texts of the corpus: {counts}")
