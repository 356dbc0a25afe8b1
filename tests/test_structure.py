"""The program consists of small composed objects."""

import ast
from collections import Counter, defaultdict

import pytest

MAX_BASES, MAX_MEMBERS, MAX_CONNECTIONS = 3, 45, 20
MAX_CLASS_LINES, MAX_FUNCTION_LINES = 350, 60


@pytest.fixture(scope="module")
def modules(repository):
    """Return the syntax trees of `app` and `gui`, by path."""
    folder = repository / "spineviewer"
    paths = [path for name in ("app", "gui") for path in sorted((folder / name).rglob("*.py"))]
    return {path.relative_to(folder): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@pytest.fixture(scope="module")
def classes(modules):
    """Return classes by name: the names of their bases, and their own public members."""
    found = {}
    for tree in modules.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
                found[node.name] = (bases, "Protocol" in bases, members_of(node))
    return found


def members_of(node):
    """Return the public members of a class; the members of an enum are values, not members."""
    names = set()
    is_enum = any(isinstance(base, ast.Name) and base.id.endswith("Enum") for base in node.bases)
    for part in ast.walk(node):
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)) and part in node.body:
            names.add(part.name)
        is_own = (
            isinstance(part, ast.Attribute)
            and isinstance(part.value, ast.Name)
            and part.value.id == "self"
        )
        if is_own and isinstance(part.ctx, ast.Store):
            names.add(part.attr)
    for part in () if is_enum else node.body:
        targets = (
            part.targets
            if isinstance(part, ast.Assign)
            else [part.target]
            if isinstance(part, ast.AnnAssign)
            else []
        )
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    # other names are Qt's
    return {
        name
        for name in names
        if (not name.startswith("_") and name == name.lower() and name != "event") or name.isupper()
    }


def ancestors(name, classes):
    found, waiting = [], list(classes[name][0])
    while waiting:
        base = waiting.pop()
        if base in classes and base not in found and not classes[base][1]:
            found.append(base)
            waiting += classes[base][0]
    return found


def test_no_class_has_more_than_a_few_own_bases(classes):
    towers = {name: bases for name in classes if len(bases := ancestors(name, classes)) > MAX_BASES}
    assert not towers


def test_no_class_has_too_many_public_members(classes):
    large = {}
    for name, (_, _, own) in classes.items():
        known = own.union(*(classes[base][2] for base in ancestors(name, classes)))
        if len(known) > MAX_MEMBERS:
            large[name] = len(known)
    assert not large


def test_no_class_is_long(modules):
    long = {}
    for path, tree in modules.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and lines_of(node) > MAX_CLASS_LINES:
                long[f"{path}:{node.name}"] = lines_of(node)
    assert not long


def test_no_function_is_long(repository):
    """Docstrings do not count, nor do loops that are compiled as a whole."""
    long = set()
    for path in (repository / "spineviewer").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                count = lines_of(node) - sum(map(lines_of, docstring_of(node)))
                if count > MAX_FUNCTION_LINES and not is_compiled(node):
                    long.add(node.name)
    assert not long


def lines_of(node):
    return node.end_lineno - node.lineno + 1


def docstring_of(node):
    return node.body[:1] if ast.get_docstring(node) is not None else []


def is_compiled(node):
    names = [ast.unparse(decorator) for decorator in node.decorator_list]
    return any("njit" in name or name == "_compiled" for name in names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class A(Enum):\n    X = auto()\n    def f(self): pass", {"f"}),
        ("class A(IntEnum):\n    X = 1", set()),
        ("class A:\n    X = 1\n    done = Signal()\n    _own = 2", {"X", "done"}),
        ("class A:\n    def f(self): self.g = self._h = 1", {"f", "g"}),
    ],
)
def test_members_are_counted_once_and_enum_values_are_not(text, expected):
    assert members_of(ast.parse(text).body[0]) == expected


def test_no_function_wires_everything_together(modules):
    found = defaultdict(int)
    for path, tree in modules.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                found[f"{path}:{node.name}"] += sum(is_connection(part) for part in ast.walk(node))
    assert not {place: count for place, count in found.items() if count > MAX_CONNECTIONS}


def is_connection(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "connect"
    )


def test_a_module_name_is_used_in_one_place(repository):
    """The only exception is `commands`, which each part of the window has."""
    names = Counter(path.stem for path in (repository / "spineviewer").rglob("*.py"))
    assert {name for name, count in names.items() if count > 1} == {"__init__", "commands"}
