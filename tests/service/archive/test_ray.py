"""The Ray engine on a local cluster of two nodes."""

import json
import threading

import pytest

from service.archive.engines.local import run_here
from service.archive.engines.on_ray import OnRay
from tests.waiting import wait_until

ray = pytest.importorskip("ray")
from ray.cluster_utils import Cluster  # noqa: E402 - only if Ray is there

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own


@pytest.fixture
def cluster():
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    ray.init(address=cluster.address, log_to_driver=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


@pytest.fixture
def archive(write_jsonl):
    rows = [{"id": at, "text": f"grid report {at}" if at % 7 else ""} for at in range(120)]
    return [write_jsonl(*rows[part::3], name=f"{part}.jsonl") for part in range(3)]


def read(folder):
    paths = sorted((folder / "articles").glob("part-*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


@pytest.mark.usefixtures("cluster")
def test_ray_makes_the_same_rows_as_this_process(label, archive, tmp_path):
    here = label(*archive, output=str(tmp_path / "here"), engine=run_here)
    there = label(*archive, output=str(tmp_path / "there"), engine=OnRay())
    assert read(tmp_path / "there") == read(tmp_path / "here")
    assert there.summary == here.summary
    assert [status.counts.articles for status in there.told][-1] == 102


def test_a_node_that_is_killed_midway_costs_no_row(label, archive, tmp_path, cluster):
    label(*archive, output=str(tmp_path / "here"), engine=run_here)
    doomed = cluster.add_node(num_cpus=2)
    cluster.wait_for_nodes()
    killed = threading.Event()

    def kill():
        parts = tmp_path / "there/articles"
        wait_until(lambda: len([*parts.glob("part-*")]) >= 3, seconds=600)
        cluster.remove_node(doomed, allow_graceful=False)
        killed.set()

    killer = threading.Thread(target=kill)
    killer.start()
    label(*archive, output=str(tmp_path / "there"), engine=OnRay(), seconds=1.0)
    killer.join()
    assert killed.is_set()
    assert read(tmp_path / "there") == read(tmp_path / "here")
