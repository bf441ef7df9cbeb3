"""What docs/privacy.md says of Parquet's own encryption: it hides an id, and readers without Spark cannot open it."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as encryption
import pytest
from deltalake import DeltaTable, QueryBuilder, write_deltalake

KEYS = {"footer": "0123456789abcdef", "ids": "fedcba9876543210"}


class LocalKeys(encryption.KmsClient):  # type: ignore[misc]
    """Keys wrapped by their names alone: what is tested is what readers without a key see."""

    def __init__(self, _: object) -> None:
        super().__init__()

    def wrap_key(self, key: bytes, name: str) -> bytes:
        return base64.b64encode(KEYS[name].encode() + key)

    def unwrap_key(self, wrapped: bytes, name: str) -> bytes:
        return base64.b64decode(wrapped)[len(KEYS[name]) :]


def test_encrypted_parquet_hides_ids_and_shuts_out_the_readers_without_spark(tmp_path: Path) -> None:
    rows, file = pa.table({"meter_id": ["M-77777"], "energy_kwh": [1.5]}), tmp_path / "rows.parquet"
    factory, connection = encryption.CryptoFactory(LocalKeys), encryption.KmsConnectionConfig()
    wanted = encryption.EncryptionConfiguration(footer_key="footer", column_keys={"ids": ["meter_id"]})
    properties = factory.file_encryption_properties(connection, wanted)
    with pq.ParquetWriter(file, rows.schema, encryption_properties=properties) as writer:
        writer.write_table(rows)
    assert b"M-77777" not in file.read_bytes()
    own = factory.file_decryption_properties(connection)
    assert pq.ParquetFile(file, decryption_properties=own).read().equals(rows)
    write_deltalake(str(tmp_path / "delta"), rows)
    table = DeltaTable(str(tmp_path / "delta"))
    shutil.copy(file, table.file_uris()[0])
    with pytest.raises(pl.exceptions.ComputeError, match="ncrypt"):
        pl.read_parquet(file)
    with pytest.raises(duckdb.InvalidInputException, match="is encrypted"):
        duckdb.sql(f"SELECT * FROM '{file}'").fetchall()
    with pytest.raises(Exception, match="Parquet error"):
        QueryBuilder().register("t", DeltaTable(str(tmp_path / "delta"))).execute("SELECT * FROM t").read_all()
