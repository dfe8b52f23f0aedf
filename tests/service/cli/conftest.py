import json

import pytest

from tests.command import ROWS, TAXONOMY, topicwire


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A folder with a store of one model of two topics, trained by the command."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "mine.toml").write_text(TAXONOMY)
    (folder / "long.txt").write_text("x" * 200_001)
    (folder / "mine.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    done = topicwire("train", "--taxonomy", "mine.toml", "--corpus", "mine.jsonl", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert b"Model 1 of models, fitted on 6 texts, is current." in done.stdout
    return folder
