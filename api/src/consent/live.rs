use mysms_core::domain::{Scope, Standing};

use super::Keeper;
use super::view::ListedView;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::live::event;
use crate::opt_outs::Heard;
use crate::state::AppState;

/// What a caller is told of what people want: what concerns the senders that they look after. `None` if it
/// is too much to be told one by one.
pub(crate) async fn tell(
    state: &AppState,
    caller: &Caller,
    heard: &Heard,
) -> Result<Option<Vec<u8>>, ApiError> {
    let mut told = Vec::new();
    let grant = caller.grant();
    if !grant.is_none_or(|grant| grant.allows(Scope::ConsentRead)) {
        return Ok(Some(told));
    }
    let keeper = Keeper::of(state, caller.clone()).await?;
    let Heard::Changed(changed) = heard else {
        return Ok((keeper.looked_after().is_empty()).then_some(told));
    };
    let seen = changed.iter().filter(|it| keeper.looks_after(&it.sender));
    for standing in seen {
        write(&mut told, standing)?;
    }
    Ok(Some(told))
}

fn write(told: &mut Vec<u8>, standing: &Standing) -> Result<(), ApiError> {
    let data = serde_json::to_string(&ListedView::from(standing.clone()));
    let data = data.map_err(|error| ApiError::Internal(error.into()))?;
    told.extend_from_slice(&event::opt_out_changed(&data));
    Ok(())
}
