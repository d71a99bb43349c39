"""The embedded broker: NGSI-v2 and QuantumLeap's history in one process, on two SQLite files.

A request travels `api/border` (headers, body, errors) → a module of handlers in `api/` → `api/broker`, which applies it in the
database's writer thread (`entities/updates`, `entities/store`) and hands the changes to `subscriptions/dispatch`, which sends
notifications through `subscriptions/notifier`. The history is separate: `history/api` on its own port reads notifications with
`history/rows` and keeps them with `history/store`. `app` starts and stops all of it.

Imports go one way: `base` ← `entities` ← `subscriptions` ← `api`, and `base` ← `history`.
"""
