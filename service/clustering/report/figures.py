"""What the page draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from html import escape

from plotly.graph_objects import Figure, Scatter

from service.storage.tables import StoryArticleRow, StoryRow
from service.text import shorten
from training.report.style import NONE_COLOUR, colour_of, new_figure

MOST_LINES = 40
MOST_CURVES = 12
HEADLINE_CHARS = 60
NO_TOPIC = "no topic"


@dataclass(frozen=True)
class Told:
    """A story with its articles, in the order that they came."""

    story: StoryRow
    articles: Sequence[StoryArticleRow]

    @property
    def topic(self) -> str:
        """That of most of its articles; "" if none has one."""
        return max(self.story.topics, key=lambda topic: self.story.topics[topic], default="")

    @cached_property
    def dated(self) -> Sequence[tuple[datetime, StoryArticleRow]]:
        """Its articles whose time is known, each behind its time, ascending."""
        known = ((each.published_at, each) for each in self.articles if each.published_at)
        return sorted(known, key=lambda pair: pair[0])

    @property
    def times(self) -> list[datetime]:
        """Of these articles."""
        return [time for time, _ in self.dated]


def topic_colours(told: Sequence[Told]) -> dict[str, str]:
    """A colour for each topic that a story has, and for none."""
    topics = sorted({topic for each in told for topic in each.story.topics})
    colours = {topic: colour_of(at) for at, topic in enumerate(topics)}
    return {**colours, "": NONE_COLOUR}


def timeline_figure(told: Sequence[Told], colours: Mapping[str, str]) -> Figure | None:
    """A line for each of the largest stories, a dot for each article; None without times."""
    dated = sorted((each for each in told[:MOST_LINES] if each.dated), key=lambda each: each.times)
    if not dated:
        return None
    figure = new_figure()
    shown: set[str] = set()
    for each in dated:
        topic, name = each.topic, _name(each)
        colour = colours[topic]
        figure.add_trace(
            Scatter(
                x=each.times,
                y=[name] * len(each.dated),
                mode="lines+markers",
                line={"color": colour, "width": 2},
                marker={"color": colour, "size": 7, "opacity": 0.6},
                name=_say(topic),
                legendgroup=topic,
                showlegend=topic not in shown,
                hovertext=[escape(article.headline, quote=False) for _, article in each.dated],
                hoverinfo="text+x",
            )
        )
        shown.add(topic)
    figure.update_layout(height=110 + 24 * len(dated), hovermode="closest")
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure


def growth_figure(told: Sequence[Told]) -> Figure | None:
    """How many articles the largest stories have had by when; None without times."""
    dated = [each for each in told if each.dated][:MOST_CURVES]
    if not dated:
        return None
    figure = new_figure(y="Articles so far")
    for at, each in enumerate(dated):
        figure.add_trace(
            Scatter(
                x=each.times,
                y=[*range(1, len(each.dated) + 1)],
                line={"shape": "hv", "color": colour_of(at)},
                name=_name(each),
            )
        )
    figure.update_layout(height=640, legend={"y": -0.15, "yanchor": "top"})
    return figure


def _name(told: Told) -> str:
    short = shorten(told.story.headline, HEADLINE_CHARS)
    return escape(f"{short} ({told.story.number})", quote=False)


def _say(topic: str) -> str:
    return topic.replace("_", " ") or NO_TOPIC
