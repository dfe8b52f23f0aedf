"""The commands as a user runs them: real processes, the real encoder, small corpora."""

import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf import json_format
from grpc_health.v1 import health_pb2, health_pb2_grpc
from topicwire.v1 import classification_pb2

from tests.command import ROWS, topicwire

BAKE = "Roast the potatoes with garlic and serve them hot."


@pytest.fixture(scope="module")
def server(trained):
    process = subprocess.Popen(
        [Path(sys.executable).with_name("topicwire"), "serve", "--listen", "127.0.0.1:0"],
        cwd=trained,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    for line in process.stderr:
        entry = json.loads(line)
        if entry["event"] == "serving":
            break
    yield process, entry["address"]
    if process.poll() is None:
        process.kill()
    process.wait()
    process.stderr.close()


def test_classify_answers_with_evidence_in_json(trained):
    done = topicwire("classify", "-", "--json", cwd=trained, stdin=BAKE.encode())
    answer = json.loads(done.stdout)
    assert answer["model"] == 1
    [label] = answer["labels"]
    assert label["topic"] == "food"
    [evidence] = label["evidence"]
    passage = evidence["passage"]
    assert BAKE[passage["start"] : passage["end"]] == passage["text"]
    assert (passage["field"], set(answer["probabilities"])) == ("body", {"sport", "food"})


def test_classify_shows_the_labels_to_people(trained):
    done = topicwire("classify", BAKE, cwd=trained)
    assert re.match(rb"food 0\.\d\d \(threshold 0\.\d\d\)\n\nRoast the potatoes", done.stdout)


def test_a_served_article_is_labelled_as_one_labelled_here(trained, server):
    _, address = server
    here = json.loads(topicwire("classify", BAKE, "--json", cwd=trained).stdout)
    asked = topicwire("classify", BAKE, "--json", "--server", address, cwd=trained)
    there = json.loads(asked.stdout)
    assert [label["topic"] for label in there["labels"]] == ["food"]
    assert there["probabilities"] == pytest.approx(here["probabilities"], abs=0.02)


def test_the_clients_of_the_readme_work(server):
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    code, stories, _ = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    for each in (code, stories):
        ours = each.replace("127.0.0.1:50051", server[1])
        done = subprocess.run([sys.executable, "-c", ours], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"Dam breaks in the valley; hundreds leave 1 ['']\n"
    [sent] = re.findall(r"grpcurl -plaintext -d '(.*?)'", readme)
    request = json_format.Parse(sent, classification_pb2.ClassifyRequest())
    assert request.articles[0].title in code


def test_health_says_whether_a_server_answers(server, tmp_path):
    asked = topicwire("health", "--server", server[1], cwd=tmp_path)
    assert (asked.returncode, asked.stdout) == (0, b"serving\n")
    service = "topicwire.v1.StoryService"
    assert topicwire("health", "--server", server[1], "--service", service, cwd=tmp_path).stdout
    gone = topicwire("health", "--server", "127.0.0.1:1", "--seconds", "1", cwd=tmp_path)
    assert gone.returncode == 2
    assert b"Traceback" not in gone.stderr


def test_evaluate_answers_in_the_promised_shape(trained):
    answer = json.loads(topicwire("evaluate", "mine.jsonl", "--json", cwd=trained).stdout)
    assert {*answer} == {"macro_f1", "micro_f1", "topics", "intervals", "sources"}
    assert {*answer["topics"]} == {"sport", "food"}
    assert {*answer["topics"]["sport"]} == {
        "precision",
        "recall",
        "f1",
        "average_precision",
        "ece",
        "support",
        "threshold",
        "share",
        "mean_probability",
        "intervals",
    }
    assert answer["macro_f1"] > 0.9


@pytest.mark.parametrize("there", [False, True])
def test_cluster_answers_with_a_line_for_each_article_then_the_names(trained, server, there):
    articles = [
        {"id": "a", "title": "River flood hits the old town"},
        {"id": "b", "title": "Old town hit by river flood"},
        {"id": "c", "title": "Orchestra names its new conductor"},
    ]
    lines = "".join(json.dumps(article) + "\n" for article in articles).encode()
    extra = ("--server", server[1]) if there else ()
    done = topicwire("cluster", "-", "--json", *extra, cwd=trained, stdin=lines)
    *rows, named = map(json.loads, done.stdout.splitlines())
    assert rows == [
        {"id": "a", "cluster": "c1"},
        {"id": "b", "cluster": "c1"},
        {"id": "c", "cluster": None},
    ]
    assert (named["cluster"], named["size"]) == ("c1", 2)
    assert named["headline"] in {articles[0]["title"], articles[1]["title"]}


def test_a_model_is_compared_with_another_on_the_same_texts(trained):
    done = topicwire("evaluate", "mine.jsonl", "--against", "1", "--json", cwd=trained)
    compared = json.loads(done.stdout)["comparison"]
    assert (compared["texts"], compared["macro_f1"]["difference"]) == (6, 0)
    shown = topicwire("evaluate", "mine.jsonl", "--against", "1", cwd=trained).stdout
    assert b"F1 less the other's" in shown


def test_what_to_review_is_a_row_to_correct_and_the_next_training_learns_it(trained):
    article = json.dumps({"body": "The chef ran a marathon."}).encode()
    corpus = ("--taxonomy", "mine.toml", "--corpus", "mine.jsonl", "--store", "loop")
    topicwire("train", *corpus, cwd=trained)
    asked = topicwire("review", "-", "--json", "--store", "loop", cwd=trained, stdin=article)
    row = json.loads(asked.stdout)
    assert (row["text"], 0 < row["uncertainty"] <= 1) == ("The chef ran a marathon.", True)
    (trained / "mended.jsonl").write_text(json.dumps({**row, "labels": ["sport"]}))
    kept = topicwire("correct", "mended.jsonl", "--store", "loop", cwd=trained)
    assert kept.stdout.startswith(b"Kept 1 corrections")
    again = topicwire("train", *corpus, "--corrections", "--force", "--json", cwd=trained)
    changes = json.loads(again.stdout)["changes"]
    assert (changes["since"], changes["added"], changes["removed"]) == (1, 1, 0)


def test_a_corpus_is_audited_without_a_new_model(trained):
    (trained / "wrong.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in [*ROWS * 4, {**ROWS[0], "labels": ["food"]}])
    )
    corpus = ("--taxonomy", "mine.toml", "--corpus", "wrong.jsonl", "--store", "audited")
    done = topicwire("train", "--audit", "--json", *corpus, cwd=trained)
    assert done.returncode == 0, done.stderr
    assert all(json.loads(line)["row"] for line in done.stdout.splitlines())
    assert not (trained / "audited").exists()


def test_a_tuned_model_is_trained_and_answers(trained):
    corpus = ("--taxonomy", "mine.toml", "--corpus", "mine.jsonl", "--store", "tuned")
    done = topicwire("train", "--finetune", *corpus, "--json", cwd=trained)
    assert json.loads(done.stdout)["model"] == 1, done.stderr
    answer = topicwire("classify", BAKE, "--store", "tuned", "--json", cwd=trained)
    assert {*json.loads(answer.stdout)["probabilities"]} == {"sport", "food"}
    shown = json.loads(
        topicwire("models", "show", "--store", "tuned", "--json", cwd=trained).stdout
    )
    assert shown["encoder"]["tuned"]
    assert "encoder/model.safetensors" in shown["files"]


def test_models_are_listed_shown_promoted_and_rolled_back(trained):
    topicwire("train", "--taxonomy", "mine.toml", cwd=trained)
    listed = json.loads(topicwire("models", "list", "--json", cwd=trained).stdout)
    assert [(row["model"], row["aliases"], row["texts"]) for row in listed] == [
        (1, "previous", 6),
        (2, "current", 0),
    ]
    rolled = topicwire("models", "rollback", "--json", cwd=trained)
    assert json.loads(rolled.stdout) == {"current": 1}
    shown = json.loads(topicwire("models", "show", "--json", cwd=trained).stdout)
    assert (shown["model"], shown["topics"]) == (1, ["sport", "food"])
    assert b"encoder all-MiniLM-L6-v2" in topicwire("models", "show", "2", cwd=trained).stdout
    assert b"Model 1 is current." in topicwire("models", "promote", "1", cwd=trained).stdout


def test_a_damaged_model_hides_no_other_from_the_list(trained, tmp_path):
    shutil.copytree(trained / "models", tmp_path / "models")
    shutil.copytree(trained / "models" / "1", tmp_path / "models" / "9")
    (tmp_path / "models" / "9" / "manifest.json").write_text("{}")
    done = topicwire("models", "list", "--json", cwd=tmp_path)
    assert 1 in [row["model"] for row in json.loads(done.stdout)]
    assert done.stderr.startswith(b"refused: models/9/manifest.json: format None")


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["classify", ""], "there is no text to classify"),
        (["classify", "long.txt"], "the text has 200001 characters"),
        (["classify", "x", "--store", "mine.toml"], "mine.toml"),
        (["classify", "x", "--model", "9"], "no model '9'"),
        (["classify", "x", "--server", "127.0.0.1:1"], "UNAVAILABLE"),
        (["evaluate", "none.jsonl"], "none.jsonl: No such file or directory"),
        (["evaluate", "mine.toml"], "mine.toml:2: not JSON"),
        (["cluster", "none.jsonl"], "none.jsonl: no such file or folder"),
        (["cluster", "/dev/null"], "/dev/null: the file is empty"),
        (["train", "--taxonomy", "mine.jsonl"], "mine.jsonl: not TOML"),
        (["train", "--corpus", "mine.jsonl"], "labels: not in the taxonomy: sport"),
        (["train", "--finetune", "--taxonomy", "mine.toml"], "0 texts are too few to tune"),
        (["train", "--encoder", "/nowhere"], "'/nowhere' is no folder here"),
        (["train", "--store", "/proc/models"], "/proc/models"),
        (["models", "show", "7"], "no model '7'"),
        (["models", "rollback", "--store", "elsewhere"], "no model 'previous'"),
        (["serve", "--listen", "nonsense"], "can't listen on nonsense"),
        (["classify", "/tmp"], "/tmp: Is a directory"),
        (["label", "none.jsonl", "--output", "out"], "none.jsonl: no such file or folder"),
        (["label", "mine.toml", "--output", "/proc/out"], "/proc/out: "),
        (
            ["label", "mine.jsonl", "--output", "o", "--text-column", "x"],
            "mine.jsonl:1: has no text",
        ),
        (["review", "none.jsonl"], "none.jsonl: no such file or folder"),
        (["correct", "none.jsonl"], "none.jsonl: No such file or directory"),
        (["evaluate", "mine.jsonl", "--against", "9"], "no model '9'"),
    ],
)
def test_a_mistake_ends_in_plain_lines_and_exit_code_2(trained, args, complaint):
    done = topicwire(*args, cwd=trained, HF_HUB_OFFLINE="1")
    errors = done.stderr.decode()
    assert done.returncode == 2, errors
    assert complaint in errors
    assert "Traceback" not in errors


