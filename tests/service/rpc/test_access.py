import asyncio
import os
from pathlib import Path

import grpc
import pytest
import trustme
from grpc_health.v1 import health_pb2, health_pb2_grpc
from hypothesis import given
from hypothesis import strategies as st
from topicwire.v1 import articles_pb2 as articles
from topicwire.v1 import classification_pb2, models_pb2, stories_pb2
from topicwire.v1.classification_pb2_grpc import ClassificationServiceStub
from topicwire.v1.models_pb2_grpc import ModelServiceStub
from topicwire.v1.stories_pb2_grpc import StoryServiceStub

from service.errors import CallFailed, InvalidInput, NotAllowed, Unauthenticated
from service.rpc.access import ADMIN_METHODS, Access, Role, Tokens, is_loopback
from service.rpc.client import connect
from service.rpc.server import Server
from service.settings import Settings
from training.article import Article
from training.store import Store

USE, ADMIN = "use-token-0123456789", "admin-token-0123456789"
CLASSIFY = "/topicwire.v1.ClassificationService/Classify"
UNANSWERED = r"UNAVAILABLE|DEADLINE"
PROMOTE = "/topicwire.v1.ModelService/PromoteModel"
REQUEST = classification_pb2.ClassifyRequest(articles=[articles.Article(body="outage")])


def shown(token):
    return (("authorization", f"Bearer {token}"),)


@pytest.fixture
def tokens(tmp_path):
    path = tmp_path / "tokens"
    path.write_text(f"# who may call\nuse {USE}\n\nadmin {ADMIN} # operations\n")
    return path


def test_every_admin_method_is_a_method():
    services = models_pb2.DESCRIPTOR.services_by_name.values()
    methods = {f"/{s.full_name}/{m.name}" for s in services for m in s.methods}
    assert methods > ADMIN_METHODS


def test_a_token_is_good_for_its_role_and_those_below(tokens):
    access = Access(Tokens(tokens), "0.0.0.0:1")
    access.check(CLASSIFY, shown(USE))
    access.check(CLASSIFY, shown(ADMIN))
    access.check(PROMOTE, shown(ADMIN))
    with pytest.raises(NotAllowed):
        access.check(PROMOTE, shown(USE))


@pytest.mark.parametrize(
    "metadata",
    [
        (),
        shown(""),
        shown(USE[:-1]),
        shown(f"{USE}x"),
        (("authorization", USE),),
        (("authorization", f"Basic {USE}"),),
        (("authorization-bin", f"Bearer {USE}".encode()),),
    ],
)
def test_without_a_known_token_nothing_is_answered(tokens, metadata):
    with pytest.raises(Unauthenticated):
        Access(Tokens(tokens), "127.0.0.1:1").check(CLASSIFY, metadata)


@given(st.binary(max_size=40))
def test_no_other_token_opens(tmp_path_factory, token):
    path = tmp_path_factory.getbasetemp() / "other-tokens"
    path.write_text(f"use {USE}\n")
    assert Tokens(path).role_of(token) is (Role.USE if token == USE.encode() else None)


def test_without_tokens_only_loopback_is_administered():
    Access(None, "127.0.0.1:1").check(PROMOTE, ())
    Access(None, "0.0.0.0:1").check(CLASSIFY, ())
    with pytest.raises(NotAllowed, match="TOPICWIRE_TOKENS"):
        Access(None, "0.0.0.0:1").check(PROMOTE, ())


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("127.0.0.1:0", True),
        ("127.9.9.9:1", True),
        ("[::1]:1", True),
        ("localhost:1", True),
        ("unix:/run/topicwire", True),
        ("0.0.0.0:1", False),
        ("[::]:1", False),
        ("10.0.0.1:1", False),
        ("localhost.example.org:1", False),
        ("", False),
    ],
)
def test_loopback_is_told_from_what_others_can_reach(listen, expected):
    assert is_loopback(listen) is expected


def test_tokens_change_without_a_restart_and_a_bad_file_changes_nothing(tokens):
    known = Tokens(tokens)
    tokens.write_text(f"use {ADMIN}\n")
    os.utime(tokens, ns=(1, 1))
    assert (known.role_of(USE.encode()), known.role_of(ADMIN.encode())) == (None, Role.USE)
    tokens.write_text("nonsense\n")
    os.utime(tokens, ns=(2, 2))
    assert known.role_of(ADMIN.encode()) is Role.USE
    tokens.unlink()
    assert known.role_of(ADMIN.encode()) is Role.USE
    tokens.write_text(f"admin {USE}\n")
    assert known.role_of(USE.encode()) is Role.ADMIN


