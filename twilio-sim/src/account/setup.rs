use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// How the account is set up, as its owner reads it at Twilio. The usual one is in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// `active`, `suspended` or `closed`.
    pub status: String,
    /// `Full` or `Trial`; what a trial account does is a setting of its own.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the credentials may not look at.
    pub refused: BTreeSet<Shelf>,
    /// How texts to numbers are handed over: `POST` or `GET`. Only the former is simulated.
    pub sms_method: String,
    /// Of every Messaging Service.
    pub service: ServiceSetup,
    /// How the verification of every toll-free number stands; `None` if there is none.
    pub verification: Option<String>,
    /// The countries that may get texts; `None` for all.
    pub countries: Option<BTreeSet<String>>,
    /// The most that a page of a list shows, however many are asked for.
    pub largest_page: usize,
}

/// How the Messaging Services are set up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceSetup {
    /// Where texts to its number are posted, unless its number decides; without one they are lost.
    pub inbound_url: Option<String>,
    /// Numbers that it has beside the one that sends for it; they are shown, and nothing is sent from them.
    pub numbers: BTreeSet<String>,
    /// Its number decides.
    pub use_inbound_webhook_on_number: bool,
    /// Is shown, and has no effect.
    pub smart_encoding: bool,
    /// How its campaign stands; `None` if there is none.
    pub campaign: Option<String>,
    /// Segments a second that carriers allow the campaign.
    pub campaign_mps: u32,
}

/// A part of the account that may be closed to whoever looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// The account itself.
    Account,
    /// Phone numbers and short codes.
    Numbers,
    /// Messaging Services and their numbers.
    Services,
    /// The campaigns of services.
    Campaigns,
    /// The verifications of toll-free numbers.
    Verifications,
    /// The enabled countries.
    Countries,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            status: "active".to_owned(),
            kind: "Full".to_owned(),
            refused: BTreeSet::new(),
            sms_method: "POST".to_owned(),
            service: ServiceSetup::default(),
            verification: Some("TWILIO_APPROVED".to_owned()),
            countries: None,
            largest_page: 1000,
        }
    }
}

impl Default for ServiceSetup {
    fn default() -> Self {
        Self {
            inbound_url: None,
            numbers: BTreeSet::new(),
            use_inbound_webhook_on_number: true,
            smart_encoding: false,
            campaign: Some("VERIFIED".to_owned()),
            campaign_mps: 100,
        }
    }
}

impl Setup {
    /// Says what makes no sense in it, if anything.
    pub fn check(&self) -> Result<(), &'static str> {
        let inbound = self.service.inbound_url.as_deref();
        if !["active", "suspended", "closed"].contains(&&*self.status) {
            Err("status is active, suspended or closed")
        } else if !["Full", "Trial"].contains(&&*self.kind) {
            Err("type is Full or Trial")
        } else if !["POST", "GET"].contains(&&*self.sms_method) {
            Err("sms_method is POST or GET")
        } else if self.largest_page == 0 {
            Err("largest_page is at least 1")
        } else if inbound.is_some_and(|url| !crate::settings::is_webhook(url)) {
            Err("service.inbound_url is an http or https URL")
        } else {
            Ok(())
        }
    }
}
