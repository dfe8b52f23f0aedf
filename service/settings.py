"""Everything about the server that can be set, each from `TOPICWIRE_<NAME>`."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from training.batching import PADDING, TOKEN_BUDGET
from training.encoder import Precision

BATCH_WINDOW = 256
QUEUE_LIMIT = 16384
QUEUE_SECONDS = 1.5


class Settings(BaseSettings):
    """Read from the environment once, at the start."""

    model_config = SettingsConfigDict(
        env_prefix="TOPICWIRE_", frozen=True, use_attribute_docstrings=True
    )

    listen: str = "127.0.0.1:50051"
    """Address and port to listen on; port 0 takes a free one."""

    share_port: bool = False
    """Whether other processes may listen on the same port; `serve --workers` sets it."""

    metrics: str = ""
    """Address and port where Prometheus finds metrics over HTTP. Unset: nowhere."""

    tls_certificate: Path | None = None
    """The PEM file of the server's certificate, or of the commands' own. Unset: no TLS."""

    tls_key: Path | None = None
    """The PEM file of its key."""

    tls_client_ca: Path | None = None
    """The PEM file of the authority whose clients alone are served (mutual TLS)."""

    tls_ca: Path | None = None
    """The PEM file of the authority that commands trust. Unset: they call without TLS."""

    tokens: Path | None = None
    """The file of tokens that callers must show, a line each: `use` or `admin`, and the token."""

    token: SecretStr = SecretStr("")
    """The token that commands show."""

    store: Path = Path("models")
    """The folder of numbered models."""

    database: str = ""
    """Database URL as SQLAlchemy writes it. Unset: `topicwire.db` in the store."""

    cache: Path = Path("~/.cache/topicwire")
    """The folder where training keeps embeddings; safe to delete."""

    precision: Precision = Precision.AUTO
    """Number format of the encoder: auto, float32, bfloat16 or int8."""

    token_budget: int = Field(default=TOKEN_BUDGET, ge=256)
    """Most padded tokens in one encoder call. Bounds peak memory."""

    padding_budget: int = Field(default=PADDING, ge=0)
    """Most tokens of padding in one encoder call: what one more call costs. More suits a GPU."""

    batch_window: int = Field(default=BATCH_WINDOW, ge=1)
    """How many waiting texts are sorted by length together. Larger windows pad less, and let
    more late texts go first."""

    queue_limit: int = Field(default=QUEUE_LIMIT, ge=1)
    """Most passages waiting for the encoder; past it calls get RESOURCE_EXHAUSTED. Streams have
    half of it, and wait for room."""

    queue_seconds: float = Field(default=QUEUE_SECONDS, gt=0)
    """Longest that a call may have to wait for the encoder; if that or half of its deadline is
    shorter than the queue, it gets RESOURCE_EXHAUSTED at once. Streams wait."""

    stream_window: int = Field(default=1024, ge=1)
    """Most articles of one stream under way at once; the client's sends wait beyond it."""

    max_articles: int = Field(default=256, ge=1)
    """Most articles in one Classify request."""

    max_cluster_articles: int = Field(default=5000, ge=2)
    """Most articles in one Cluster request."""

    story_link: Path | None = None
    """The file that `topicwire stories fit` wrote. Unset: the built-in link."""

    max_article_chars: int = Field(default=200_000, ge=1)
    """Most characters of an article's title and body together."""

    max_message_bytes: int = Field(default=64 * 1024 * 1024, ge=1024)
    """Largest request message; gRPC refuses a larger one with RESOURCE_EXHAUSTED."""

    review_limit: int = Field(default=1000, ge=0)
    """Most passages kept in memory for review; 0 keeps none."""

    connection_seconds: float = Field(default=0.0, ge=0)
    """How long a connection lasts before its client is asked to come again, so that load spreads
    over servers; 0 for as long as it likes."""

    reload_seconds: float = Field(default=5.0, ge=0)
    """How often to look for a newly promoted model; 0 for never."""

    named_models: int = Field(default=2, ge=0)
    """Most models in memory beside the one in use, for calls that name one."""

    drain_seconds: float = Field(default=10.0, ge=0)
    """How long calls under way may take to finish after SIGTERM."""

    @property
    def database_url(self) -> str:
        """Where the service keeps what must last."""
        return self.database or f"sqlite:///{self.store / 'topicwire.db'}"


def read_settings(**given: object) -> Settings:
    """The settings of the environment; what is given and not None goes before them."""
    return Settings.model_validate({key: at for key, at in given.items() if at is not None})
