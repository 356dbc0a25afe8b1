"""Measuring tools. Each is one class with its points, quantities, drawing and DICOM encoding."""
