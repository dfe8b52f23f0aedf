"""Writes the page about running stories."""

from service.clustering.report.figures import Told, growth_figure, timeline_figure, topic_colours
from service.storage.stories import StoryBook
from training.report.page import render_page

MOST_STORIES = 200
MOST_ARTICLES = 100
"""Of one story."""


def render_stories(book: StoryBook) -> str:
    """One HTML page that needs no other file and no network."""
    told = [
        Told(story, book.articles(story.number, count=MOST_ARTICLES))
        for story in book.largest(MOST_STORIES)
    ]
    colours = topic_colours(told)
    return render_page(
        "service.clustering.report",
        "report.html.jinja",
        {"timeline": timeline_figure(told, colours), "growth": growth_figure(told)},
        counts=book.counts(),
        told=told,
        colours=colours,
    )
