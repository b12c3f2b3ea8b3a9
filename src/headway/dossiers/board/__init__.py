"""What a board pack says of one quarter, one file for each part of it; all of it drawn from ``BoardRecords``. Pure."""
