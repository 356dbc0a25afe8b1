"""The features of one open scan: small objects, each created by `OpenScan` from what it needs."""
