"""Who may call what."""

import hmac
from collections.abc import Iterable
from enum import IntEnum
from ipaddress import ip_address
from pathlib import Path

import structlog

from service.errors import InvalidInput, NotAllowed, Unauthenticated

log = structlog.get_logger(__name__)

ADMIN_METHODS = frozenset(
    f"/topicwire.v1.ModelService/{name}" for name in ("PromoteModel", "RollbackModel")
)

SCHEME = "bearer"
SHORTEST = 16
"""Characters of a token."""

Metadata = Iterable[tuple[str, str | bytes]]


class Role(IntEnum):
    """What a token is good for; a higher one may do all that a lower one may."""

    USE = 1
    ADMIN = 2


class Tokens:
    """The tokens of a file, read again when it has changed; raises InvalidInput at first.

    A line holds `use` or `admin`, a space and a token of 16 characters or more; `#` begins a
    comment. A file that has become unreadable changes nothing until it can be read again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tokens, self._version = self._read(), self._look()

    def role_of(self, token: bytes) -> Role | None:
        """Found in the same time whatever the token is; None if it is none of these."""
        self._refresh()
        found = [role for known, role in self._tokens if hmac.compare_digest(known, token)]
        return max(found, default=None)

    def _refresh(self) -> None:
        version = self._look()
        if version == self._version:
            return
        self._version = version
        try:
            self._tokens = self._read()
        except InvalidInput as error:
            log.error("tokens stay as they were", reason=str(error))

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> list[tuple[bytes, Role]]:
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8"
            raise InvalidInput(f"{self._path}: {reason}") from None
        rows = [(at, line.split("#")[0].split()) for at, line in enumerate(lines, 1)]
        return [self._parse(at, words) for at, words in rows if words]

    def _parse(self, line: int, words: list[str]) -> tuple[bytes, Role]:
        """Says what is wrong without saying the token."""
        match words:
            case ["use" | "admin" as role, token] if len(token) >= SHORTEST:
                return token.encode(), Role[role.upper()]
        raise InvalidInput(
            f"{self._path}:{line}: must be `use` or `admin` and a token of {SHORTEST} characters"
            " or more"
        )


class Access:
    """Lets calls through or not.

    Without tokens everyone may use the server, and administer it only where it can be reached
    from this machine alone.
    """

    def __init__(self, tokens: Tokens | None, listen: str) -> None:
        self._tokens = tokens
        self._is_local = is_loopback(listen)

    def check(self, method: str, metadata: Metadata) -> None:
        """Raises Unauthenticated or NotAllowed if the call is not to be answered."""
        needed = Role.ADMIN if method in ADMIN_METHODS else Role.USE
        if self._tokens is None:
            if needed is Role.ADMIN and not self._is_local:
                raise NotAllowed("off loopback this takes a token: see TOPICWIRE_TOKENS")
            return
        role = self._tokens.role_of(_token(metadata))
        if role is None:
            raise Unauthenticated("send the metadata `authorization: Bearer <token>`")
        if role < needed:
            raise NotAllowed("this takes an administrator's token")


def is_loopback(listen: str) -> bool:
    """Whether only this machine can reach that address."""
    host = listen.rpartition(":")[0].strip("[]")
    if listen.startswith("unix:") or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _token(metadata: Metadata) -> bytes:
    for key, value in metadata:
        if key == "authorization":
            sent = value if isinstance(value, bytes) else value.encode()
            scheme, _, token = sent.partition(b" ")
            if scheme.lower() == SCHEME.encode():
                return token.strip()
    return b""
