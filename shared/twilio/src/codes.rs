//! The provider's error codes that a sender of texts can meet
//! (<https://www.twilio.com/docs/api/errors>), as data.

use std::time::Duration;

use mysms_core::provider::Scope::{Account, Sender};

use super::class::Class::{
    Ambiguous, Config, ConfigMessage, Permanent, Retry, SpentToday, Throttled, Unrelated,
};
use super::class::{Class, CodeRule};

const TOO_FAST: Class = Throttled { slow: false };
const TOO_MUCH: Class = Throttled { slow: true };

/// A trial account's daily limit counts the last 24 hours, so room comes back bit by bit.
const DAILY_LIMIT_PROBE: Duration = Duration::from_hours(1);

const fn rule(codes: &'static [u32], class: Class, detail: &'static str) -> CodeRule {
    CodeRule::new(codes, class, detail)
}

/// Each code is in one rule at most.
#[rustfmt::skip]
pub(super) const RULES: &[CodeRule] = &[
    // The account.
    rule(&[20003], Config(Account), "The provider refused our credentials: the account SID and the token or API key must match, and the account must be active."),
    rule(&[20005, 20006, 70051], Config(Account), "The provider account is not active, or its key may not send."),
    rule(&[20008], Config(Account), "The provider's test credentials cannot do this."),
    rule(&[20404], Config(Account), "The provider does not know the account or the address that we use."),
    rule(&[20004], Config(Account), "The provider does not allow this kind of request at the address that we use."),
    rule(&[63038], Config(Account), "The account has used up the messages that the provider allows it in a day.").resume_after(DAILY_LIMIT_PROBE),
    // The state of the provider.
    rule(&[20409, 20009], Retry, "The provider was still busy with the message."),
    rule(&[20429], TOO_FAST, "The provider asked us to slow down.").slows_down(),
    rule(&[20500], Ambiguous, "The provider had an internal error; the message may have been sent or not."),
    rule(&[20503], Ambiguous, "The provider was unavailable; the message may have been sent or not."),
    // The recipient and the text.
    rule(&[21201, 21604], Permanent, "The message has no recipient.").alert(),
    rule(&[21211], Permanent, "The recipient is not a valid phone number."),
    rule(&[21602, 21619], Permanent, "The message has no text.").alert(),
    rule(&[21608], ConfigMessage, "A trial account can only send to verified numbers: verify the recipient at the provider, or upgrade the account."),
    rule(&[21408], ConfigMessage, "The provider account is not enabled for the recipient's country; its geographic permissions can be changed at the provider."),
    rule(&[21610], Permanent, "The recipient has unsubscribed from our messages and must text START to get them again."),
    rule(&[21612], Permanent, "The recipient cannot be reached from our number."),
    rule(&[21614, 21635], Permanent, "The recipient's number is not one of a mobile phone."),
    rule(&[21617], Permanent, "The text is longer than 1600 characters."),
    rule(&[21618], Permanent, "The text was refused as unwanted by all carriers."),
    rule(&[21703], ConfigMessage, "No number of our Messaging Service can reach this recipient."),
    // Our sender.
    rule(&[21212], Config(Sender), "Our own number is not valid."),
    rule(&[21601, 21606, 21607, 21616, 21657, 21659, 21660], Config(Sender), "Our number cannot send texts, or does not belong to the provider account."),
    rule(&[21603], Config(Sender), "No number to send from is set up."),
    rule(&[21609], Config(Sender), "The provider does not accept our address for status reports."),
    rule(&[21611], TOO_MUCH, "The provider's queue for our number is full.").slows_down(),
    rule(&[21701, 21702, 21704, 21705], Config(Sender), "Our Messaging Service does not exist, or has no number."),
    // Parameters that we should not send, or not so.
    rule(&[21620, 21623], Permanent, "The message's media cannot be sent."),
    rule(&[21621, 21622], ConfigMessage, "Our number or account cannot send pictures."),
    rule(&[21624, 90007, 21627], ConfigMessage, "The provider did not accept how long the message is valid, or its price limit.").alert(),
    rule(&[21654, 21655, 21656, 21658], Permanent, "The provider did not accept the message's template.").alert(),
    rule(&[35110, 35111, 35112, 35113, 35114, 35115, 35116, 35117, 35118, 35119], Permanent, "The provider cannot schedule the message for this time."),
    rule(&[30400, 30409], Permanent, "The provider's message cannot be changed any more."),
    // What came of it later, by status callback.
    rule(&[14107], TOO_MUCH, "Too many replies went back and forth between two numbers in a short time.").alert(),
    rule(&[30001], TOO_MUCH, "The provider's queue for our sender was full.").slows_down(),
    rule(&[30002], Config(Account), "The provider account is suspended."),
    rule(&[30003], Retry, "The recipient's phone could not be reached; it may be switched off or out of range."),
    rule(&[30004], Permanent, "The recipient's phone or carrier blocks the message."),
    rule(&[30005], Permanent, "The recipient's number is unknown, or not in service."),
    rule(&[30006], Permanent, "The recipient is a landline, or a carrier that cannot be reached."),
    rule(&[30007], Permanent, "The message was filtered out as unwanted by the provider or the carrier.").alert(),
    rule(&[30008], Ambiguous, "The carrier reported an error without saying which; the message may have arrived or not."),
    rule(&[30010], Permanent, "The message cost more than its price limit."),
    rule(&[30011], Permanent, "The recipient's carrier does not take pictures."),
    rule(&[30019], Permanent, "The message was too large for the recipient's carrier."),
    rule(&[30012, 30013, 30045], ConfigMessage, "The message was not valid for a time that the provider accepts.").alert(),
    rule(&[30017], Retry, "The carrier's network was congested."),
    rule(&[30018, 30024, 30042], Config(Sender), "Our sender is not registered, or is blocked, for the recipient's country or carrier."),
    rule(&[30020, 30021, 30047, 30500], Retry, "The provider had an internal error and did not send the message.").alert(),
    rule(&[30022], TOO_MUCH, "Our sender went over the rate that the carrier allows.").slows_down(),
    rule(&[30023, 30027], SpentToday, "Our sender has used up the messages that the carrier allows it in a day.").alert(),
    rule(&[30025, 30026], Unrelated, "Our sender is about to use up the messages that the carrier allows it in a day."),
    rule(&[30032, 30033, 30034, 30035], Config(Sender), "Our sender's registration with the carriers is missing, pending or suspended."),
    rule(&[30036], Retry, "The message was not sent before its validity ended."),
    rule(&[30410], Ambiguous, "The carrier did not answer in time; the message may have arrived or not."),
    rule(&[30450], Retry, "The provider blocks messages to this destination for a while, to protect against fraud.").alert(),
    // Channels other than plain texts.
    rule(&[63003, 63024], Permanent, "The recipient cannot be reached on this channel."),
    rule(&[63007], Config(Sender), "Our sender does not exist on this channel."),
    rule(&[63013], Permanent, "The message breaks the channel's rules."),
    rule(&[63014], Permanent, "The recipient has blocked our sender."),
    rule(&[63016], Permanent, "The channel takes such a message only shortly after one of the recipient's."),
    rule(&[63017, 63018], TOO_FAST, "Our sender went over the rate that the channel allows."),
    // Inbound texts, and our own endpoint as the provider sees it.
    rule(&[30009, 30038], Unrelated, "The error is about a message that was received."),
    rule(&[11200, 11202, 11205, 11210, 11215, 11217, 11220, 11235, 11236, 11237, 11750, 12100, 12200, 12300, 57012], Unrelated, "The provider could not use our address for status reports; the message itself is not affected."),
];
