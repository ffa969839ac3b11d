# Writes the Parquet files beside it: python make.py, with pyarrow 26.
import datetime
import pyarrow as pa
import pyarrow.parquet as pq

table = pa.table(
    {
        "count": pa.array([1, None, 3, 4], pa.int64()),
        "price": pa.array([1.5, 2.25, None, -4.0], pa.float64()),
        "code": pa.array(["007", "008", "007", None]),
        "ok": pa.array([True, False, None, True]),
        "when": pa.array([datetime.date(2024, 2, 29), None, datetime.date(2020, 1, 1), datetime.date(1999, 12, 31)]),
        "large": pa.array([2**60 + 1, 2**60 + 3, 1, 2], pa.int64()),
    }
)
for codec in ["snappy", "zstd", "gzip", "none"]:
    pq.write_table(table, f"{codec}.parquet", compression=codec)
pq.write_table(pa.table({"list": pa.array([[1, 2], [3]]), "y": pa.array([0, 1])}), "nested.parquet")
