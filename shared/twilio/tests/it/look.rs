//! Whether the provider's list shows a message in doubt, sentence by sentence.

use std::time::Duration;

use mysms_core::domain::{
    Body, Content, Media, MediaUrl, Medium, MessageId, PhoneNumber, ProviderId, ProviderStatus,
    Timestamp,
};
use mysms_core::provider::{Alike, Doubt, Finding, Provider, Search};
use mysms_core::store::SidOwner;
use twilio::{Listing, Resource};

use super::server::{FROM, TO, client, nobody, phone};

const SERVICE: &str = "MG00000000000000000000000000000001";
const TEXT: &str = "See you at 5";
const LEASE: Duration = Duration::from_secs(90);
const SKEW: Duration = Duration::from_secs(5);

/// All times are seconds after the latest claim, by our clock.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_767_225_600_000 + seconds * 1000)
}

const WINDOW_BEGIN: i64 = -6;
const LISTED: i64 = 100;

fn sid(number: u32) -> ProviderId {
    ProviderId::parse(&format!("SM{number:032x}")).unwrap()
}

/// A text like ours, made by the provider `seconds` after the claim.
fn text(number: u32, seconds: i64) -> Resource {
    Resource {
        sid: sid(number),
        status: ProviderStatus::ACCEPTED,
        unknown_word: None,
        error_code: None,
        body: Some(TEXT.to_owned()),
        media: 0,
        from: Some(FROM.to_owned()),
        service: None,
        direction: "outbound-api".to_owned(),
        to: TO.to_owned(),
        created_at: Some(at(seconds)),
        sent_at: None,
        account: None,
    }
}

fn with(change: impl FnOnce(&mut Resource)) -> Resource {
    let mut changed = text(1, 1);
    change(&mut changed);
    changed
}

fn saying(body: &str) -> Resource {
    with(|remote| remote.body = Some(body.to_owned()))
}

fn of_service(mut remote: Resource) -> Resource {
    remote.service = Some(SERVICE.to_owned());
    remote.from = None;
    remote
}

fn owner(number: u32, seconds: i64) -> SidOwner {
    SidOwner {
        sid: sid(number),
        id: MessageId::generate(at(0)),
        at: at(seconds),
    }
}

fn listing(messages: &[Resource]) -> Listing {
    Listing {
        messages: messages.to_vec(),
        window_begin: at(WINDOW_BEGIN),
        clock_offset: Some(jiff::SignedDuration::ZERO),
        requested_at: at(LISTED),
    }
}

/// A message in doubt, and who sent it.
struct Case {
    to: PhoneNumber,
    content: Content,
    sender: &'static str,
}

impl Case {
    fn new(body: &str, sender: &'static str) -> Self {
        Self {
            to: phone(TO),
            content: Body::parse(body.to_owned()).unwrap().into(),
            sender,
        }
    }

    fn doubt(&self) -> Doubt<'_> {
        Doubt {
            to: &self.to,
            content: &self.content,
            sender: self.sender,
            first_attempt_at: at(0),
            last_claim_at: at(0),
            lease: LEASE,
            skew: SKEW,
        }
    }

    fn judge(&self, listing: &Listing, owners: &[SidOwner]) -> Outcome {
        self.judge_among(1, listing, owners)
    }

    fn search(&self, listing: &Listing) -> Search {
        listing.clone().search(&self.doubt())
    }

    /// While so many identical texts are in doubt.
    fn judge_among(&self, count: usize, listing: &Listing, owners: &[SidOwner]) -> Outcome {
        let differ = false;
        self.judge_beside(Alike { count, differ }, listing, owners)
    }

    fn judge_beside(&self, alike: Alike, listing: &Listing, owners: &[SidOwner]) -> Outcome {
        match self.search(listing).judge(SKEW, alike, owners) {
            Finding::Adopt(remote) => Outcome::Adopt(remote.sid),
            Finding::Unclear(_) => Outcome::Unclear,
            Finding::Absent => Outcome::Absent,
        }
    }
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Adopt(ProviderId),
    Unclear,
    Absent,
}

use Outcome::{Absent, Adopt, Unclear};

fn by_number(messages: &[Resource], owners: &[SidOwner]) -> Outcome {
    Case::new(TEXT, FROM).judge(&listing(messages), owners)
}

