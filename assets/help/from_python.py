"""Segment a scan from Python: read, segment, look at the numbers, save."""

import sys

import numpy as np

import spineviewer as sv

scan = sv.read(sys.argv[1])
segmenter = sv.Segmenter(device="cpu")
result = segmenter.segment(scan, progress=print)
mask = result.mask()
wider = result.mask(threshold=0.5 * result.tuning.attention_threshold)
print(f"{result.volume_ml:.1f} ml, mean {np.mean(scan.hu[mask]):.0f} HU, {wider.sum() - mask.sum()} voxels more below")
result.save(mask=sys.argv[2], overwrite=True)
