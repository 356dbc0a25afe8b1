<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en_GB">
<context>
    <name></name>
    <message>
        <source>
## Correcting

Corrections are a layer of their own: moving a slider loses none of them.

- **Brush and eraser** (A, E): a ball, or this slice only; [ and ] change the size; *Only from ... to ... HU* limits what is
  touched.
- **Outline and cut out** (Q, Shift+Q): draw round what to add or take in this slice.
- **Fill between** (U): carries what was drawn in two slices over to those between.
- **Remove a piece** (Shift+E), **keep only a piece**: click it.
- **Grow, shrink, smooth, fill holes**: the whole mask; the spinal canal stays open.
- Ctrl+Z and Ctrl+Y go through every step. Work is kept on the disk while you go on.
</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>
## First steps

1. **Open** a scan: *File &gt; Open scan*, a DICOM folder, or drop it onto the window.
2. **Segment spine** (S). The heatmap comes first, then the mask, slab by slab. You can read on meanwhile.
3. **Shape the mask**: lower the *attention threshold* (,) until processes and ends are whole; raise it (.) when ribs or pelvis
   come in.
4. **Check** it: F3 goes through the doubtful places.
5. **Correct** what is left with brush (A), eraser (E) or an outline (Q).
6. **Export** (Ctrl+E) or write a **report** (Ctrl+R).

Everything can be found by a few letters: **Ctrl+Shift+P**.
</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>
## Limits

- For research. **Not a medical device**: do not base a diagnosis or treatment on it.
- Bone cement and metal are rare in what the networks learnt from; the first and last vertebra of a field of view may be
  incomplete.
- A mask that touches the edge of the scan has an incomplete volume; the program says so.
- Nothing leaves this computer: the program opens no network connection.
</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>
## Many scans

*File &gt; Segment many scans* takes files, folders, or a text file with one scan a line. It runs in the background, writes a mask
for each scan and a table (CSV and JSON), and goes on where it was stopped. The same on the command line:
`spineviewer batch LIST`.
</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>
## Reading

- Wheel or arrow keys: slice. Left button: the chosen tool, window and level at first. Middle: pan. Right: zoom.
- A click moves the crosshair; Shift and moving lets it follow the pointer.
- Digits 1 to 5: grey-scale windows. I: slab of several slices. F: one view large. Ctrl+1 to Ctrl+6: layouts.
- Ctrl+Tab: the next open scan. Each comes back as it was left.
- Patient&apos;s right is on the left of the screen. Where the file does not say, no letters are drawn.
</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>
## The maps over the scan

- **Attention**: where the first network sees the spine. The yellow line is the threshold.
- **Bone probability**: how sure the second network is that a voxel is bone.
- **Disagreement**: bone of the second network where the first sees no spine. Ribs and pelvis glow, and so does what a threshold
  that is too high cuts off.
- **Doubtful regions**: where the second network is undecided, inside the spine.
- **Hatched**: not computed. It says nothing about bone.

