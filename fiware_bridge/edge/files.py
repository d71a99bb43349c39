"""The files in a broker's folder, with the migrations that lead to their present versions."""

from dataclasses import dataclass

from .base.migrations import Migration, statements
from .entities import store as entity_store
from .history import store as history_store
from .subscriptions import journal, store as subscription_store


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One SQLite file."""

    name: str
    migrations: tuple[Migration, ...]
    """From nothing to version 1, from version 1 to 2, and so on."""
    durable: bool
    """Whether every commit waits for the disk."""


CONTEXT = DataFile(
    name="context.db",
    migrations=(statements(*entity_store.SCHEMA_1, *subscription_store.SCHEMA_1, *journal.SCHEMA_1),),
    durable=False,
)
HISTORY = DataFile(
    name="history.db",
    migrations=(statements(*history_store.SCHEMA_1),),
    durable=True,
)
FILES = (CONTEXT, HISTORY)