fn by_service(messages: &[Resource], owners: &[SidOwner]) -> Outcome {
    Case::new(TEXT, SERVICE).judge(&listing(messages), owners)
}

#[test]
fn an_empty_list_shows_nothing() {
    assert_eq!(by_number(&[], &[]), Absent);
}

#[test]
fn a_match_is_outbound_from_us_to_the_same_number_and_in_the_window() {
    let table = [
        ("ours", text(1, 1), Adopt(sid(1))),
        (
            "at the begin of the window",
            text(1, WINDOW_BEGIN),
            Adopt(sid(1)),
        ),
        ("before the window", text(1, WINDOW_BEGIN - 1), Absent),
        ("long after the claim", text(1, 5000), Adopt(sid(1))),
        (
            "inbound",
            with(|r| r.direction = "inbound".to_owned()),
            Absent,
        ),
        (
            "a reply",
            with(|r| r.direction = "outbound-reply".to_owned()),
            Absent,
        ),
        (
            "to another",
            with(|r| r.to = "+14155550124".to_owned()),
            Absent,
        ),
        (
            "from another",
            with(|r| r.from = Some(TO.to_owned())),
            Absent,
        ),
        ("from nobody", with(|r| r.from = None), Absent),
        (
            "to a word",
            with(|r| r.to = "rcs:somebody".to_owned()),
            Absent,
        ),
    ];
    for (name, remote, outcome) in table {
        assert_eq!(by_number(&[remote], &[]), outcome, "{name}");
    }
}

#[test]
fn a_messaging_service_is_recognised_without_a_number() {
    let ours = of_service(text(1, 1));
    assert_eq!(by_service(std::slice::from_ref(&ours), &[]), Adopt(sid(1)));
    let with_number = with(|remote| remote.service = Some(SERVICE.to_owned()));
    assert_eq!(by_service(&[with_number], &[]), Adopt(sid(1)));
    let another = with(|remote| remote.service = Some("MG2".to_owned()));
    assert_eq!(by_service(&[another], &[]), Absent);
    assert_eq!(by_service(&[text(1, 1)], &[]), Absent, "from no service");
    assert_eq!(
        by_number(&[ours], &[]),
        Absent,
        "from a service, not our number"
    );
}

#[test]
fn a_text_matches_whole_but_for_white_space_around_it() {
    let table = [
        (TEXT, true),
        (" See you at 5\n", true),
        ("see you at 5", false),
        ("See  you at 5", false),
        ("See you at 5!", false),
        ("Yes! See you at 5", false),
        ("See you at", false),
    ];
    for (body, same) in table {
        let expected = if same { Adopt(sid(1)) } else { Unclear };
        assert_eq!(by_number(&[saying(body)], &[]), expected, "{body:?}");
    }
    let spaced = Case::new("  See you at 5 \n", FROM);
    assert_eq!(spaced.judge(&listing(&[saying(TEXT)]), &[]), Adopt(sid(1)));
}

#[test]
fn a_text_matches_behind_a_trial_prefix_and_no_other() {
    let sixty = "n".repeat(60);
    let table = [
        ("Sent from your Twilio trial account - ok".to_owned(), true),
        (
            "  Sent from your Twilio trial account -  ok ".to_owned(),
            true,
        ),
        (format!("Sent from your {sixty} - ok"), true),
        (format!("Sent from your {sixty}n - ok"), false),
        ("Sent from your a - b - ok".to_owned(), true),
        ("all ok".to_owned(), false),
        (
            "Sent from your Twilio trial account - all ok".to_owned(),
            false,
        ),
        (
            "Sent from your Twilio\ntrial account - ok".to_owned(),
            false,
        ),
        ("Sent from your Twilio trial account: ok".to_owned(), false),
        ("sent from your Twilio trial account - ok".to_owned(), false),
        (
            "I said: Sent from your Twilio trial account - ok".to_owned(),
            false,
        ),
        ("x - ok".to_owned(), false),
    ];
    let case = Case::new("ok", FROM);
    for (body, same) in table {
        let expected = if same { Adopt(sid(1)) } else { Unclear };
        assert_eq!(
            case.judge(&listing(&[saying(&body)]), &[]),
            expected,
            "{body:?}"
        );
    }
}

