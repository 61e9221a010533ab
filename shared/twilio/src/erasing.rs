//! Erasing a message that Twilio keeps: emptying its body or removing its record, and removing its files
//! (<https://www.twilio.com/docs/messaging/api/message-resource>,
//! <https://www.twilio.com/docs/messaging/api/media-resource>).

use mysms_core::domain::{Erasure, PhoneNumber, ProviderId};
use mysms_core::provider::{Addressee, Erased, ReadFailure};

use super::client::{Twilio, if_there};
use super::resource::Resource;

/// "Cannot delete this resource before it is complete", and "the resource is locked".
const BUSY: [&str; 2] = ["20009", "20409"];

/// The form that empties a body.
const EMPTIED: &str = "Body=";

/// More than the files that a message may have.
const PAGE_SIZE: &str = "50";

/// To whom a message went. With the redaction of numbers on, it tells but a part.
pub(super) fn addressee(message: Option<&Resource>) -> Addressee {
    let Some(message) = message else {
        return Addressee::Gone;
    };
    match PhoneNumber::parse(&message.to) {
        Ok(number) => Addressee::Number(number),
        Err(_) => Addressee::Hidden,
    }
}

impl Twilio {
    /// The files first: once the record is gone, nothing lists them.
    pub(super) async fn erase_message(
        &self,
        sid: &ProviderId,
        what: Erasure,
    ) -> Result<Erased, ReadFailure> {
        let erased = match self.erase_files(sid).await {
            Ok(()) => self.erase_text(sid, what).await,
            Err(failure) => Err(failure),
        };
        match erased {
            Err(ReadFailure::Refused { code, .. }) if BUSY.contains(&&*code) => {
                Ok(Erased::TooEarly)
            }
            erased => erased.map(|()| Erased::Done),
        }
    }

    async fn erase_text(&self, sid: &ProviderId, what: Erasure) -> Result<(), ReadFailure> {
        let url = self.message_url(&format!("{sid}.json"));
        let erased = match what {
            Erasure::Content => self.write(url, EMPTIED.to_owned()).await,
            Erasure::Record => self.delete(url).await,
        };
        if_there(erased).map(drop)
    }

    async fn erase_files(&self, sid: &ProviderId) -> Result<(), ReadFailure> {
        let mut url = self.message_url(&format!("{sid}/Media.json"));
        url.query_pairs_mut().append_pair("PageSize", PAGE_SIZE);
        let Some(answer) = if_there(self.read(url).await)? else {
            return Ok(());
        };
        let unreadable = ReadFailure::Unreadable("it lists no media");
        let files = answer.body()["media_list"].as_array().ok_or(unreadable)?;
        for file in files {
            let file = file["sid"]
                .as_str()
                .and_then(|sid| ProviderId::parse(sid).ok());
            let file = file.ok_or(ReadFailure::Unreadable("a file has no SID"))?;
            let url = self.message_url(&format!("{sid}/Media/{file}.json"));
            if_there(self.delete(url).await)?;
        }
        Ok(())
    }
}
