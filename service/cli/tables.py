"""Tables of scores for the terminal."""

from rich.table import Table

from training.metrics import Metrics


def metrics_table(metrics: Metrics) -> Table:
    """The metrics of each topic and of all."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("topic", no_wrap=True)
    for name in ("precision", "recall", "F1", "AP", "ECE", "texts", "threshold"):
        table.add_column(name, justify="right")
    for topic, found in metrics.topics.items():
        shares = (found.precision, found.recall, found.f1, found.average_precision, found.ece)
        numbers = (*(f"{share:.3f}" for share in shares), str(found.support))
        table.add_row(topic, *numbers, f"{found.threshold:.3f}")
    table.add_row("macro", "", "", f"{metrics.macro_f1:.3f}", end_section=True)
    table.add_row("micro", "", "", f"{metrics.micro_f1:.3f}")
    return table