#[test]
fn a_text_that_itself_looks_like_a_prefix_matches_whole() {
    let body = "Sent from your friend - ok";
    let case = Case::new(body, FROM);
    assert_eq!(case.judge(&listing(&[saying(body)]), &[]), Adopt(sid(1)));
}

#[test]
fn a_match_that_is_owned_is_not_adopted_whoever_owns_it() {
    assert_eq!(by_number(&[text(1, 1)], &[owner(1, 2)]), Absent);
}

#[test]
fn the_oldest_unowned_match_is_adopted() {
    let newest_first = [text(3, 30), text(2, 20), text(1, 10)];
    assert_eq!(by_number(&newest_first, &[]), Adopt(sid(1)));
    assert_eq!(by_number(&newest_first, &[owner(1, 11)]), Adopt(sid(2)));
    let mixed = [text(2, 20), text(1, 10), text(3, 30)];
    assert_eq!(by_number(&mixed, &[]), Adopt(sid(1)));
    let same_second = [text(2, 10), text(1, 10)];
    assert_eq!(by_number(&same_second, &[]), Adopt(sid(1)));
}

#[test]
fn a_list_older_than_an_owner_is_stale_and_nothing_is_adopted_from_it() {
    let messages = [text(2, 20), text(1, 10)];
    let skew = 5;
    for since in [LISTED, LISTED + 3, LISTED - skew] {
        assert_eq!(by_number(&messages, &[owner(1, since)]), Unclear, "{since}");
        assert_eq!(by_number(&messages, &[owner(2, since)]), Unclear, "{since}");
    }
    let earlier = owner(1, LISTED - skew - 1);
    assert_eq!(by_number(&messages, &[earlier]), Adopt(sid(2)));
}

#[test]
fn a_text_that_cannot_be_read_is_no_match_but_makes_an_absence_unclear() {
    let redacted = || with(|remote| remote.body = None);
    for unreadable in [redacted(), saying(""), saying(" \n")] {
        assert_eq!(by_number(std::slice::from_ref(&unreadable), &[]), Unclear);
        assert_eq!(by_number(&[unreadable], &[owner(1, 2)]), Absent, "owned");
    }
    let elsewhere = with(|remote| {
        remote.body = None;
        remote.from = Some(TO.to_owned());
    });
    assert_eq!(by_number(&[elsewhere], &[]), Absent, "not from us");
    assert_eq!(
        by_number(&[redacted(), text(2, 20)], &[]),
        Adopt(sid(2)),
        "a match comes first"
    );
}

#[test]
fn only_what_the_attempts_can_have_made_is_unclear() {
    let end = 90 + 5;
    for (seconds, outcome) in [
        (WINDOW_BEGIN - 1, Absent),
        (WINDOW_BEGIN, Unclear),
        (end, Unclear),
        (end + 1, Absent),
    ] {
        let mut redacted = text(1, seconds);
        redacted.body = None;
        assert_eq!(
            by_number(std::slice::from_ref(&redacted), &[]),
            outcome,
            "{seconds}"
        );
        let rewritten = with(|remote| {
            remote.body = Some("See you at five".to_owned());
            remote.created_at = Some(at(seconds));
        });
        assert_eq!(
            by_number(std::slice::from_ref(&rewritten), &[]),
            outcome,
            "{seconds}"
        );
        let rewritten = of_service(rewritten);
        assert_eq!(by_service(&[rewritten], &[]), outcome, "{seconds}");
    }
}

#[test]
fn the_end_of_doubt_follows_the_providers_clock() {
    let mut redacted = text(1, 3600 + 90);
    redacted.body = None;
    let case = Case::new(TEXT, FROM);
    let mut ahead = listing(&[redacted]);
    assert_eq!(case.judge(&ahead, &[]), Absent);
    ahead.clock_offset = Some(jiff::SignedDuration::from_hours(1));
    assert_eq!(case.judge(&ahead, &[]), Unclear);
}

