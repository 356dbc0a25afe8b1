"""Everything that README and CONTRIBUTING mention exists."""

import ast
import re

import pytest

from spineviewer import __version__, cli

DOCUMENTS = ("README.md", "CONTRIBUTING.md")


@pytest.fixture(scope="module", params=DOCUMENTS)
def document(request, repository):
    return (repository / request.param).read_text(encoding="utf-8")


def test_every_make_target_that_is_named_exists(document, repository):
    targets = set(
        re.findall(
            r"^([a-z-]+):", (repository / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", document, re.MULTILINE))
    assert named
    assert named <= targets


def test_every_command_of_the_program_is_in_help(repository):
    page = repository / "assets" / "help" / "en" / "08-command-line.md"
    listed = re.search(r"```\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert listed
    names = cli.COMMANDS
    assert [name for name in names if not re.search(rf"\b{name}\b", listed[1])] == []


def test_the_readme_has_at_most_700_words(repository):
    assert len((repository / "README.md").read_text(encoding="utf-8").split()) <= 700


def test_the_readme_shows_one_picture(repository):
    assert (repository / "README.md").read_text(encoding="utf-8").count("![") == 1


def test_every_file_that_is_linked_or_named_exists(document, repository):
    linked = re.findall(r"\]\(([^)#:]+)\)", document) + re.findall(
        r"`((?:tests|models|packaging|assets)/[\w./-]*)`", document
    )
    assert linked
    assert [name for name in linked if not (repository / name).exists()] == []


def names_in_code(*folders):
    """Return all identifiers in some folders, and of each class the names that it defines."""
    names, members = set(), {}
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names |= {getattr(node, key, None) for key in ("id", "attr", "arg", "name")}
            if isinstance(node, ast.ClassDef):
                members.setdefault(node.name, set()).update(
                    getattr(part, "name", getattr(getattr(part, "target", None), "id", None))
                    for part in node.body
                )
    return names, members


def test_every_name_of_the_code_in_contributing_exists(repository):
    text = (repository / "CONTRIBUTING.md").read_text(encoding="utf-8")
    recipes = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    names, members = names_in_code(repository / "spineviewer", repository / "tests")
    files = {path.name for path in (repository / "spineviewer").rglob("*.py")}
    written = r"`((?!SPINEVIEWER)(?:[A-Za-z]+_\w+|_\w+|[A-Z][A-Za-z]*[a-z]|[A-Z]{5,}))`"
    named = re.findall(written, recipes)
    assert len(named) > 40
    examples = {"pt_BR", "English"}  # of a language code and of a string to translate
    assert set(named) - names == examples
    qualified = re.findall(r"`([A-Z]\w+)\.(?!app`)(\w+)`", recipes)  # Spineviewer.app is a file
    assert len(qualified) > 3
    assert [(c, name) for c, name in qualified if name not in members.get(c, ())] == []
    modules = re.findall(r"`(?:[\w/]*/)?([a-z]\w*\.py)`", recipes)
    assert len(modules) > 20
    tests = {path.name for path in (repository / "tests").rglob("*.py")}
    assert [name for name in modules if name not in files | tests] == []


def test_an_entry_of_the_changelog_is_one_line_under_one_of_three_headings(repository):
    lines = (repository / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    release = lines[next(n for n, line in enumerate(lines) if line.startswith("## ")) + 1 :]
    entries = [line for line in release if line.startswith("- ")]
    assert 20 <= len(entries) <= 30
    assert {line for line in release if line and line not in entries} == {
        "### Added",
        "### Changed",
        "### Fixed",
    }


def test_the_model_card_fits_on_two_pages(repository):
    card = (repository / "models/MODEL_CARD.md").read_text(encoding="utf-8")
    assert len(card.split()) <= 1400
    assert "(EVALUATION.md)" in card


def section(document, heading):
    return document.split(f"\n## {heading}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("heading", ["Names of the vertebrae", "Measurements"])
def test_the_figures_of_the_model_card_are_those_of_the_evaluation(repository, heading):
    card, evaluation = (
        section((repository / "models" / name).read_text(encoding="utf-8"), heading)
        for name in ("MODEL_CARD.md", "EVALUATION.md")
    )
    figures = re.compile(r"\d+\.\d+|\d+ of \d+|\d+ bodies")
    assert set(figures.findall(card)) - {"27 of 27"} <= set(figures.findall(evaluation))


def test_the_changelog_names_this_version(repository):
    assert f"## {__version__}" in (repository / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_readme_says_that_it_is_not_a_medical_device_and_what_was_not_tested(repository):
    readme = (repository / "README.md").read_text(encoding="utf-8")
    assert "not a medical device" in readme
    for system in ("Windows", "macOS", "CUDA", "MPS"):
        not_tested = r"(not (been )?tested|untested)"
        untested = rf"{system}[^\n]*{not_tested}|not tested[^\n]*{system}"
        assert re.search(untested, readme), system
