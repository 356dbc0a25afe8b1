"""Measuring tools. Each is one class with its points, numbers, drawing and DICOM form."""
