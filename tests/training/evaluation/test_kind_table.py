"""The worst case of each kind of synthetic scan."""

from spineviewer.training.evaluation.kind_table import kind_lines, worst_by_kind

RECORDS = [
    {"case": "thick-slices-095000", "dice": 0.92, "stray_ml": 0.1, "first_recall": 0.8},
    {"case": "thick-slices-095001", "dice": 0.95, "stray_ml": 0.7, "first_recall": None},
    {"case": "metal-095000", "dice": 0.85, "stray_ml": 2.0, "sacrum_marked_fraction": 0.25},
    {"case": "metal-095001", "error": "unreadable"},
    {"case": "ircad-01", "dice": 0.1, "stray_ml": 9.0},
]


def test_the_worst_of_each_measure_is_shown_whichever_case_it_is() -> None:
    assert worst_by_kind(RECORDS) == {
        "metal": {"cases": 1, "dice": 0.85, "stray_ml": 2.0, "sacrum_marked_fraction": 0.25},
        "thick-slices": {"cases": 2, "dice": 0.92, "stray_ml": 0.7, "first_recall": 0.8},
    }


def test_the_table_has_a_row_for_each_kind_and_none_for_real_cases() -> None:
    lines = kind_lines(RECORDS)
    assert lines[-1].startswith("| thick-slices | 2 | 0.920 |")
    assert "25.0%" in lines[-2]
    assert kind_lines(RECORDS[-1:]) == []
