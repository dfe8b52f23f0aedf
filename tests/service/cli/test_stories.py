from tests.command import topicwire


def test_rows_that_are_wrong_are_named_and_nothing_is_written(tmp_path):
    (tmp_path / "told.jsonl").write_text('{"story": "a"}\n[]\n')
    found = topicwire("stories", "fit", "told.jsonl", cwd=tmp_path)
    assert found.returncode == 2
    assert found.stderr.decode().splitlines()[0] == (
        "error: told.jsonl:1: row: has neither a title nor a body"
    )
    assert not (tmp_path / "link.json").exists()
