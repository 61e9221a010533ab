mod codes;
mod create;
mod list;
mod look;
mod server;
