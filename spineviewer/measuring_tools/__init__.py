"""Measuring tools: each is one class with its points, numbers, drawing and DICOM form."""
