"""What a new model changes against the one that is in use."""

from pydantic import BaseModel, ConfigDict

from training.compare import Comparison, compare
from training.held_out import HeldOut

FEWEST_TEXTS = 30
"""In common with the model in use; with fewer no difference could be told from luck."""


class Changes(BaseModel):
    """A new model against another; scores are of held-out texts that both were trained with."""

    model_config = ConfigDict(frozen=True)

    since: int
    """The number of the model in use."""
    comparison: Comparison | None
    """None where the two have too little in common to tell."""
    thresholds: dict[str, tuple[float | None, float]]
    """The topics' thresholds before and now; None for a topic that is new."""
    added: int
    """Texts of the corpus that are new."""
    removed: int
    relabelled: int
    """Texts whose labels changed, of topics that both models know."""

    @property
    def is_worse(self) -> bool:
        """Whether the new model is worse beyond what the choice of texts explains."""
        return self.comparison is not None and self.comparison.macro_f1.is_worse


def find_changes(since: int, before: HeldOut, now: HeldOut) -> Changes:
    """What changed from the held-out predictions of one model to those of the next."""
    old_at = {text: at for at, text in enumerate(before.texts)}
    new_at = {text: at for at, text in enumerate(now.texts)}
    shared = [text for text in new_at if text in old_at]
    topics = [topic for topic in now.predictions.topics if topic in before.predictions.topics]
    old = before.predictions.of_topics(topics).chosen([old_at[text] for text in shared])
    new = now.predictions.of_topics(topics).chosen([new_at[text] for text in shared])
    same = (old.targets == new.targets).all(axis=1).nonzero()[0]
    enough = len(same) >= FEWEST_TEXTS and bool(topics)
    thresholds = dict(zip(old.topics, old.thresholds.tolist(), strict=True))
    return Changes(
        since=since,
        comparison=compare(new.chosen(same), old.chosen(same)) if enough else None,
        thresholds={
            topic: (thresholds.get(topic), threshold)
            for topic, threshold in zip(
                now.predictions.topics, now.predictions.thresholds.tolist(), strict=True
            )
        },
        added=len(new_at.keys() - old_at.keys()),
        removed=len(old_at.keys() - new_at.keys()),
        relabelled=len(shared) - len(same),
    )
