//! Writing a history in one of its notations.

use std::borrow::Cow;
use std::error::Error as StdError;

use bytes::Bytes;
use csv::{Terminator, WriterBuilder};
use shared::domain::Message;

use super::format::Format;
use crate::view::MessageView;

/// The columns of a table, in the order of the fields of a message.
const COLUMNS: [&str; 21] = [
    "id",
    "direction",
    "counterpart",
    "recipient",
    "content",
    "sent_at",
    "unread",
    "send_at",
    "expires_at",
    "status",
    "segments",
    "encoding",
    "attempts",
    "error_code",
    "error_message",
    "provider_sid",
    "updated_at",
    "delivered_at",
    "retry_of",
    "simulated",
    "version",
];

/// What spreadsheets take for the beginning of a formula.
const FORMULA_SIGNS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '＠'];

/// Why a message could not be written.
type Failure = Box<dyn StdError + Send + Sync>;

/// Writes a list part by part.
pub(super) struct Encoder {
    format: Format,
    begun: bool,
    /// Something came before the next message of an array.
    needs_comma: bool,
}

impl Encoder {
    pub(super) const fn new(format: Format) -> Self {
        Self {
            format,
            begun: false,
            needs_comma: false,
        }
    }

    /// Writes the next messages, and with the last ones the end.
    pub(super) fn write(&mut self, messages: &[Message], is_last: bool) -> Result<Bytes, Failure> {
        let begins = !self.begun;
        self.begun = true;
        let mut bytes = Vec::new();
        match self.format {
            Format::Json => self.write_array(&mut bytes, messages, begins, is_last)?,
            Format::Csv => write_table(&mut bytes, messages, begins)?,
            Format::Ndjson => {
                for message in messages {
                    serde_json::to_writer(&mut bytes, &MessageView::from(message))?;
                    bytes.push(b'\n');
                }
            }
        }
        Ok(bytes.into())
    }

    fn write_array(
        &mut self,
        bytes: &mut Vec<u8>,
        messages: &[Message],
        begins: bool,
        is_last: bool,
    ) -> Result<(), Failure> {
        if begins {
            bytes.push(b'[');
        }
        for message in messages {
            if self.needs_comma {
                bytes.push(b',');
            }
            self.needs_comma = true;
            serde_json::to_writer(&mut *bytes, &MessageView::from(message))?;
        }
        if is_last {
            bytes.push(b']');
        }
        Ok(())
    }
}

fn write_table(bytes: &mut Vec<u8>, messages: &[Message], begins: bool) -> Result<(), Failure> {
    let mut table = WriterBuilder::new()
        .has_headers(false)
        .terminator(Terminator::CRLF)
        .from_writer(bytes);
    if begins {
        table.write_record(COLUMNS)?;
    }
    for message in messages {
        let content = message.body.as_ref().map(|body| defused(body.as_str()));
        let mut view = MessageView::from(message);
        view.content = content.as_deref();
        table.serialize(view)?;
    }
    table.flush()?;
    Ok(())
}

fn defused(content: &str) -> Cow<'_, str> {
    if content.starts_with(FORMULA_SIGNS) {
        format!("'{content}").into()
    } else {
        content.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_spreadsheet_would_run_is_changed() {
        for text in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1",
        ] {
            assert_eq!(defused(text), format!("'{text}"));
        }
        for text in ["hello", "1=1", "'quoted'", " =1", "a\n=1"] {
            assert_eq!(defused(text), text);
        }
    }
}
