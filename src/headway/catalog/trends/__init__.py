"""What snapshots of a product looked like one after the other: counts by rule and part, and figures that leave their band."""

from headway.catalog.trends.entities import Deviation, PartCount, TrendPoint
from headway.catalog.trends.service import history, take

__all__ = ["Deviation", "PartCount", "TrendPoint", "history", "take"]
