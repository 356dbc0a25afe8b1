"""The card that is shown while a scan is being opened."""

from PySide6.QtWidgets import QWidget

from spineviewer.gui.opening.busy_card import BusyCard


def test_the_card_stays_in_the_middle_when_the_window_is_resized(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(900, 600)
    parent.show()
    card = BusyCard(parent)
    card.begin("sub-01_ct.nii.gz")
    qtbot.waitUntil(card.isVisible)
    for size in ((900, 600), (1300, 700), (500, 300)):
        parent.resize(*size)
        distance = card.geometry().center() - parent.rect().center()
        assert distance.manhattanLength() <= 2
