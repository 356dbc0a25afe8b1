"""What README and CONTRIBUTING promise is there."""

import re

import pytest

from spineviewer import __version__, cli

DOCUMENTS = ("README.md", "CONTRIBUTING.md")


@pytest.fixture(scope="module", params=DOCUMENTS)
def document(request, repository):
    return (repository / request.param).read_text(encoding="utf-8")


def test_every_make_target_that_is_named_exists(document, repository):
    targets = set(re.findall(r"^([a-z-]+):", (repository / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", document, re.MULTILINE))
    assert named
    assert named <= targets


def test_every_command_of_the_program_is_in_the_readme(repository):
    readme = (repository / "README.md").read_text(encoding="utf-8")
    listed = re.search(r"## On the command line\n+```\n(.*?)```", readme, re.DOTALL)
    assert listed
    assert [name for name in (*cli.HERE, *cli.ELSEWHERE) if not re.search(rf"\b{name}\b", listed[1])] == []


def test_every_file_that_is_linked_or_named_exists(document, repository):
    linked = re.findall(r"\]\(([^)#:]+)\)", document) + re.findall(r"`((?:tests|models|packaging|assets)/[\w./-]*)`", document)
    assert linked
    assert [name for name in linked if not (repository / name).exists()] == []


def test_the_changelog_tells_of_this_version(repository):
    assert f"## {__version__}" in (repository / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_readme_says_that_it_is_no_medical_device_and_what_was_not_tried(repository):
    readme = (repository / "README.md").read_text(encoding="utf-8")
    assert "not a medical device" in readme
    for system in ("Windows", "macOS", "CUDA", "MPS"):
        assert re.search(rf"{system}[^\n]*not tried|not tried[^\n]*{system}", readme), system
