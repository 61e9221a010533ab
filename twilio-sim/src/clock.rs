use jiff::{SignedDuration, Timestamp};

/// The machine's clock, in milliseconds since 1970. The provider's clock, which may be set apart
/// from it, is only ever shown: see [`Shown`].
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator's only reading of the clock"
)]
pub(crate) fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// How times look to the provider's customers: shifted by the clock offset.
#[derive(Clone, Copy)]
pub(crate) struct Shown {
    offset: SignedDuration,
}

impl Shown {
    pub(crate) fn new(offset_seconds: i32) -> Self {
        Self {
            offset: SignedDuration::from_secs(offset_seconds.into()),
        }
    }

    /// The moment on the provider's clock.
    pub(crate) fn at(self, ms: i64) -> Timestamp {
        let moment = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
        moment.saturating_add(self.offset).unwrap_or(moment)
    }

    /// As in a message resource: `Thu, 24 Aug 2023 05:01:45 +0000`.
    pub(crate) fn rfc2822(self, ms: i64) -> String {
        self.at(ms)
            .strftime("%a, %d %b %Y %H:%M:%S +0000")
            .to_string()
    }

    /// As in a `Date` header: `Thu, 24 Aug 2023 05:01:45 GMT`.
    pub(crate) fn http_date(self, ms: i64) -> String {
        self.at(ms)
            .strftime("%a, %d %b %Y %H:%M:%S GMT")
            .to_string()
    }

    /// As in a delivery receipt: `YYMMDDhhmm`.
    pub(crate) fn receipt_date(self, ms: i64) -> String {
        self.at(ms).strftime("%y%m%d%H%M").to_string()
    }
}
