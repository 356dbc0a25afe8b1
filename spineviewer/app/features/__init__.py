"""The features of one open scan: small objects that share its `ScanCore`."""
