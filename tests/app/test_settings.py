import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from spineviewer.app.settings import MAX_RECENT, RecentScan, Settings, load_settings, save_settings
from spineviewer.tuning import Tuning


def test_what_is_saved_is_loaded(tmp_path):
    path = tmp_path / "deep" / "settings.json"
    settings = Settings(map_opacity=0.3, layout="row").with_recent(
        RecentScan("/a/b.nii", "1.2", "512 × 512")
    )
    save_settings(settings, path)
    assert load_settings(path) == settings
    assert [p.name for p in path.parent.iterdir()] == ["settings.json"]


def test_a_missing_file_gives_the_defaults(tmp_path):
    assert load_settings(tmp_path / "none.json") == Settings()


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "[" * 99_999])
def test_a_damaged_file_gives_the_defaults_and_is_renamed(text, tmp_path):
    (tmp_path / "bad.json").write_text(text)
    settings = load_settings(tmp_path / "bad.json")
    assert settings == Settings(damaged_file="bad.json.damaged-1")
    save_settings(settings, tmp_path / "bad.json")
    assert load_settings(tmp_path / "bad.json") == Settings()
    assert (tmp_path / "bad.json.damaged-1").read_text() == text


def test_invalid_values_are_skipped(tmp_path):
    stored = (
        '{"map_opacity": 7.0, "mask_opacity": NaN, "window_geometry": "no base64!", '
        '"theme": "a\\u0000"}'
    )
    (tmp_path / "s.json").write_text(stored)
    settings = load_settings(tmp_path / "s.json")
    damaged = ("map_opacity", "mask_opacity", "theme", "window_geometry")
    assert tuple(sorted(settings.damaged_settings)) == damaged
    assert replace(settings, damaged_file="", damaged_settings=()) == Settings()


@pytest.mark.parametrize(
    ("stored", "field", "sound"),
    [
        ({"recent": 3}, "recent", ()),
        ({"recent": [{}, {"path": "/a"}]}, "recent", (RecentScan("/a"),)),
        ({"windows": {"a": [1], "b": [1, 2]}}, "windows", {"b": [1.0, 2.0]}),
        (
            {"report_templates": {"de": {"a": ["x", "y"], "b": ["x"]}, "en": 1}},
            "report_templates",
            {"de": {"a": ["x", "y"]}},
        ),
        (
            {"tunings": {"a": [0.3, 4, 0.6], "b": [7, 4, 0.6]}},
            "tunings",
            {"a": Tuning(0.3, 4, 0.6)},
        ),
        ({"tunings": {"a": [0.3, 4, 0.6], "b": ["x"]}}, "tunings", {"a": Tuning(0.3, 4, 0.6)}),
        ({"keys": {"open": 5, "heat": ["F5"]}}, "keys", {"attention_map": ["F5"]}),
        ({"archives": [{"name": "a"}, 5]}, "archives", [{"name": "a"}]),
        ({"hanging_protocols": {"a": 5}}, "hanging_protocols", {}),
        ({"folded": ["a", 5]}, "folded", ["a"]),
    ],
)
def test_valid_entries_next_to_a_damaged_one_are_kept_and_the_old_file_is_kept_and_named(
    stored, field, sound, tmp_path
):
    path = tmp_path / "s.json"
    path.write_text(json.dumps({**stored, "layout": "row"}))
    settings = load_settings(path)
    assert getattr(settings, field) == sound
    assert settings.layout == "row"
    assert settings.damaged_settings == (field,)
    assert json.loads((tmp_path / settings.damaged_file).read_text()) == {**stored, "layout": "row"}
    again = load_settings(path)
    assert (getattr(again, field), again.damaged_file) == (sound, "")


def test_nothing_is_remembered_when_remembering_is_switched_off(tmp_path):
    settings = (
        Settings(last_folder="/a").with_recent(RecentScan("/a/Mustermann.nii")).remembering(False)
    )
    settings = settings.with_recent(RecentScan("/a/Mustermann.nii"))
    save_settings(settings, tmp_path / "s.json")
    assert "Mustermann" not in (tmp_path / "s.json").read_text()
    assert load_settings(tmp_path / "s.json").last_folder == ""
    assert (
        len(
            load_settings(tmp_path / "s.json")
            .remembering(True)
            .with_recent(RecentScan("/b"))
            .recent
        )
        == 1
    )


def test_a_value_of_the_wrong_type_is_skipped_and_the_rest_is_kept(tmp_path):
    (tmp_path / "s.json").write_text('{"map_opacity": "much", "layout": "row", "unknown": 1}')
    settings = load_settings(tmp_path / "s.json")
    assert (settings.layout, settings.damaged_settings) == ("row", ("map_opacity",))


def test_the_folder_of_results_is_remembered_with_the_recent_scan():
    scan = RecentScan("a.nii.gz", fingerprint="1")
    settings = Settings().with_recent(scan).with_recent(RecentScan("b.nii.gz", fingerprint="2"))
    settings = settings.with_results_folder("1", "/mine")
    session = RecentScan("a.spineview", fingerprint="1")
    for opened in (scan, session):  # opening it again does not change the folder
        settings = settings.with_recent(opened)
        assert settings.results_folder("1") == "/mine"
    assert settings.results_folder("2") == ""


def test_recent_scans_are_limited_and_newest_first_without_duplicates():
    settings = Settings()
    for k in range(MAX_RECENT + 3):
        settings = settings.with_recent(RecentScan(f"/{k}"))
    settings = settings.with_recent(RecentScan("/5", summary="again"))
    assert [r.path for r in settings.recent[:2]] == ["/5", f"/{MAX_RECENT + 2}"]
    assert len(settings.recent) == MAX_RECENT
    assert len({r.path for r in settings.recent}) == MAX_RECENT
    assert all(r.path != "/5" for r in settings.without_recent("/5").recent)


def test_a_read_only_folder_is_not_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    save_settings(Settings(), tmp_path / "file" / "settings.json")


def test_presets_are_stored_as_three_numbers_like_those_of_earlier_versions(tmp_path):
    path = tmp_path / "settings.json"
    save_settings(Settings(tunings={"a": Tuning(0.3, 4.0, 0.6)}), path)
    assert json.loads(path.read_text(encoding="utf-8"))["tunings"] == {"a": [0.3, 4.0, 0.6]}
    assert load_settings(path).tunings == {"a": Tuning(0.3, 4.0, 0.6)}


def test_a_key_of_an_older_file_is_read(tmp_path):
    (tmp_path / "s.json").write_text('{"heat_opacity": 0.7}')
    assert load_settings(tmp_path / "s.json") == Settings(map_opacity=0.7)


def test_shortcuts_stored_under_an_older_command_name_are_read(tmp_path):
    (tmp_path / "s.json").write_text('{"keys": {"next_doubt": ["F9"], "open": ["F5"]}}')
    assert load_settings(tmp_path / "s.json").keys == {
        "next_uncertain_region": ["F9"],
        "open": ["F5"],
    }


def test_a_command_reports_on_stderr_which_settings_were_damaged_and_where_they_are_kept(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"archives": 5}))
    told = subprocess.run(
        [sys.executable, "-m", "spineviewer", "pacs", "nodes"],
        env={**os.environ, "SPINEVIEWER_SETTINGS": str(path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stderr.splitlines()[0] == (
        "spineviewer: Some settings were invalid and have been reset: archives. The previous "
        "settings file was moved to settings.json.damaged-1."
    )
