"""Tables from a folder of CSV and Parquet files."""
