//! What people said about our texts, and what counts of it.

use std::time::Duration;

use mysms_core::domain::{
    ALL_SENDERS, Consent, ConsentEntry, Evidence, Note, ProviderId, SANDBOX_SENDER, Standing, Wish,
    all_senders_beside,
};

use super::adapters::Store;
use super::fixtures::{SENDER, address, at, user};

const ANNA: &str = "+14155550123";
const BERT: &str = "+14155550199";
const SERVICE: &str = "MG0123456789abcdef0123456789abcdef";

fn said(who: &str, sender: &str, consent: Consent, second: u64) -> Wish {
    Wish {
        recipient: address(who),
        senders: vec![sender.to_owned()],
        consent,
        at: at(second),
    }
}

fn text(number: u32) -> Evidence {
    Evidence::text(&ProviderId::parse(&format!("SM{number}")).unwrap(), false)
}

async fn keep(store: &Store, wish: &Wish, evidence: &Evidence) -> Vec<ConsentEntry> {
    let entries = ConsentEntry::of(wish, evidence, at(100));
    store.consents.keep(&entries).await.unwrap();
    entries
}

/// Who stands with the sender like this, and since when it was said.
async fn standing(store: &Store, sender: &str, consent: Consent) -> Vec<(String, u64)> {
    let found = store.opt_outs.standing_with(sender, consent, None, 9).await;
    let second = |it: &Standing| (0..100).find(|second| at(*second) == it.at).unwrap();
    let found = found.unwrap();
    assert!(
        found
            .iter()
            .all(|it| it.consent == consent && it.sender == sender)
    );
    let found = found
        .iter()
        .map(|it| (String::from(it.recipient.clone()), second(it)));
    found.collect()
}

async fn is_unwilling(store: &Store, sender: &str) -> bool {
    let anna = [address(ANNA)];
    let found = store.opt_outs.opted_out(sender, &anna).await.unwrap();
    !found.is_empty()
}

pub(super) async fn every_entry_is_kept_as_it_was_first(store: &Store) {
    let stop = said(ANNA, SENDER, Consent::Withdrawn, 5);
    let first = keep(store, &stop, &text(1)).await;
    // Heard of again, later and otherwise.
    let again = Wish { at: at(7), ..stop };
    keep(store, &again, &text(1)).await;
    assert_eq!(store.consents.entries(None, None, 9).await.unwrap(), first);
    let noted = Note::parse("she called, “no more”").unwrap();
    let by_user = Evidence::user(user(1), Some(noted));
    let undone = keep(store, &said(ANNA, SENDER, Consent::Given, 6), &by_user).await;
    let of_anna = store.consents.entries(Some(&address(ANNA)), None, 9).await;
    assert_eq!(of_anna.unwrap(), [first, undone].concat());
    let nobody = store.consents.entries(Some(&address(BERT)), None, 9).await;
    assert_eq!(nobody.unwrap(), []);
    store.consents.keep(&[]).await.unwrap();
}

pub(super) async fn entries_are_read_part_by_part_in_the_order_in_which_they_were_said(
    store: &Store,
) {
    let mut all = Vec::new();
    for (number, who, second) in [
        (1, BERT, 1),
        (2, ANNA, 9),
        (3, BERT, 2),
        (4, ANNA, 3),
        (5, ANNA, 3),
    ] {
        let wish = said(who, SERVICE, Consent::Maybe, second);
        all.extend(keep(store, &wish, &text(number)).await);
    }
    all.sort_by_key(ConsentEntry::place);
    let of_anna: Vec<_> = all
        .iter()
        .filter(|it| it.recipient == address(ANNA))
        .collect();
    assert_eq!(of_anna.len(), 3);
    for (recipient, expected) in [
        (None, all.iter().collect::<Vec<_>>()),
        (Some(address(ANNA)), of_anna),
    ] {
        for limit in 1..=6 {
            let mut read: Vec<ConsentEntry> = Vec::new();
            loop {
                let after = read.last().map(ConsentEntry::place);
                let part = store
                    .consents
                    .entries(recipient.as_ref(), after.as_ref(), limit);
                let part = part.await.unwrap();
                assert!(part.len() <= limit);
                if part.is_empty() {
                    break;
                }
                read.extend(part);
            }
            assert_eq!(read.iter().collect::<Vec<_>>(), expected);
        }
    }
}

