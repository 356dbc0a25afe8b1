"""The panel's section that compares the mask with a second one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from spineviewer.app.comparing import Comparison
from spineviewer.gui.kit.language import tr
from spineviewer.gui.kit.styled import styled_button, styled_label
from spineviewer.gui.kit.theme import GAP_L, GAP_M, GAP_S, SECOND_MASK_COLOUR, tabular_font
from spineviewer.wording import formatted_number


class ComparisonBox(QFrame):
    """Shows the agreement; buttons go to the largest difference and end the comparison."""

    worst_requested = Signal()
    end_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = styled_label("faint")
        # long names are shortened
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.text = QLabel()
        self.text.setFont(tabular_font(13))
        worst = styled_button(
            "plain",
            tr("Largest difference"),
            tip=tr("Go to the largest difference between the masks (Y)"),
        )
        worst.clicked.connect(self.worst_requested)
        end = tr("End the comparison")
        close = styled_button("plain", tip=end, name=end, icon_name="close")
        close.clicked.connect(self.end_requested)
        heading = QHBoxLayout()
        heading.addWidget(self.title, 1)
        heading.addWidget(close)
        self.setProperty("role", "card")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP_L, GAP_S, GAP_S, GAP_M)
        layout.setSpacing(2)
        heading.setSpacing(0)
        layout.addLayout(heading)
        layout.addWidget(self.text)
        layout.addWidget(worst, 0, Qt.AlignmentFlag.AlignRight)
        self.hide()

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Show the agreement with a second mask; hide the section if there is none."""
        self.setVisible(comparison is not None)
        if comparison is not None:
            width = max(self.title.width() - 22, 90)  # to the right of the dash
            metrics = self.title.fontMetrics()
            title = metrics.elidedText(
                tr("compared with {file}", file=comparison.path.name),
                Qt.TextElideMode.ElideMiddle,
                width,
            )
            self.title.setText(f"<span style='color:{SECOND_MASK_COLOUR}'>━</span>  {title}")
            self.title.setToolTip(str(comparison.path))
            self.text.setText(_agreement(comparison))


def _agreement(comparison: Comparison) -> str:
    """Return Dice, surface distances and volume difference in three lines."""
    scores = comparison.scores
    distances = tr("no surfaces to compare")
    if scores.hd95_mm is not None and scores.assd_mm is not None:
        distances = (
            f"HD95 {tr(formatted_number(scores.hd95_mm, '.1f', 'mm'))}   ASSD "
            f"{tr(formatted_number(scores.assd_mm, '.2f', 'mm'))}"
        )
    return tr(
        "Dice {dice:.3f}\n{distances}\nMask minus second mask: {difference_ml:+.1f} ml",
        dice=scores.dice,
        difference_ml=scores.mask_ml - scores.reference_ml,
        distances=distances,
    )
