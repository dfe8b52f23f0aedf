"""Tables of scores for the terminal."""

from collections.abc import Mapping

from rich.table import Table

from training.bootstrap import Interval
from training.changes import Changes
from training.compare import Comparison, Difference
from training.metrics import Metrics


def metrics_table(metrics: Metrics) -> Table:
    """The metrics of each topic and of all, F1 with its 95 % interval."""
    table = _table("topic", "prec.", "recall", "F1", "95 %", "AP", "ECE", "texts", "threshold")
    for topic, found in metrics.topics.items():
        table.add_row(
            topic,
            *_shares(found.precision, found.recall, found.f1),
            _range(found.intervals.get("f1")),
            *_shares(found.average_precision, found.ece),
            str(found.support),
            f"{found.threshold:.3f}",
        )
    for name, value in (("macro", metrics.macro_f1), ("micro", metrics.micro_f1)):
        within = _range(metrics.intervals.get(f"{name}_f1"))
        table.add_row(name, "", "", f"{value:.3f}", within, end_section=name == "macro")
    return table


def sources_table(sources: Mapping[str, Metrics]) -> Table:
    """F1 by source; a topic that no text of a source carries is left out."""
    topics = next(iter(sources.values())).topics
    table = _table("source", "micro F1", "95 %", *topics)
    for source, found in sources.items():
        shown = [f"{t.f1:.3f} ({t.support})" if t.support else "–" for t in found.topics.values()]
        within = _range(found.intervals.get("micro_f1"))
        table.add_row(source, f"{found.micro_f1:.3f}", within, *shown)
    return table


def comparison_table(comparison: Comparison) -> Table:
    """By how much one model's F1 is higher, with its 95 % interval."""
    table = _table("F1 less the other's", "difference", "95 %", "better in")
    for name, found in {**comparison.topics, "macro": comparison.macro_f1}.items():
        table.add_row(name, *_difference(found))
    return table


def changes_table(changes: Changes) -> Table:
    """What a new model changes against the one in use."""
    table = _table(f"since model {changes.since}", "F1", "95 %", "threshold")
    scores = changes.comparison.topics if changes.comparison else {}
    for topic, (before, now) in changes.thresholds.items():
        score = _difference(scores[topic])[:2] if topic in scores else ("", "")
        table.add_row(topic, *score, f"{before:.3f} → {now:.3f}" if before else f"{now:.3f}")
    if changes.comparison:
        table.add_row("macro", *_difference(changes.comparison.macro_f1)[:2], "")
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 0, 0, 1))
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right")
    return table


def _shares(*shares: float) -> list[str]:
    return [f"{share:.3f}" for share in shares]


def _range(found: Interval | None) -> str:
    return f"{found.low:.2f}–{found.high:.2f}" if found else ""


def _difference(found: Difference) -> tuple[str, str, str]:
    low, high = found.interval
    return f"{found.difference:+.3f}", f"{low:+.3f} to {high:+.3f}", f"{found.share_better:.0%}"