Shift+J goes from map to map. Ctrl+T shows the mask of the thresholds before, and the same key goes back.
</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>%n place(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n scan(s) in {folder}</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n slice(s) that lay there twice (was|were) left out.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>1 in the spine, 0 elsewhere</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>: this processor does not compute bf16 itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A DICOM SEG points at its DICOM slices; this scan came from another format or an archive, or was resampled.</source>
        <extracomment>Added to the source&apos;s series number, so that viewers list the result behind its scan. What the standard wants repeated even where it is empty; tools that take names away leave some of it out. Without these a segmentation would point nowhere.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A DICOM report points at its DICOM slices; this scan came from another format or an archive, or was resampled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A computed phantom that ships with the program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A flat brush instead of a ball</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A folder of DICOM slices (Ctrl+Shift+O)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A list of scans in the background</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A part of the scan is not computed yet: wait until the networks have come to rest.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A reference or an earlier export on the same grid</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A structured report (TID 1500)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A structured report (TID 1500) in the patient&apos;s study</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A volume needs three axes of at least one voxel, this one has {shape}.</source>
        <extracomment>Largest cosine between two grid axes that still counts as a right angle (0.1 degrees: a gantry tilt is told from there).</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A voxel is bone where the segmentation network is surer than this.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A walk through the window; skip it at any step</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About Spineviewer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a layer of a millimetre or a voxel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a layer, within the range of HU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add every scan of a folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add folder …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add scans</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add scans …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add to the mask by hand</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Aggregate the attention in the direction of view</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Aggregate the attention in the direction of view (J)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Agreement of the masks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Agreement with a second mask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All measurements as CSV</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All measurements as a DICOM structured report (TID 1500)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All planes back as the scan was stored</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All scans in it and below it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All usual keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All voxels hold the same value ({low}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All {count} slices lie in one place: this is not a volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Along the spine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Also by double-click; the same key goes back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Also there, but not images to open: {others}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An unexpected fault stopped this: {kind}: {reason}. Your scan and settings are unharmed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An unexpected fault: {kind}: {reason}. Your scan is unharmed; please report this.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Angle</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another scan beside</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As a table (CSV)</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>At %n place(s) there is more than one slice.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Attention</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attention heatmap</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attention map and probability map belong to different scans.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attention threshold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attention threshold higher</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attention threshold lower</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attention threshold {attention_threshold:.2f}, sigma {sigma_mm:.1f} mm, segmentation threshold {segmentation_threshold:.2f}: as the panel shows, and written into the files.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Axial</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back end</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to reading</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to the mask as it was fused; can be undone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Backspace</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Batch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Batch stopped: {done} done. Starting it again goes on from there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Batch {done_count} of {count}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Batch: {done} segmented into {folder}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Before and after a change; the same key goes back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Begin anew</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Between the last two slices that were drawn in</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bone</source>
        <extracomment>The digits 1 to 4 select these (conventions); 5 is the file&apos;s own.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bone 1800/400</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bone is kept where the smoothed attention is above this. Lower keeps more, higher cuts away ribs and pelvis.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bone probability</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bone wide</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bone wide 2500/480</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Brush</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Brush radius</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Brush, outline and growing touch only voxels of this range of HU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CT localiser</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <extracomment>What takes less needs no card. Choice: architecture asks for half a second.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Carry what was drawn in two slices over to those between (U)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chapters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a series</source>
        <extracomment>Edge of a picture on the screen, before scaling for dense screens.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose at least one format.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose at least one thing to export.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the one to open. The likeliest for a spine is marked.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cine faster</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cine slower</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cine: run through the slices</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clear</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click a piece that is no spine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click its corners; the first again closes it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click the piece that is the spine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click to go there, double-click to name, Del to delete</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click to go there; F3 goes to the next one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close cavities and small holes; the spinal canal stays open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close scan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cobb angle</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Command</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Commands</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Commands and their keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare with a mask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare with a mask …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comparing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comparing with {file} …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compute the rest of the scan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Computing on Intel graphics: it was asked for.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Computing on the CPU: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Computing on {device}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Computing on {device}: it was asked for.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Contour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Controls in light colours; the pictures stay dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Coronal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct by hand</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Corrected by hand</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correcting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Crosshair</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Crosshair follows the pointer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Crosshair lines</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl + wheel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Curved coronal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Curved sagittal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cut by the field of view</source>
        <extracomment>A piece that is smaller is an island. Choice: half an arch of a small cervical vertebra. Voxels whose probability lies this near to a half are doubtful. Edge of the blocks in which doubtful voxels are counted, in mm. Choice: half a vertebral body. Share of a block&apos;s voxels that must be doubtful. Dense bone rarely reaches it; cement and metal do. Choice: cortex of young adults ends near 1800 HU. Places of one kind that are listed.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cut out</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>DICOM SEG, the mask on the source slices (.dcm)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>DICOM folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>DICOM report (*.dcm)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>DICOM …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Default</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Default: the file&apos;s own</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Defaults</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Del</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete measurement</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Device</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Device &apos;intel-gpu&apos; cannot be used: OpenVINO finds no Intel graphics here. Use --device cpu, or auto.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Device &apos;{asked}&apos; cannot be used: {reason}. Use --device cpu, or auto.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dice {dice:.3f}   volume {difference_ml:+.1f} ml
{distances}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Difference of volumes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disagreement of the networks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Discard all corrections</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dismiss this notice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Distance</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Do not offer it again. Corrections and measurements still come back when this scan is opened</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Do the undone stroke again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Double-click</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Doubtful places</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Doubtful regions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Doubtful surface</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag a line along each of two endplates</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag an arm to the corner, then click</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag an edge, or the band between. Left and right move the level, up and down the width</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag an ellipse: mean, spread and extremes of HU, area</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag from end to end</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag from what is meant to where the words shall stand</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag middle</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag or arrow keys turn the spine, a click moves the crosshair to it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag right</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag round the crosshair: the other planes turn with it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag the picture (always on the middle button)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag the point in which the planes meet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag up to enlarge (always on the right button)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag: right is wider, down is a higher level</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw a line round what to add in this slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw a line round what to take in this slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw the outline of the mask (T)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit keys …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>End</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>End the comparison</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enlarge</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Eraser</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every command by a few letters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Every scan in it; a folder of DICOM slices is one scan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything that is set on this scan, to go on later</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything that keys and mouse do</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export mask, heatmap or probability on the scan&apos;s own grid</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export masks and maps. Ctrl+R writes a report, Ctrl+Shift+P finds every command.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export onto the scan&apos;s own grid</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export stopped; nothing was written over.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exported {files} to {folder}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exporting {files} …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File format</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File name without ending</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File name: {result}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fill between</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fill between slices</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fill holes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fill the mask with colour (T)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fill the mask with colour instead of drawing its outline</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find a command …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finding the line of the spine …</source>
        <extracomment>Shapes wait for the end of a series of strokes or slider moves.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finding the spine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First steps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fit every plane and return to the bone window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder for masks and table</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder for the report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder to export to</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For research. Spineviewer is not a medical device: do not base a diagnosis or treatment on this page.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forget</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forget what an earlier batch in this folder has done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forget which scans were opened</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Format</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Formats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fusing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give commands other keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go to where the masks differ most (Y)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Grey-scale window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Grey-scale window with histogram (Shift+W; presets: keys 1 to 5)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Grow</source>
        <extracomment>Least thickness of the layer that growing adds and shrinking takes, and sigma of the smoothing. Choice: about a voxel.
----------
Choice: above soft tissue and contrast in most scans, below osteoporotic cortex.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hatched parts are not computed: no attention there is above the threshold. Lowering it computes them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Heatmap</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Heatmap over all slices</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Heatmap, bone, disagreement, doubt; the mask as outline or colour.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Help</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hide all overlays while held</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Histogram and window …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Histogram with the grey-scale window</source>
        <extracomment>So many voxels tell the shape of the histogram.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hold B</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Home</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How far the attention is smoothed. Larger reaches the processes, smaller hugs the spine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In full precision (f32){reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In half precision ({precision}), in which these weights were found as accurate.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Island</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Islands, doubtful surface, cut or foreign bodies</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep only a piece</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep piece</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the distance between the two; scroll here to change it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep these thresholds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep these …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kernel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys [ and ]</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys and mouse</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Large sagittal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Large sagittal, column</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Large sagittal, the rest beside it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Larger brush</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Least HU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left button: window and level at first. Measure, correct and lay maps over the scan.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Level</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light theme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Limits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading the networks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking for scans in {folder} …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looking through files</source>
        <extracomment>Progress is told twenty times a second at most.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lower the threshold until processes are whole; raise it for ribs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lung</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lung 1500/-600</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Made with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Making the surface</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Making the surface …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Many scans</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Many scans …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Map over the scan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mask as tint</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mask, heatmap or probability on the scan&apos;s own grid (Ctrl+E)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Masks and table go to</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Maximise a view, and back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Maximise the active view</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measurements</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Menu</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>MetaImage (.mha)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Metal or cement nearby</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More tools</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Most HU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mouse</source>
        <extracomment>Of about the same height.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move the crosshair here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NIfTI (.nii)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NIfTI, NRRD, MetaImage or a DICOM file (Ctrl+O)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NIfTI, NRRD, MetaImage, zipped studies, or a text file that lists scans</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NIfTI, compressed (.nii.gz)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NRRD (.nrrd)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name measurement</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name of the measurement</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name the scan&apos;s file on the page</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Neighbouring slices in one picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New here? A walk through the window takes a minute.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next doubtful place</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next map: attention, bone, disagreement, doubt</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next open scan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next view</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No DICOM SEG can be made from these slices: {reason}. Export NIfTI instead.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No DICOM report can be made from these slices: {reason}. Save the table instead.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No description</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No recent scans</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No scans yet. Add files or a folder, or drop them here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No spine found: nothing lies above an attention threshold of {attention_threshold:.2f} and a segmentation threshold of {segmentation_threshold:.2f}. Lower the attention threshold, or check that this CT shows a spine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No spine was found: the mask is empty.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No weights: {file} does not exist. Install Spineviewer again, or set SPINEVIEWER_MODELS.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Note</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing has been measured: a report would be empty.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Of several slices at each place the one numbered {number} of {count} is shown.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Off: names of files often hold those of patients</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Off: no scan or folder that you open is remembered, and those that are known are forgotten</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One and three</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One button runs both networks. You can read on while they work.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One large sagittal view, two beside it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One large view with a column</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One page about this scan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One page about this scan: PDF, HTML, CSV, JSON</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Only %n slice(s): too little to find a spine in.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Only from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opacity of the heatmap</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opacity of the tint</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open DICOM folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open DICOM folder …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a NIfTI, NRRD, MetaImage or DICOM file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a folder of DICOM slices</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open recent</source>
        <extracomment>These keys speak to the views only, so that sliders, fields and buttons keep theirs. After these a menu draws a line.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open scan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open scan …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open scans</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open scans; Ctrl+Tab goes to the next one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open series</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the sample scan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the scan with thresholds, corrections and measurements as they were</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenVINO cannot use {device}: {reason}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>OpenVINO failed on {device}: {reason}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opening</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opening {file}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Outline</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Over all slices</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Overlays</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Page down</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Page up</source>
        <extracomment>What stands on the keys that have a name of their own.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused</source>
        <extracomment>Parts of a name that tell a result from a scan. Choice: the BIDS-like endings that this program and VerSe use. Seconds between looks at whether a pause has ended.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pictures of the three planes through the crosshair, volume, measurements, settings and how it was made.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Polygon</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Precision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preparing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Press the new key first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Previous doubtful place</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Previous slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress of the batch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Progress of the segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading slices</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading {file} took more than {patience:.0f} s and was stopped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recent scans</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Redo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reduce</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Region</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remarks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remember recent scans</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove a piece</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove piece</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replace files that exist</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Report …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Report: {files} in {folder}</source>
        <extracomment>Height of the pictures. Choice: sharp in print at a third of a page.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resampling</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Research use, not a medical device</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Research use, not a medical device. Nothing leaves this computer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reset all views</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rest after the scan that runs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restore</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restore default thresholds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restore defaults</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rests after this scan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Round off corners and drop specks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run both networks on this scan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run both networks on this scan (Ctrl+Enter)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Running …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Runs through the active view; again stops</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>SD</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sagittal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save measurements</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save measurements as DICOM report …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save measurements as a DICOM report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save measurements as a table</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save measurements …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save picture …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save session</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save session …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save what the window shows as PNG</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved {file} to {folder}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scans (*.nii *.nii.gz *.nrrd *.nhdr *.mha *.mhd *.hdr *.dcm *.zip *.spineview);;All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scans and lists (*.nii *.nii.gz *.nrrd *.nhdr *.mha *.mhd *.zip *.txt);;All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scans in a folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scans in a folder …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scans in this folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scans of the batch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scroll slices</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Scroll together</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search a command</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search a name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>See, check, correct and export the spine in a CT scan.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment a list of scans in the background (Ctrl+Shift+B)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment many scans</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment many scans …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment spine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment the spine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment the spine, and it lies straight here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment the spine, and its surface can be turned here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segmentation stopped.</source>
        <extracomment>A slider that rests this long has paused. One that rests this long shows a state that is looked at. Choice: longer than between two steps of the keyboard.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segmentation threshold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segmented in {time} ({means}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segmenting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Series</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Series &apos;{description}&apos;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Series in this folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set width and level on the histogram</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Several series lie here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shape the mask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shift</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shift + move</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show or hide the panel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the segmented spine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the segmented spine (M)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show where the attention network sees the spine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show where the attention network sees the spine (H)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show where the other planes cut</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shrink</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Side panel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sigma</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sigma larger</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sigma smaller</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size and spacing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Skip</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Skip the tour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slab of the pictures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slab: single slice, MIP, mean</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slices</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Slices are shifted sideways by up to {largest_mm:.1f} mm against each other.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smaller brush</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smooth</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smoothing the scan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Soft tissue</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Soft tissue 400/40</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Some voxels hold no finite number; they are shown as air.</source>
        <extracomment>Choice: a scan without anything below this has no air round the patient, so its numbers are hardly Hounsfield units. Choice: no metal or cement is given more, even on an extended scale; higher values come from an overflow.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Space</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Spacing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Spine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Spine in CT</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Spine panel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Spineviewer did not end properly. Your work of {when} is kept: {file}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting</source>
        <extracomment>The engine&apos;s stages as the reader sees them.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>State</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop now; what is done stays</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop what is running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop; what is computed stays (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopped before the end. Hatched parts are not computed: they say nothing about bone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopping …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Straighten planes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Surface</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Surface view</source>
        <extracomment>Half the length of the crosshair&apos;s lines. From the front, a little from above. While it turns, a picture has at most so many pixels: a software rasteriser must keep up. A hand that rests this long has stopped turning.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tab</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Table (*.csv)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Table …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take a layer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take a layer of a millimetre or a voxel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take from the mask by hand</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take it with you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take the chosen scans off the list (Del)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take the last stroke back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take the tour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ten slices back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ten slices on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The DICOM object could not be made: too little memory, or the helper process ended.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The DICOM slices are no longer there (first {file}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The attention map has {shape} cells where the scan needs {expected}.</source>
        <extracomment>Of a band of slices: runs per row (int64), their starts and stops (int32). Slices that one thread takes at a time. Rows of a sampled picture that one thread takes at a time. About so far lie the points of the grid from each other from which a smoothed map is drawn along a surface. Relative room for float32 rounding where a bound spares the evaluation of single voxels.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The batch goes on in the background</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The chosen tool; window/level at first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The computation ended unexpectedly: {reason}. Close other programs and try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The corrections in {file} are damaged ({kind}).</source>
        <extracomment>Edge of a block. Choice: 32 cubed fits 16-bit offsets, and a stroke touches few blocks. Steps that can be undone; older ones are final. So much memory do steps take at most; then older ones are final too. Choice: 200 growths of a whole spine fit. What numpy and zipfile raise on damaged files.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The corrections in {file} are damaged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The corrections in {file} are of another scan.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The direction of a grid axis is not a unit vector.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The distance between slices is uneven: {least_mm:.2f} to {most_mm:.2f} mm, usually {usual_step_mm:.2f} mm (slices may be missing).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file calls its values &apos;{rescale_type}&apos;, not Hounsfield units.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file does not say how the scan lies in the patient: left and right, head and foot are unknown.</source>
        <extracomment>No deflate stream grows by more than this; a header that promises more lies. Choice: more voxels than any CT has (2048 x 2048 x 4000) are refused before memory is asked for. Axes whose unit vectors span less than this are no grid.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file does not say where left and right are.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file does not say where left and right are. No letters are drawn; do not read sides from this scan.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file gives its spacing in units of {scale:g} mm; it was converted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file gives no rescale slope and intercept: its values may not be Hounsfield units.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file&apos;s two orientations (sform, qform) differ by up to {apart:.1f} mm; the sform is used.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The files&apos; positions were made up (they start at 0, 0, 0 and name no frame of reference): where the scan lies, and left and right, are unknown.</source>
        <extracomment>Choice: gaps wider than this many usual steps are not filled. Transfer syntaxes that change values (JPEG baseline to progressive, JPEG-LS near lossless, JPEG 2000 lossy).</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The folder {folder} cannot be listed: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The folder {folder} cannot be made: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The gantry was tilted by {tilt_deg:.1f}°: the slices are not stacked at right angles.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The grid&apos;s axes are not at right angles (sheared, for example by a tilted gantry).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The kept work on this scan is damaged and cannot be restored. It was set aside as {file}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The maps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mask holds too little spine for a line along it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mask is empty: it has no surface.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mask touches the edge of the scan: its volume is incomplete.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model was trained with another preprocessing than this program knows ({reason}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model&apos;s configuration names the unknown precision &apos;{precision}&apos;.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model&apos;s configuration {file} cannot be read ({reason}). Install Spineviewer again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model&apos;s configuration {file} is incomplete ({reason}). Install Spineviewer again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The next open scan, scrolled with this one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The other two planes, by one degree</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The padding value that the file names is that of ordinary tissue; it was left as it is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pictures have 8 bits a pixel: Hounsfield units are coarse.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pictures were compressed with loss: Hounsfield units are inexact.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The position or spacing of the voxels holds a number that is not finite.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The program&apos;s folder &apos;{name}&apos; is missing: the installation is incomplete. Install Spineviewer again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The report needs a name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The rest of the scan is computed first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The result does not lie on the scan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scan of the session {file} is not there: neither {there} nor {beside}. Put it beside the session.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scans are segmented one after the other with the tuned thresholds; you can read on meanwhile. A batch that was interrupted goes on where it stopped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The segmentation of a part of the scan is not computed yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The segmentation of a part that the mask could hold is not computed yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The series</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The session was made with other networks: the mask may differ from the one that was saved.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The session {file} cannot be read: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The session {file} is damaged ({kind}). It was left as it is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The settings file was damaged. It was set aside as {damaged}, and the settings start anew.</source>
        <extracomment>Ending the window must not take longer, whatever still runs.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The slices do not give their pixel spacing (first {file}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The slices were resampled to even distances; exports lie on this grid, not on the slices.</source>
        <extracomment>Choice: fewer slices than this open with a warning. Choice: shorter regular runs are not offered. Key of the way in which all slices are put onto an even grid, and what is said about it.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The slices&apos; orientation {orientation} holds no unit vectors.</source>
        <extracomment>Choice: steps that differ from each other by more than this share of the usual one are uneven. Positions are written as decimal text: differences below this are rounding, not geometry. Choice: slices may lie this share of a step off the regular grid that spans first and last. Choice: an angle between step and normal from which a tilted gantry is told. Choice: slices shifted sideways against the line of the others by more than this belong to no right-angled volume.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The slices&apos; row and column directions are not at right angles.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The spine laid straight, however it is bent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The surface could not be made: too little memory, or the helper process ended.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The usual key is given to another command now; free it there first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The values ({low} to {high}) do not look like Hounsfield units: nothing is as dark as air or fat.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The values that were tuned for the networks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The values that were tuned for the networks (Ctrl+D)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The views</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights do not fit the networks ({reason}). Install Spineviewer again.</source>
        <extracomment>Milliseconds between looks at whether to stop. Compiled sizes kept; one costs its activations&apos; memory, so only the latest. Numbers held per voxel of a chunk and channel of the net&apos;s width. Measured as peak memory; see tests/benchmarks.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights {file} are not the ones that {configuration} names (SHA-256 {found}… instead of {wanted}…): the file is damaged or was exchanged. Install Spineviewer again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The weights {file} cannot be read ({reason}). Install Spineviewer again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The whole screen for reading</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {what} has shape {shape}, the reference {other_shape}: they cannot be compared.</source>
        <extracomment>What is not zero is foreground. A marked voxel further than this from the reference is stray: no surface error, but another structure. Vertebrae in the VerSe numbering from the head down; T13 (28) lies between T12 (19) and L1 (20).</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The {what}&apos;s array has shape {actual} where its geometry says {expected}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no segmented scan to continue.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Thicker slab</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Thinner slab</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This computer has too little free memory for that. Close other programs and try again.</source>
        <extracomment>A report is passed on at most this often. Choice: architecture asks for 20 times a second.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This computer offers no OpenGL, so the surface cannot be drawn. All other views work. Export writes the surface.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This computer&apos;s memory does not suffice for this scan.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This folder does not exist.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is no CT but {modality}: the networks know CT only.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is not the scan on which the session was made: its values differ. Nothing was put onto it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This slice only</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Three in a row</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Three planes and the surface, of equal size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Three views of equal size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Thresholds of before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Thresholds that are kept by name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tint</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Title</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Too little memory for the attention net on slices of {rows} x {columns} mm. Close other programs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Too little memory for the segmentation net: slices of {rows} x {columns} mm do not fit even in the smallest chunks ({needed_mib:.0f} MiB). Close other programs.</source>
        <extracomment>Choice: a chunk that did not fit is followed by chunks of this share of its size. Told after each chunk; its map shares the growing values, its `is_computed` is a copy. For arrays of any layout, so that it is compiled once.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Too little memory for this scan. Close other programs.</source>
        <extracomment>At most so many progress messages a second. Choice: computing yields to the window.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tools</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tour of the window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try the sample scan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Turn anticlockwise</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Turn clockwise</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Turn planes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Two by two</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Two files have the same name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Two networks find the spine and its bone. You can read on while they run.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Two networks look at a CT: one says where the spine is, the other what is bone. Their fusion is the mask, after Sekuboyina et al., ‘Attention-driven Deep Learning for Pathological Spine Segmentation’ (2017).

Research use, not a medical device: do not base a diagnosis or treatment on it. Nothing leaves this computer.

Apache-2.0. Type: Inter (SIL Open Font License). Qt and PySide under the LGPL.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Type</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uncertainty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unpacking</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Up to {count} different slices lie at one place (several times, phases or reconstructions in one series).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Usual key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Values up to {highest:.0f} are cut off at {most}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Values up to {high} are no Hounsfield units: the file&apos;s numbers may have overflowed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>View</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Volume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Volume incomplete: the mask touches the edge of the scan.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Volume of the mask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Voxel spacing must be positive, this is {spacing_mm} mm.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Voxel under the pointer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Weights</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What do you want to do?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What no mask has needed so far</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the note says</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What to do, step by step</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wheel</source>
        <extracomment>What the mouse does, for the sheet.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wheel or arrow keys change the slice, the left button uses the tool, a click moves the crosshair.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wheel: slice. A click moves the crosshair, and the other views follow.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where the masks differ most</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which map lies over the scan (Shift+J)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Width</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Width {width_hu:.0f}, level {level_hu:.0f}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Width {width_hu:.0f}, level {level_hu:.0f} (key {number})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Window of the pictures</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Window/level</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Worst place</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writing the DICOM SEG</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writing the DICOM report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writing {file}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You can read on meanwhile.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your corrections and measurements from the last time are back. Correct &gt; Discard takes corrections away.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your work cannot be kept in {folder}: {reason}. Export the mask.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Zoom at the pointer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>against {file}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>all {count} slices, resampled to one every {step_mm:.2f} mm; what lies between slices is mixed of both</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>and {number} more in the table (CSV)</source>
        <extracomment>What a pixel of a page&apos;s style is measured in, whatever the writer&apos;s resolution. Type sizes in points that are tried, until the page holds everything. Lines of one section that stand on the page; the rest is in the table, and the page says so.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>angle</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>area</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at each place slice {number} of {count}, in the order of their numbers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>attention over all slices</source>
        <extracomment>For each plane the planes whose lines cross it: (the vertical line&apos;s, the horizontal line&apos;s).</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>axial</source>
        <extracomment>Of a polygon. Planes that differ by less (0.5 degrees) are the same for what lies in them. Planes where something lies in them.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>cannot hold them: it is damaged or cut off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>coronal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>correct in straight planes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>crashed the reader</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>holds fewer numbers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>how undecided the segmentation network is where the spine is, 0 to 1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its affine holds no usable spacing ({spacing_mm} mm).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its orientation is damaged ({reason}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>its slices are shifted by {pixels:.0f} pixels against each other: no gantry is tilted like that.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>length</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>made in memory</source>
        <extracomment>Size of one attention cell in canonical (z, y, x) order, in mm. Paper: §2.1, Fig. 2 (16 x 16 in a sagittal slice, n = 8). A probability of 1 is stored as this number.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>max</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>mean</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>measure and correct in straight planes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ml, incomplete</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>needs more memory than this computer can give</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no surfaces to compare</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not segmented</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nothing found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>object of an unknown kind</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>on the line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>one page to print or file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>or drop a file or folder anywhere in this window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>sagittal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>single slice</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>slice {thickness_mm:.3g} mm</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>slices {start} to {stop} of {count}: {part} slices every {step_mm:.2f} mm, {length_mm:.0f} mm long</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>smoothed with the sigma shown, 0 to 1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>spacing unknown</source>
        <extracomment>Seconds without any sign of life after which a file is given up: as long as a sleeping network drive takes to wake, twice; and more for a large file, as on a slow drive. Seconds between looks at the progress, which may ask to stop. Choice: the child may take this share of the memory that is free, at least 2 GiB. Files that crash the examination are passed over; so many crashes end it. Choice: fewer slices are hardly the series that a reader wants. What descriptions in the languages of Europe call the spine, its parts, and bone kernels.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the Apple GPU (MPS)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the CPU was asked for</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the NVIDIA GPU (CUDA)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the computer&apos;s memory did not suffice</source>
        <extracomment>Seconds between looks at the window&apos;s wish to stop. After a cancel the child gets this long to become idle by itself; then it is ended.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the disk is full</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the grid&apos;s axes are all at odd angles to each other; this is no tilted gantry.</source>
        <extracomment>Choice: at 45 degrees over a metre a slice of half a metre grows to three times its side; small ones may move further.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the installed torch offers no MPS</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the numbers as a table</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the numbers for other programs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the same for a browser, pictures inside</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the segmentation network&apos;s answer, 0 to 1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>there is an NVIDIA driver, but the installed torch is built without CUDA or finds no GPU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>there is no NVIDIA GPU and no Apple GPU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>through the crosshair</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>to</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>torch cannot use {device}: {reason}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>torch failed on {device}: {reason}</source>
        <extracomment>Share of the GPU&apos;s free memory that a chunk may take. Choice: on a CPU no layer of a larger chunk would leave half a second for a stop. Numbers held per voxel of a chunk and channel of the net&apos;s width: four full-size maps, one of them a copy.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>triangles round the mask in the patient&apos;s millimetres: .stl, .obj or .ply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>volume {n} of {volumes}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>voxels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>yes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{columns} × {rows}, {spacing}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{depth} mm behind the line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{depth} mm in front of the line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{depth} mm left of the line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{depth} mm right of the line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{edit}: nothing to change here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{files} exists already. Tick &apos;Replace files that exist&apos; or change the name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} ({size} bytes) promises {promised} pixels: it is damaged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} asks to skip {line_skip} lines and {byte_skip} bytes: no such place exists.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} cannot be decoded ({coding}): {reason}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} cannot be read as weights: {reason}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} cannot be read: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} cannot be unpacked: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} cannot be written: it is a folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} cannot be written: the folder {folder} does not exist.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} cannot be written: the folder {folder} is read-only.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} cannot be written: {reason}. What was there before is unchanged.</source>
        <extracomment>Begin and end of the name of what is not complete yet. Without locks a file so young may be about to be renamed.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} could not be written: {reason}. Choose another folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} does not exist.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} does not fit the network it is meant for: {first_line}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} exists already. Choose another name or allow overwriting (--overwrite).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} gave no voxels.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} has a damaged MetaImage header ({kind}: {reason}).</source>
        <extracomment>No header is longer. Text takes at least a digit and a blank a number.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} has a damaged MetaImage header: its size is given as {value!r}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} has a damaged NIfTI header: its size is given as {dim}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} has a damaged NIfTI header: its voxels are said to begin at byte {offset:g}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} has a damaged NIfTI header: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} has a damaged NRRD header ({kind}: {reason}).</source>
        <extracomment>No header is longer. Bytes behind the voxels that are passed over: a line&apos;s end.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} has a damaged NRRD header: its sizes are given as {value}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} has format {found}, this program reads {wanted}: the weights are of another version.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} has no {missing}, which it must point at</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} holds a video, no CT slice.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} holds fractions: labels are whole numbers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} holds no CT series, but other DICOM objects: {names}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>{file} holds no DICOM files (%n file(s) looked at).</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>{file} holds no pixels.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>{file} holds no readable CT: {first} and %n other(s).</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>{file} holds no readable CT: {first}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} holds no series {uid}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} holds values from {low:g} to {high:g}: labels are whole numbers from 0 to 65535.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} holds {count} files of {promised_gb:.1f} GB: too much for one study.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} holds {count} series</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} holds {count} series.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} holds {count} series. Choose one of them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} holds {shape} values: one 3-D volume is needed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} holds {shape} voxels and needs {promised_gib:.1f} GiB of memory, {free_gib:.1f} GiB are free. Close other programs or choose a smaller series.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} holds {text}: one 3-D volume is needed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} holds {volumes} volumes of {shape} voxels (times or phases).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is a colour picture ({samples} samples a pixel), no CT.</source>
        <extracomment>JPEG 2000 and its high-throughput kind, by OpenJPEG itself. On damaged pictures Pillow gives an error where GDCM ends the process. By CharLS, which gives an error at once where GDCM takes seconds. Damage that leads CharLS to the last byte makes it count for seconds; behind some more bytes it gives up at once. By ITK&apos;s own GDCM: the kinds with 12 bits and the retired ones, which no other codec here has, and the lossless ones, on whose damage GDCM called directly ends the process where ITK gives an error. Several threads decode with either as fast. Choice: no CT detector gives more pixels a slice (8192 x 8192). Ends of the range in which HU are kept. Choice: no scanner pads with values that lung, fat, water or bone have.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is a damaged archive: a file in it is larger than it says.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is a damaged archive: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is an ANALYZE 7.5 file, which cannot say left from right. Convert it to NIfTI.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is cut off or damaged: {rows} x {columns} pixels need {length} bytes, {bytes_there} are there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is cut off: what was deflated ends in the middle.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is cut off: {received_mb:.1f} of {promised_mb:.1f} MB of voxels are there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is damaged or cut off: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is damaged: its header tells of {rows} x {columns} pixels, its picture of {stated_rows} x {stated_columns}.</source>
        <extracomment>Markers that begin a frame: start of frame 0 to 15 without the tables among them, and JPEG-LS&apos;s.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is damaged: what was deflated cannot be unpacked.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is encoded as &apos;{value}&apos;, which is unknown.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is locked by a password. Unpack it and open the folder.</source>
        <extracomment>Choice: no study is larger.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is no MetaImage file, whatever its name says: it names no ElementDataFile.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is no NIfTI file, whatever its name says.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is no NIfTI, NRRD or MetaImage file by its name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is no NRRD file, whatever its name says.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is no Spineviewer session.</source>
        <extracomment>Choice: a year of brushing takes less. So many planes and every so many rows and columns tell scans apart.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is no file of weights ({reason}). Install Spineviewer again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is one of a pair, {other} is missing beside it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} is too large for a Spineviewer session.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} keeps its voxels in {name!r}, which is not there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} keeps its voxels in {name}, which is not there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} needs more memory than this computer can give.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} needs {needed_mb:.0f} MB, {free_mb:.0f} MB are free on that disk.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} needs {promised_gb:.1f} GB of temporary space, {free_gb:.1f} GB are free.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} promises {rows} x {columns} pixels but holds {shape}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} promises {rows} x {columns} pixels: no CT slice.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} promises {shape} voxels ({promised_mb:.1f} MB), but the file of {size_mb:.3f} MB cannot hold them: it is damaged or cut off.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} promises {size} bytes of voxels, but {other} holds more: where the voxels begin is doubtful.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} promises {text}: more than any CT has.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} spreads its voxels over several files. Convert it to one file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} stores &apos;{value}&apos;, not plain numbers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} stores no plain numbers ({dtype}): colours and complex numbers are no CT.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} stores values of an unknown kind (code {code}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} unpacks to more than {most_mb} MB: no CT slice does.</source>
        <extracomment>Reads below this are not worth looking at. Choice: more than any deflated slice or multi-frame object unpacks to.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} was saved by another version of Spineviewer ({program}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} {reason}: it is damaged or hostile, and was left alone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file}: MetaImage cannot carry the scan&apos;s tilted grid. Choose .nii.gz, .nrrd or .dcm.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file}: a DICOM SEG holds a mask; choose another ending for maps and labels.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file}: examining it crashed the reader</source>
        <extracomment>Called with (files done, files in all). Gives a context in which a file is touched.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file}: its header is damaged ({kind})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file}: the name must end in one of {endings}.</source>
        <extracomment>A DICOM segmentation object: of a mask, from a DICOM scan. NIfTI code of a header extension that holds a comment.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file}: the name of a surface must end in one of {endings}.</source>
        <extracomment>Choice: what a software rasteriser turns smoothly. Standard deviation of the smoothing that takes the voxel steps away, in steps of the sampling. A surface of area A sampled every h mm has about this times A / h**2 triangles.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file}: {obstacle} Choose another ending.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>{first} %n more of {count} slices cannot be read either.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>{folder} holds more than {most} files: choose the folder of one study.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{group} in {file}: {reason}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{hu} HU      {where} mm      voxel {x}, {y}, {z}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{key} is taken by &apos;{command}&apos;. Choose another key, or free it there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{kind}{label}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{label}: {value}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{line}, {least:.0f} to {most:.0f} HU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{mean:.0f} ± {spread:.0f} HU, {area}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{modality} screen picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} view</source>
        <extracomment>From the crosshair to the turning tool&apos;s handles, as a share of the view. Planes that turn are sampled so much coarser, until they have rested for so long. Measured texts that are kept. A press that moves less than this many pixels is a click.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{number}  {kind}, {place}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{number} of {count}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{number} of {count} done</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{number} of {count} slices do not say where they lie in the patient (first {file}).</source>
        <extracomment>Choice: more files than any study has. Choice: more pictures than any object has; and each takes at least two bytes of its file. What scanners call pictures of their screens and reference pictures, in the class of CT slices. Direction cosines that differ by less belong to one orientation (0.06 degrees). What pydicom and the codecs raise on damaged files.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{place}, {quantity}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{plane} {number}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{plane}, oblique</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{plane}, oblique {oblique_deg:.0f}°</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{plane}, slice {number} of {count}, {position_mm:.1f} mm</source>
        <extracomment>What is left around the mask, so that the eye is led to the spine and still knows where it is.</extracomment>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{plane}, turned {tilt_deg:.0f}°</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{quantity} of the grey-scale window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{result}: the name must end in one of {endings}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{slab} {thickness:.0f}</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>{slab}, %n slice(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>{stage} · {time} left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{uneven} Only slices {start} to {stop} of {count} are shown.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{view} of the other scan</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{what}: the grids differ (shape {shape} against {other_shape}, spacing {spacing_mm} against {other_spacing_mm} mm, origin {origin_mm} against {other_origin_mm} mm).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{x:.2f} × {y:.2f} mm, slices every {z:.2f} mm</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{x:.2f} × {y:.2f} × {z:.2f}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
