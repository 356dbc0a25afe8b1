"""Rules for docstrings: shapes and dtypes of arrays, "Return" for values, nouns for modules."""

import ast
import re

import pytest

ARRAYS = re.compile(r"\bNDArray\b|\bArrayLike\b")
DTYPE = re.compile(
    r"\b(float(16|32|64)?|u?int(8|16|32|64)?|bool|integers?|whole numbers?|dtype)\b", re.IGNORECASE
)
SHAPE = re.compile(r"\bshapes?\b|\([a-z0-9_ ]+, ?[a-z0-9_, ]*\)|\b[0-9]-D\b|\bper \w+|\bscalar\b")
#: A verb at the beginning of a module's docstring, recognised by its object.
VERB = re.compile(r"[A-Z][a-z]+s (the|an?|how|what|when|where|whether|which)\b")
#: Properties are described by their class, overloads by their implementation.
EXEMPT = {"overload", "property", "cached_property"}


def array_functions(source):
    """Public functions and methods of a module with arrays in their signature, by name."""
    yield from _array_functions(ast.parse(source), "")


def _array_functions(node, prefix):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
            yield from _array_functions(child, f"{child.name}.")
        elif isinstance(child, ast.FunctionDef) and not child.name.startswith("_"):
            decorators = {d.id for d in child.decorator_list if isinstance(d, ast.Name)}
            annotations = [a.annotation for a in (*child.args.args, *child.args.kwonlyargs)] + [
                child.returns
            ]
            has_arrays = any(ARRAYS.search(ast.unparse(a)) for a in annotations if a is not None)
            if has_arrays and not decorators & EXEMPT:
                yield f"{prefix}{child.name}", child


def names_shape_and_dtype(function):
    text = ast.get_docstring(function) or ""
    return bool(SHAPE.search(text) and DTYPE.search(text))


def test_functions_on_arrays_name_shape_and_dtype(repository):
    missing = [
        f"{path.relative_to(repository)}:{name}"
        for path in sorted((repository / "spineviewer").rglob("*.py"))
        for name, function in array_functions(path.read_text(encoding="utf-8"))
        if not names_shape_and_dtype(function)
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize(
    ("docstring", "is_enough"),
    [
        ("", False),
        ("Return the mask.", False),
        ("Return the mask: bool.", False),
        ("Return the mask, shape (z, y, x).", False),
        ("Return the mask: bool, shape (z, y, x).", True),
        ("Return one plane: float32, 2-D.", True),
    ],
)
def test_a_docstring_without_shape_or_dtype_is_found(docstring, is_enough):
    ((name, function),) = array_functions(
        f'def mask() -> NDArray[np.bool_]:\n    """{docstring}"""\n    return 0'
    )
    assert name == "mask"
    assert names_shape_and_dtype(function) is is_enough


def wrongly_return(source):
    """Names of properties, and of functions without a result, whose docstring says "Return"."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and (ast.get_docstring(node) or "").startswith(
            "Return "
        ):
            decorators = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
            has_no_result = isinstance(node.returns, ast.Constant) and node.returns.value is None
            if has_no_result or decorators & {"property", "cached_property"}:
                yield node.name


def test_only_functions_that_return_a_value_say_return(repository):
    wrong = [
        f"{path.relative_to(repository)}:{name}"
        for path in sorted((repository / "spineviewer").rglob("*.py"))
        for name in wrongly_return(path.read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("header", "docstring", "is_wrong"),
    [
        ("def draw(self) -> None", "Return the picture.", True),
        ("@property\ndef picture(self) -> int", "Return the picture.", True),
        ("def draw(self) -> int", "Return the picture.", False),
        ("def draw(self) -> None", "Draw the picture.", False),
        ("@property\ndef picture(self) -> int", "The picture.", False),
    ],
)
def test_a_misused_return_is_found(header, docstring, is_wrong):
    assert bool(list(wrongly_return(f'{header}:\n    """{docstring}"""'))) is is_wrong


def test_docstrings_of_modules_are_noun_phrases(repository):
    verbs = [
        f"{path.relative_to(repository)}: {docstring}"
        for path in sorted((repository / "spineviewer").rglob("*.py"))
        if VERB.match(docstring := ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "")
    ]
    assert not verbs, "\n".join(verbs)


@pytest.mark.parametrize(
    ("docstring", "is_verb"),
    [
        ("Measures how long the window is blocked.", True),
        ("Finds the program's own files.", True),
        ("Names of open scans.", False),
        ("The times for which the window is blocked.", False),
    ],
)
def test_a_verb_at_the_beginning_is_found(docstring, is_verb):
    assert bool(VERB.match(docstring)) is is_verb
