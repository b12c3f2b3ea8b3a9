"""Services of incidents."""
