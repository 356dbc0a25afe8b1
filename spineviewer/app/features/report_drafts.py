"""The user's text and key images for the report of a scan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from spineviewer.app.history import ImageStep, TextStep
from spineviewer.app.level_mentions import mentioned_levels
from spineviewer.app.notices import OUTDATED_TOPIC, Notice, Severity
from spineviewer.app.report_draft import MAX_IMAGES, MAX_TEXT_LENGTH, KeyImage, ReportDraft
from spineviewer.wording import worded

if TYPE_CHECKING:
    from spineviewer.app.scan_core import ScanCore


_TOPIC = "key image"


class ReportDrafts:
    """Changes the draft; each change to the images and each period of writing is one undo step.

    Thread ownership: the same as the scan's.
    """

    def __init__(self, scan: ScanCore) -> None:
        self._scan = scan
        self._texts_before: tuple[str, str] | None = None

    @property
    def draft(self) -> ReportDraft:
        """The current draft."""
        return self._scan.parts.draft

    def add_image(self, image: KeyImage, scan_title: str = "") -> None:
        """Add a key image at the end; the notice names the scan if its title is given."""
        if len(self.draft.images) >= MAX_IMAGES:
            text = worded(
                "The report already has {count} key images. Remove one first.", count=MAX_IMAGES
            )
            self._scan.tell(Notice(Severity.WARNING, text, _TOPIC))
            return
        self._change("Add key image", self.draft.with_image(image))
        number = len(self.draft.images)
        text = (
            worded(
                "Key image {number} was added to the report of {scan}.",
                number=number,
                scan=scan_title,
            )
            if scan_title
            else worded("Key image {number} was added to the report.", number=number)
        )
        self._scan.tell(Notice(Severity.INFO, text, _TOPIC))

    def remove_image(self, number: int) -> None:
        self._change("Remove key image", self.draft.without_image(number))

    def move_image(self, number: int, to: int) -> None:
        """Move a key image to another position in the order."""
        self._change("Move key image", self.draft.with_image_moved(number, to))

    def set_caption(self, number: int, caption: str) -> None:
        """Set the caption of a key image; if it is empty, the caption describes the position."""
        self._change("Change caption", self.draft.with_caption(number, caption))

    def write(self, findings: str, impression: str) -> None:
        """Replace the text while the user writes; `end_writing` makes the changes one step."""
        texts = findings[:MAX_TEXT_LENGTH], impression[:MAX_TEXT_LENGTH]
        before = self.draft.findings, self.draft.impression
        if texts == before:
            return
        if self._texts_before is None:
            self._texts_before = before
        self.show_texts(texts)

    def end_writing(self) -> None:
        """Combine everything written since the last call into one step in the history."""
        before, self._texts_before = self._texts_before, None
        after = self.draft.findings, self.draft.impression
        if before is not None and before != after:
            self._scan.add_step(TextStep("Write report", before, after))
            self._scan.work_done.emit()

    def _change(self, name: str, after: ReportDraft) -> None:
        """Change the images; undoing it does not touch the text."""
        before = self.draft.images
        if after.images != before:
            self.show_images(after.images)
            self._scan.add_step(ImageStep(name, before, after.images))
            self._scan.work_done.emit()

    def show_images(self, images: tuple[KeyImage, ...]) -> bool:
        """Show the key images of another step in the history; always return True."""
        self._scan.end_topic(_TOPIC)  # the notice describes the images in the report
        self._show(replace(self.draft, images=images))
        return True

    def show_texts(self, texts: tuple[str, str]) -> bool:
        """Show the text of another step in the history; always return True."""
        self._show(replace(self.draft, findings=texts[0], impression=texts[1]))
        return True

    def _show(self, draft: ReportDraft) -> None:
        parts = replace(self._scan.parts, draft=draft)
        mentioned = mentioned_levels(parts)
        renamed = tuple(pair for pair in draft.renamed if pair[0] in mentioned)
        self._scan.set(replace(parts, draft=replace(draft, renamed=renamed)))
        if not renamed:
            self._scan.end_topic(OUTDATED_TOPIC)
