"""Looks again at stories that were put together one article at a time."""

from math import isnan

import numpy as np

from service.clustering.groups import join_likely
from service.clustering.rows import describe, last_day_of, to_reading
from service.clustering.stories import Stories
from service.storage.story_log import StoryLog
from service.storage.tables import Change, StoryArticleRow, StoryRow
from training.stories.joining import Numbers
from training.stories.link import Link
from training.stories.signals import Signals

MOST_COMPARED = 512
"""A story of more articles is not split, as all its pairs would have to be compared."""

Articles = list[StoryArticleRow]


def tidy_stories(log: StoryLog, stories: Stories, link: Link) -> None:
    """Splits and merges the stories that changed, as average linkage would; names them anew."""
    numbers = [number for number in log.changed_since(log.clock.tidied) if number in stories]
    for number in [*numbers]:
        numbers += _split(log, stories, log.story(number), link)
    for number in numbers:
        _merge(log, stories, number, link)
    log.clock.tidied = log.clock.sequence


def _split(log: StoryLog, stories: Stories, row: StoryRow, link: Link) -> list[int]:
    """The numbers of the new stories; the largest part stays what it was."""
    if not 1 < row.size <= MOST_COMPARED:
        return []
    whole = log.articles_of(row.number)
    own, *others = _parts(whole, link)
    if not others:
        row.headline = _central(whole).headline
        return []
    rows = [log.start(part[0].headline) for part in others]
    for new, part in zip(rows, others, strict=True):
        log.note(Change.SPLIT, new, row, [article.sequence for article in part])
        _settle(log, stories, new, part, last_day_of(row))
    _settle(log, stories, row, own, last_day_of(row))
    return [new.number for new in rows]


def _merge(log: StoryLog, stories: Stories, number: int, link: Link) -> None:
    """Merges the story with others while there is one to merge with; the larger stays."""
    while number in stories and stories[number].size > 1:
        other, odds = stories.nearest_other(number)
        if odds <= 0:
            return
        pair = (log.story(number), log.story(other))
        row, gone = sorted(pair, key=lambda each: (-each.size, each.number))
        own, moved = log.articles_of(row.number), log.articles_of(gone.number)
        if _joined(own, moved, link) <= 0:  # sums take times that are not known less exactly
            return
        articles = sorted([*own, *moved], key=lambda each: each.sequence)
        log.note(Change.MERGED, row, gone, [article.sequence for article in moved])
        gone.merged_into, gone.is_open = row.number, False
        stories.forget(gone.number)
        _settle(log, stories, row, articles, max(map(last_day_of, pair)))
        number = row.number


def _settle(
    log: StoryLog, stories: Stories, row: StoryRow, articles: Articles, last_day: float
) -> None:
    """The open story is of these articles from now on."""
    log.fill(row, articles)
    row.headline = _central(articles).headline
    readings = [*map(to_reading, articles)]
    latest = max((each.day for each in readings if not isnan(each.day)), default=last_day)
    stories.put(row.number, readings, min(latest, last_day))
    describe(row, stories)


def _parts(articles: Articles, link: Link) -> list[Articles]:
    """What average linkage makes of a story's articles, the largest first."""
    groups = join_likely(_odds(articles, articles, link), link.joining)
    order = np.argsort(-np.bincount(groups), kind="stable")
    return [[articles[at] for at in np.flatnonzero(groups == group)] for group in order]


def _joined(one: Articles, other: Articles, link: Link) -> float:
    """The log-odds that all of them are of one story."""
    sizes = np.array([len(one), len(other)], dtype=np.float32)
    mean = np.asarray(_odds(one, other, link).mean(), dtype=np.float32)
    return float(link.joining.log_odds(mean, *sizes))


def _odds(one: Articles, other: Articles, link: Link) -> Numbers:
    """The log-odds that each of the one is of a story with each of the other."""
    readings = [*map(to_reading, one), *map(to_reading, other)]
    signals = Signals(
        (each.weights for each in readings),
        np.array([each.day for each in readings]),
        np.stack([each.embedding for each in readings]),
    )
    return link.log_odds(*signals.between(slice(len(one)), slice(len(one), None)))


def _central(articles: Articles) -> StoryArticleRow:
    """The article nearest to the centre of all."""
    embeddings = np.stack([article.embedding for article in articles])
    return articles[int((embeddings @ embeddings.sum(axis=0)).argmax())]
