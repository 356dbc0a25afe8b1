import numpy as np

from spineviewer.gui.kit.colour import grey_table, map_colours, map_index, map_table, mask_table
from spineviewer.volume.volume import WindowLevel


def grey_of(hu, window):
    return int(np.take(grey_table(window), np.array([hu], np.int16).view(np.uint16))[0])


def test_the_window_maps_its_lower_end_to_black_and_its_upper_end_to_white():
    window = WindowLevel(400, 40)
    assert grey_of(-160, window) == 0xFF000000
    assert grey_of(240, window) == 0xFFFFFFFF
    assert grey_of(40, window) in (0xFF7F7F7F, 0xFF808080)
    assert grey_of(-3024, window) == 0xFF000000
    assert grey_of(32767, window) == 0xFFFFFFFF


def test_the_colours_of_the_map_grow_steadily_lighter():
    colours = map_colours()
    luminance = colours @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) > 0).all()


def test_zero_attention_leaves_the_scan_unchanged_and_pixels_are_premultiplied():
    table = map_table(0.6)
    assert table[0] == 0
    alpha = table >> 24
    assert alpha.max() == round(0.6 * 255)
    for shift in (0, 8, 16):
        assert ((table >> shift & 0xFF) <= alpha).all()


def test_attention_outside_zero_to_one_is_clipped():
    assert map_index(np.array([[-0.5, 0.0, 1.0, 2.0]], np.float32)).tolist() == [[0, 0, 255, 255]]


def test_a_tint_changes_only_the_inside():
    assert mask_table((255, 0, 0), 0.5).tolist() == [0, 128 << 24 | 128 << 16]
