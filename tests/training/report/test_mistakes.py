from training.report.mistakes import find_mistakes


def test_mistakes_are_those_of_the_held_out_texts_surest_first(trained):
    found = find_mistakes(trained)
    wrong = (trained.held_out.given != trained.held_out.targets).sum()
    assert len(found) == min(24, wrong)
    assert all((m.probability >= m.threshold) != m.carried for m in found)


def test_the_parts_of_a_mistake_are_the_whole_text(trained):
    texts = {"".join(row.text.split()) for row in trained.corpus.rows}
    for mistake in find_mistakes(trained):
        assert "".join(part.text for part in mistake.parts).replace(" ", "") in texts
