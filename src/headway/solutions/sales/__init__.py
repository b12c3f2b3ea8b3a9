"""Solutions for the sales department."""
