"""Cuts an article into passages: runs of whole sentences that fit the encoder."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import sentencex

from training.article import Article

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""How many tokens each text has for the encoder, special tokens left out."""


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
    return [
        Passage(field, start, end, text[start:end])
        for field, text in ((Field.TITLE, article.title), (Field.BODY, article.body))
        for start, end in split_text(text, article.language, count_tokens, max_tokens)
    ]


def split_text(
    text: str, language: str, count_tokens: CountTokens, max_tokens: int
) -> list[tuple[int, int]]:
    """The `[start, end)` of each passage of one text, in Unicode code points."""
    spans = _sentence_spans(text, language)
    paragraph_ends = {end for (_, end), (start, _) in pairwise(spans) if "\n" in text[end:start]}
    sentences = [
        _Sentence(start, end, tokens, end in paragraph_ends)
        for start, end, tokens in _fitting(text, spans, count_tokens, max_tokens)
    ]
    return [(run[0].start, run[-1].end) for run in _runs(sentences, max_tokens)]


def _sentence_spans(text: str, language: str) -> list[tuple[int, int]]:
    """Start and end of each sentence, white space trimmed off."""
    boundaries = sentencex.get_sentence_boundaries(language.split("-", maxsplit=1)[0], text)
    spans = [_trim(text, found["start_index"], found["end_index"]) for found in boundaries]
    return [(start, end) for start, end in spans if start < end]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    raw = text[start:end]
    return end - len(raw.lstrip()), start + len(raw.rstrip())


def _fitting(
    text: str, spans: Sequence[tuple[int, int]], count_tokens: CountTokens, max_tokens: int
) -> Iterator[tuple[int, int, int]]:
    """The spans with their token counts; those that overflow are halved until they fit."""
    counts = count_tokens([text[start:end] for start, end in spans]) if spans else []
    for (start, end), tokens in zip(spans, counts, strict=True):
        if tokens <= max_tokens or end - start == 1:
            yield start, end, tokens
        else:
            yield from _fitting(text, _halves(text, start, end), count_tokens, max_tokens)


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
