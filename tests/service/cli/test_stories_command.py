import json

from tests.command import topicwire


def test_rows_that_are_wrong_are_named_and_nothing_is_written(tmp_path):
    (tmp_path / "told.jsonl").write_text('{"story": "a"}\n[]\n')
    found = topicwire("stories", "fit", "told.jsonl", cwd=tmp_path)
    assert found.returncode == 2
    assert found.stderr.decode().splitlines()[0] == (
        "error: told.jsonl:1: row: has neither a title nor a body"
    )
    assert not (tmp_path / "link.json").exists()


def test_a_dated_file_is_replayed_in_order_of_time(tmp_path):
    rows = [
        {"id": "b", "title": "Dam breaks in the valley, say officials", "date": "2026-03-02"},
        {"id": "c", "title": "Cup final goes to penalties", "date": "2026-03-03"},
        {"id": "a", "title": "Dam breaks in the valley", "date": "2026-03-01"},
    ]
    (tmp_path / "day.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    found = topicwire("stories", "replay", "day.jsonl", "--json", cwd=tmp_path)
    assert [json.loads(line) for line in found.stdout.splitlines()] == [
        {"id": "a", "story": 1, "new": True},
        {"id": "b", "story": 1, "new": False},
        {"id": "c", "story": 2, "new": True},
    ]
    shown = topicwire("stories", "replay", "day.jsonl", cwd=tmp_path).stdout.decode()
    assert shown.splitlines()[:2] == ["story 1  2 articles", "    Dam breaks in the valley"]
    assert shown.splitlines()[-1] == "3 articles, 2 stories"
