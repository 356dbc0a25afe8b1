"""Everything that is installed with the program may be redistributed with it."""

import importlib.metadata
import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

#: Licences that allow redistribution with an Apache-2.0 program, as SPDX names.
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause",
    "BSL-1.0", "CC0-1.0", "HPND", "ISC",
    "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib",
}  # fmt: skip
#: LGPL, allowed because these stay separate libraries that users can replace, even in installers.
REPLACEABLE = {"pyside6-essentials", "shiboken6"}
#: Parts of torch's CUDA build, which have their own terms. Users get them from the package index,
#: never with the program.
NOT_PASSED_ON = ("nvidia-", "cuda-")
#: Licences in older metadata: from classifier or free text to SPDX.
OLD_NAMES = {
    "apache": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "osi approved :: apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "mit": "MIT",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "historical permission notice and disclaimer (hpnd)": "HPND",
    "isc license (iscl)": "ISC",
    "dfsg approved": "",  # means nothing on its own
    "osi approved": "",
}


def closure(extras):
    """Return the installed distributions that the program and the named extras require."""
    found, waiting = {}, [("spineviewer", extras)]
    while waiting:
        name, wanted = waiting.pop()
        key = canonicalize_name(name)
        if key in found:
            continue
        found[key] = importlib.metadata.distribution(name)
        for line in found[key].requires or ():
            requirement = Requirement(line)
            environments = [{"extra": extra} for extra in (*wanted, "")]
            if requirement.marker is None or any(
                requirement.marker.evaluate(environment) for environment in environments
            ):
                waiting.append((requirement.name, tuple(requirement.extras)))
    return found


def licences(metadata):
    """SPDX names joined by the metadata's own AND and OR; an unknown old name stands for itself."""
    expression = metadata.get("License-Expression")
    if expression:
        return expression
    classifiers = [
        c.rsplit(" :: ", 1)[-1]
        for c in metadata.get_all("Classifier") or ()
        if c.startswith("License ::")
    ]
    told = classifiers or [(metadata.get("License") or "").split("\n")[0].strip()]
    names = [OLD_NAMES.get(name.lower(), name) for name in told]
    return " AND ".join(name for name in names if name)


def is_allowed(expression, allowed=frozenset(ALLOWED)):
    """Whether every part of an AND, and at least one of an OR, is allowed.

    AND has precedence over OR.
    """
    flat = re.sub(r"[()]", " ", expression)
    choices = re.split(r"\s+OR\s+", flat.strip())
    return any(
        all(part.strip() in allowed for part in re.split(r"\s+AND\s+", choice))
        for choice in choices
    )


@pytest.fixture(scope="module")
def installed():
    return closure(("cluster", "dev", "pacs", "train"))


def test_every_installed_licence_may_be_passed_on(installed):
    refused = []
    for name, distribution in installed.items():
        if name.startswith(NOT_PASSED_ON):
            continue
        expression = licences(distribution.metadata)
        is_replaceable_lgpl = name in REPLACEABLE and "LGPL-3.0-only" in expression
        if not (expression and (is_allowed(expression) or is_replaceable_lgpl)):
            refused.append(f"{name}: {expression or 'no licence told'}")
    assert not refused


def test_the_closure_contains_direct_imports_and_their_dependencies(installed):
    assert {
        "spineviewer",
        "torch",
        "numpy",
        "pyside6-essentials",
        "shiboken6",
        "llvmlite",
        "pytest",
    } <= set(installed)


def test_a_copyleft_codec_is_nowhere_in_the_environment():
    names = {canonicalize_name(d.metadata["Name"]) for d in importlib.metadata.distributions()}
    assert not names & {"pylibjpeg-libjpeg", "pyqt5", "pyqt6", "pyinstaller"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True),
        ("GPL-2.0-only", False),
        ("LGPL-3.0-only OR GPL-2.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("(BSD-3-Clause AND MIT) OR GPL-2.0-only", True),
        ("Something of my own", False),
    ],
)
def test_the_rule_itself_rejects_what_it_should(expression, expected):
    assert is_allowed(expression) is expected
