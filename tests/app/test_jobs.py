import pytest

from spineviewer.app.jobs import Failed, Stopped, Succeeded, rounded_time, run_to_end
from spineviewer.errors import ImageReadError
from spineviewer.progress import JobProgress


def test_a_job_with_a_result_succeeds():
    assert run_to_end(lambda: 42) == Succeeded(42)


@pytest.mark.parametrize("error", [RuntimeError("itk"), ValueError("x"), ZeroDivisionError()])
def test_no_error_of_another_library_is_dropped(error):
    def work():
        raise error

    outcome = run_to_end(work)
    assert isinstance(outcome, Failed)
    assert outcome.error is error
    assert type(error).__name__ in outcome.message
    assert "Traceback" in outcome.details


def test_an_error_for_the_user_keeps_its_wording():
    def work():
        raise ImageReadError("a.txt is no image.")

    assert run_to_end(work).message == "a.txt is no image."


def test_a_lack_of_memory_is_reported_in_plain_words():
    def work():
        raise MemoryError

    assert "memory" in run_to_end(work).message


def test_cancelling_is_not_an_error():
    progress = JobProgress()
    progress.cancel()
    assert run_to_end(lambda: progress.step("a", 0.1)) == Stopped()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (7.4, "7 s"), (43, "45 s"), (60, "1 min"), (95, "1 min 40 s"), (400, "6 min")],
)
def test_remaining_times_are_rounded(seconds, words):
    assert rounded_time(seconds) == words
