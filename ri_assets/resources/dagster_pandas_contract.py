"""Does a stored table keep its contract: Arrow schema, order, and dagster-pandas constraints."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import dagster_pandas as dgp
import pandas as pd
import pyarrow as pa
from dagster_pandas import constraints as dgc

from ri_assets.records.record import Column
from ri_assets.records.table import AssetContract, Table
from ri_assets.store.tables import Tables


def breaches(contract: AssetContract, tables: Tables) -> list[str]:
    """Say in what the tables break their contract; no value of a row is repeated.

    Parameters
    ----------
    contract
        What the asset promises.
    tables
        What is stored.
    """
    found = []
    for table in contract.tables:
        if table.name not in tables.by_name:
            found.append(f"{table.name}: the table is missing")
            continue
        stored = tables.by_name[table.name].schema
        if not stored.equals(table.schema, check_metadata=False):
            found.append(
                f"{table.name}: schema {stored.names} is not {table.names} or types differ"
            )
            continue
        frame = tables.frame(table.name)
        # Types of dagster-pandas read no context, so they can be asked outside a run.
        outcome = dataframe_type(table).type_check(None, frame)  # type: ignore[arg-type]
        if not outcome.success:
            # The library appends offending rows; they may hold what people wrote.
            message = str(outcome.description).split("The offending")[0].strip()
            found.append(f"{table.name}: {message}")
        nested = table.nested_problems(tables.by_name[table.name])
        found += [f"{table.name}: {p}" for p in [*_key_problems(table, frame), *nested]]
    return found


def dataframe_type(table: Table) -> dg.DagsterType:
    """Give the dagster-pandas type of a table: null, range, category and uniqueness constraints."""
    with beta_interface():
        kind: dg.DagsterType = dgp.create_dagster_pandas_dataframe_type(
            name=f"{table.name}_table",
            description=table.row,
            columns=[_pandas_column(column, table) for column in table.columns],
        )
    return kind


def _pandas_column(column: Column, table: Table) -> dgp.PandasColumn:
    constraints: list[dgc.ColumnConstraint] = []
    if not column.nullable:
        constraints.append(dgc.NonNullableColumnConstraint())
    if table.key == (column.name,) and table.is_key_unique:
        constraints.append(dgc.UniqueColumnConstraint(ignore_missing_vals=False))
    if column.minimum is not None or column.maximum is not None:
        constraints.append(
            dgc.InRangeColumnConstraint(
                -math.inf if column.minimum is None else column.minimum,
                math.inf if column.maximum is None else column.maximum,
                ignore_missing_vals=column.nullable,
            )
        )
    if column.allowed is not None:
        constraints.append(
            dgc.CategoricalColumnConstraint(
                set(column.allowed), ignore_missing_vals=column.nullable
            )
        )
    return dgp.PandasColumn(column.name, constraints=constraints)


def _key_problems(table: Table, frame: pd.DataFrame) -> list[str]:
    """Say what a single column's constraints cannot: order, and keys of several columns."""
    keys, named = frame[list(table.key)], ", ".join(table.key)
    found = []
    if not keys.equals(keys.sort_values(list(table.key), ignore_index=True)):
        found.append(f"rows are not in order of {named}")
    if table.is_key_unique and len(table.key) > 1 and keys.duplicated().any():
        found.append(f"{int(keys.duplicated().sum())} rows repeat the key {named}")
    return found


def table_schema(table: Table) -> dg.TableSchema:
    """Give the columns with type and description, as the Dagster UI shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=str(column.type),
                description=column.description,
                constraints=dg.TableColumnConstraints(
                    nullable=column.nullable,
                    unique=table.key == (column.name,) and table.is_key_unique,
                    other=_bounds(column),
                ),
            )
            for column in table.columns
        ]
    )


def _bounds(column: Column) -> list[str]:
    bounds = []
    if column.minimum is not None:
        bounds.append(f">= {column.minimum:g}")
    if column.maximum is not None:
        bounds.append(f"<= {column.maximum:g}")
    if column.allowed is not None:
        bounds.append(f"one of {', '.join(column.allowed)}")
    if pa.types.is_fixed_size_list(column.type):
        bounds.append(f"{column.type.list_size} values")
    return bounds


@contextmanager
def beta_interface() -> Iterator[None]:
    """Suppress Dagster's beta warnings.

    Data versions and dagster-pandas types are beta in Dagster 1.13. If a later version renames
    them, the tests fail.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        yield
