"""The cache: what it keeps, what it releases, and what threads share."""

import threading

import pytest

from spineviewer.caches import RecentCache


def test_a_value_is_computed_once_per_key():
    made = []

    def make(value):
        made.append(value)
        return value

    cache = RecentCache()
    assert [cache.get(key, lambda key=key: make(key)) for key in ("a", "a", "b", "a")] == [
        "a",
        "a",
        "b",
        "a",
    ]
    assert made == ["a", "b", "a"]


def test_the_least_recently_used_value_is_dropped_first():
    cache = RecentCache(2)
    for key in ("a", "b", "a", "c"):
        cache.get(key, lambda key=key: key)
    assert cache.get("a", lambda: "computed again") == "a"
    assert cache.get("b", lambda: "computed again") == "computed again"


def test_a_failure_is_reported_and_not_cached():
    cache = RecentCache()

    def fail():
        raise ValueError("no value")

    with pytest.raises(ValueError, match="no value"):
        cache.get("a", fail)
    assert cache.get("a", lambda: 1) == 1


def test_two_threads_that_ask_for_the_same_value_get_one_and_the_same():
    cache, begun, may_continue, found = RecentCache(), threading.Event(), threading.Event(), []

    def slow():
        begun.set()
        assert may_continue.wait(20)
        return object()

    threads = [threading.Thread(target=lambda: found.append(cache.get("a", slow)))]
    threads[0].start()
    assert begun.wait(20)
    threads.append(threading.Thread(target=lambda: found.append(cache.get("a", object))))
    threads[1].start()
    may_continue.set()
    for thread in threads:
        thread.join(20)
    assert found[0] is found[1]


def test_a_cleared_cache_is_empty():
    cache = RecentCache(2)
    cache.get("a", lambda: 1)
    cache.clear()
    assert len(cache) == 0
