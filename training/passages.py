"""Cuts an article into passages: runs of whole sentences that fit the encoder."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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

_STOP = "."
"""Between a title and what is read after it; one token for any encoder."""

_STOPS = f"{_STOP}!?…。！？؟"
"""What may end a title instead."""


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
    title: "Passage | None" = None
    """The title, if the encoder reads it together with this passage, the first of the body."""

    @property
    def reading(self) -> str:
        """What the encoder reads."""
        if not self.title:
            return self.text
        stop = "" if self.title.text[-1] in _STOPS else _STOP
        return f"{self.title.text}{stop} {self.text}"


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    tokens: int
    ends_paragraph: bool


def split_article(article: Article, count_tokens: CountTokens, max_tokens: int) -> list[Passage]:
    """The passages of an article, each of at most `max_tokens`.

    A title means little alone, so it is read with the first passage of the body if both fit
    together; otherwise it has passages of its own. Together they hold every character but the
    white space between them. A paragraph's end ends a passage. A sentence is cut only if it
    alone has more than `max_tokens`.
    """
    return split_articles([article], count_tokens, max_tokens)[0]


def split_articles(
    articles: Sequence[Article],
    count_tokens: CountTokens,
    max_tokens: int,
    *,
    titles_apart: bool = False,
) -> list[list[Passage]]:
    """The passages of each article; their sentences are counted in one call.

    Args:
        articles: any number.
        count_tokens: told all sentences at once.
        max_tokens: most of a passage.
        titles_apart: whether titles always have passages of their own.
    """
    parts = [
        (text, article.language) for article in articles for text in (article.title, article.body)
    ]
    found = _split_sentences(parts, count_tokens, max_tokens)
    join = _join_apart if titles_apart else _join
    return [
        join(article, title, body, max_tokens)
        for article, title, body in zip(articles, found[::2], found[1::2], strict=True)
    ]


def readings(split: Iterable[Iterable[Passage]]) -> list[str]:
    """What the encoder reads of all passages of several articles, in order."""
    return [passage.reading for passages in split for passage in passages]


def _join(
    article: Article, title: Sequence[_Sentence], body: Sequence[_Sentence], max_tokens: int
) -> list[Passage]:
    """The passages that the sentences make up, the title with the first of the body."""
    room = max_tokens - len(_STOP) - sum(sentence.tokens for sentence in title)
    if len([*_runs(title, max_tokens)]) != 1 or not body or body[0].tokens > room:
        return _join_apart(article, title, body, max_tokens)
    first, *rest = (_cut(Field.BODY, article.body, run) for run in _runs(body, max_tokens, room))
    return [replace(first, title=_cut(Field.TITLE, article.title, title)), *rest]


def _join_apart(
    article: Article, title: Sequence[_Sentence], body: Sequence[_Sentence], max_tokens: int
) -> list[Passage]:
    return [
        _cut(field, text, run)
        for field, text, sentences in (
            (Field.TITLE, article.title, title),
            (Field.BODY, article.body, body),
        )
        for run in _runs(sentences, max_tokens)
    ]


def _cut(field: Field, text: str, run: Sequence[_Sentence]) -> Passage:
    start, end = run[0].start, run[-1].end
    return Passage(field, start, end, text[start:end])


def _split_sentences(
    texts: Sequence[tuple[str, str]], count_tokens: CountTokens, max_tokens: int
) -> list[list[_Sentence]]:
    """The sentences of each text of a language, all counted at once; none of too many tokens."""
    spans = [sentence_spans(text, language) for text, language in texts]
    sentences = [
        text[start:end] for (text, _), own in zip(texts, spans, strict=True) for start, end in own
    ]
    counts = iter(count_tokens(sentences) if sentences else [])
    return [
        _sentences(text, [(*span, next(counts)) for span in own], count_tokens, max_tokens)
        for (text, _), own in zip(texts, spans, strict=True)
    ]


def _sentences(
    text: str, counted: Sequence[_Span], count_tokens: CountTokens, max_tokens: int
) -> list[_Sentence]:
    paragraph_ends = {
        end for (_, end, _), (start, _, _) in pairwise(counted) if "\n" in text[end:start]
    }
    return [
        _Sentence(start, end, tokens, end in paragraph_ends)
        for start, end, tokens in _fitting(text, counted, count_tokens, max_tokens)
    ]


def sentence_spans(text: str, language: str) -> list[tuple[int, int]]:
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


def _runs(
    sentences: Iterable[_Sentence], max_tokens: int, room: int | None = None
) -> Iterator[list[_Sentence]]:
    """Neighbours of one paragraph together, as many as fit; the first run may have less room."""
    run: list[_Sentence] = []
    room = max_tokens if room is None else room
    for sentence in sentences:
        if run and (sentence.tokens > room or run[-1].ends_paragraph):
            yield run
            run, room = [], max_tokens
        run.append(sentence)
        room -= sentence.tokens
    if run:
        yield run
