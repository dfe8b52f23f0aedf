"""Pages that need no other file and no network."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template
from plotly.graph_objects import Figure
from plotly.offline import get_plotlyjs


def render_page(
    package: str, name: str, figures: Mapping[str, Figure | None], **facts: object
) -> str:
    """A page from the template of that name.

    Args:
        package: where the template lies.
        name: of its file.
        figures: by the id of the element that each is drawn in; None is left out.
        facts: what else the template shows.
    """
    return template(package, name, escape=True).render(
        **facts,
        figures={key: figure.to_json() for key, figure in figures.items() if figure},
        style=(files("training.report") / "page.css").read_text(encoding="utf-8"),
        plotly=get_plotlyjs(),
    )


@cache
def template(package: str, name: str, *, escape: bool) -> Template:
    """A Jinja template that lies in a package; it may extend `page.html.jinja`."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, ""), PackageLoader("training.report", "")]),
        autoescape=escape,  # noqa: S701 - Markdown has nothing to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
