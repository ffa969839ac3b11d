# Writes the Parquet files beside it: python make.py, with pyarrow 26.
import datetime
import decimal

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

# Numbers and times in the forms that programs write, and texts that no one said to be texts.
times = [datetime.datetime(2020, 1, 2, 3, 4, 5, 678000), None, datetime.datetime(1969, 12, 31, 23, 59, 59)]
forms = pa.table(
    {
        "decimal": pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("-2.25")], pa.decimal128(12, 2)),
        "milliseconds": pa.array(times, pa.timestamp("ms")),
        "nanoseconds": pa.array(times, pa.timestamp("ns")),
        "zone": pa.array(times, pa.timestamp("us", tz="Europe/Berlin")),
        "day": pa.array([time and time.date() for time in times], pa.date32()),
        "large": pa.array([2**53 + 1, -1, None], pa.int64()),
        "bytes": pa.array([b"one", "zwölf".encode(), None]),
        "half": pa.array([1.5, 2, None], pa.float16()),
    }
)
pq.write_table(forms, "forms.parquet")
int96 = pa.table({"time": pa.array(times, pa.timestamp("ns"))})
pq.write_table(int96, "int96.parquet", use_deprecated_int96_timestamps=True)
pq.write_table(pa.table({"n": [1.0, 2.0], "x": pa.array([b"a", b"\xff\xfe"])}), "bytes.parquet")
pq.write_table(pa.table({"x": [1.0, None, float("inf")]}), "infinite.parquet")

# Row groups of several pages, with gaps and a column that isn't asked for.
rows = range(10_000)
groups = pa.table(
    {
        "n": pa.array([None if i % 7 == 0 else i / 8 for i in rows]),
        "kind": pa.array([["a", "b", None][i % 3] for i in rows]),
        "list": pa.array([[i] for i in rows]),
    }
)
pq.write_table(groups, "groups.parquet", row_group_size=3000, data_page_size=2048, compression="zstd")