@pytest.mark.parametrize("line", ["use", "use short", f"root {USE}", f"use {USE} {ADMIN}", USE])
def test_a_line_that_is_no_token_is_named_but_not_shown(tmp_path, line):
    path = tmp_path / "tokens"
    path.write_text(f"use {USE}\n{line}\n")
    with pytest.raises(InvalidInput, match="tokens:2: must be") as caught:
        Tokens(path)
    assert USE not in str(caught.value)
    with pytest.raises(InvalidInput, match="No such file"):
        Tokens(tmp_path / "none")


async def test_a_server_with_tokens_answers_those_who_show_one_and_health_to_all(serving, tokens):
    async with serving(tokens=tokens) as running:
        stub = ClassificationServiceStub(running.channel)
        answer = await stub.Classify(REQUEST, metadata=shown(USE))
        with pytest.raises(grpc.aio.AioRpcError) as unary:
            await stub.Classify(REQUEST)
        asked = classification_pb2.StreamClassifyRequest(article=REQUEST.articles[0])
        with pytest.raises(grpc.aio.AioRpcError) as streamed:
            await anext(aiter(stub.StreamClassify(iter([asked]))))
        watch = StoryServiceStub(running.channel).WatchStories(stories_pb2.WatchStoriesRequest())
        with pytest.raises(grpc.aio.AioRpcError) as watched:
            await anext(aiter(watch))
        with pytest.raises(grpc.aio.AioRpcError) as promoted:
            await ModelServiceStub(running.channel).PromoteModel(
                models_pb2.PromoteModelRequest(number=1), metadata=shown(USE)
            )
        health = await health_pb2_grpc.HealthStub(running.channel).Check(
            health_pb2.HealthCheckRequest()
        )
    assert answer.model.number == 1
    refused = {each.value.code() for each in (unary, streamed, watched)}
    assert refused == {grpc.StatusCode.UNAUTHENTICATED}
    assert promoted.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert health.status == health_pb2.HealthCheckResponse.SERVING


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """The settings of a server and of a client that trust each other, and of a stranger."""
    folder = tmp_path_factory.mktemp("certificates")
    authority, other = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    for name, issued in (
        ("server", authority.issue_cert("127.0.0.1")),
        ("client", authority.issue_cert("client")),
        ("stranger", other.issue_cert("client")),
    ):
        issued.private_key_pem.write_to_path(folder / f"{name}.key")
        issued.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
    return folder


def identity(folder, name):
    return {"tls_certificate": folder / f"{name}.pem", "tls_key": folder / f"{name}.key"}


async def ask(address, **settings):
    def call():
        with connect(address, Settings(**settings)) as client:
            return client.is_serving("", 5) and client.classify([Article(body="outage")])[0]

    return await asyncio.to_thread(call)


async def test_over_tls_a_client_is_answered_that_trusts_the_server(serving, certificates):
    trust = {"tls_ca": certificates / "ca.pem"}
    async with serving(**identity(certificates, "server")) as running:
        assert await ask(running.server.address, **trust) == 1
        with pytest.raises(CallFailed, match=UNANSWERED):
            await ask(running.server.address)


async def test_over_mutual_tls_only_known_clients_are_answered(serving, certificates):
    trust = {"tls_ca": certificates / "ca.pem"}
    settings = {**identity(certificates, "server"), "tls_client_ca": certificates / "ca.pem"}
    async with serving(**settings) as running:
        address = running.server.address
        assert await ask(address, **trust, **identity(certificates, "client")) == 1
        strangers: list[dict[str, Path]] = [{}, identity(certificates, "stranger")]
        for bad in strangers:
            with pytest.raises(CallFailed, match=UNANSWERED):
                await ask(address, **trust, **bad)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"tls_certificate": "server.pem"}, "need each other"),
        ({"tls_client_ca": "ca.pem"}, "needs TOPICWIRE_TLS_CERTIFICATE"),
        ({"tls_certificate": "none.pem", "tls_key": "server.key"}, "No such file"),
    ],
)
async def test_settings_of_tls_that_can_not_be_are_one_line(
    certificates, tmp_path, changes, reason
):
    paths = {key: certificates / name for key, name in changes.items()}
    with pytest.raises(InvalidInput, match=reason):
        await Server(Settings(listen="127.0.0.1:0", **paths), Store(tmp_path)).start()


def test_a_token_is_not_shown_with_the_settings():
    assert USE not in repr(Settings(token=USE))
