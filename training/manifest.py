"""What a model folder says of itself.

Format 1: `manifest.json`, `heads.safetensors` (`coefficients` float32 [topics, dimension] and
`intercepts` float32 [topics]), `taxonomy.toml`, `metrics.json`, and the sentence-transformers
folder `encoder/` if the encoder was tuned.

Format 2 adds `novelty.safetensors` (`seen` float16 [texts, dimension]) with its limit in the
manifest, `held_out.safetensors`, `report.html` and `model_card.md`, each of which may be absent,
and the intervals and sources of `metrics.json`. `student.safetensors` (the weights of a student
and its `limits` float64 [topics]) came later; who does not know it can read the rest.

To raise the format: add one to `FORMAT`, say above what changed, teach `load_model` the old
one, and keep a folder of the old one in `tests/golden/`.
"""

from datetime import datetime
from importlib.metadata import version
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from training.encoder import EncoderReference

FORMAT = 2
FORMATS = (1, 2)
"""Those that can be read."""

LIBRARIES = ("topicwire", "numpy", "openvino", "scikit-learn", "sentence-transformers", "torch")


class CorpusReference(BaseModel):
    """Which corpus a model was fitted on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int
    """How many texts it has."""
    sha256: str
    """The fingerprint of its texts and labels."""


class Manifest(BaseModel):
    """Everything about a model that is not an array."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    created_at: datetime
    encoder: EncoderReference
    passage_tokens: int = Field(ge=1)
    """Most tokens of a passage; articles are cut as they were in training."""
    topics: tuple[str, ...]
    """The topics' ids, in the order of the heads."""
    thresholds: tuple[Annotated[float, Field(ge=0, le=1)], ...]
    """The probability from which each topic is given, in the order of the heads."""
    distance_limit: float | None = None
    """The distance from the corpus beyond which a text is out of distribution; None: no text is."""
    corpus: CorpusReference
    seed: int
    macro_f1: float
    micro_f1: float
    versions: dict[str, str]
    """The libraries that made the model."""
    files: dict[str, str]
    """The SHA-256 of every other file of the folder, by its name."""


def library_versions() -> dict[str, str]:
    """The versions installed of the libraries that a model depends on."""
    return {name: version(name) for name in LIBRARIES}
