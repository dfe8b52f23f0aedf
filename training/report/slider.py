"""What the page needs to work out scores at any threshold."""

from training.predictions import Predictions


def slider_data(held_out: Predictions) -> dict[str, dict[str, object]]:
    """For each topic its threshold, and the probabilities of texts with and without it, ranked."""
    return {
        topic: {
            "threshold": float(held_out.thresholds[at]),
            "with": _ranked(held_out, at, carried=True),
            "without": _ranked(held_out, at, carried=False),
        }
        for at, topic in enumerate(held_out.topics)
    }


def _ranked(held_out: Predictions, topic: int, *, carried: bool) -> list[float]:
    texts = held_out.targets[:, topic] == carried
    return sorted(held_out.probabilities[texts, topic].round(4).tolist())
