"""Our implementation of ITK's formula compared with ITK."""

import numpy as np
import pytest
import SimpleITK as sitk

from spineviewer.bench.itk_diffusion import ItkDiffusion, diffused_as_itk
from spineviewer.volume.geometry import Geometry


def with_itk(values, geometry, settings):
    image = sitk.GetImageFromArray(values)
    image.SetSpacing(geometry.spacing_zyx_mm[::-1])
    return sitk.GetArrayFromImage(
        sitk.GradientAnisotropicDiffusion(
            image, settings.time_step, settings.conductance, 1, settings.iterations
        )
    )


@pytest.mark.parametrize(
    ("shape", "spacing"),
    [
        ((9, 13, 17), (1.7, 0.8, 0.9)),
        ((1, 5, 6), (1.0, 1.0, 1.0)),
        ((33, 4, 2), (1.0, 2.5, 0.7)),
        ((5, 3, 2), (1.0, 1.0, 1.0)),
    ],
)
@pytest.mark.parametrize("settings", [ItkDiffusion(), ItkDiffusion(0.03, 3.0, 2)])
def test_it_is_itks_filter_at_every_size_and_spacing(shape, spacing, settings):
    values = np.random.default_rng(0).normal(0, 100, shape).astype(np.float32)
    geometry = Geometry(shape, spacing, (0.0, 0.0, 0.0))
    expected = with_itk(values, geometry, settings)
    assert np.abs(expected - values).max() > 5
    assert np.abs(diffused_as_itk(values, geometry, settings, threads=2) - expected).max() < 5e-3


def test_a_flat_image_does_not_change():
    geometry = Geometry((4, 5, 6), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    flat = np.full(geometry.shape_zyx, 40.0, np.float32)
    assert (diffused_as_itk(flat, geometry, ItkDiffusion(), threads=1) == 40).all()
