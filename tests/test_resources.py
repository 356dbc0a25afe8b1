"""Where the program keeps what it makes for itself."""

import os

from spineviewer.resources import keep_compiled_code_in_own_folder


def test_compiled_code_stays_beside_a_writable_program(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    keep_compiled_code_in_own_folder(tmp_path)
    assert "NUMBA_CACHE_DIR" not in os.environ


def test_compiled_code_of_a_read_only_program_goes_into_its_own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    keep_compiled_code_in_own_folder(tmp_path)
    assert os.environ["NUMBA_CACHE_DIR"].endswith("compiled")
    assert "spineviewer" in os.environ["NUMBA_CACHE_DIR"]
