from spineviewer.app.settings import MAX_RECENT, RecentScan, Settings, load_settings, save_settings


def test_what_is_saved_is_loaded(tmp_path):
    path = tmp_path / "deep" / "settings.json"
    settings = Settings(heat_opacity=0.3, layout="row").with_recent(RecentScan("/a/b.nii", "1.2", "512 × 512"))
    save_settings(settings, path)
    assert load_settings(path) == settings
    assert [p.name for p in path.parent.iterdir()] == ["settings.json"]


def test_a_damaged_or_missing_file_gives_the_defaults(tmp_path):
    assert load_settings(tmp_path / "none.json") == Settings()
    for text in ("{", "[]", '{"recent": 3}', '{"recent": [{}]}', '"x"'):
        (tmp_path / "bad.json").write_text(text)
        assert load_settings(tmp_path / "bad.json") == Settings()


def test_a_value_of_the_wrong_kind_is_passed_over_and_the_rest_kept(tmp_path):
    (tmp_path / "s.json").write_text('{"heat_opacity": "much", "layout": "row", "unknown": 1}')
    assert load_settings(tmp_path / "s.json") == Settings(layout="row")


def test_recent_scans_are_newest_first_without_doubles_and_few():
    settings = Settings()
    for k in range(MAX_RECENT + 3):
        settings = settings.with_recent(RecentScan(f"/{k}"))
    settings = settings.with_recent(RecentScan("/5", summary="again"))
    assert [r.path for r in settings.recent[:2]] == ["/5", f"/{MAX_RECENT + 2}"]
    assert len(settings.recent) == MAX_RECENT
    assert len({r.path for r in settings.recent}) == MAX_RECENT
    assert all(r.path != "/5" for r in settings.without_recent("/5").recent)


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").write_text("")
    save_settings(Settings(), tmp_path / "file" / "settings.json")