#[test]
fn any_unowned_text_of_our_sender_may_be_ours_rewritten() {
    let rewritten = || saying("See you at five");
    assert_eq!(by_number(&[rewritten()], &[]), Unclear);
    assert_eq!(by_number(&[rewritten()], &[owner(1, 2)]), Absent);
    let of_another = with(|remote| {
        remote.body = Some("See you at five".to_owned());
        remote.from = Some(TO.to_owned());
    });
    assert_eq!(by_number(&[of_another], &[]), Absent);
    assert_eq!(by_number(&[rewritten(), text(2, 20)], &[]), Adopt(sid(2)));

    let rewritten = || of_service(saying("See you at five"));
    assert_eq!(by_service(&[rewritten()], &[]), Unclear);
    assert_eq!(by_service(&[rewritten()], &[owner(1, 2)]), Absent);
    let mut another = rewritten();
    another.service = Some("MG2".to_owned());
    assert_eq!(by_service(&[another], &[]), Absent);
    let mut exact = of_service(text(2, 20));
    exact.sid = sid(2);
    assert_eq!(by_service(&[rewritten(), exact], &[]), Adopt(sid(2)));
}

#[test]
fn beside_what_may_be_ours_there_must_be_a_match_for_each_identical_text() {
    let redacted = || with(|remote| remote.body = None);
    let rewritten = || saying("See you at five");
    let too_late = || {
        let mut late = rewritten();
        late.created_at = Some(at(90 + 5 + 1));
        late
    };
    let (second, third) = (|| text(2, 20), || text(3, 30));
    let none: &[SidOwner] = &[];
    let table = [
        ("alone", vec![redacted(), second()], none, 1, Adopt(sid(2))),
        ("redacted", vec![redacted(), second()], none, 2, Unclear),
        ("rewritten", vec![rewritten(), second()], none, 2, Unclear),
        (
            "one for each",
            vec![redacted(), second(), third()],
            none,
            2,
            Adopt(sid(2)),
        ),
        (
            "one is somebody's",
            vec![redacted(), second(), third()],
            &[owner(2, 21)],
            2,
            Unclear,
        ),
        (
            "the other is somebody's",
            vec![redacted(), second()],
            &[owner(1, 2)],
            2,
            Adopt(sid(2)),
        ),
        (
            "the other is too late to be ours",
            vec![too_late(), second()],
            none,
            2,
            Adopt(sid(2)),
        ),
        ("nothing else", vec![second()], none, 2, Adopt(sid(2))),
    ];
    let case = Case::new(TEXT, FROM);
    for (name, messages, owners, alike, outcome) in table {
        let judged = case.judge_among(alike, &listing(&messages), owners);
        assert_eq!(judged, outcome, "{name}");
    }
}

#[test]
fn identical_texts_are_counted_only_beside_what_may_be_ours() {
    let mut redacted = text(1, 1);
    redacted.body = None;
    let mut undated = text(3, 3);
    undated.created_at = None;
    let case = Case::new(TEXT, FROM);
    for (messages, contested) in [
        (vec![], false),
        (vec![text(2, 20)], false),
        (vec![redacted.clone()], false),
        (vec![redacted, text(2, 20)], true),
        (vec![undated, text(2, 20)], true),
    ] {
        let judged = case.search(&listing(&messages)).is_contested(&case.content);
        assert_eq!(judged, contested, "{messages:?}");
    }
    let provider = client(&nobody());
    for (body, alike) in [
        (TEXT, true),
        (" See you at 5\n", true),
        ("Sent from your trial account - See you at 5", true),
        ("See you at five", false),
    ] {
        let other = Body::parse(body.to_owned()).unwrap().into();
        assert_eq!(
            provider.is_listed_alike(&case.content, &other),
            alike,
            "{body:?}"
        );
    }
}

/// A message in doubt that brings so many files.
fn bringing(body: Body, count: usize) -> Case {
    let url = |n| MediaUrl::fetchable(&format!("https://example.com/{n}")).unwrap();
    let media = Media::first_of((0..count).map(|n| Medium::at(url(n))));
    Case {
        content: Content { body, media },
        ..Case::new(TEXT, FROM)
    }
}

fn listed_with(media: usize, body: &str) -> Resource {
    with(|remote| {
        remote.media = media;
        remote.body = Some(body.to_owned());
    })
}