pub(super) async fn a_user_who_leaves_takes_no_evidence_along(store: &Store) {
    super::passwords::grace(store).await;
    let by_user = Evidence::user(user(1), None);
    let kept = keep(store, &said(ANNA, SENDER, Consent::Withdrawn, 5), &by_user).await;
    assert!(super::passwords::close(store, super::passwords::FIRST, 6).await);
    store.accounts.erased(user(1), at(7)).await.unwrap();
    assert_eq!(store.consents.entries(None, None, 9).await.unwrap(), kept);
}

pub(super) async fn who_wants_none_from_all_senders_gets_none_from_any(store: &Store) {
    let note = async |wish: Wish| store.opt_outs.note(&wish, wish.at).await.unwrap();
    note(said(ANNA, ALL_SENDERS, Consent::Withdrawn, 5)).await;
    assert!(is_unwilling(store, SENDER).await && is_unwilling(store, SERVICE).await);
    assert!(
        !is_unwilling(store, SANDBOX_SENDER).await,
        "that is another world"
    );
    // What is said to one sender later does not undo it.
    note(said(ANNA, SENDER, Consent::Given, 6)).await;
    assert!(is_unwilling(store, SENDER).await);
    note(said(ANNA, SERVICE, Consent::Withdrawn, 7)).await;
    note(said(ANNA, ALL_SENDERS, Consent::Given, 8)).await;
    assert!(!is_unwilling(store, SENDER).await);
    assert!(
        is_unwilling(store, SERVICE).await,
        "that was about this one"
    );
    let sandbox = all_senders_beside(SANDBOX_SENDER);
    note(said(ANNA, sandbox, Consent::Withdrawn, 9)).await;
    assert!(is_unwilling(store, SANDBOX_SENDER).await && !is_unwilling(store, SENDER).await);
}

pub(super) async fn what_is_said_of_all_senders_settles_what_is_open_with_one(store: &Store) {
    let note = async |wish: Wish| store.opt_outs.note(&wish, wish.at).await.unwrap();
    // After a withdrawal nothing would be open.
    for consent in [Consent::Given, Consent::Withdrawn] {
        let anna = address(ANNA);
        let known = async || store.opt_outs.standings(&anna).await.unwrap();
        let before = known().await.into_iter().map(|it| it.at).max();
        let said_at = before.map_or(at(3), |at| at + Duration::from_secs(1));
        for sender in [SENDER, SERVICE, SANDBOX_SENDER] {
            note(Wish {
                at: said_at,
                ..said(ANNA, sender, Consent::Maybe, 0)
            })
            .await;
        }
        let subject = (anna.clone(), ALL_SENDERS, consent);
        let looks_after = |sender: &str| sender == SENDER;
        // Its clock is behind.
        let decided = Wish::decided(subject, &known().await, looks_after, at(1));
        assert_eq!(decided.senders, [ALL_SENDERS, SENDER]);
        assert!(decided.at > said_at);
        note(decided).await;
        let state = |sender: &str, known: &[Standing]| {
            let found = known.iter().find(|it| it.sender == sender);
            found.unwrap().consent
        };
        let known = known().await;
        for (sender, expected) in [
            (ALL_SENDERS, consent),
            (SENDER, consent),
            (SERVICE, Consent::Maybe),
            (SANDBOX_SENDER, Consent::Maybe),
        ] {
            assert_eq!(state(sender, &known), expected, "{sender} {consent:?}");
        }
    }
}

