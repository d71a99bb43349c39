"""The embedded broker: NGSI-v2 and QuantumLeap's history in one process, on two SQLite files.

A request travels `border` (headers, body, errors) → a module of handlers (`entities`, `batch`, `entity_types`,
`subscriptions`) → `broker`, which applies it in the database's writer thread (`updates`, `entity_store`) and hands the
changes to `dispatch`, which sends notifications through `notifier`. The history is separate: `history_api` on its own port
reads notifications with `history_rows` and keeps them with `history_store`. `app` starts and stops all of it.
"""
