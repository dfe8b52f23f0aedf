import gc
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import get_native_id

import pytest

from service.processor import STEPS_BACK, keep_loaded, stand_back


def niceness():
    return os.getpriority(os.PRIO_PROCESS, get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no niceness of their own")
def test_a_thread_that_stands_back_does_so_alone():
    before = niceness()
    with ThreadPoolExecutor(1, initializer=stand_back) as threads:
        assert threads.submit(niceness).result() == min(before + STEPS_BACK, 19)
    assert niceness() == before


def test_what_is_loaded_is_not_searched_for_garbage():
    loaded: list[list[int]] = [[]]
    try:
        keep_loaded()
        assert all(each is not loaded for each in gc.get_objects())
    finally:
        gc.unfreeze()
    assert any(each is loaded for each in gc.get_objects())
