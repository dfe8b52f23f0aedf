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


def test_stories_are_kept_if_asked_go_on_the_next_time_and_make_a_page(tmp_path):
    url = f"sqlite:///{tmp_path}/new/stories.db"
    days = {"one": ("a", "Dam breaks in the valley"), "two": ("b", "Dam breaks in a valley, again")}
    for name, (id_, title) in days.items():
        row = {"id": id_, "title": title, "date": "2026-03-01"}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row))
    for name in ("one", "two", "one"):
        asked = ("stories", "replay", f"{name}.jsonl", "--database", url, "--json")
        found = topicwire(*asked, cwd=tmp_path)
        assert json.loads(found.stdout)["story"] == 1
    made = topicwire("stories", "report", "--database", url, cwd=tmp_path)
    assert made.stdout.decode() == "wrote stories.html\n"
    assert "<h1>1 story in 2 articles</h1>" in (tmp_path / "stories.html").read_text()


def test_a_page_that_can_not_be_written_is_one_line(tmp_path):
    found = topicwire("stories", "report", "--output", "no/such/page.html", cwd=tmp_path)
    assert found.returncode == 2
    assert found.stderr.decode() == "error: no/such/page.html: No such file or directory\n"


def test_a_database_that_can_not_be_is_one_line(tmp_path):
    (tmp_path / "day.jsonl").write_text('{"title": "Dam breaks"}')
    found = topicwire("stories", "replay", "day.jsonl", "--database", "x", cwd=tmp_path)
    assert found.returncode == 2
    [line] = found.stderr.decode().splitlines()
    assert line.startswith("error: database: ")
