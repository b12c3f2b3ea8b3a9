"""Outside things the catalog works with: files people bring, the lake of Iceberg tables, the DuckDB engine."""
