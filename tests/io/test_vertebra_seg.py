from spineviewer.io.write.dicom_seg import LEVEL_CODES
from spineviewer.volume.levels import LEVEL_NAMES


def test_every_vertebra_but_t13_and_l6_has_a_snomed_code_of_its_own() -> None:
    assert set(LEVEL_NAMES) - set(LEVEL_CODES) == {"T13", "L6"}
    assert len({code for code, _, _ in LEVEL_CODES.values()}) == len(LEVEL_CODES)


def test_codes_are_those_that_pydicom_knows() -> None:
    from pydicom.sr.codedict import codes

    assert LEVEL_CODES["L1"][0] == codes.SCT.L1Vertebra.value
    assert LEVEL_CODES["C2"][0] == codes.SCT.C2Vertebra.value
    assert LEVEL_CODES["T12"][0] == codes.SCT.T12Vertebra.value
