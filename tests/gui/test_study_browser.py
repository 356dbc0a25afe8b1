from fakes import FakeBackend, spine_volume

from spineviewer.gui.dialogs.study_browser import StudyBrowser


def test_every_scan_below_a_folder_is_listed_and_opens_one_after_the_other(qtbot, make_window, tmp_path):
    paths = [tmp_path / "one" / "a_ct.nii.gz", tmp_path / "two" / "b_ct.nii.gz"]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(b"")
    (tmp_path / "one" / "a_seg-spine_msk.nii.gz").write_bytes(b"")
    window = make_window(FakeBackend([spine_volume(path=path, shape=(40, 40, 40)) for path in paths]))
    with qtbot.waitSignal(window.desk.folder_browsed):
        window.desk.browse(tmp_path)
    browser = window.findChild(StudyBrowser)
    names = [browser.tree.topLevelItem(k).text(0) for k in range(browser.tree.topLevelItemCount())]
    assert names == ["a_ct.nii.gz", "b_ct.nii.gz"]
    browser.open_button.click()
    qtbot.waitUntil(lambda: len(window.desk.open_scans) == 1)
    browser.search.setText("two")
    assert browser.tree.topLevelItem(0).isHidden()
    browser.tree.setCurrentItem(browser.tree.topLevelItem(1))
    browser.open_button.click()
    qtbot.waitUntil(lambda: len(window.desk.open_scans) == 2)
    assert window.windowTitle().startswith("b_ct")
    browser.close()


def test_a_folder_without_scans_is_a_sentence(qtbot, make_window, tmp_path):
    window = make_window(FakeBackend())
    window.desk.browse(tmp_path)
    qtbot.waitUntil(lambda: any("names no scan" in n.text for n in window.banners.notices()))