pub(super) async fn what_is_unclear_is_listed_until_something_else_is_said(store: &Store) {
    let note = async |wish: Wish| store.opt_outs.note(&wish, wish.at).await.unwrap();
    let maybe = |second| said(ANNA, SENDER, Consent::Maybe, second);
    let open = async || standing(store, SENDER, Consent::Maybe).await;
    let nobody: [(String, u64); 0] = [];
    note(maybe(3)).await;
    note(maybe(2)).await;
    assert_eq!(open().await, [(ANNA.to_owned(), 3)]);
    assert!(!is_unwilling(store, SENDER).await, "it changes nothing");
    assert_eq!(standing(store, SENDER, Consent::Given).await, nobody);
    // It was said before.
    note(said(ANNA, SENDER, Consent::Given, 2)).await;
    assert_eq!(open().await, [(ANNA.to_owned(), 3)]);
    note(said(ANNA, SENDER, Consent::Given, 4)).await;
    assert_eq!(open().await, nobody);
    assert_eq!(
        standing(store, SENDER, Consent::Given).await,
        [(ANNA.to_owned(), 4)]
    );
    // Heard of late, or at the same time.
    note(maybe(3)).await;
    note(maybe(4)).await;
    assert_eq!(open().await, nobody);
    note(maybe(5)).await;
    assert_eq!(open().await, [(ANNA.to_owned(), 5)]);
    note(said(ANNA, SENDER, Consent::Withdrawn, 6)).await;
    note(maybe(7)).await;
    assert_eq!(open().await, nobody, "they want none in any case");
    assert_eq!(
        standing(store, SENDER, Consent::Withdrawn).await,
        [(ANNA.to_owned(), 6)]
    );
    assert!(is_unwilling(store, SENDER).await);
}

pub(super) async fn standings_are_found_by_recipient_and_part_by_part_by_sender(store: &Store) {
    let numbers: Vec<_> = (0..5).map(|last| format!("+1415555010{last}")).collect();
    let wishes = numbers
        .iter()
        .map(|who| said(who, SENDER, Consent::Withdrawn, 1));
    let mut wishes: Vec<_> = wishes.collect();
    wishes.push(said(BERT, SENDER, Consent::Given, 1));
    wishes.push(said(&numbers[0], SERVICE, Consent::Withdrawn, 2));
    wishes.push(said(&numbers[0], ALL_SENDERS, Consent::Maybe, 3));
    store.opt_outs.note_all(&wishes, at(9)).await.unwrap();
    for limit in 1..=6 {
        let mut read: Vec<Standing> = Vec::new();
        loop {
            let after = read.last().map(|it| it.recipient.clone());
            let part =
                store
                    .opt_outs
                    .standing_with(SENDER, Consent::Withdrawn, after.as_ref(), limit);
            let part = part.await.unwrap();
            if part.is_empty() {
                break;
            }
            read.extend(part);
        }
        let read: Vec<_> = read.iter().map(|it| it.recipient.as_str()).collect();
        assert_eq!(read, numbers);
    }
    let first = store
        .opt_outs
        .standings(&address(&numbers[0]))
        .await
        .unwrap();
    let first: Vec<_> = first
        .iter()
        .map(|it| (&*it.sender, it.consent, it.at))
        .collect();
    let expected = [
        (ALL_SENDERS, Consent::Maybe, at(3)),
        (SENDER, Consent::Withdrawn, at(1)),
        (SERVICE, Consent::Withdrawn, at(2)),
    ];
    assert_eq!(first, expected);
    assert_eq!(store.opt_outs.standings(&address(ANNA)).await.unwrap(), []);
}

pub(super) async fn what_was_noted_since_is_told_whatever_it_is(store: &Store) {
    let note = async |wish: Wish, second| store.opt_outs.note(&wish, at(second)).await.unwrap();
    note(said(ANNA, SENDER, Consent::Withdrawn, 1), 10).await;
    note(said(BERT, SENDER, Consent::Maybe, 2), 20).await;
    note(said(ANNA, SERVICE, Consent::Given, 3), 30).await;
    let since = async |second| {
        let found = store.opt_outs.noted_since(SENDER, at(second), 9).await;
        let mut found: Vec<_> = found
            .unwrap()
            .into_iter()
            .map(|it| (String::from(it.recipient), it.consent))
            .collect();
        found.sort_by_key(|(recipient, _)| recipient.clone());
        found
    };
    let anna = (ANNA.to_owned(), Consent::Withdrawn);
    let bert = (BERT.to_owned(), Consent::Maybe);
    assert_eq!(since(0).await, [anna, bert.clone()]);
    assert_eq!(since(11).await, [bert]);
    note(said(ANNA, SENDER, Consent::Given, 4), 40).await;
    assert_eq!(since(21).await, [(ANNA.to_owned(), Consent::Given)]);
    note(said(BERT, SENDER, Consent::Maybe, 5), 50).await;
    assert_eq!(since(41).await, [(BERT.to_owned(), Consent::Maybe)]);
    assert_eq!(since(51).await, []);
    let some = store.opt_outs.noted_since(SENDER, at(0), 1).await;
    assert_eq!(some.unwrap().len(), 1);
}
