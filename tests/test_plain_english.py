"""The window, docstrings, comments and documents avoid words that this project used to misuse."""

import ast
import io
import re
import tokenize
from xml.etree import ElementTree as ET

import pytest

#: A pattern for each word or phrase that made readers stop, and what to write instead.
PLAIN = {
    r"\banew\b": "again",
    r"\bnobody\b": "no one, or say who does what",
    r"\bwhoever\b": "the user, the caller",
    r"\b(?:is|are|was|were|be|been) told\b": "is reported, is called with",
    r"\b(?:goes|go|went|gone|going) on\b": "resume, continue",
    r"\bstands?\b(?! for\b|-)|\bstood\b": "is",
    r"\b(?:lies|lie|lay)\b(?! out\b)": "is, is located",
    r"\bso (?:many|much)\b(?! (?:\w+ ){0,3}that\b)": "this many, up to",
    r"(?<!thing )(?<!one )(?<!where )(?<!or )(?<!all )\belse\b(?=\s*(?:[.;:,)]|$))": "otherwise",
    r"\bfor ever\b": "forever, hangs",
    r"\b(?:hold|holds|held|holding) (?:\w+ ){0,4}against\b": "compare with",
    r"\bnought\b": "0",
    r"\bunforeseen\b": "unexpected",
    r"\bunharmed\b": "not changed",
    r"\bcomes? to rest\b": "has finished",
    r"\b(?:least|most) HU\b": "minimum, maximum",
    r"\blook here\b": "uncertain regions",
    r"\b(?:it|this|that|which|what) is no (?!longer\b|more\b)": "is not a",
    r"\b(?:there|where|here)(?:in|upon|of|by)\b": "in it, by it",
    r"\bbelongs? into\b": "belongs to",
    r"\btells? (?:\w+ ){0,6}apart\b|\btold apart\b": "distinguish",
    r"\btells? (?:them|it|one|these) from\b": "distinguish",
    r"\bper cent\b": "percent",
    r"\bhalf-way\b": "halfway",
    r"\bantero-posterior": "anteroposterior",
    r"\d %(?= (?:of|early|more|less)|[.,;)])": "5% without a space",
    r"\b(?:as|than) promised\b": "as declared in the header",
    r"\bdear(?:er|est)?\b": "expensive, slow",
    r"\bwithout a word\b": "silently",
    r"\bperson at the screen\b|\ba person's words\b": "the user, plain words",
    r"\b(?:the|a) reader's\b": "the user's",
    r"\bwhat (?:it|they) says?\b": "its text",
    r"\bseldom\b": "rarely",
    r"\bto and fro\b": "back and forth",
    r"\b(?:is|are) a fiction\b": "is not real",
    r"\btakes? hold of\b": "grab",
    r"\bkeeps? clear of\b": "avoid",
    r"\bfor want of\b": "because there is no",
    r"\b(?:without a|no) screen\b": "without a display",
    r"\bfinished paint\b": "until it has been repainted",
    r"\bnumbered (?:\w+ )?cases\b": "cases with numbered vertebrae",
    r"\b(?:is|are|was|were) looked at\b": "was inspected",
    r"\bkey store\b": "credential store, keychain",
    r"\bended with code\b": "exited with code",
    r"\(default \d": "(default: 1)",
    r"\bas (?:a|its) tip\b|\btips? (?:show|say|contain|supplement|explain)s?\b": "tooltip",
    r"\bbut other \w+ (?:objects|files)\b": "only other",
    r"\bplanes? of view\b": "viewing plane",
    r"\bend[ -]plates?\b": "endplate",
    r"\bunder the same conditions as in\b": "as in",
    r"\bas (?:it|they) (?:is|are|was|were) before\b(?! \w)": "before the change, before the drag",
}
OLD = re.compile("|".join(PLAIN), re.IGNORECASE)
#: Beginnings that docstrings and comments must not have, and what to write instead.
BEGINNINGS = {
    r"What (?!is it\b)": "a noun phrase, or Return …",
    r"(?:Bool|Float\w*|Int\w*|Uint\w*),? (?:of )?shape": "Return …: bool, shape …",
    r"(?:It says|It tells|Says|Tells) ": "Return …, Show …",
}
OLD_BEGINNING = re.compile("|".join(BEGINNINGS))
#: Legitimate uses, as they are written.
ALLOWED = (
    "points lie in the plane",
    "lies in the plane",
    "the box lies inside the scan",
    "stand-in",
)

