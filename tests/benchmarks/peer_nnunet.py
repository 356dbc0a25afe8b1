"""The other side of the benchmark `segment-command`: nnU-Net's predictor, in its own environment.

    python peer_nnunet.py SCAN OUTPUT

The network is the plain 3-D full-resolution one of TotalSegmentator's vertebrae task (31 M
parameters, patches of 128^3 at 1.5 mm), with random weights, which do not affect the time.
Reading, preprocessing, sliding window, resampling back and writing are nnU-Net's, at its own
defaults on a CPU, without mirroring, as TotalSegmentator runs it. To keep the benchmark short, the
network runs on patches for three minutes and returns zeros for the others, whose estimated seconds
are reported as `not_run_s`.
"""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

PATCH = 128
SPACING_MM = 1.5
LABELS = 26
#: The network runs on patches for this long, but on at least three; small scans run completely.
NETWORK_S, MIN_PATCHES = 180.0, 3
RESAMPLING = {"order_z": 0, "force_separate_z": None}
ARCHITECTURE = {
    "network_class_name": "dynamic_network_architectures.architectures.unet.PlainConvUNet",
    "arch_kwargs": {
        "n_stages": 6,
        "features_per_stage": [32, 64, 128, 256, 320, 320],
        "conv_op": "torch.nn.modules.conv.Conv3d",
        "kernel_sizes": [[3, 3, 3]] * 6,
        "strides": [[1, 1, 1]] + [[2, 2, 2]] * 5,
        "n_conv_per_stage": [2] * 6,
        "n_conv_per_stage_decoder": [2] * 5,
        "conv_bias": True,
        "norm_op": "torch.nn.modules.instancenorm.InstanceNorm3d",
        "norm_op_kwargs": {"eps": 1e-5, "affine": True},
        "dropout_op": None,
        "dropout_op_kwargs": None,
        "nonlin": "torch.nn.LeakyReLU",
        "nonlin_kwargs": {"inplace": True},
    },
    "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"],
}
PLANS = {
    "dataset_name": "Dataset001_random",
    "plans_name": "nnUNetPlans",
    "image_reader_writer": "SimpleITKIO",
    "transpose_forward": [0, 1, 2],
    "transpose_backward": [0, 1, 2],
    "label_manager": "LabelManager",
    "experiment_planner_used": "ExperimentPlanner",
    "foreground_intensity_properties_per_channel": {
        "0": {
            "mean": 200.0, "std": 250.0, "median": 150.0, "min": -1024.0, "max": 3071.0,
            "percentile_00_5": -200.0, "percentile_99_5": 1200.0,
        }
    },
    "configurations": {
        "3d_fullres": {
            "data_identifier": "random",
            "preprocessor_name": "DefaultPreprocessor",
            "batch_size": 2,
            "patch_size": [PATCH] * 3,
            "spacing": [SPACING_MM] * 3,
            "normalization_schemes": ["CTNormalization"],
            "use_mask_for_norm": [False],
            "resampling_fn_data": "resample_data_or_seg_to_shape",
            "resampling_fn_data_kwargs": {"is_seg": False, "order": 3, **RESAMPLING},
            "resampling_fn_seg": "resample_data_or_seg_to_shape",
            "resampling_fn_seg_kwargs": {"is_seg": True, "order": 1, **RESAMPLING},
            "resampling_fn_probabilities": "resample_data_or_seg_to_shape",
            "resampling_fn_probabilities_kwargs": {"is_seg": False, "order": 1, **RESAMPLING},
            "architecture": ARCHITECTURE,
            "batch_dice": False,
        }
    },
}  # fmt: skip
DATASET = {
    "channel_names": {"0": "CT"},
    "labels": {"background": 0, **{f"label {number}": number for number in range(1, LABELS + 1)}},
    "file_ending": ".nii.gz",
    "numTraining": 1,
}


class FirstPatchesOnly(torch.nn.Module):
    """The network until enough patches have been timed; afterwards it returns zeros."""

    def __init__(self, network):
        super().__init__()
        self.network = network
        self.seconds = []
        self.skipped = 0
        self.zeros = None

    def forward(self, patch):
        if len(self.seconds) < MIN_PATCHES or sum(self.seconds) < NETWORK_S:
            started = time.perf_counter()
            answer = self.network(patch)
            self.seconds.append(time.perf_counter() - started)
            self.zeros = torch.zeros_like(answer)
            return answer
        self.skipped += 1
        return self.zeros


def main(scan, output):
    plans = PlansManager(PLANS)
    configuration = plans.get_configuration("3d_fullres")
    network = get_network_from_plans(
        configuration.network_arch_class_name,
        configuration.network_arch_init_kwargs,
        configuration.network_arch_init_kwargs_req_import,
        1,
        LABELS + 1,
        allow_init=True,
        deep_supervision=False,
    ).eval()
    parameters = sum(parameter.numel() for parameter in network.parameters())
    network = FirstPatchesOnly(network).eval()
    predictor = nnUNetPredictor(
        tile_step_size=0.5,
        use_gaussian=True,
        use_mirroring=False,
        device=torch.device("cpu"),
        allow_tqdm=False,
    )
    predictor.manual_initialization(
        network, plans, configuration, [network.state_dict()], DATASET, "nnUNetTrainer", None
    )
    predictor.predict_from_files_sequential(
        [[str(scan)]], [str(output)], save_probabilities=False, overwrite=True
    )
    per_patch = sum(network.seconds[1:]) / len(network.seconds[1:])
    patches = len(network.seconds) + network.skipped
    how = (
        f"{parameters / 1e6:.0f} M parameters, {patches} patches of {PATCH}^3 at {SPACING_MM} mm, "
        f"step 0.5, no mirroring, "
        f"{per_patch:.1f} s per patch, {len(network.seconds)} of them run, {network.skipped} "
        f"extrapolated, torch {torch.__version__}, "
        f"{torch.get_num_threads()} threads"
    )
    told = {"version": version("nnunetv2"), "not_run_s": per_patch * network.skipped, "how": how}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
