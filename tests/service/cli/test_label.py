"""Archives as a user labels them: real processes, the real encoder."""

import gzip
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.command import topicwire

BAKE = "Roast the potatoes with garlic and serve them hot."
SCORE = "The striker scored twice in the final."


@pytest.fixture
def mixed(tmp_path):
    """A folder of good, broken, empty, binary, mis-encoded and huge files."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    good = {"a": BAKE, "b": SCORE}
    lines = [json.dumps({"id": name, "text": text}) for name, text in good.items()]
    (folder / "good.jsonl").write_text("\n".join(lines))
    (folder / "broken.jsonl").write_text(f'{lines[0]}\n{{"text": \n{lines[1]}\n[1]\n')
    (folder / "cut.jsonl.gz").write_bytes(gzip.compress("\n".join(lines * 5000).encode())[:-400])
    (folder / "empty.csv").touch()
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    (folder / "table.csv").write_text(f"id;headline\n7;{SCORE}\n8\n", encoding="utf-16")
    (folder / "latin.csv").write_bytes(f"id,text\n9,Café: {BAKE}\n".encode("cp1252"))
    (folder / "page.html").write_text(f"<html><body><article><p>{BAKE}</p></article></body></html>")
    huge = json.dumps({"id": "huge", "text": "x" * 300_000})
    (folder / "huge.jsonl").write_text(f"{huge}\n{lines[0]}\n")
    (folder / "bomb.jsonl.gz").write_bytes(gzip.compress(bytes(80 * 2**20)))
    return folder


def test_every_good_row_of_a_mixed_folder_is_labelled_and_every_bad_one_named(trained, mixed):
    out = mixed.parent / "out"
    done = topicwire("label", mixed, "--output", out, "--json", cwd=trained)
    assert (done.returncode, done.stderr) == (1, b"")
    counts = json.loads(done.stdout)["counts"]
    rejects = [json.loads(line) for line in (out / "rejects.jsonl").read_text().splitlines()]
    found = [
        (Path(row["file"]).name, row["row"], row["reason"].partition(":")[0]) for row in rejects
    ]
    assert [each for each in found if each[0] not in {"cut.jsonl.gz", "bomb.jsonl.gz"}] == [
        ("broken.jsonl", 2, "not JSON"),
        ("broken.jsonl", 4, "not a JSON object"),
        ("empty.csv", None, "the file is empty"),
        ("huge.jsonl", 1, "has 300000 characters, at most 200000 fit"),
        ("picture.png", None, "binary, and of no format that can be read"),
        ("table.csv", 3, "has 1 columns instead of 2"),
    ]
    assert {name for name, _, _ in found} >= {"cut.jsonl.gz", "bomb.jsonl.gz"}
    table = pd.read_parquet(out / "articles")
    assert len(table) == counts["articles"]
    assert (out / "report.html").read_text().startswith("<!doctype html>")
    named = table.assign(file=table["file"].map(lambda file: Path(file).name)).groupby("file")
    assert named.size().drop("cut.jsonl.gz").to_dict() == {
        "good.jsonl": 2,
        "broken.jsonl": 2,
        "huge.jsonl": 1,
        "latin.csv": 1,
        "page.html": 1,
        "table.csv": 1,
    }
    assert list(table.set_index("id").loc["9", "topics"]) == ["food"]
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    *_, code = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    names: dict[str, pd.DataFrame] = {}
    exec(code.replace("labelled", str(out)).replace("infrastructure_attacks", "food"), names)
    assert len(names["attacks"]) == sum("food" in topics for topics in table["topics"]) > 3


def test_an_archive_row_is_labelled_as_the_article_alone_is(trained, tmp_path):
    rows = [{"id": "a", "text": BAKE}, {"id": "b", "text": SCORE}]
    archive = "".join(json.dumps(row) + "\n" for row in rows).encode()
    out = tmp_path / "out"
    command = ("label", "-", "--output", out)
    done = topicwire(*command, "--format", "jsonl", cwd=trained, stdin=archive)
    assert done.returncode == 0, done.stderr
    assert b"2 articles of 1 files" in done.stdout
    [path] = (out / "articles").iterdir()
    for row, line in zip(rows, path.read_text().splitlines(), strict=True):
        alone = json.loads(
            topicwire("classify", "-", "--json", cwd=trained, stdin=row["text"].encode()).stdout
        )
        there = json.loads(line)
        assert there["topics"] == [label["topic"] for label in alone["labels"]]
        assert there["probabilities"] == pytest.approx(alone["probabilities"], abs=0.01)
    again = topicwire(
        "label", "-", "--output", out, "--format", "jsonl", cwd=trained, stdin=archive
    )
    assert (again.returncode, again.stdout) == (0, done.stdout)
    other = topicwire(*command, cwd=trained, stdin=archive)
    assert (other.returncode, other.stderr.startswith(b"error: this job was begun")) == (2, True)


def test_ctrl_c_stops_cleanly_and_the_same_command_goes_on(trained, tmp_path):
    path, out = tmp_path / "many.jsonl", tmp_path / "out"
    rows = ({"id": at, "text": f"{BAKE} {SCORE} Number {at}."} for at in range(20_000))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = ["label", str(path), "--output", str(out), "--watch", "--workers", "1"]
    process = subprocess.Popen(
        [Path(sys.executable).with_name("topicwire"), *command],
        cwd=trained,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    with process.stderr as lines:
        for line in lines:
            if "000 articles" in line:
                break
        process.send_signal(signal.SIGINT)
        last = [line for line in lines if "%" not in line]
    assert (process.wait(timeout=60), last) == (
        130,
        ["stopped; the same command goes on where it was\n"],
    )
    assert [path.name for path in (out / "articles").iterdir()]


def test_a_model_without_a_student_is_not_fast(trained, mixed, tmp_path):
    done = topicwire("label", mixed, "--output", tmp_path / "out", "--mode", "fast", cwd=trained)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"error: model 1 has no student to be fast with" in done.stderr
