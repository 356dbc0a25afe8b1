"""The features of one open scan: small objects, each created by `ScanCore` from what it needs."""
