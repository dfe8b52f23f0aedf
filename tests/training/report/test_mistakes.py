from dataclasses import replace

import numpy as np
import pytest

from training.report.mistakes import MOST, find_mistakes


@pytest.fixture
def erring(trained):
    """A model whose held-out labels are wrong for one text in four."""
    flips = np.random.default_rng(0).random(trained.held_out.given.shape) < 0.25
    return replace(
        trained, held_out=replace(trained.held_out, given=trained.held_out.given ^ flips)
    )


def test_the_surest_mistakes_of_the_held_out_texts_are_found(erring):
    found = find_mistakes(erring)
    assert len(found) == MOST
    held_out = erring.held_out
    rows = {row.text: at for at, row in enumerate(erring.corpus.rows)}
    for mistake in found:
        at = rows[" ".join(part.text for part in mistake.parts)]
        topic = held_out.topics.index(mistake.topic)
        assert held_out.given[at, topic] != held_out.targets[at, topic] == mistake.carried


def test_a_model_that_errs_nowhere_has_no_mistakes(trained):
    right = replace(trained.held_out, given=trained.held_out.targets)
    assert find_mistakes(replace(trained, held_out=right)) == []
