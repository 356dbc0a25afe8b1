"""Measuring tools: each one class that knows its points, its numbers, its drawing and its DICOM form."""
