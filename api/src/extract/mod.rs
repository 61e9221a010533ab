//! What handlers ask for in their signatures.

mod address;
mod caller;
mod fields;
mod json;
mod own;
mod pairs;
mod raw_list;
mod steady_body;

pub(crate) use address::address_in_path;
pub(crate) use caller::bearer;
pub(crate) use fields::{Checks, Field};
pub(crate) use json::{
    BYTE_ORDER_MARK, Json, JsonBody, RawBody, check_encoding, read_json, read_object,
    read_optional_object,
};
pub(crate) use own::{OwnHistory, OwnMedium, OwnMessage, index_in_path, path_param};
pub(crate) use pairs::Pairs;
pub(crate) use raw_list::RawList;
pub(crate) use steady_body::SteadyBody;
