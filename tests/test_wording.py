"""Sentences built without Qt and shown in another language."""

import json
import pickle

import numpy as np
import pytest

from spineviewer.errors import ImageReadError
from spineviewer.wording import (
    Wording,
    as_json,
    formatted_number,
    from_json,
    mark,
    number_text,
    without_file_names,
    worded,
)


def _pickled(text):
    return pickle.loads(pickle.dumps(text))


def _sent(text):
    return from_json(as_json({"warnings": [text]}))["warnings"][0]


def test_a_sentence_is_plain_english_by_default():
    text = worded("{file} holds {size_mm:.1f} mm.", file="a.nii", size_mm=np.float32(2.25))
    assert text == "a.nii holds 2.2 mm."
    assert json.dumps({"text": text}) == '{"text": "a.nii holds 2.2 mm."}'


def test_an_error_returns_its_sentence_with_its_parts():
    inner = ImageReadError("{file} is cut off.", file="a.nii")
    text = str(ImageReadError("No scan: {reason}", reason=inner))
    assert isinstance(text, Wording)
    assert text == "No scan: a.nii is cut off."
    assert isinstance(text.fields["reason"], Wording)


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (-0.04, ".1f", "0.0"),
        (0.04, "+.1f", "0.0"),
        (-0.06, "+.1f", "-0.1"),
        (0.0, "+.0f", "0"),
        (-12, "", "-12"),
        (1234.5, ",.1f", "1,234.5"),
        (float("-inf"), ".1f", "-inf"),
    ],
)
def test_a_number_that_rounds_to_zero_has_no_sign(value, spec, text):
    assert number_text(value, spec) == text
    assert worded(f"{{value:{spec}}} mm", value=value) == f"{text} mm"


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "1 duplicate slice was left out."), (3, "3 duplicate slices were left out.")],
)
def test_plurals_follow_the_count(count, text):
    assert worded("%n duplicate slice(s) (was|were) left out.", "", count) == text


def test_braces_in_a_text_without_fields_are_not_fields():
    assert Wording.of("{not a field}", "", None, {}) == "{not a field}"


@pytest.mark.parametrize("way", [_sent, _pickled])
def test_a_sentence_keeps_its_parts_in_another_process(way):
    text = worded("{what}: %n file(s)", "hint", 2, what=worded("in {folder}", folder="b"))
    back = way(text)
    assert back == "in b: 2 files"
    assert isinstance(back, Wording)
    assert (back.template, back.hint, back.counted, back.fields) == (
        text.template,
        text.hint,
        text.counted,
        text.fields,
    )
    assert isinstance(back.fields["what"], Wording)


def test_other_values_reach_another_process_unchanged():
    message = {"path": "a", "numbers": [1, 2.5, None, True], "inner": {"text": "plain"}}
    assert from_json(as_json(message)) == message


def test_numbers_carry_their_unit_and_marks_change_nothing():
    assert (
        formatted_number(3.14159, ".1f", "mm"),
        formatted_number(12.0, ".0f", "°"),
        formatted_number(2, ".2f"),
    ) == (
        "3.1 mm",
        "12°",
        "2.00",
    )
    assert mark("Mask") == "Mask"


def test_file_names_are_left_out_of_nested_sentences():
    inner = worded("{file} is truncated.", file="DOE_003.dcm")
    outer = worded("Slices may be missing. {first} %n more file(s).", "", 2, first=inner)
    assert without_file_names(outer) == "Slices may be missing. [file] is truncated. 2 more files."
    assert without_file_names("A plain text.") == "A plain text."