#: Phrases that only text for the user must avoid, and what to write instead.
SPOKEN_PLAIN = {
    r"\bheat ?maps?\b": "attention map",
    r"\bdoubt\w*": "uncertain region, uncertainty",
    r"\bforget\b": "discard, delete",
    r"\bworst place\b": "largest difference",
    r"\bcut out\b": "erase inside outline",
    r"\bfill between\b": "interpolate",
    r"\bwhatever its name\b": "despite its name",
    r"(?<!there )\bis no (?!longer\b|more\b)": "is not a",
    r"\btells of\b|\bpromises\b": "has according to its header",
    r"\bis cut off:": "truncated",
    r"\bwritten over\b": "overwritten, not changed",
    r"\busual keys?\b": "default",
    r"\s…": "… without a space before it",
    r"\bgive (?:a|an|at least|either|it|the)\b": "specify",
    r"\balso there:": "also contains",
    r"\bcancellous\b": "trabecular",
    r"\bimage edge\b|\bcut off by the\b": "cut off at the edge of the scan",
    r"\bknown distance\b": "measure a structure of known size",
}
SPOKEN_OLD = re.compile("|".join(SPOKEN_PLAIN), re.IGNORECASE)
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "models/MODEL_CARD.md",
    "models/EVALUATION.md",
    "models/LICENSE",
    "tests/benchmarks/README.md",
    "tests/benchmarks/seconds.md",
    "tests/fuzz/RESULTS.md",
    "tests/io/AWKWARD.md",
    "Makefile",
)
#: The errors that a user reads, without their base.
ERRORS = {
    "ImageReadError",
    "GeometryError",
    "ModelError",
    "InferenceError",
    "ExportError",
    "ArchiveError",
    "UsageError",
}
#: Functions whose arguments a user reads.
SPOKEN = {
    "tr",
    "worded",
    "mark",
    "add_argument",
    "add_count",
    "add_file",
    "add_flag",
    "add_folder",
    "add_list",
    "add_output",
    "add_text",
    "add_parser",
    "add_argument_group",
    "ArgumentParser",
    "CommandParser",
    *ERRORS,
}


#: How an error says what to do.
REMEDY = re.compile(
    r"(?:^|[.?:;,(}] |, or |, and )(?:Add|Create|Ask|Change|Check|Choose|Close|Convert|Copy|"
    r"Correct|Enter|Expand|Export|Free|Install|Leave|List|Lower|Measure|Narrow|Open|Pass|Publish|Raise|Remove|"
    r"Retrieve|Run|Save|Search|Segment|Set|Specify|Start|Train|Try|Unlock|Unpack|Usage|Use|Wait|"
    r"Write|Name|Load)\b|pip install|Available: |sv\.Scan|see \{",
    re.IGNORECASE,
)
#: Errors that pass on another error, which says what to do.
PASSED_ON = {
    "{file}: {obstacle}",
    "{file}: {reason}",
    "{group} in {file}: {reason}",
    "{first} %n more of the {count} slices cannot be read either.",
    "spineviewer: {error}",
    # Becomes part of "The archive {name} cannot be used. {reason} Add it again …"
    "Some of its settings are missing or invalid.",
    # The benchmarks show the last lines of a program that failed.
    "{command[0]} exited with code {code}: {' / '.join(last)}",
}
#: Parts of names in the code that this project used to misuse, and what to write instead.
NAMES = {
    r"(?:^|_)cursor_zyx": "crosshair_zyx",
    r"(?:^|_)(?:LEAST|MOST)(?:_|$)": "MIN, MAX",
    r"(?:^|_)promise[sd]?(?:_|$)": "declared",
    r"(?:^|_)(?:heat|doubts?|anew|unforeseen|nobody|grave|dear)(?:_|$)": "see the glossary",
    r"(?:^|_)forget(?:_|$)": "delete, drop, discard",
    r"come_to_rest": "finish",
    r"\w_asked$": "requested",
    r"(?:^|_)told(?:_|$)": "reported, remarks, answers",
    r"(?:^|_)end_plate": "endplate is one word",
    r"^_?is_of_": "belongs_to, shows, has",
}
#: Words that this project's German used to misuse, and what to write instead.
GERMAN = {
    r"\bListhesis\b": "Listhese",
    r"\bHöhenminderung": "Höhenverlust",
    r"Bildschirmfoto": "Bildschirmaufnahme",
    r"Archiveinstellung": "Archiv-Einstellungen",
    r"\bsind (?:nicht )?rechtwinklig\b(?! gestapelt)": "stehen rechtwinklig zueinander",
    r"\b3-D\b": "3D",
    r"\bcodiert": "kodiert",
    r"\bdiese[mnrs]? Rechner": "Computer; Rechner nur für HOST",
    r"\s…(?! (?:bis|HU|in|--search)\b)": "… ohne Leerzeichen davor",
    r"\bgemerkt\b": "gespeichert, aufgelistet",
    r"\bTasten ändern\b": "Tastenkürzel",
    r"Hounsfield-Einheiten sind (?!Längen)\w*(?:grob|ungenau)": "die HU-Werte sind",
    r"\bauf eines von\b": "eine von diesen:",
    r"\bdie Vorgaben, nicht\b": "Standardwerte; Vorgaben sind presets",
    r"\bjene[mnrs]?\b": "diese",
    r"\bBytes\b": "Byte",
    r"\b(?:Studien?|\w+-Studien?)\b": "Untersuchung",
    r"'\{": "„…“",
}