#[test]
fn a_message_with_files_is_known_by_their_number_and_its_text() {
    let text = Body::parse(TEXT.to_owned()).unwrap();
    for (ours, listed, outcome) in [
        (
            bringing(text.clone(), 2),
            listed_with(2, TEXT),
            Adopt(sid(1)),
        ),
        // Nothing tells these from the files of others.
        (bringing(Body::empty(), 1), listed_with(1, ""), Unclear),
        // The provider may have rewritten what it took, or made a link of it.
        (bringing(text.clone(), 2), listed_with(0, TEXT), Unclear),
        (bringing(text.clone(), 2), listed_with(1, TEXT), Unclear),
        (bringing(text.clone(), 0), listed_with(1, TEXT), Unclear),
        (bringing(text, 1), listed_with(1, ""), Unclear),
        (
            bringing(Body::empty(), 1),
            listed_with(0, "https://m.example/1"),
            Unclear,
        ),
        (bringing(Body::empty(), 1), listed_with(2, ""), Unclear),
    ] {
        let listing = listing(&[listed]);
        assert_eq!(ours.judge(&listing, &[]), outcome, "{:?}", ours.content);
    }
}

#[test]
fn of_different_files_in_doubt_the_list_tells_nothing() {
    let text = || Body::parse(TEXT.to_owned()).unwrap();
    let ours = bringing(text(), 1);
    let list = listing(&[listed_with(1, TEXT)]);
    assert!(ours.search(&list).is_contested(&ours.content));
    assert!(!ours.search(&listing(&[])).is_contested(&ours.content));
    let beside = |differ, owners: &[SidOwner]| {
        let count = 2;
        ours.judge_beside(Alike { count, differ }, &list, owners)
    };
    assert_eq!(beside(true, &[]), Unclear);
    // The same files are as good as each other.
    assert_eq!(beside(false, &[]), Adopt(sid(1)));
    // Once the other has got what is listed, ours is not there.
    assert_eq!(beside(true, &[owner(1, 50)]), Absent);
    let provider = client(&nobody());
    let alike = |one: &Case, other: &Case| provider.is_listed_alike(&one.content, &other.content);
    let other = bringing(text(), 2);
    assert!(alike(&ours, &bringing(text(), 1)));
    assert!(!alike(&ours, &other));
    assert!(!alike(&ours, &bringing(Body::empty(), 1)));
}

#[test]
fn a_mexican_number_is_recognised_in_either_form() {
    for (ours, listed) in [
        ("+5215512345678", "+525512345678"),
        ("+525512345678", "+5215512345678"),
    ] {
        let case = Case {
            to: phone(ours),
            ..Case::new(TEXT, FROM)
        };
        let theirs = with(|remote| remote.to = listed.to_owned());
        assert_eq!(case.judge(&listing(&[theirs]), &[]), Adopt(sid(1)));
    }
}

#[test]
fn a_text_without_a_date_is_not_adopted_and_not_taken_for_absent() {
    let undated = with(|remote| remote.created_at = None);
    assert_eq!(by_number(&[undated], &[]), Unclear);
}

#[test]
fn the_owners_of_everything_that_may_be_ours_are_asked_for() {
    let mut redacted = text(2, 2);
    redacted.body = None;
    let mut other = text(3, 3);
    other.body = Some("Something else".to_owned());
    let list = listing(&[text(1, 1), redacted, other.clone()]);
    let case = Case::new(TEXT, FROM);
    assert_eq!(case.search(&list).sids(), [sid(1), sid(2), sid(3)]);
    let mut late = other.clone();
    late.created_at = Some(at(1000));
    assert_eq!(case.search(&listing(&[late])).sids(), []);

    let case = Case::new(TEXT, SERVICE);
    let list = listing(&[of_service(text(1, 1)), of_service(other)]);
    assert_eq!(case.search(&list).sids(), [sid(1), sid(3)]);
}

#[test]
fn a_text_of_a_short_code_or_a_name_is_found_by_that_and_by_no_other() {
    for sender in ["12345", "My Shop"] {
        let case = Case::new(TEXT, sender);
        let from = |name: &str| with(|remote| remote.from = Some(name.to_owned()));
        let judged = |name| case.judge(&listing(&[from(name)]), &[]);
        assert_eq!(judged(sender), Adopt(sid(1)));
        assert_eq!(judged("54321"), Absent);
        assert_eq!(judged(FROM), Absent);
        let case = Case::new(TEXT, FROM);
        assert_eq!(case.judge(&listing(&[from(sender)]), &[]), Absent);
    }
    let upper = with(|remote| remote.from = Some("MY SHOP".to_owned()));
    let case = Case::new(TEXT, "My Shop");
    assert_eq!(case.judge(&listing(&[upper]), &[]), Adopt(sid(1)));
}