def test_a_wrong_setting_is_named(trained):
    done = topicwire("classify", "x", cwd=trained, TOPICWIRE_QUEUE_LIMIT="many")
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: TOPICWIRE_QUEUE_LIMIT: Input should be a valid integer")


def test_input_that_is_not_utf8_is_one_line(trained):
    done = topicwire("classify", "-", cwd=trained, stdin=b"\xff\xfe")
    assert (done.returncode, done.stderr) == (
        2,
        b"error: standard input: not UTF-8 text at byte 0\n",
    )


@pytest.mark.parametrize(
    "command",
    ["train", "evaluate", "classify", "label", "cluster", "review", "correct", "serve", "demo"]
    + ["health", *(f"models {name}" for name in ("list", "show", "promote", "rollback"))]
    + [f"stories {name}" for name in ("fit", "replay", "report")],
)
def test_help_shows_a_runnable_example(tmp_path, command):
    done = topicwire(*command.split(), "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert f"Example: topicwire {command}" in done.stdout.decode()


def test_sigterm_drains_and_ends_the_server_with_exit_code_0(server):
    process, address = server
    with grpc.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        health = stub.Check(health_pb2.HealthCheckRequest(service=""), timeout=10)
        assert health.status == health_pb2.HealthCheckResponse.SERVING
    process.send_signal(signal.SIGTERM)
    events = [json.loads(line)["event"] for line in process.stderr]
    last = events[-2:]  # it may have noticed before that other tests promoted a model
    assert (last, process.wait(timeout=30)) == (["draining", "stopped"], 0)
