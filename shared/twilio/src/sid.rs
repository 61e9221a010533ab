//! How the provider names messages.

use mysms_core::domain::ProviderId;

/// The text is not a message SID.
#[derive(Debug, thiserror::Error)]
#[error("is not a message SID (SM or MM and 32 hexadecimal digits)")]
pub struct InvalidSid;

/// Reads the SID of a message: `SM` or `MM` and 32 hexadecimal digits.
pub fn parse(text: &str) -> Result<ProviderId, InvalidSid> {
    let digits = text
        .strip_prefix("SM")
        .or_else(|| text.strip_prefix("MM"))
        .ok_or(InvalidSid)?;
    let is_sid = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let sid = is_sid.then(|| ProviderId::parse(text).ok());
    sid.flatten().ok_or(InvalidSid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_is_its_prefix_and_32_hexadecimal_digits() {
        for prefix in ["SM", "MM"] {
            let sid = format!("{prefix}{}", "0a".repeat(16));
            assert_eq!(parse(&sid).unwrap().as_str(), sid);
        }
        for bad in [
            "",
            "SM",
            "SM123",
            &format!("AC{}", "0".repeat(32)),
            &format!("SM{}", "g".repeat(32)),
            &format!("SM{}", "0".repeat(33)),
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