def old_words(text):
    """Return the words of the old style in a text, each with its surroundings."""
    found = []
    for match in OLD.finditer(text):
        surroundings = text[max(0, match.start() - 40) : match.end() + 40].replace("\n", " ")
        if not any(allowed in surroundings for allowed in ALLOWED):
            found.append(surroundings)
    return found


def begins_badly(text):
    """Return the beginning of a docstring or comment if it is of the old style."""
    return [text[:60]] if OLD_BEGINNING.match(text) else []


def explanations(source):
    """Yield the docstrings and comments of a module, with their lines."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (
            text := ast.get_docstring(node)
        ):
            yield node.body[0].lineno, text
    # Comments on neighbouring lines are one text.
    comment, last = "", 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            text = token.string.lstrip("#: ")
            comment = f"{comment} {text}" if token.start[0] == last + 1 else text
            last = token.start[0]
            yield last, comment


def spoken_texts(source):
    """Yield the strings of a module for the user, with their lines."""
    for call in ast.walk(ast.parse(source)):
        if (
            isinstance(call, ast.Call)
            and getattr(call.func, "id", getattr(call.func, "attr", "")) in SPOKEN
        ):
            values = [
                *call.args,
                *(k.value for k in call.keywords if k.arg in ("help", "description", "epilog")),
            ]
            for part in (part for value in values for part in ast.walk(value)):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.lineno, part.value


def modules(repository, *folders, without=()):
    for folder in folders:
        for path in sorted((repository / folder).rglob("*.py")):
            name = path.relative_to(repository).as_posix()
            if not name.startswith(tuple(without)):
                yield name, path.read_text(encoding="utf-8")


def test_docstrings_and_comments_are_in_plain_english(repository):
    found = [
        f"{name}:{line}: {words}"
        for name, source in modules(repository, "spineviewer", "packaging", "tests", "assets")
        for line, text in explanations(source)
        for words in [
            *old_words(text),
            *(begins_badly(text) if name.startswith("spineviewer/") else ()),
        ]
    ]
    assert not found, "\n".join(found)


def test_texts_for_the_user_are_in_plain_english(repository):
    found = [
        f"{name}:{line}: {words}"
        for name, source in modules(repository, "spineviewer", without=())
        for line, text in spoken_texts(source)
        for words in [*old_words(text), *SPOKEN_OLD.findall(text)]
    ]
    assert not found, "\n".join(found)


def test_documents_are_in_plain_english(repository):
    paths = [
        *(repository / name for name in DOCUMENTS),
        *sorted((repository / "assets/help/en").glob("*.md")),
        *sorted((repository / "packaging").glob("*.sh")),
    ]
    found = [
        f"{path.name}: {words}"
        for path in paths
        for words in old_words(path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


def error_texts(source):
    """Yield the messages of the errors that a module raises for the user, with their lines."""
    for call in ast.walk(ast.parse(source)):
        if (
            isinstance(call, ast.Call)
            and getattr(call.func, "id", getattr(call.func, "attr", ""))
            in {"SpineViewerError", *ERRORS}
            and call.args
        ):
            text = call.args[0]
            if isinstance(text, ast.Call) and getattr(text.func, "id", "") == "worded":
                text = text.args[0]
            if isinstance(text, ast.Constant):
                yield call.lineno, text.value
            elif isinstance(text, ast.JoinedStr):
                yield (
                    call.lineno,
                    "".join(
                        part.value
                        if isinstance(part, ast.Constant)
                        else f"{{{ast.unparse(part.value)}}}"
                        for part in text.values
                    ),
                )


def test_errors_say_what_to_do(repository):
    found = [
        f"{name}:{line}: {text}"
        for name, source in modules(repository, "spineviewer")
        for line, text in error_texts(source)
        if text not in PASSED_ON and not REMEDY.search(text)
    ]
    assert not found, "\n".join(found)


def test_german_is_consistent(repository):
    texts = repository / "spineviewer/gui/translations/de.ts"
    translations = ET.parse(texts).iter("translation")
    sources = [("de.ts", "".join(translation.itertext())) for translation in translations] + [
        (path.name, path.read_text(encoding="utf-8"))
        for path in sorted((repository / "assets/help/de").glob("*.md"))
    ]
    found = [
        f"{name}: {match.group()} ({better}) in: {text[max(0, match.start() - 40) :][:90]}"
        for name, text in sources
        for pattern, better in GERMAN.items()
        for match in re.finditer(pattern, text)
    ]
    assert not found, "\n".join(found)


def test_names_of_tests_are_in_plain_english(repository):
    found = [
        f"{name}: {words}"
        for name, source in modules(repository, "tests")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        for words in old_words(node.name.removeprefix("test_").replace("_", " "))
    ]
    assert not found, "\n".join(found)


def test_names_follow_the_glossary(repository):
    found = {
        f"{name}: {token.string} ({better})"
        for name, source in modules(repository, "spineviewer")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.NAME
        for pattern, better in NAMES.items()
        if re.search(pattern, token.string)
    }
    assert not found, "\n".join(sorted(found))


def test_every_option_of_a_command_explains_itself(repository):
    without_help = [
        f"{name}:{call.lineno}"
        for name, source in modules(repository, "spineviewer", without=("spineviewer/gui/main.py",))
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", "") == "add_argument"
        and not any(keyword.arg == "help" for keyword in call.keywords)
    ]
    assert not without_help


@pytest.mark.parametrize(
    ("text", "is_old"),
    [
        ("What the mouse does.", True),
        ("Bool, shape of the grid: what a ball touches.", True),
        ("Says what is under the pointer.", True),
        ("Return the voxels that a ball touches: bool, shape of the grid.", False),
        ("Mouse actions.", False),
    ],
)
def test_beginnings_of_the_old_style_are_found(text, is_old):
    assert bool(begins_badly(text)) == is_old


@pytest.mark.parametrize(
    "sentence",
    [
        "begin anew, also over a batch of other numbers",
        "which opens like a scan and goes on where you were",
        "None carries the patient's name but the DICOM SEG, which belongs into the patient's study",
        "Your scan is unharmed.",
        "Least HU",
        "Look here",
        "wait until the networks have come to rest",
        "so that a window never stands still for the sum of it",
        "an unforeseen error",
        "What is wrong is told.",
        "At most so many progress messages a second.",
        "full precision else",
        "hold synthetic scans against real ones",
        "Where the pixels of a surface lie.",
        "None for what is no DICOM: this is no CT.",
        "What nobody looks at.",
        "One entry: what it is called, and what it says.",
        "Take hold of a point.",
        "End a drag, and restore the landmarks as they were before.",
        "A plane of view along both end plates.",
    ],
)
def test_the_old_style_is_found(sentence):
    assert old_words(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Run the tests and nothing else.",
        "The values become the standard ones; STL stands for stereolithography.",
        "All points lie in the plane.",
        "The mask changes so much that it is found again.",
        "It is no longer shown.",
        "Resume where it stopped; otherwise start again.",
    ],
)
def test_plain_english_is_left_alone(sentence):
    assert not old_words(sentence)
