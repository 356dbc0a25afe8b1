"""What can be done with one open scan: small objects, each made by `OpenScan` from what it needs."""
