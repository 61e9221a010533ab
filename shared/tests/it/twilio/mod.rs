mod codes;
mod create;
mod list;
mod server;
