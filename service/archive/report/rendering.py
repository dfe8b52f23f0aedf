"""Writes the report of a job."""

from service.archive.digest import Digest
from service.archive.parts import Counts
from service.archive.report.figures import map_figure, source_figure, time_figure
from training.report.curves import Names
from training.report.page import render_page


def render_report(counts: Counts, digest: Digest, names: Names, *, files: int, model: int) -> str:
    """One HTML page that needs no other file and no network."""
    figures = {
        "time": time_figure(digest.days, names),
        "sources": source_figure(digest.sources, names),
        "map": map_figure(digest.points, names),
    }
    return render_page(
        "service.archive.report",
        "report.html.jinja",
        figures,
        counts=counts,
        names=names,
        examples=digest.examples,
        files=files,
        model=model,
        shown=len(digest.points),
    )
