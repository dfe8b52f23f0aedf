import json
import os
import signal
import subprocess
import sys
from itertools import islice
from threading import Barrier
from types import SimpleNamespace

import fsspec
import pytest

from service.archive.columns import Columns
from service.archive.engines.local import Processes, run_here
from service.archive.job import check_readable
from service.archive.labellers import AccurateLabeller
from service.archive.options import OutputFormat
from service.archive.parts import Counts
from service.archive.sources import find_sources
from service.errors import InvalidInput, JobChanged, JobFailed, OutputUnusable
from tests.fakes import POISON
from tests.waiting import wait_until
from training.article import Article

WORDS = ("blackout", "minister", "football", "grid", "treaty", "recipe")


@pytest.fixture
def archive(write_jsonl):
    """A hundred articles in two files, with a bad row in each."""

    def rows(name):
        for at in range(50):
            text = f"{WORDS[at % 6]} report {at}. {WORDS[at // 6 % 6]} again."
            yield {"id": f"{name}{at}", "title": text} if at != 20 else {"id": "empty"}

    return [write_jsonl(*rows(name), name=f"{name}.jsonl") for name in "ab"]


def read(folder):
    """All rows of the results, in the order of their parts."""
    paths = sorted((folder / "articles").glob("part-*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def read_rejects(folder):
    return [json.loads(line) for line in (folder / "rejects.jsonl").read_text().splitlines()]


def interrupted(after):
    """An engine that stops after so many parts, as if the machine had."""

    def run(plan, work):
        yield from islice(run_here(plan, work), after)
        raise KeyboardInterrupt

    return run


def test_every_good_row_is_labelled_and_every_bad_one_rejected(label, archive, tmp_path):
    summary = label(*archive).summary
    rows = read(tmp_path / "out")
    rejects = read_rejects(tmp_path / "out")
    assert [row["id"] for row in rows] == [f"{f}{at}" for f in "ab" for at in range(50) if at != 20]
    assert rejects == [
        {"file": str(path), "row": 21, "reason": "has no text; its columns are 'id'"}
        for path in archive
    ]
    assert (summary.counts.articles, summary.counts.rejects, summary.files) == (98, 2, 2)
    assert summary.counts.topics["grid"] == sum("grid" in row["topics"] for row in rows) > 20
    assert summary.counts.stages == {"encoder": 98}
    assert json.loads((tmp_path / "out/summary.json").read_text())["parts"] == summary.parts


def test_a_row_says_all_that_was_found(label, write_jsonl, tmp_path):
    path = write_jsonl(
        {"id": 7, "title": "Grid", "body": "Blackout again.", "date": "2026-11-22", "source": "w"}
    )
    label(path)
    [row] = read(tmp_path / "out")
    assert (row["id"], row["published_at"], row["source"]) == (
        *("7", "2026-11-22T00:00:00+00:00"),
        "w",
    )
    assert row["topics"] == ["grid"]
    [given] = row["labels"]
    assert given["evidence"][0].keys() == {"field", "start", "end", "probability"}
    assert {*row["probabilities"]} == {"grid", "talks"}
    assert (row["stage"], row["model"], row["row"]) == ("encoder", 1, 1)


@pytest.mark.parametrize("after", [0, 1, 5, 9])
def test_a_job_that_was_interrupted_ends_with_the_same_rows(label, archive, tmp_path, after):
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    label(*archive, output=str(undisturbed))
    with pytest.raises(KeyboardInterrupt):
        label(*archive, output=str(disturbed), engine=interrupted(after))
    before = {path: path.stat().st_mtime_ns for path in (disturbed / "articles").glob("*")}
    again = label(*archive, output=str(disturbed))
    assert read(disturbed) == read(undisturbed)
    assert (disturbed / "rejects.jsonl").read_text() == (undisturbed / "rejects.jsonl").read_text()
    assert all(path.stat().st_mtime_ns == at for path, at in before.items())
    assert len(before) >= after
    assert again.told[0].counts.articles == 98 - again.told[-1].fresh


def test_a_job_that_is_done_does_nothing_more(label, archive):
    first = label(*archive).summary
    again = label(*archive)
    assert again.summary == first
    assert [status.fresh for status in again.told] == [0]
    assert again.told[0].share == again.told[0].share_before == 1


def test_progress_only_grows_and_ends_with_everything(label, archive):
    told = label(*archive).told
    shares = [status.share for status in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert [status.counts.articles for status in told][-1] == told[-1].fresh == 98


def test_several_processes_make_the_same_rows(label, archive, tmp_path):
    label(*archive, output=str(tmp_path / "here"))
    label(*archive, output=str(tmp_path / "there"), engine=Processes(2))
    assert read(tmp_path / "there") == read(tmp_path / "here")


def test_one_process_labels_several_blocks_at_once(label, archive):
    meeting = Barrier(2, timeout=30)
    worker = SimpleNamespace(open=lambda: lambda _: Counts(articles=meeting.wait() >= 0))
    told = label(*archive, engine=lambda plan, _: run_here(plan, worker), block_rows=25).told
    assert told[-1].fresh == 4


def test_a_changed_input_is_noticed(label, archive):
    label(*archive)
    archive[0].write_text(archive[0].read_text().replace("grid", "gird"))
    with pytest.raises(JobChanged, match=r"a\.jsonl has changed"):
        label(*archive)
    with pytest.raises(JobChanged, match=r"b\.jsonl is gone"):
        label(archive[0])
    assert label(*archive, restart=True).summary.counts.articles == 98


def test_another_format_is_another_job(label, archive):
    label(*archive)
    with pytest.raises(JobChanged, match=r"output format differs \(jsonl then, parquet now\)"):
        label(*archive, kind=OutputFormat.PARQUET)


def test_a_text_that_breaks_the_encoder_is_rejected_alone(label, write_jsonl, tmp_path):
    rows = [{"id": f"{at}", "text": "grid" if at != 3 else f"grid {POISON}"} for at in range(9)]
    label(write_jsonl(*rows))
    assert [row["id"] for row in read(tmp_path / "out")] == [*"01245678"]
    [reject] = read_rejects(tmp_path / "out")
    assert (reject["row"], reject["reason"]) == (4, "the encoder failed on it")


def test_equal_passages_are_encoded_once(model, encoder):
    articles = [Article(title="The same grid."), Article(body="Another minister.")] * 50
    answers = AccurateLabeller(model, encoder)(articles)
    assert sum(encoder.calls) == 2
    assert [answer.labelling.topics for answer in answers[:2]] == [
        answer.labelling.topics for answer in answers[2:4]
    ]


def test_two_jobs_do_not_write_to_one_folder(label, archive):
    def engine(plan, work):
        label(*archive)
        yield from run_here(plan, work)

    with pytest.raises(JobFailed, match="another job is writing there"):
        label(*archive, engine=engine)


@pytest.mark.parametrize("content", ["", "{}\n" * 3, "nothing of the kind\0"])
def test_an_archive_of_nothing_stops_at_once(tmp_path, content):
    path = tmp_path / "a.jsonl"
    path.write_text(content)
    with pytest.raises(InvalidInput) as caught:
        check_readable(find_sources([str(path)]), Columns(), 1000)
    assert "\n" not in str(caught.value)
    assert "a.jsonl" in str(caught.value)


def test_results_that_can_not_be_written_are_one_line(label, archive):
    with pytest.raises(OutputUnusable) as caught:
        label(*archive, output="/proc/none/out")
    assert "\n" not in str(caught.value)


def test_results_on_shared_storage_are_the_same(label, archive, tmp_path):
    label(*archive)
    label(*archive, output="memory://results/out")
    memory = fsspec.filesystem("memory")
    there = [memory.cat_file(part) for part in sorted(memory.glob("/results/out/articles/*"))]
    here = [path.read_bytes() for path in sorted((tmp_path / "out/articles").iterdir())]
    assert there == here


KILLED = """
import sys
from pathlib import Path
from service.archive.columns import Columns
from service.archive.engines.local import Processes
from service.archive.folder import Folder
from service.archive.job import Job
from service.archive.manifest import parse_manifest
from service.archive.options import OutputFormat
from service.archive.sources import find_sources
from service.archive.work import Target
from tests.fake_work import FakeWork
if __name__ == "__main__":
    store, output, *inputs = sys.argv[1:]
    folder = Folder(output)
    manifest = parse_manifest(folder.read("job.json"), "job.json")
    target = Target(output, 1, Columns(), OutputFormat.JSONL, 1000)
    job = Job(folder, manifest, find_sources(inputs), {"grid": "Grid", "talks": "Talks"})
    job.run(FakeWork(Path(store), target, 0.05), Processes(2), print)
"""


@pytest.mark.parametrize("parts", [1, 4])
def test_a_killed_job_leaves_no_process_and_loses_no_row(label, archive, tmp_path, parts):
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    made = label(*archive, output=str(undisturbed))
    folder = killed / "articles"
    folder.mkdir(parents=True)
    (killed / "job.json").write_bytes(made.job.manifest.model_dump_json().encode())
    script = tmp_path / "job.py"
    script.write_text(KILLED)
    process = subprocess.Popen(
        [sys.executable, script, tmp_path / "models", killed, *archive],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_until(lambda: len([*folder.glob("part-*")]) >= parts or process.poll() is not None)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    wait_until(lambda: not is_there(process.pid))
    assert len([*folder.glob("part-*")]) < made.summary.parts
    label(*archive, output=str(killed))
    assert read(killed) == read(undisturbed)


def is_there(group):
    """Whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
