"""The connection between the sheet of vertebral measurements, the views and the open scans."""

from __future__ import annotations

from spineviewer.app.follow_up import (
    compare_with,
    comparison_obstacle,
    find_earlier_scan,
    note_on_shifted_names,
    notes_on_changes,
    state_at_same_vertebra,
)
from spineviewer.app.landmarks import Kind, Source
from spineviewer.app.notices import Notice, Severity
from spineviewer.app.open_scan import OpenScan
from spineviewer.app.scan_titles import tab_titles
from spineviewer.app.workspace import Workspace
from spineviewer.gui.kit.language import tr
from spineviewer.gui.vertebrae.measurement_sheet import MeasurementSheet
from spineviewer.gui.viewing.view_area import ViewArea
from spineviewer.volume.planes import Plane
from spineviewer.wording import mark

#: Choice: a vertebra and its neighbours fill the view, so that points can be dragged precisely.
_CLOSE_UP_MM = 110.0
_TOPIC = "next fracture"
_SHIFTED_TOPIC = "shifted names"


class SpineMeasurer:
    """Connects the views and the sheet to the vertebral measurements of the active scan.

    Thread ownership: GUI thread.
    """

    def __init__(self, workspace: Workspace, area: ViewArea, sheet: MeasurementSheet) -> None:
        self._workspace, self._area, self.sheet = workspace, area, sheet
        self._pair: tuple[OpenScan, ...] = ()
        #: The last warning about shifted names that was shown for each open scan.
        self._warnings: dict[OpenScan, str] = {}
        sheet.source_requested.connect(self.go_to)
        sheet.level_requested.connect(self._go_to_level)
        sheet.earlier_requested.connect(self._compare_with)
        sheet.restore_requested.connect(self.restore)
        sheet.close_requested.connect(self.toggle_sheet)

    def toggle_sheet(self) -> None:
        """Show the sheet, or hide it together with the landmarks."""
        is_shown = self.sheet.isHidden()
        self.sheet.setVisible(is_shown)
        if not is_shown and self._workspace.front is not None:
            self._workspace.front.spine.hide()
        self.show()

    def show(self) -> None:
        """Show the measurements of the active scan, and repaint the landmarks."""
        front = self._workspace.front
        others = self._others()
        earlier = None if front is None else find_earlier_scan(front, others)
        is_patient_shown = self._workspace.settings.current.is_patient_shown
        sources = [scan.volume.source for scan in self._workspace.scans]
        all_titles = tab_titles(sources, is_patient_shown=is_patient_shown)
        titles = [
            title
            for title, scan in zip(all_titles, self._workspace.scans, strict=True)
            if scan is not front
        ]
        obstacles = ["" if front is None else comparison_obstacle(front, other) for other in others]
        chosen = -1 if earlier is None else others.index(earlier)
        self.sheet.show_others(titles, obstacles, chosen)
        if front is None:
            self.sheet.show_measurements(None, False, None)
        else:
            parts = front.parts
            earlier_values = None if earlier is None else earlier.parts.spine_measurements
            is_awaited = parts.is_measuring or front.are_results_pending
            note = ""
            if earlier is not None and earlier_values is None:
                title = tr(titles[others.index(earlier)])
                note = tr("Segment {scan} to see the changes.", scan=title)
            elif earlier is not None and earlier_values is not None:
                note = " ".join(map(tr, notes_on_changes(front, earlier)))
            self.sheet.show_measurements(parts.spine_measurements, is_awaited, earlier_values, note)
            self.sheet.show_source(parts.chosen_source)
            self._warn_of_shifted_names(front, earlier)
        self._area.repaint_tool()

    def _warn_of_shifted_names(self, front: OpenScan, earlier: OpenScan | None) -> None:
        """Show a notice as soon as the names of two compared scans disagree, until they agree."""
        text = "" if earlier is None else note_on_shifted_names(front, earlier)
        if self._warnings.get(front, "") == text:
            return
        self._warnings[front] = text
        if text:
            buttons = ((mark("Other scan"), self.go_to_other_scan),)
            front.tell(Notice(Severity.WARNING, text, _SHIFTED_TOPIC, buttons=buttons))
        else:
            front.end_topic(_SHIFTED_TOPIC)

    def go_to(self, source: Source) -> None:
        """Show the plane in which a value was measured, with its landmarks."""
        if (front := self._workspace.front) is not None:
            self._show_plane(front.spine.go_to(source))

    def next_fractured(self, step: int) -> None:
        """Show the next fractured vertebra (`step` 1) or the previous one (-1), if there is one."""
        front = self._workspace.front
        if front is None:
            return
        plane = front.spine.next_fractured(step)
        if plane is None:
            graded = [v for v in front.spine.measured or () if v.genant is not None]
            text = (
                tr("No fractured vertebra was found.")
                if graded
                else tr("No vertebra in this scan has a fracture grade.")
            )
            front.tell(Notice(Severity.INFO, text, _TOPIC))
        self._show_plane(plane)

    def restore(self) -> None:
        """Restore the automatic value of the selected measurement."""
        front = self._workspace.front
        if front is not None and front.parts.chosen_source is not None:
            front.spine.restore(front.parts.chosen_source)

    def go_to_other_scan(self) -> None:
        """Switch to the same vertebra in the other scan; do nothing if that does not show it."""
        front = self._workspace.front
        other = self.other_scan
        if front is None or other is None:
            return
        state = state_at_same_vertebra(front, other)
        if state is not None:
            other.display.move_to(state.point_zyx)  # at once; the rotation may have to wait
            other.display.rotate_to(state.rotation, state.point_zyx)
            self._pair = (front, other)
            self._workspace.choose_other_scan(front)
            self._workspace.switch_to(self._workspace.scans.index(other))

    def release(self, scan: OpenScan) -> None:
        """Release a scan that was closed."""
        self._warnings.pop(scan, None)
        if scan in self._pair:
            self._pair = ()

    @property
    def other_scan(self) -> OpenScan | None:
        """The scan to switch to: the one that was left, the compared one, or that on the right.

        None if no scan is open, or none of these.
        """
        front = self._workspace.front
        if front is None:
            return None
        if front in self._pair:
            return next(scan for scan in self._pair if scan is not front)
        return find_earlier_scan(front, self._others()) or self._workspace.other_scan

    def _others(self) -> list[OpenScan]:
        return [scan for scan in self._workspace.scans if scan is not self._workspace.front]

    def _go_to_level(self, name: str) -> None:
        """Go to a vertebra, align the planes with it, and hide the landmarks."""
        if (front := self._workspace.front) is not None:
            front.spine.hide()
            front.navigation.go_to_level(name)
            front.navigation.align_to_endplates()

    def _compare_with(self, number: int) -> None:
        if (front := self._workspace.front) is not None:
            self._pair = ()
            compare_with(front, self._others()[number] if number >= 0 else None)
            self.show()

    def _show_plane(self, plane: Plane | None) -> None:
        front = self._workspace.front
        if plane is None or front is None:
            return
        self._area.show_plane(plane)
        view, source = self._area.views[plane], front.parts.chosen_source
        if source is not None and source.kind is Kind.CURVE:
            view.fit()
        else:
            view.look_at(front.state.point_zyx, _CLOSE_UP_MM)
