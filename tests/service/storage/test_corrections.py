import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from service.errors import DatabaseUnusable
from service.storage.corrections import Correction, open_corrections

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST = Correction(text="Talks began.", labels=("talks",), article_id="a", source="wire")


@pytest.fixture
def url(database_url):
    return database_url


def test_corrections_come_back_oldest_first(url):
    corrections = open_corrections(url)
    second = Correction(text="Rain.", labels=())
    corrections.add([second], NOW + timedelta(seconds=1))
    corrections.add([FIRST], NOW)
    assert open_corrections(url).all() == [FIRST, second]


def test_the_last_word_on_a_text_counts(url):
    corrections = open_corrections(url)
    corrections.add([FIRST, replace(FIRST, labels=())], NOW)
    assert corrections.all() == [replace(FIRST, labels=())]
    assert corrections.add([replace(FIRST, labels=("grid",))], NOW) == 1
    assert [each.labels for each in corrections.all()] == [("grid",)]


def test_of_many_texts_those_that_were_corrected_are_known(url):
    corrections = open_corrections(url)
    corrections.add([FIRST], NOW)
    asked = [FIRST.text, *(f"text {number}" for number in range(1200))]
    assert corrections.known(asked) == {FIRST.text}


def test_what_was_added_survives_the_process_that_added_it(url):
    script = (
        "import os, sys; from datetime import datetime, UTC;"
        "from service.storage.corrections import *;"
        "open_corrections(sys.argv[1]).add([Correction(text='x', labels=())], datetime.now(UTC));"
        "os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", script, url], check=False).returncode == -9
    assert [each.text for each in open_corrections(url).all()] == ["x"]


def test_two_writers_lose_nothing(url):
    def write(name):
        corrections = open_corrections(url)
        for number in range(20):
            corrections.add([Correction(text=f"{name} {number}", labels=())], NOW)

    open_corrections(url)
    threads = [Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(open_corrections(url).all()) == 40


def test_writers_of_the_same_new_text_in_a_new_database_do_not_fail(url):
    failures = []

    def write(name):
        try:
            corrections = open_corrections(url)
            for number in range(10):
                corrections.add([Correction(text=f"same {number}", labels=(name,))], NOW)
        except DatabaseUnusable as error:
            failures.append(error)

    threads = [Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(open_corrections(url).all()) == 10


@pytest.mark.parametrize("url", ["no url", "sqlite:////proc/none/x.db", "nodb://host/name"])
def test_a_database_that_can_not_be_is_one_line(url):
    with pytest.raises(DatabaseUnusable) as caught:
        open_corrections(url)
    assert "\n" not in str(caught.value)
