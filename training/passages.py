"""Cuts an article into passages: runs of whole sentences that fit the encoder."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import sentencex

from training.article import Article

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""How many tokens each text has for the encoder, special tokens left out."""

PASSAGE_TOKENS = 160
"""Most tokens of a passage, about two paragraphs; shorter ones lack context."""

_Span = tuple[int, int, int]
"""Start, end, and how many tokens lie between them."""

_PLAIN_SPACES = {code: " " for code in range(0x80, 0x3001) if chr(code).isspace()}
"""White space that sentencex breaks down on when a full stop follows it."""


class Field(StrEnum):
    """The part of an article that a passage was cut from."""

    TITLE = "title"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences: `text` is `field[start:end]`, in Unicode code points."""

    field: Field
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    tokens: int
    ends_paragraph: bool


def split_article(article: Article, count_tokens: CountTokens, max_tokens: int) -> list[Passage]:
    """The passages of the title, then of the body, each of at most `max_tokens`.

    Together they hold every character but the white space between them. A paragraph's end
    ends a passage. A sentence is cut only if it alone has more than `max_tokens`.
    """
    return split_articles([article], count_tokens, max_tokens)[0]


def split_articles(
    articles: Sequence[Article], count_tokens: CountTokens, max_tokens: int
) -> list[list[Passage]]:
    """The passages of each article; their sentences are counted in one call."""
    parts = [
        (at, field, text, article.language)
        for at, article in enumerate(articles)
        for field, text in ((Field.TITLE, article.title), (Field.BODY, article.body))
    ]
    found = split_texts([part[2:] for part in parts], count_tokens, max_tokens)
    passages: list[list[Passage]] = [[] for _ in articles]
    for (at, field, text, _), spans in zip(parts, found, strict=True):
        passages[at] += [Passage(field, start, end, text[start:end]) for start, end in spans]
    return passages


def split_texts(
    texts: Sequence[tuple[str, str]], count_tokens: CountTokens, max_tokens: int
) -> list[list[tuple[int, int]]]:
    """The `[start, end)` of each passage of each text, in Unicode code points.

    Args:
        texts: each with its language.
        count_tokens: told all sentences at once.
        max_tokens: most of a passage.
    """
    spans = [_sentence_spans(text, language) for text, language in texts]
    sentences = [
        text[start:end] for (text, _), own in zip(texts, spans, strict=True) for start, end in own
    ]
    counts = iter(count_tokens(sentences) if sentences else [])
    return [
        _join_sentences(text, [(*span, next(counts)) for span in own], count_tokens, max_tokens)
        for (text, _), own in zip(texts, spans, strict=True)
    ]


def _join_sentences(
    text: str, counted: Sequence[_Span], count_tokens: CountTokens, max_tokens: int
) -> list[tuple[int, int]]:
    paragraph_ends = {
        end for (_, end, _), (start, _, _) in pairwise(counted) if "\n" in text[end:start]
    }
    sentences = [
        _Sentence(start, end, tokens, end in paragraph_ends)
        for start, end, tokens in _fitting(text, counted, count_tokens, max_tokens)
    ]
    return [(run[0].start, run[-1].end) for run in _runs(sentences, max_tokens)]


def _sentence_spans(text: str, language: str) -> list[tuple[int, int]]:
    """Start and end of each sentence, white space trimmed off."""
    plain = text.translate(_PLAIN_SPACES)
    boundaries = sentencex.get_sentence_boundaries(language.split("-", maxsplit=1)[0], plain)
    spans = [_trim(text, found["start_index"], found["end_index"]) for found in boundaries]
    return [(start, end) for start, end in spans if start < end]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    raw = text[start:end]
    return end - len(raw.lstrip()), start + len(raw.rstrip())


def _fitting(
    text: str, counted: Sequence[_Span], count_tokens: CountTokens, max_tokens: int
) -> Iterator[_Span]:
    """The spans with their tokens; those that overflow are halved until they fit."""
    for start, end, tokens in counted:
        if tokens <= max_tokens or end - start == 1:
            yield start, end, tokens
        else:
            halves = _halves(text, start, end)
            counts = count_tokens([text[start:end] for start, end in halves])
            again = [(*span, count) for span, count in zip(halves, counts, strict=True)]
            yield from _fitting(text, again, count_tokens, max_tokens)


def _halves(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Two spans that part at the space nearest the middle, or at the middle if there is none."""
    middle = (start + end) // 2
    before, after = text.rfind(" ", start + 1, middle), text.find(" ", middle, end - 1)
    spaces = [at for at in (before, after) if at >= 0]
    cut = min(spaces, key=lambda at: abs(at - middle), default=middle)
    return [_trim(text, start, cut), _trim(text, cut, end)]


def _runs(sentences: Iterable[_Sentence], max_tokens: int) -> Iterator[list[_Sentence]]:
    """Neighbours of one paragraph together, as many as fit."""
    run: list[_Sentence] = []
    room = max_tokens
    for sentence in sentences:
        if run and (sentence.tokens > room or run[-1].ends_paragraph):
            yield run
            run, room = [], max_tokens
        run.append(sentence)
        room -= sentence.tokens
    if run:
        yield run
