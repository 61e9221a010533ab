//! The words by which the provider says where a text is.

use mysms_core::domain::ProviderStatus;

use super::error;

/// What a status of the provider means, and the word itself if it is new to us
/// (<https://www.twilio.com/docs/messaging/api/message-resource#message-status-values>).
///
/// A word that is new to us means `accepted`: there is a SID, so the text was taken.
pub(super) fn read(word: &str) -> (ProviderStatus, Option<String>) {
    let status = match word {
        "accepted" | "scheduled" | "queued" | "sending" => ProviderStatus::ACCEPTED,
        "sent" => ProviderStatus::SENT,
        "delivered" | "read" => ProviderStatus::DELIVERED,
        "undelivered" => ProviderStatus::UNDELIVERED,
        "failed" => ProviderStatus::FAILED,
        "canceled" => ProviderStatus::CANCELED,
        _ => {
            let word = error::word(word).unwrap_or_else(|| "unreadable".to_owned());
            return (ProviderStatus::ACCEPTED, Some(word));
        }
    };
    (status, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mysms_core::domain::Status;

    #[test]
    fn words_map_to_the_statuses_of_the_contract() {
        let table = [
            ("accepted", Status::Accepted),
            ("scheduled", Status::Accepted),
            ("queued", Status::Accepted),
            ("sending", Status::Accepted),
            ("sent", Status::Sent),
            ("delivered", Status::Delivered),
            ("read", Status::Delivered),
            ("undelivered", Status::Undelivered),
            ("failed", Status::Failed),
            ("canceled", Status::Canceled),
        ];
        for (word, status) in table {
            let (read, unknown) = read(word);
            assert_eq!((read.status(), unknown), (status, None), "{word}");
        }
    }

    #[test]
    fn a_word_that_is_new_to_us_is_kept_if_it_can_be_a_word() {
        let kept = |word: &str| (ProviderStatus::ACCEPTED, Some(word.to_owned()));
        assert_eq!(read("partially_delivered"), kept("partially_delivered"));
        assert_eq!(read("a word to come"), kept("unreadable"));
    }
}
