from service.cli.highlight import highlighted
from training.labels import Evidence, Label, Labelling
from training.passages import Field, Passage


def test_each_passage_has_the_colour_of_the_label_it_speaks_most_for():
    text = "One. Two."
    passage = Passage(Field.BODY, 5, 9, "Two.")
    labelling = Labelling(
        labels=(
            Label("a", 0.9, 0.5, (Evidence(passage, 0.6),)),
            Label("b", 0.8, 0.5, (Evidence(passage, 0.8),)),
        ),
        probabilities={"a": 0.9, "b": 0.8},
    )
    spans = highlighted(text, Field.BODY, labelling).spans
    assert [(span.start, span.end, span.style) for span in spans] == [
        (5, 9, "red"),
        (5, 9, "blue"),
    ]
    assert highlighted(text, Field.TITLE, labelling).spans == []
