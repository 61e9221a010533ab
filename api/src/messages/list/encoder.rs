//! Writing a history in one of its notations.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::error::Error as StdError;

use bytes::Bytes;
use csv::{Terminator, WriterBuilder};
use mysms_core::domain::Message;
use mysms_core::provider::Glossary;

use super::format::Format;
use crate::extract::BYTE_ORDER_MARK;
use view::{MediaView, MessageView, TagsView};

/// The columns of a table, in the order of the fields of a message.
const COLUMNS: [&str; 32] = [
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
    "sender",
    "class",
    "starts_at",
    "expected_at",
    "expected_by",
    "reference",
    "tags",
    "recovered",
    "media",
    "dispatched_at",
    "position",
];

/// What spreadsheets take for the beginning of a formula.
const FORMULA_SIGNS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '＠'];

/// What divides columns in some countries, whatever stands in quotation marks.
const DIVIDERS: [char; 2] = [';', '\t'];

/// Bytes of a list that are written in one piece, unless a single message has more.
const PIECE: usize = 64 * 1024;

/// Why a message could not be written.
type Failure = Box<dyn StdError + Send + Sync>;

/// Writes a list part by part.
pub(super) struct Encoder {
    format: Format,
    glossary: Glossary,
    begun: bool,
    /// Something came before the next message of an array.
    needs_comma: bool,
}

impl Encoder {
    pub(super) const fn new(format: Format, glossary: Glossary) -> Self {
        Self {
            format,
            glossary,
            begun: false,
            needs_comma: false,
        }
    }

    /// Writes a whole list.
    pub(super) fn write_all(mut self, messages: &[Message]) -> Result<Bytes, Failure> {
        let mut bytes = Vec::new();
        self.begin(&mut bytes)?;
        for message in messages {
            self.write(&mut bytes, message)?;
        }
        self.end(&mut bytes);
        Ok(bytes.into())
    }

    /// Writes the next piece of a list, taking its messages; the end as well, if these are the last
    /// ones and none is left.
    pub(super) fn write_some(
        &mut self,
        messages: &mut VecDeque<Message>,
        are_last: bool,
    ) -> Result<Bytes, Failure> {
        let mut bytes = Vec::new();
        if !std::mem::replace(&mut self.begun, true) {
            self.begin(&mut bytes)?;
        }
        while bytes.len() < PIECE
            && let Some(message) = messages.pop_front()
        {
            self.write(&mut bytes, &message)?;
        }
        if are_last && messages.is_empty() {
            self.end(&mut bytes);
        }
        Ok(bytes.into())
    }

    fn begin(&self, bytes: &mut Vec<u8>) -> Result<(), Failure> {
        match self.format {
            Format::Json => bytes.push(b'['),
            Format::Csv => {
                // Without it spreadsheets take the table to be in the encoding of the machine.
                bytes.extend_from_slice(BYTE_ORDER_MARK);
                table(bytes).write_record(COLUMNS)?;
            }
            Format::Ndjson => {}
        }
        Ok(())
    }

    fn write(&mut self, bytes: &mut Vec<u8>, message: &Message) -> Result<(), Failure> {
        let view = MessageView::new(message, self.glossary);
        match self.format {
            Format::Json => {
                if std::mem::replace(&mut self.needs_comma, true) {
                    bytes.push(b',');
                }
                serde_json::to_writer(bytes, &view)?;
            }
            Format::Csv => write_row(bytes, view)?,
            Format::Ndjson => {
                serde_json::to_writer(&mut *bytes, &view)?;
                bytes.push(b'\n');
            }
        }
        Ok(())
    }

    fn end(&self, bytes: &mut Vec<u8>) {
        if matches!(self.format, Format::Json) {
            bytes.push(b']');
        }
    }
}

fn table(bytes: &mut Vec<u8>) -> csv::Writer<&mut Vec<u8>> {
    WriterBuilder::new()
        .has_headers(false)
        .terminator(Terminator::CRLF)
        .from_writer(bytes)
}

fn write_row(bytes: &mut Vec<u8>, view: MessageView<'_>) -> Result<(), Failure> {
    let mut view = view;
    // A number begins with a plus, which makes a formula of it, or at best a number with an exponent.
    let texts = [
        view.content,
        view.counterpart,
        view.recipient,
        view.sender,
        view.reference,
    ];
    let [content, counterpart, recipient, sender, reference] = texts.map(|text| text.map(defused));
    // Nothing in the place of none, and else what programs can read.
    let tags = match &view.tags {
        TagsView::Object(tags) if !tags.is_empty() => serde_json::to_string(tags)?,
        _ => String::new(),
    };
    let media = match &view.media {
        MediaView::List(media) if !media.is_empty() => serde_json::to_string(media)?,
        _ => String::new(),
    };
    view.content = content.as_deref();
    view.counterpart = counterpart.as_deref();
    view.recipient = recipient.as_deref();
    view.sender = sender.as_deref();
    view.reference = reference.as_deref();
    view.tags = TagsView::Line(defused(&tags));
    view.media = MediaView::Line(defused(&media));
    let mut table = table(bytes);
    table.serialize(view)?;
    table.flush()?;
    Ok(())
}

/// The text with an apostrophe wherever a spreadsheet would begin a formula: at its beginning, and
/// after what may divide columns where a comma does not.
fn defused(text: &str) -> Cow<'_, str> {
    let mut begins = true;
    let signs: Vec<_> = text
        .char_indices()
        .filter(|&(_, character)| {
            let dangerous = begins && FORMULA_SIGNS.contains(&character);
            begins = DIVIDERS.contains(&character);
            dangerous
        })
        .collect();
    let mut defused = Cow::Borrowed(text);
    for &(place, _) in signs.iter().rev() {
        defused.to_mut().insert(place, '\'');
    }
    defused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_spreadsheet_would_run_is_changed() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\r=1", "\n=1", "＝1"] {
            assert_eq!(defused(text), format!("'{text}"));
        }
        for (text, expected) in [
            ("a;=1+1;b", "a;'=1+1;b"),
            ("=1;+2;;@x", "'=1;'+2;;'@x"),
            ("a\t=1", "a\t'=1"),
            ("\t=1", "'\t'=1"),
            ("+14155550123", "'+14155550123"),
        ] {
            assert_eq!(defused(text), expected);
        }
        for text in ["hello", "1=1", "'quoted'", " =1", "a\n=1", "a; b", ";-"] {
            let expected = text.replace(";-", ";'-");
            assert_eq!(defused(text), expected);
        }
    }
}
