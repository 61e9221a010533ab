//! What every store has to do. The cases are in `tests/it/store`; each is tried on MongoDB, on SQLite and
//! on a store in memory.
