//! What handlers ask for in their signatures.

mod client_address;
mod fields;
mod json;
mod own;

pub(crate) use client_address::ClientAddress;
pub(crate) use fields::{Checks, Field};
pub(crate) use json::{
    BYTE_ORDER_MARK, Json, JsonBody, RawBody, check_encoding, read_json, read_object,
};
pub(crate) use own::{OwnHistory, OwnMessage};
