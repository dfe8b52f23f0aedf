from types import SimpleNamespace

import pytest

from service.archive.columns import Columns
from service.archive.engines.local import run_here
from service.archive.folder import Folder
from service.archive.job import Job, Status
from service.archive.manifest import JobManifest, describe
from service.archive.options import Mode, OutputFormat
from service.archive.sources import find_sources
from service.archive.work import Target
from tests.fake_work import FakeWork
from training.store import Store


@pytest.fixture
def label(model, tmp_path):
    """Labels files with the fake encoder; gives the summary and the statuses it was told."""

    def run(  # noqa: PLR0913 - as many as a job has sides
        *inputs,
        output=None,
        engine=run_here,
        kind=OutputFormat.JSONL,
        restart=False,
        seconds=0.0,
        block_rows=10,
    ):
        store = Store(tmp_path / "models")
        if not store.numbers():
            store.publish(model)
        url = output or str(tmp_path / "out")
        sources = find_sources([str(each) for each in inputs], without=url)
        manifest = JobManifest(
            inputs=describe(sources),
            model=1,
            model_fingerprint="one",
            precision="auto",
            mode=Mode.ACCURATE,
            output_format=kind,
            columns=Columns(),
            max_article_chars=1000,
            block_rows=block_rows,
        )
        target = Target(url, 1, Columns(), kind, 1000)
        job = Job(Folder(url), manifest, sources, model.taxonomy.names)
        told: list[Status] = []
        with job.folder.locked():
            job.begin(restart=restart)
            summary = job.run(FakeWork(store.root, target, seconds), engine, told.append)
        return SimpleNamespace(summary=summary, told=told, job=job)

    return run
