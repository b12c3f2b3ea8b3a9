"""Durable jobs on DBOS (replaced by the kernel's owner; the interface below is what callers rely on)."""
