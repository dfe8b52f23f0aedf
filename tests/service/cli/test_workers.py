import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from service.cli.workers import run_workers
from service.errors import AddressInUse
from service.rpc.client import connect
from service.settings import Settings
from tests.command import PLAIN, topicwire
from training.article import Article

BAKE = Article(body="Roast the potatoes with garlic and serve them hot.")


def wait_for(lines, event, count):
    """The entries of that event, so many of them."""
    found = []
    for line in lines:
        entry = json.loads(line)
        found += [entry] if entry["event"] == event else []
        if len(found) == count:
            return found
    raise AssertionError(f"{event} was not logged {count} times")


def start(folder):
    return subprocess.Popen(
        [
            Path(sys.executable).with_name("topicwire"),
            *("serve", "--listen", "127.0.0.1:0", "--workers", "2"),
        ],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **PLAIN},
    )


def test_workers_share_a_port_and_one_that_is_killed_is_replaced(trained):
    process = start(trained)
    assert process.stderr
    lines = iter(process.stderr)
    try:
        started = wait_for(lines, "worker started", 2)
        address = {entry["address"] for entry in wait_for(lines, "serving", 2)}
        assert len(address) == 1
        os.kill(started[0]["pid"], signal.SIGKILL)
        with connect(address.pop(), Settings()) as client:
            for _ in range(20):
                _, [labelling] = client.classify([BAKE])
                assert labelling.topics == {"food"}
                time.sleep(0.05)
        assert wait_for(lines, "worker died", 1)[0]["code"] == -signal.SIGKILL
        wait_for(lines, "serving", 1)
        process.send_signal(signal.SIGTERM)
        wait_for(lines, "all workers stopped", 1)
        assert process.wait(timeout=30) == 0
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
        process.stderr.close()


def test_workers_do_not_outlive_their_parent(trained):
    process = start(trained)
    assert process.stderr
    lines = iter(process.stderr)
    wait_for(lines, "serving", 2)
    process.kill()
    wait_for(lines, "stopped", 2)
    process.wait()
    process.stderr.close()


def test_an_address_that_can_not_be_is_one_line():
    with pytest.raises(AddressInUse, match="nonsense"):
        run_workers(2, Settings(listen="nonsense"))


def test_no_workers_are_refused(tmp_path):
    assert topicwire("serve", "--workers", "0", cwd=tmp_path).returncode == 2
